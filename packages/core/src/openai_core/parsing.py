"""Streaming calls whose answers are read as a type, as values, bound to a client. Nothing here does I/O.

A function makes a `StreamParsing`; `ParsedStreamMethod` and `AsyncParsedStreamMethod` make it a method of a group,
which gives a stream.
"""

# A docstring is no override of the property `__doc__`, as pyright would have it.
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from openai_core.method import BoundFunction, Descriptor
from openai_core.options import merged

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.operation import AccumulatingOperation
    from openai_core.options import RequestOptions
    from openai_core.parsed_stream import AsyncParsedStream, ParsedStream
    from openai_core.response import ResponseInfo

__all__ = ["AsyncParsedStreamMethod", "ParsedStreamMethod", "StreamParsing"]

P = ParamSpec("P")
Event = TypeVar("Event")
Whole = TypeVar("Whole")
Parsed = TypeVar("Parsed")


class StreamParsing(Generic[Event, Whole, Parsed]):
    """A streaming call, and how its answer is read.

    Args:
        operation: the call.
        read: makes of the whole answer, and the response that it came in, what is wanted.
        read_partial: makes of an answer that may be unfinished plain data, `None` if there is none yet.
    """

    __slots__ = ("operation", "read", "read_partial")

    def __init__(
        self,
        operation: AccumulatingOperation[Event, Whole],
        read: Callable[[Whole, ResponseInfo], Parsed],
        read_partial: Callable[[Whole], Any],
    ) -> None:
        self.operation = operation
        self.read = read
        self.read_partial = read_partial


class BoundParsedStreamMethod(BoundFunction[P, StreamParsing[Event, Whole, Parsed]]):
    """Streams events that make up an answer, which is read as a type."""

    __slots__ = ()

    returns = "ParsedStream[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> ParsedStream[Event, Whole, Parsed]:
        from openai_core.parsed_stream import ParsedStream

        return ParsedStream(self._client, _with(self._built(*args, **kwargs), self._options))


class BoundAsyncParsedStreamMethod(BoundFunction[P, StreamParsing[Event, Whole, Parsed]]):
    """Streams events that make up an answer, which is read as a type."""

    __slots__ = ()

    returns = "AsyncParsedStream[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AsyncParsedStream[Event, Whole, Parsed]:
        from openai_core.parsed_stream import AsyncParsedStream

        return AsyncParsedStream(self._client, _with(self._built(*args, **kwargs), self._options))


def _with(
    parsing: StreamParsing[Event, Whole, Parsed], options: RequestOptions | None
) -> StreamParsing[Event, Whole, Parsed]:
    parsing.operation.options = merged(options, parsing.operation.options)
    return parsing


class ParsedStreamMethod(Descriptor[P, StreamParsing[Event, Whole, Parsed]]):
    """A call that streams `Event`s, which make up a `Whole`, which is read as a `Parsed`."""

    __slots__ = ()
    bound = BoundParsedStreamMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundParsedStreamMethod[P, Event, Whole, Parsed]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundParsedStreamMethod[P, Event, Whole, Parsed]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncParsedStreamMethod(Descriptor[P, StreamParsing[Event, Whole, Parsed]]):
    """A call that streams `Event`s, which make up a `Whole`, which is read as a `Parsed`."""

    __slots__ = ()
    bound = BoundAsyncParsedStreamMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncParsedStreamMethod[P, Event, Whole, Parsed]: ...
    def __get__(
        self, group: AsyncApiGroup | None, owner: type
    ) -> Self | BoundAsyncParsedStreamMethod[P, Event, Whole, Parsed]:
        return self._bind(group)  # type: ignore[no-any-return]
