"""Operations made of keyword arguments alone, without a call of the function that would make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_core.operation import OMIT, READ_BY_QUERY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai_core.operation import AnyOperation, Endpoint


class Keywords:
    """The parameters of a builder that is as `Endpoint.keyword_builder` says.

    Most of what a builder of forty parameters does is to look at those that weren't given.

    Args:
        endpoint: the builder's.
        build: the builder.
    """

    __slots__ = ("_endpoint", "_fixed", "_in_query", "_kind", "_known", "_required")

    def __init__(self, endpoint: Endpoint[Any], build: Any) -> None:
        self._endpoint = endpoint
        self._kind = type(endpoint.operation())
        self._in_query = endpoint.method in READ_BY_QUERY
        self._fixed = endpoint.query if self._in_query else endpoint.body
        self._known = frozenset(build.__code__.co_varnames[: build.__code__.co_kwonlyargcount])
        self._required = self._known - build.__kwdefaults__.keys()

    def operation(self, arguments: Mapping[str, Any]) -> AnyOperation | None:
        """The operation that the builder makes of these arguments; `None` if it wouldn't take them."""
        for name in self._required:
            if name not in arguments:
                return None
        options, fields = None, {}
        for name in sorted(arguments):
            value = arguments[name]
            if name == "options":
                options = value
            elif name not in self._known:
                return None
            elif value is not OMIT:
                fields[name] = value
        if self._fixed:
            fields.update(self._fixed)
        if self._in_query:
            return self._kind(self._endpoint, (), fields, None, None, options)
        return self._kind(self._endpoint, (), None, fields, None, options)
