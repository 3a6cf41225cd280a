"""API groups: the classes behind `client.chat`, `client.chat.completions` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from openai_core.options import merged

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, Unpack

    from openai_core.client import AsyncClient, Client
    from openai_core.options import RequestOptions

GroupT = TypeVar("GroupT", bound="_Group")


class _Group:
    _client: Any

    def __init__(self, client: Any, options: RequestOptions | None = None) -> None:
        self._client = client
        self._options = options

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """The same group with other options for all its calls and sub-groups; see `RequestOptions`."""
        if "path" in options:
            raise TypeError("path is an option of a single method or call, not of a group")
        return type(self)(self._client, merged(self._options, options))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            from openai_core.advice import for_call

            hint = for_call(name, [each for each in dir(type(self)) if not each.startswith("_")])
            raise AttributeError(f"{type(self).__name__} has no call {name!r}{hint}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


class ApiGroup(_Group):
    """Calls that belong together, and groups of such; for a `Client`."""

    _client: Client


class AsyncApiGroup(_Group):
    """Calls that belong together, and groups of such; for an `AsyncClient`."""

    _client: AsyncClient


class SubGroup(Generic[GroupT]):
    """A group inside a group; made when it is first read, with the options of the outer one."""

    def __init__(self, group: Callable[..., GroupT]) -> None:
        self._group = group

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, outer: None, owner: type) -> Self: ...
    @overload
    def __get__(self, outer: _Group, owner: type) -> GroupT: ...
    def __get__(self, outer: _Group | None, owner: type) -> Self | GroupT:
        if outer is None:
            return self
        group = self._group(outer._client, outer._options)  # noqa: SLF001
        outer.__dict__[self._name] = group
        return group
