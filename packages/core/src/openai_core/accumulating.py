"""Streams that know what their events make up: the answer that a call without streaming would have given."""

from __future__ import annotations

import weakref
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pydantic_core import from_json, to_json

from openai_core.errors import StreamError
from openai_core.streaming import AsyncStream, EventReader, Stream, _AnyStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from openai_core.response import OpenResponse, ResponseInfo

Event = TypeVar("Event")
Whole = TypeVar("Whole")

_ENDED: Final = frozenset({"complete", "failed"})


class _Accumulating(_AnyStream[Event], Generic[Event, Whole]):
    """What the accumulating streams have in common."""

    _accumulate: Callable[[ResponseInfo, list[bytes]], Whole]
    # Not the iterator itself: one that nobody else holds is to end at once, and the stream with it.
    _running: Callable[[], Any] = staticmethod(lambda: None)
    _whole: Whole | None = None

    def _result(self) -> Whole:
        reader = self._reader
        if reader.error is not None:
            raise copy(reader.error)
        if reader.outcome not in _ENDED or self._response is None:
            raise StreamError(
                "there is no whole answer, for the stream was left before its end; "
                "call final() before you leave its loop, or in its place"
            )
        if self._whole is None:
            if not reader.held:
                raise StreamError("there is no whole answer, for no event came that it could be made of")
            self._whole = self._accumulate(self._response, reader.held)
            reader.held = []
        return self._whole


class AccumulatingStream(_Accumulating[Event, Whole], Stream[Event], Generic[Event, Whole]):
    """The events of an answer, one by one as they come in, and `final()`, the whole answer.

    It is used as any other `Stream`; the answer is only put together when it is asked for.
    """

    def __init__(
        self,
        reader: EventReader[Event],
        connect: Callable[[], OpenResponse],
        accumulate: Callable[[ResponseInfo, list[bytes]], Whole],
    ) -> None:
        super().__init__(reader, connect)
        self._accumulate = accumulate

    def __iter__(self) -> Iterator[Event]:
        events = super().__iter__()
        self._running = weakref.ref(events)
        return events

    def final(self) -> Whole:
        """The whole answer: what the call that doesn't stream would have returned.

        Events that haven't been read yet are read, and passed over. So it can stand in the place of the loop, in the
        loop, which ends then, and after it. An answer that ended early, or has failed, is returned too: look at its
        status or `finish_reason`.

        Raises:
            StreamTruncatedError: if the stream breaks off; `.partial` holds the events that came.
            StreamError: if the stream was left before its end.
            APIError: if there is no good answer.
        """
        for _ in self._running() or (() if self._used else self):
            pass
        return self._result()


class AsyncAccumulatingStream(_Accumulating[Event, Whole], AsyncStream[Event], Generic[Event, Whole]):
    """The events of an answer, one by one as they come in, and `final()`, the whole answer.

    It is used as any other `AsyncStream`; the answer is only put together when it is asked for.
    """

    def __init__(
        self,
        reader: EventReader[Event],
        connect: Callable[[], Awaitable[OpenResponse]],
        accumulate: Callable[[ResponseInfo, list[bytes]], Whole],
    ) -> None:
        super().__init__(reader, connect)
        self._accumulate = accumulate

    def __aiter__(self) -> AsyncIterator[Event]:
        events = super().__aiter__()
        self._running = weakref.ref(events)
        return events

    async def final(self) -> Whole:
        """As `AccumulatingStream.final`."""
        rest = self._running() or (None if self._used else self)
        if rest is not None:
            async for _ in rest:
                pass
        return self._result()


def accumulated(accumulator: str, events: list[bytes]) -> bytes:
    """The data of a whole answer.

    Args:
        accumulator: as in `AccumulatingEndpoint`.
        events: the data of the events, of one at least.
    """
    module, colon, name = accumulator.partition(":")
    if not colon:
        return to_json(from_json(events[-1]).get(accumulator))
    accumulate: Callable[[list[bytes]], Any] = getattr(import_module(module), name)
    return to_json(accumulate(events))
