"""Functions that build operations, bound to a client: what an API group is a table of.

Each kind of operation has a method for each colour. A bound method is called like the function it was made of and
sends what that builds; `.operation` builds without sending.
"""

# A docstring is no override of the property `__doc__`, as pyright would have it.
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar, overload

from openai_core.encoding import plain
from openai_core.operation import (
    READ_BY_QUERY,
    AccumulatingOperation,
    AnyOperation,
    BinaryOperation,
    Operation,
    PagedOperation,
    StreamOperation,
)
from openai_core.options import RequestOptions, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Self, Unpack

    from openai_core.accumulating import AccumulatingStream, AsyncAccumulatingStream
    from openai_core.binary import AsyncBinary, Binary
    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.keywords import Keywords
    from openai_core.pagination import AsyncPages, Pages
    from openai_core.response import Response
    from openai_core.streaming import AsyncStream, Stream

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")
PageT = TypeVar("PageT")
Item = TypeVar("Item")
Event = TypeVar("Event")
Whole = TypeVar("Whole")
Built = TypeVar("Built")
BuilderT = TypeVar("BuilderT", bound="Callable[..., Any]")
OperationT = TypeVar("OperationT", bound=AnyOperation)


class Forwarding:
    """Where the keyword arguments of a function go that it takes as `**request`.

    Args:
        to: the function that makes an operation of them.
        stream: the method that streams, in the place of that one's.
    """

    __slots__ = ("stream", "to")

    def __init__(self, to: Callable[..., AnyOperation], stream: str | None = None) -> None:
        self.to = to
        self.stream = stream


def forwards(to: Callable[..., AnyOperation], *, stream: str | None = None) -> Callable[[BuilderT], BuilderT]:
    """Mark a function with a `**request`, so that what is wrong with it is said of the method that was called.

    Args:
        to: as in `Forwarding`.
        stream: as in `Forwarding`.
    """

    def mark(build: BuilderT) -> BuilderT:
        build.forwarding = Forwarding(to, stream)  # type: ignore[attr-defined]
        return build

    return mark


_MISSPELT: Final = 0.85


def _foreign_name(name: str, endpoint: Any) -> str:
    """Where a parameter goes that the API description doesn't have."""
    if endpoint is None:
        return ""
    place = "query" if endpoint.method in READ_BY_QUERY else "body"
    return f" What only your server knows goes into options={{{place!r}: {{{name!r}: ...}}}}"


class BoundFunction(Generic[P, Built]):
    """A function bound to a client and to the options of its group. It looks like the function to whoever asks."""

    __slots__ = ("_build", "_client", "_options")

    returns = "{}"

    def __init__(self, client: Any, build: Callable[P, Built], options: RequestOptions | None = None) -> None:
        self._client = client
        self._build = build
        self._options = options

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """The same method with other options; see `RequestOptions`."""
        return type(self)(self._client, self._build, merged(self._options, options))

    def _built(self, *args: P.args, **kwargs: P.kwargs) -> Built:
        try:
            return self._build(*args, **kwargs)
        except TypeError as error:
            raise TypeError(self._advice(kwargs, str(error))) from error

    def _advice(self, given: Mapping[str, Any], message: str) -> str:
        """What is wrong with the arguments, and what to write in the place of one that there isn't."""
        from openai_core.advice import alike, first, keywords

        forwarding: Forwarding | None = getattr(self._build, "forwarding", None)
        complains = forwarding.to if forwarding else self._build
        if elsewhere := self._elsewhere(given, getattr(complains, "endpoint", None), forwarding):
            return elsewhere
        if message.startswith(f"{complains.__name__}()"):
            message = f"{self.__name__}{message.removeprefix(complains.__name__)}"
        if "required positional argument" in message and (leading := first(self._build)):
            return f"{message}; it comes first, without its name: {self.__name__}({leading}, ...)"
        known = [*keywords(self._build), *keywords(complains)]
        for name in given:
            if name in known:
                continue
            option = name.removeprefix("extra_")
            if option in RequestOptions.__annotations__:
                return f"{message}; pass options={{{option!r}: ...}}"
            # From 3.13 on the interpreter says so itself.
            meant = alike(name, known) if sys.version_info < (3, 13) else None
            hint = f"; did you mean {meant!r}?" if meant else ""
            if alike(name, known, _MISSPELT):
                return message + hint
            return f"{message}{hint or '.'}{_foreign_name(name, getattr(complains, 'endpoint', None))}"
        return message

    def _elsewhere(self, given: Mapping[str, Any], endpoint: Any, forwarding: Forwarding | None) -> str | None:
        """Which call takes what this one doesn't, if there is one."""
        if endpoint is None:
            return None
        streaming = (forwarding and forwarding.stream) or endpoint.stream
        if streaming and "stream" in given:
            return f"{self.__name__}() doesn't stream; call {streaming}() instead"
        for name, others in (endpoint.instead or {}).items():
            if name in given:
                calls = " or ".join(f"{other}()" for other in others)
                return f"{self.__name__}() doesn't take {name}; call {calls} instead"
        for name, value in {**(endpoint.query or {}), **(endpoint.body or {})}.items():
            if name in given:
                return f"{self.__name__}() sends {name}={value!r} in any case; leave it out"
        return None

    @property
    def __name__(self) -> str:
        return self._build.__name__.rstrip("_")

    if not TYPE_CHECKING:
        # By this `help` knows that it's a routine, and shows its signature.
        def __get__(self, instance: object, owner: type | None = None) -> Self:
            return self

    def __init_subclass__(cls) -> None:
        # A docstring of the class would hide the builder's, which is the one that users look for.
        type.__setattr__(cls, "__doc__", BoundFunction.__dict__["__doc__"])

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self._build.__doc__

    @property
    def __signature__(self) -> inspect.Signature:
        signature = inspect.signature(self._build)
        _, _, built = str(signature.return_annotation).partition("[")
        return signature.replace(return_annotation=self.returns.format(built[:-1]))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in BoundFunction.__slots__)

    def __hash__(self) -> int:
        return hash((id(self._client), self._build))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._build.__module__}.{self.__name__}>"


class Bound(BoundFunction[P, OperationT]):
    """A function that builds operations, bound."""

    __slots__ = ()

    def operation(self, *args: P.args, **kwargs: P.kwargs) -> OperationT:
        """The operation as a value. Nothing is sent."""
        return self._made(args, kwargs)

    def _made(self, args: Any, kwargs: Any) -> OperationT:
        build: Any = self._built
        keywords: Keywords | None = getattr(self._build, "keywords", None)
        made: Any = keywords.operation(kwargs) if keywords and not args else None
        operation: OperationT = made or build(*args, **kwargs)
        if self._options:
            operation.options = merged(self._options, operation.options)
        return operation

    @property
    def _endpoint(self) -> Any:
        return self._build.endpoint  # type: ignore[attr-defined]

    def _foreign(self, body: object, path: Mapping[str, str]) -> OperationT:
        """An operation of the caller's own making: any body, checked by the server alone."""
        endpoint = self._endpoint
        wanted = [name for name in inspect.signature(self._build).parameters if f"{{{name}}}" in endpoint.path]
        if set(wanted) != path.keys():
            raise TypeError(
                f"{self.__name__}.into() takes a type, then the whole body (or query) as one mapping, then by keyword "
                f"the path parameters {wanted}, not {sorted(path)}"
            )
        endpoint.warn_if_deprecated()
        values = tuple(path[name] for name in wanted)
        operation: OperationT = endpoint.operation(path=values, options=self._options)
        name = "query" if endpoint.method in READ_BY_QUERY else "body"
        fixed = getattr(operation, name)
        setattr(operation, name, {**plain(body), **fixed} if fixed else body)
        return operation


class BoundMethod(Bound[P, Operation[T]]):
    """Sends one operation and returns what it answers."""

    __slots__ = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        result: T = self._client.send(self._made(args, kwargs))
        return result

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """The whole response: status, headers, attempts, bytes; `.parse()` gives the result."""
        response: Response[T] = self._client.send_raw(self._made(args, kwargs))
        return response

    def into(self, returns: type[M], body: object = None, /, **path: str) -> M:
        """Send any body and read the answer as a type of your own.

        Args:
            returns: what to read the answer as: a model, a dataclass, a `TypedDict`, `dict`, `bytes`, …
            body: anything that can be written as JSON (of a GET or DELETE: the query), unchecked.
            path: the path parameters.
        """
        result: M = self._client.send(self._foreign(body, path), into=returns)
        return result


class Awaited:
    """Marks what is called to be awaited as a coroutine function, which mocks and task runners look for."""

    __slots__ = ()

    if sys.version_info >= (3, 12):

        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            inspect.markcoroutinefunction(cls)

    else:

        @property
        def _is_coroutine(self) -> object:
            # Whoever asks has imported asyncio.
            return getattr(sys.modules.get("asyncio.coroutines"), "_is_coroutine", None)


class BoundAsyncMethod(Awaited, Bound[P, Operation[T]]):
    """Sends one operation and returns what it answers."""

    __slots__ = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        result: Coroutine[Any, Any, T] = self._client.send(self._made(args, kwargs))
        return result

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, Response[T]]:
        """As `BoundMethod.raw`."""
        response: Coroutine[Any, Any, Response[T]] = self._client.send_raw(self._made(args, kwargs))
        return response

    def into(self, returns: type[M], body: object = None, /, **path: str) -> Coroutine[Any, Any, M]:
        """As `BoundMethod.into`."""
        result: Coroutine[Any, Any, M] = self._client.send(self._foreign(body, path), into=returns)
        return result


class BoundPagedMethod(Bound[P, PagedOperation[PageT, Item]]):
    """Lists something: the first page at once, the others while they are walked through."""

    __slots__ = ()

    returns = "Pages[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Pages[PageT, Item]:
        pages: Pages[PageT, Item] = self._client.send(self._made(args, kwargs))
        return pages

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[PageT]:
        """As `BoundMethod.raw`, for the first page."""
        response: Response[PageT] = self._client.send_raw(self._made(args, kwargs))
        return response

    def into(self, returns: type[M], query: object = None, /, **path: str) -> M:
        """As `BoundMethod.into`, for one page."""
        result: M = self._client.send(self._foreign(query, path), into=returns)
        return result


class BoundAsyncPagedMethod(Bound[P, PagedOperation[PageT, Item]]):
    """Lists something: await it for the first page, or walk through all items with `async for`."""

    __slots__ = ()

    returns = "AsyncPages[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AsyncPages[PageT, Item]:
        pages: AsyncPages[PageT, Item] = self._client.send(self._made(args, kwargs))
        return pages

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, Response[PageT]]:
        """As `BoundMethod.raw`, for the first page."""
        response: Coroutine[Any, Any, Response[PageT]] = self._client.send_raw(self._made(args, kwargs))
        return response

    def into(self, returns: type[M], query: object = None, /, **path: str) -> Coroutine[Any, Any, M]:
        """As `BoundMethod.into`, for one page."""
        result: Coroutine[Any, Any, M] = self._client.send(self._foreign(query, path), into=returns)
        return result


class BoundStreamMethod(Bound[P, StreamOperation[Event]]):
    """Streams events. The request goes out when the stream is entered, iterated or opened."""

    __slots__ = ()

    returns = "Stream[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Stream[Event]:
        stream: Stream[Event] = self._client.send(self._made(args, kwargs))
        return stream

    def into(self, returns: type[M], body: object = None, /, **path: str) -> Stream[M]:
        """As `BoundMethod.into`, for every event."""
        stream: Stream[M] = self._client.send(self._foreign(body, path), into=returns)
        return stream


class BoundAsyncStreamMethod(Bound[P, StreamOperation[Event]]):
    """Streams events. The request goes out when the stream is entered, iterated or awaited."""

    __slots__ = ()

    returns = "AsyncStream[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AsyncStream[Event]:
        stream: AsyncStream[Event] = self._client.send(self._made(args, kwargs))
        return stream

    def into(self, returns: type[M], body: object = None, /, **path: str) -> AsyncStream[M]:
        """As `BoundMethod.into`, for every event."""
        stream: AsyncStream[M] = self._client.send(self._foreign(body, path), into=returns)
        return stream


class BoundAccumulatingMethod(Bound[P, AccumulatingOperation[Event, Whole]]):
    """Streams events that make up an answer. It is used as `BoundStreamMethod` is."""

    __slots__ = ()

    returns = "AccumulatingStream[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AccumulatingStream[Event, Whole]:
        stream: AccumulatingStream[Event, Whole] = self._client.send(self._made(args, kwargs))
        return stream

    def into(self, returns: type[M], body: object = None, /, **path: str) -> Stream[M]:
        """As `BoundMethod.into`, for every event."""
        stream: Stream[M] = self._client.send(self._foreign(body, path), into=returns)
        return stream


class BoundAsyncAccumulatingMethod(Bound[P, AccumulatingOperation[Event, Whole]]):
    """Streams events that make up an answer. It is used as `BoundAsyncStreamMethod` is."""

    __slots__ = ()

    returns = "AsyncAccumulatingStream[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AsyncAccumulatingStream[Event, Whole]:
        stream: AsyncAccumulatingStream[Event, Whole] = self._client.send(self._made(args, kwargs))
        return stream

    def into(self, returns: type[M], body: object = None, /, **path: str) -> AsyncStream[M]:
        """As `BoundMethod.into`, for every event."""
        stream: AsyncStream[M] = self._client.send(self._foreign(body, path), into=returns)
        return stream


class BoundBinaryMethod(Bound[P, BinaryOperation]):
    """Fetches bytes, of which nothing is in memory until they are read or saved."""

    __slots__ = ()

    returns = "Binary"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Binary:
        binary: Binary = self._client.send(self._made(args, kwargs))
        return binary


class BoundAsyncBinaryMethod(Awaited, Bound[P, BinaryOperation]):
    """Fetches bytes, of which nothing is in memory until they are read or saved."""

    __slots__ = ()

    returns = "AsyncBinary"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, AsyncBinary]:
        binary: Coroutine[Any, Any, AsyncBinary] = self._client.send(self._made(args, kwargs))
        return binary


class Descriptor(Generic[P, Built]):
    """Binds a function to the group that it is read from."""

    __slots__ = ("build",)

    bound: Any

    def __init__(self, build: Callable[P, Built]) -> None:
        self.build = build

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # As in BoundFunction.
        type.__setattr__(cls, "__doc__", Descriptor.__dict__["__doc__"])

    def _bind(self, group: Any) -> Any:
        return self if group is None else self.bound(group._client, self.build, group._options)  # noqa: SLF001

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.build.__doc__


class Method(Descriptor[P, Operation[T]]):
    """A call that gives a `T`."""

    __slots__ = ()
    bound = BoundMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundMethod[P, T]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundMethod[P, T]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncMethod(Descriptor[P, Operation[T]]):
    """A call that, awaited, gives a `T`."""

    __slots__ = ()
    bound = BoundAsyncMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncMethod[P, T]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncMethod[P, T]:
        return self._bind(group)  # type: ignore[no-any-return]


class PagedMethod(Descriptor[P, PagedOperation[PageT, Item]]):
    """A call that lists `Item`s."""

    __slots__ = ()
    bound = BoundPagedMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundPagedMethod[P, PageT, Item]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundPagedMethod[P, PageT, Item]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncPagedMethod(Descriptor[P, PagedOperation[PageT, Item]]):
    """A call that lists `Item`s."""

    __slots__ = ()
    bound = BoundAsyncPagedMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncPagedMethod[P, PageT, Item]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncPagedMethod[P, PageT, Item]:
        return self._bind(group)  # type: ignore[no-any-return]


class StreamMethod(Descriptor[P, StreamOperation[Event]]):
    """A call that streams `Event`s."""

    __slots__ = ()
    bound = BoundStreamMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundStreamMethod[P, Event]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundStreamMethod[P, Event]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncStreamMethod(Descriptor[P, StreamOperation[Event]]):
    """A call that streams `Event`s."""

    __slots__ = ()
    bound = BoundAsyncStreamMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncStreamMethod[P, Event]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncStreamMethod[P, Event]:
        return self._bind(group)  # type: ignore[no-any-return]


class AccumulatingMethod(Descriptor[P, AccumulatingOperation[Event, Whole]]):
    """A call that streams `Event`s, which make up a `Whole`."""

    __slots__ = ()
    bound = BoundAccumulatingMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundAccumulatingMethod[P, Event, Whole]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundAccumulatingMethod[P, Event, Whole]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncAccumulatingMethod(Descriptor[P, AccumulatingOperation[Event, Whole]]):
    """A call that streams `Event`s, which make up a `Whole`."""

    __slots__ = ()
    bound = BoundAsyncAccumulatingMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncAccumulatingMethod[P, Event, Whole]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncAccumulatingMethod[P, Event, Whole]:
        return self._bind(group)  # type: ignore[no-any-return]


class BinaryMethod(Descriptor[P, BinaryOperation]):
    """A call that gives bytes."""

    __slots__ = ()
    bound = BoundBinaryMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundBinaryMethod[P]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundBinaryMethod[P]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncBinaryMethod(Descriptor[P, BinaryOperation]):
    """A call that, awaited, gives bytes."""

    __slots__ = ()
    bound = BoundAsyncBinaryMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncBinaryMethod[P]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncBinaryMethod[P]:
        return self._bind(group)  # type: ignore[no-any-return]
