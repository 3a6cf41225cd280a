"""One request of the API as a value: what to send, and what the answer will be. Nothing here does I/O."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, final
from urllib.parse import quote

from openai_core.errors import InvalidRequestError
from openai_core.options import merged

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from openai_core.options import RequestOptions

T = TypeVar("T")
PageT = TypeVar("PageT")
Item = TypeVar("Item")
Event = TypeVar("Event")
Whole = TypeVar("Whole")
BuilderT = TypeVar("BuilderT", bound="Callable[..., AnyOperation]")


@final
class Omit:
    """The type of `OMIT`: the default of every optional parameter."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "OMIT"

    def __reduce__(self) -> str:
        return "OMIT"


OMIT: Final = Omit()
"""What is not passed is not sent. `None`, in contrast, sends `null`."""


READ_BY_QUERY: Final = frozenset({"GET", "DELETE"})
"""The HTTP methods whose parameters are those of a query."""


class Endpoint(Generic[T]):
    """What every call of one API operation has in common.

    Args:
        method: HTTP method.
        path: path below the base URL, with the names of its parameters in braces: `/files/{file_id}`.
        returns: what a good answer is read as. A model is named as `module:Name`, so that it is imported when the
            first answer arrives and not before; `None` for answers without a body, `str` for text.
        id: the operation's name in the API description.
        multipart: names of the body's fields that hold files; any makes the body `multipart/form-data`.
        parts: fields of such a body that are one part each, and the media types that these are written in; any makes
            the body a form, too.
        admin: whether the call is made with the admin key.
        headers: headers that the API wants with this operation, such as `OpenAI-Beta`.
        query: query parameters that every call sends.
        body: fields of the body that every call sends.
        stream: for a method whose answer can be streamed, the name of the method that does.
        deprecated: for an operation that is on its way out, what users are told.
        instead: parameters that only other methods of the same operation have to do with, and the names of these.
    """

    __slots__ = (
        "admin",
        "body",
        "deprecated",
        "headers",
        "id",
        "instead",
        "method",
        "multipart",
        "parts",
        "path",
        "query",
        "returns",
        "stream",
    )

    def __init__(
        self,
        method: str,
        path: str,
        returns: str | type[str] | None,
        *,
        id: str = "",  # noqa: A002 - the API description calls it so
        multipart: tuple[str, ...] = (),
        parts: Mapping[str, str] | None = None,
        admin: bool = False,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        stream: str | None = None,
        deprecated: str | None = None,
        instead: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.returns = returns
        self.id = id
        self.multipart = multipart
        self.parts = parts
        self.admin = admin
        self.headers = headers
        self.query = query
        self.body = body
        self.stream = stream
        self.deprecated = deprecated
        self.instead = instead

    @property
    def is_form(self) -> bool:
        """Whether the body is `multipart/form-data`."""
        return bool(self.multipart or self.parts)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        names = (name for kind in type(self).__mro__ for name in getattr(kind, "__slots__", ()))
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __hash__(self) -> int:
        return hash((self.method, self.path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.method} {self.path})"

    def builder(self, build: BuilderT) -> BuilderT:
        """Mark the function that builds this endpoint's operations, so that a method can find the endpoint."""
        if self.deprecated:
            build = _warning(self, build)
        build.endpoint = self  # type: ignore[attr-defined]
        return build

    def keyword_builder(self, build: BuilderT) -> BuilderT:
        """As `builder`, for a function that takes nothing but fields, by keyword, and `options`.

        The fields are those of the body (of a GET or DELETE: of the query), by the same names, in alphabetical order,
        and either required or `OMIT` by default. A method makes operations of its arguments alone then, in a fraction
        of the time, and calls the function only to be told what is wrong with them.
        """
        if not self.deprecated:
            from openai_core.keywords import Keywords

            build.keywords = Keywords(self, build)  # type: ignore[attr-defined]
        return self.builder(build)

    def warn_if_deprecated(self) -> None:
        """Tell the caller, once for each operation, that it is on its way out."""
        if self.deprecated and self.id not in _warned:
            from openai_core.deprecation import warn

            warn(f"{self.method} {self.path} is deprecated: {self.deprecated}")
            _warned.add(self.id)

    def operation(
        self,
        *,
        path: tuple[str, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> Operation[T]:
        """Make an operation of this endpoint from values, among which `OMIT` stands for what is not sent."""
        return Operation(self, path, given(query, self.query), given(body, self.body), given(headers), options)


class PagedEndpoint(Endpoint[PageT], Generic[PageT, Item]):
    """An endpoint that lists something, page by page.

    Args:
        cursor: the query parameter that asks for the page after a cursor; `None` where there is only one page.
        next: the field of a page that holds the cursor of the next one. A page without it is continued after the id
            of its last item.
        others: as for `Endpoint`.
    """

    __slots__ = ("cursor", "next")

    def __init__(
        self,
        method: str,
        path: str,
        returns: str | type[str] | None,
        *,
        cursor: str | None = "after",
        next: str = "last_id",  # noqa: A002 - the API description calls it so
        **others: Any,
    ) -> None:
        super().__init__(method, path, returns, **others)
        self.cursor = cursor
        self.next = next

    def operation(
        self,
        *,
        path: tuple[str, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> PagedOperation[PageT, Item]:
        """As `Endpoint.operation`."""
        return PagedOperation(self, path, given(query, self.query), given(body, self.body), given(headers), options)


class StreamEndpoint(Endpoint[Event]):
    """An endpoint that answers with server-sent events.

    Args:
        ends: the types of the events that end a stream. `[DONE]` does in any case.
        named: whether an event's type is its name on the wire, and not in its data: it is read as
            `{"event": name, "data": data}`.
        others: as for `Endpoint`.
    """

    __slots__ = ("ends", "named")

    def __init__(
        self,
        method: str,
        path: str,
        returns: str | type[str] | None,
        *,
        ends: tuple[str, ...] = (),
        named: bool = False,
        **others: Any,
    ) -> None:
        super().__init__(method, path, returns, **others)
        self.ends = ends
        self.named = named

    def operation(  # type: ignore[override]  # a stream is not an Operation: `send` returns something else for it
        self,
        *,
        path: tuple[str, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> StreamOperation[Event]:
        """As `Endpoint.operation`."""
        return StreamOperation(self, path, given(query, self.query), given(body, self.body), given(headers), options)


class AccumulatingEndpoint(StreamEndpoint[Event], Generic[Event, Whole]):
    """An endpoint whose events make up an answer, which a call that doesn't stream would have given.

    Args:
        whole: what the answer is read as, named like `returns`.
        accumulator: what puts the answer's data together, as `module:name`: makes an `Accumulator`, which is given the
            data of the events. For the whole answer these are the events that end the stream, where `ends` names any.
        others: as for `StreamEndpoint`.
    """

    __slots__ = ("accumulator", "whole")

    def __init__(
        self, method: str, path: str, returns: str | type[str] | None, *, whole: str, accumulator: str, **others: Any
    ) -> None:
        super().__init__(method, path, returns, **others)
        self.whole = whole
        self.accumulator = accumulator

    def operation(  # type: ignore[override]  # see StreamEndpoint
        self,
        *,
        path: tuple[str, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> AccumulatingOperation[Event, Whole]:
        """As `Endpoint.operation`."""
        return AccumulatingOperation(
            self, path, given(query, self.query), given(body, self.body), given(headers), options
        )


class BinaryEndpoint(Endpoint[None]):
    """An endpoint that answers with bytes: a file, audio, an archive."""

    __slots__ = ()

    def operation(  # type: ignore[override]  # see StreamEndpoint
        self,
        *,
        path: tuple[str, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> BinaryOperation:
        """As `Endpoint.operation`."""
        return BinaryOperation(self, path, given(query, self.query), given(body, self.body), given(headers), options)


def check_operation(given: object) -> None:
    """Refuse what can't be sent.

    Raises:
        TypeError: if it is no operation.
    """
    if isinstance(given, AnyOperation):
        return
    from openai_core.logs import redacted

    made = "an operation is made by .operation(...) of a method, such as client.models.list.operation()"
    name = getattr(given, "__name__", None)
    what = (
        f"the method {name}; call its .operation(...)"
        if hasattr(given, "operation") and name
        else f"{redacted(given)!r:.80}; {made}"
    )
    raise TypeError(f"send() takes an operation, not {what}")


_warned: set[str] = set()
"""The operations that were warned of."""


def _warning(endpoint: Endpoint[Any], build: BuilderT) -> BuilderT:
    @functools.wraps(build)
    def warn_and_build(*args: Any, **kwargs: Any) -> AnyOperation:
        endpoint.warn_if_deprecated()
        return build(*args, **kwargs)

    return warn_and_build  # type: ignore[return-value]  # wraps() gives it the same signature


def given(values: Mapping[str, Any] | None, fixed: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The values that were passed, without the omitted ones, and those that are always sent."""
    if values is None:
        return None if fixed is None else {**fixed}
    passed = {name: value for name, value in values.items() if value is not OMIT}
    return passed if fixed is None else {**passed, **fixed}


class AnyOperation:
    """What operations of every kind have: an endpoint and the values to call it with."""

    __slots__ = ("body", "endpoint", "headers", "options", "path_params", "query")

    def __init__(  # noqa: PLR0917 - made for every call; keywords would cost
        self,
        endpoint: Endpoint[Any],
        path_params: tuple[str, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.path_params = path_params
        self.query = query
        self.body = body
        self.headers = headers
        self.options = options

    @property
    def method(self) -> str:
        """HTTP method."""
        return self.endpoint.method

    @property
    def path(self) -> str:
        """Path below the base URL, its parameters percent-encoded.

        Raises:
            InvalidRequestError: for a parameter that is empty or would leave its place in the path.
        """
        template = self.endpoint.path
        if self.options and "path" in self.options:
            template = self.options["path"]
        elif self.path_params:
            values = iter(self.path_params)
            return re.sub(_PLACEHOLDER, lambda match: _segment(match[1], next(values)), template)
        # Without the slash it would continue the base URL's host, or its last segment.
        if not template.startswith("/"):
            raise InvalidRequestError(f"a path begins with /, unlike {template!r}", param="path")
        return template

    def replace(
        self,
        *,
        body: Mapping[str, Any] | Omit = OMIT,
        query: Mapping[str, Any] | Omit = OMIT,
        headers: Mapping[str, Any] | Omit = OMIT,
        options: RequestOptions | Omit = OMIT,
    ) -> Self:
        """A copy with other values: fields of `body`, `query` and `headers` are merged in, `OMIT` takes one away."""
        return type(self)(
            self.endpoint,
            self.path_params,
            _merged(self.query, query),
            _merged(self.body, body),
            _merged(self.headers, headers),
            self.options if isinstance(options, Omit) else merged(self.options, options),
        )

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in AnyOperation.__slots__)

    def __hash__(self) -> int:
        from openai_core.encoding import hashable

        values = (self.query, self.body, self.headers, self.options)
        return hash((self.endpoint, self.path_params, *map(hashable, values)))

    def __repr__(self) -> str:
        from openai_core.logs import redacted

        parts = [f"{self.endpoint.method} {self.endpoint.path}"]
        if self.path_params:
            parts.append(f"path_params={self.path_params!r}")
        for name in ("query", "body", "headers", "options"):
            value = getattr(self, name)
            if value:
                parts.append(f"{name}={redacted(value)!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def to_batch_line(self, custom_id: str) -> bytes:
        """This operation as a line of a Batch API input file, without the line end.

        Args:
            custom_id: your name for the line, which its result will carry.

        Raises:
            InvalidRequestError: if it can't be written, which what sends files or streams its answer never can.
        """
        from openai_core.encoding import fields_of, json_bytes

        if self.endpoint.is_form or isinstance(self, StreamOperation):
            why = "streams its answer" if isinstance(self, StreamOperation) else "sends files"
            raise InvalidRequestError(f"{self.endpoint!r} {why} and can't be a line of a batch")
        if beside := self._beside_the_body():
            raise InvalidRequestError(f"a line of a batch is a body alone: {self.endpoint!r} would lose its {beside}")
        body = {**fields_of(self.body), **((self.options or {}).get("body") or {})}
        return json_bytes({"custom_id": custom_id, "method": self.method, "url": f"/v1{self.path}", "body": body})

    def _beside_the_body(self) -> str:
        """What else would be sent, and changes the answer."""
        options = self.options or {}
        headers = {**(self.endpoint.headers or {}), **(self.headers or {}), **(options.get("headers") or {})}
        query = {**(self.query or {}), **(options.get("query") or {})}
        found = [f"header {name}" for name, value in headers.items() if value is not None]
        found += [f"query parameter {name}" for name, value in query.items() if value is not None]
        return ", ".join(found)


class Operation(AnyOperation, Generic[T]):
    """One request whose answer is a `T`.

    It can be sent by any client (`client.send(operation)`), changed (`operation.replace(body={...})`), compared,
    used as a key of a cache, and written as a line for the Batch API.
    """

    __slots__ = ()


class PagedOperation(Operation[PageT], Generic[PageT, Item]):
    """One request for a page of `Item`s."""

    __slots__ = ()


class StreamOperation(AnyOperation, Generic[Event]):
    """One request that is answered with a stream of `Event`s."""

    __slots__ = ()


class AccumulatingOperation(StreamOperation[Event], Generic[Event, Whole]):
    """One request that is answered with a stream of `Event`s, which make up a `Whole`."""

    __slots__ = ()


class BinaryOperation(AnyOperation):
    """One request that is answered with bytes."""

    __slots__ = ()


_PLACEHOLDER: Final = r"\{(\w+)\}"


def _segment(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{name} must be a non-empty string, not {value!r}", param=name)
    if value in {".", ".."} or "/" in value or "\\" in value:
        raise InvalidRequestError(f"{name} is one segment of a path and can't be {value!r}", param=name)
    return quote(value, safe="")


def _merged(old: Mapping[str, Any] | None, new: Mapping[str, Any] | Omit) -> Mapping[str, Any] | None:
    if isinstance(new, Omit):
        return old
    if old is not None and not isinstance(old, Mapping):
        from openai_core.encoding import fields_of

        old = fields_of(old)
    return given({**(old or {}), **new})
