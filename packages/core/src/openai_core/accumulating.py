"""Streams that know what their events make up: the answer that a call without streaming would have given."""

from __future__ import annotations

import weakref
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from pydantic_core import to_json

from openai_core.decoding import decoder
from openai_core.errors import StreamError
from openai_core.lazy import elsewhere
from openai_core.model import answering
from openai_core.streaming import AsyncStream, EventReader, Stream, _AnyStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from openai_core.decoding import OnDrift
    from openai_core.operation import AccumulatingEndpoint
    from openai_core.response import OpenResponse, ResponseInfo

Event = TypeVar("Event")
Whole = TypeVar("Whole")

_ENDED: Final = frozenset({"complete", "failed"})


class Accumulator(Protocol):
    """Puts events together to the answer that they are pieces of."""

    def add(self, data: bytes) -> None:
        """Take in the data of the next event."""
        ...

    def result(self) -> Any:
        """The data of the answer as far as it has come; `None` if none has. More events may follow."""
        ...


class Assembly(Generic[Whole]):
    """Makes answers of the events that a reader holds.

    Args:
        reader: holds them.
        endpoint: says what the answer is, and what puts it together.
        on_drift: as in `Decoder.read`.
    """

    def __init__(self, reader: EventReader[Any], endpoint: AccumulatingEndpoint[Any, Whole], on_drift: OnDrift) -> None:
        self._reader = reader
        self._endpoint = endpoint
        self._on_drift = on_drift
        self._accumulator: Accumulator | None = None
        reader.take_over = self._with_all

    def whole(self, response: ResponseInfo) -> Whole | None:
        """The answer when all events have come; `None` if none that it could be made of has."""
        reader = self._reader
        if not (reader.last if reader.ends else self._accumulator or reader.held):
            return None
        # The events that end a stream have all that came before.
        accumulator = _added(self._new(), reader.last) if reader.ends else self._with_all()
        whole = self._read(response, accumulator.result(), self._on_drift)
        reader.held, reader.last, self._accumulator = [], [], None
        return whole

    def so_far(self, response: ResponseInfo) -> Whole | None:
        """The answer as far as it has come; `None` if nothing of it has. Each event is taken in once."""
        result = self._with_all().result()
        # What is missing is yet to come, and no drift.
        return None if result is None else self._read(response, result, lambda drift: None)  # noqa: ARG005

    def _with_all(self) -> Accumulator:
        self._accumulator = self._accumulator or self._new()
        held, self._reader.held = self._reader.held, []
        return _added(self._accumulator, held or [])

    def _new(self) -> Accumulator:
        module, _, name = self._endpoint.accumulator.partition(":")
        accumulator: Accumulator = getattr(import_module(module), name)()
        return accumulator

    def _read(self, response: ResponseInfo, result: Any, on_drift: OnDrift) -> Whole:
        whole: Whole = decoder(self._endpoint.whole).read(response, to_json(result), on_drift)
        return answering(whole, response.request_id)


def _added(accumulator: Accumulator, events: list[bytes]) -> Accumulator:
    for data in events:
        accumulator.add(data)
    return accumulator


@elsewhere(
    get_final_completion="final()",
    get_final_response="final()",
    until_done="final()",
    current_completion_snapshot="snapshot()",
)
class _Accumulating(_AnyStream[Event], Generic[Event, Whole]):
    """What the accumulating streams have in common."""

    _assembly: Assembly[Whole]
    # Not the iterator itself: one that nobody else holds is to end at once, and the stream with it.
    _running: Callable[[], Any] = staticmethod(lambda: None)
    _whole: Whole | None = None
    _passed_over: bool = False

    @property
    def passed_over(self) -> bool:
        """Whether `final()` has read events that nobody was given: then a loop hasn't seen all, though it has ended."""
        return self._passed_over

    def snapshot(self) -> Whole:
        """The answer as far as it has come: in the loop, after it was left, and after the stream has broken off.

        Nothing is read for it, and nothing done before it is called. It takes in the events that came since the last
        snapshot, each of them once, and then makes the whole answer anew: in a loop, do it as often as somebody looks
        at it, and not for each event of a long answer.

        What the server tells at the end alone is missing, as `usage` is, or `None`, as a `finish_reason` is. A status
        is what the server said last. When `final()` has been called, it is the same object.

        Raises:
            StreamError: if nothing of the answer has come, or the stream was resumed after the answer's beginning.
        """
        whole = self._assembly.so_far(self.response) if self._whole is None else self._whole
        if whole is None:
            raise StreamError("there is no snapshot, for no event has come that it could be made of")
        return whole

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
            self._whole = self._assembly.whole(self._response)
            if self._whole is None:
                raise StreamError("there is no whole answer, for no event came that it could be made of")
        return self._whole


class _SyncAccumulating(_Accumulating[Event, Whole], Stream[Event]):
    """An accumulating stream that knows how to read itself to its end."""

    def __init__(
        self, reader: EventReader[Event], connect: Callable[[], OpenResponse], assembly: Assembly[Whole]
    ) -> None:
        super().__init__(reader, connect)
        self._assembly = assembly

    def __iter__(self) -> Iterator[Event]:
        events = super().__iter__()
        self._running = weakref.ref(events)
        return events

    def _read_whole(self) -> Whole:
        for _ in self._running() or (() if self._used else self):
            self._passed_over = True
        return self._result()


class _AsyncAccumulating(_Accumulating[Event, Whole], AsyncStream[Event]):
    """As `_SyncAccumulating`."""

    def __init__(
        self, reader: EventReader[Event], connect: Callable[[], Awaitable[OpenResponse]], assembly: Assembly[Whole]
    ) -> None:
        super().__init__(reader, connect)
        self._assembly = assembly

    def __aiter__(self) -> AsyncIterator[Event]:
        events = super().__aiter__()
        self._running = weakref.ref(events)
        return events

    async def _read_whole(self) -> Whole:
        rest = self._running() or (None if self._used else self)
        if rest is not None:
            async for _ in rest:
                self._passed_over = True
        return self._result()


class AccumulatingStream(_SyncAccumulating[Event, Whole]):
    """The events of an answer, one by one as they come in, and `final()`, the whole answer.

    It is used as any other `Stream`; the answer is only put together when it is asked for. `snapshot()` is what there
    is of it before.
    """

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
        return self._read_whole()


class AsyncAccumulatingStream(_AsyncAccumulating[Event, Whole]):
    """The events of an answer, one by one as they come in, and `final()`, the whole answer.

    It is used as any other `AsyncStream`; the answer is only put together when it is asked for. `snapshot()` is what
    there is of it before.
    """

    async def final(self) -> Whole:
        """As `AccumulatingStream.final`."""
        return await self._read_whole()
