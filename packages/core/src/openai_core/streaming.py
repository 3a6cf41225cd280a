"""Streams of events: opened when they are used, closed when they are left, and honest about how they ended."""

from __future__ import annotations

import warnings
from collections import deque
from contextlib import aclosing, suppress
from copy import copy
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, TypeVar

from pydantic_core import from_json, to_json

from openai_core.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    StreamError,
    StreamTruncatedError,
    error_in_stream,
    reports_error,
)
from openai_core.logs import redacted
from openai_core.retrying import Deadline
from openai_core.sse import EventDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
    from types import TracebackType
    from typing import Self

    from openai_core.decoding import Decoder, OnDrift
    from openai_core.response import OpenResponse, ResponseInfo

Event = TypeVar("Event")

Outcome: TypeAlias = Literal["complete", "truncated", "cancelled", "failed"]

_KEPT: Final = 4096
# Events whose data is held until somebody wants their sum, or there are more: few streams have that many.
_HELD: Final = 4096
# Bytes of an answer that are kept until its first event, and characters of them that a message shows.
_SHORT: Final = 4096
_SHOWN: Final = 200
# Bytes of the longest event: of an image, a few millions. One that doesn't end must not fill the memory.
_LONGEST: Final = 64 * 2**20
# Seconds for the end of the body to follow `[DONE]`, so that the connection can be used again.
_AFTERMATH: Final = 1.0
_ENDED: Final = frozenset({"complete", "failed"})
_NO_END: Final = ". If this server never says that an answer is over, make the client with provider='compatible'"
_IGNORED: Final = frozenset({"keepalive", "ping"})
_UNUSED: Final = "a stream was made and never used; iterate it, or close it"
_UNCLOSED: Final = "a stream was left open; use it in a `with` block, or close it"


class EventReader(Generic[Event]):
    """Bytes to events, and the end of the stream. Pure: both colours are driven by it.

    Args:
        decoder: reads one event.
        ends: the types of the events that end the stream; `[DONE]` does in any case.
        named: whether events are read together with their names on the wire.
        end_required: whether the end of the bytes alone is not an end.
        accumulating: whether the data of the events is held, so that an answer can be made of them.
        on_drift: as in `Decoder.read`.
    """

    def __init__(
        self,
        decoder: Decoder[Event],
        ends: tuple[str, ...],
        *,
        named: bool = False,
        end_required: bool,
        accumulating: bool = False,
        on_drift: OnDrift,
    ) -> None:
        self.outcome: Outcome | None = None
        self.error: APIError | None = None
        self.done = False
        self.kept: deque[Event] = deque(maxlen=_KEPT)
        # The data of all events, and once more of those that end the stream.
        self.held: list[bytes] | None = [] if accumulating else None
        self.last: list[bytes] = []
        # Empties `held`, if it is set.
        self.take_over: Callable[[], object] | None = None
        self._ending: Outcome | None = None
        self.decoder = decoder
        self.ends = ends
        self._named = named
        self._end_required = end_required
        self._on_drift = on_drift
        self._sse = EventDecoder()
        self._beginning = b""

    # Another function would be called for each event.
    def read(self, response: ResponseInfo, chunk: bytes) -> Iterator[Event]:  # noqa: C901
        """The events that are complete with these bytes.

        Raises:
            APIError: the error that an event reports.
        """
        if not self.kept and len(self._beginning) < _SHORT:
            self._beginning += chunk[:_SHORT]
        events = self._sse.feed(chunk)
        if self._sse.pending > _LONGEST:
            raise self._too_long(response)
        for name, data in events:
            if data == b"[DONE]":
                self.done = True
                self._ending = self._ending or "complete"
            if self.done or name in _IGNORED:
                continue
            # As in sse.py.
            if name == "error" or data.find(b'"error"') >= 0:
                self._raise_reported(response, name, data)
            whole = b'{"event":%b,"data":%b}' % (to_json(name), data) if self._named else data
            try:
                event = self.decoder.read(response, whole, self._on_drift)
            except APIResponseValidationError as error:
                raise self._told(response, data) or error from None
            self.kept.append(event)
            if self.held is not None:
                self.held.append(whole)
            if self.ends:
                self._note_end(event, whole)
            yield event
        if self.held is not None and len(self.held) > _HELD and self.take_over is not None:
            self.take_over()

    def _note_end(self, event: Event, data: bytes) -> None:
        # More events may follow: each of several images has an end of its own.
        kind = _kind(event, data)
        if kind in self.ends:
            if self._ending != "failed":
                self._ending = "failed" if kind.endswith(".failed") else "complete"
            if self.held is not None:
                self.last.append(data)

    def finish(self, response: ResponseInfo) -> None:
        """Note that there are no more bytes.

        Raises:
            StreamTruncatedError: if the stream hasn't ended.
        """
        if self._ending is None and not self._end_required and self.kept:
            self._ending = "complete"
        if self._ending is None:
            raise self._truncated(response, _NO_END) if self.kept else self._no_stream(response)
        self.outcome = self._ending

    def failure(self, response: ResponseInfo, error: APIError) -> APIError:
        """The error to raise for one that ended the stream, holding what had come."""
        if type(error) is APIConnectionError:
            error = self._truncated(response)
        error.partial = tuple(self.kept)
        # To be raised again. The one that is raised now leads, by its traceback, to the stream and back.
        self.error = copy(error)
        return error

    def _truncated(self, response: ResponseInfo, hint: str = "") -> StreamTruncatedError:
        number = f"{len(self.kept)} events" if len(self.kept) < _KEPT else f"{_KEPT} events or more"
        return StreamTruncatedError(
            f"the stream of {response.url} broke off after {number}. "
            f"What came is in .partial and isn't the whole answer; call again for one that is{hint}",
            **_facts(response),
        )

    @staticmethod
    def _too_long(response: ResponseInfo) -> StreamError:
        return StreamError(
            f"an event of the stream of {response.url} is longer than {_LONGEST >> 20} MB. "
            "What came before it is in .partial",
            **_facts(response),
        )

    def _no_stream(self, response: ResponseInfo) -> APIError:
        with suppress(ValueError):
            body = from_json(self._beginning)
            if reports_error(body):
                return error_in_stream(body, **_facts(response))
        if "event-stream" in (response.headers.get("content-type") or ""):
            return self._truncated(response)
        text = self._beginning.decode(errors="replace")
        kind = response.headers.get("content-type") or "of no content type"
        return APIResponseValidationError(
            f"the answer of {response.url} is no stream of events but {kind}: {redacted(text[:_SHOWN])!r}. "
            "Is the base URL right, does it need /v1 at its end, and can this model stream?",
            body=text,
            status=response.status,
            **_facts(response),
        )

    def stop(self, error: BaseException | None = None) -> None:
        """Note that nobody reads on: because of an error, or because the reader has left."""
        # Events that came in one piece with the last one aren't given any more.
        self.done = True
        # It leads back here, and what goes round in circles is freed late.
        self.take_over = None
        if self.outcome is None:
            if isinstance(error, (StreamTruncatedError, APIConnectionError)):
                self.outcome = self._ending or "truncated"
            else:
                self.outcome = "failed" if isinstance(error, APIError) else self._ending or "cancelled"

    @staticmethod
    def _raise_reported(response: ResponseInfo, name: str, data: bytes) -> None:
        try:
            body = from_json(data)
        except ValueError:
            body = data.decode(errors="replace")
        named = name == "error" or (isinstance(body, dict) and body.get("type") == "error")
        if named or reports_error(body):
            raise error_in_stream(body, **_facts(response))

    @staticmethod
    def _told(response: ResponseInfo, data: bytes) -> APIError | None:
        """The error that bare text in the place of an event is, as whoever stands in between sends it."""
        try:
            text = from_json(data)
        except ValueError:
            text = None if data.lstrip()[:1] in {b"{", b"["} else data.decode(errors="replace")
        return error_in_stream(text, **_facts(response)) if isinstance(text, str) else None


def read_as(stream: object) -> Decoder[Any] | None:
    """What reads the events of one of our streams; `None` for what is none."""
    return stream._reader.decoder if isinstance(stream, _AnyStream) else None  # noqa: SLF001 - of this module


def _kind(event: object, data: bytes) -> str:
    """An event's type, also when it was read as a type of the caller's that has none."""
    kind = event.get("type") if isinstance(event, dict) else getattr(event, "type", None)
    if not isinstance(kind, str):
        with suppress(ValueError):
            sent = from_json(data)
            kind = sent.get("type") if isinstance(sent, dict) else None
    return kind if isinstance(kind, str) else ""


def _hurry(reply: Any) -> None:
    deadline = Deadline(_AFTERMATH)
    if reply.deadline is None or reply.deadline.left() > deadline.left():
        reply.deadline = deadline


def _facts(response: ResponseInfo) -> dict[str, Any]:
    return {"request_id": response.request_id, "headers": response.headers, "attempts": response.attempts}


class _AnyStream(Generic[Event]):
    def __init__(self, reader: EventReader[Event]) -> None:
        self._reader = reader
        self._response: ResponseInfo | None = None
        self._reply: Any = None
        self._used = False
        self._closed = False

    @property
    def response(self) -> ResponseInfo:
        """Status, headers and attempts of the answer.

        Raises:
            StreamError: before the stream is open.
        """
        if self._response is None:
            raise StreamError("the stream isn't open yet")
        return self._response

    @property
    def outcome(self) -> Outcome | None:
        """How the stream ended: `complete`, `truncated`, `cancelled` or `failed`; `None` while it hasn't."""
        return self._reader.outcome

    def _use_once(self) -> None:
        if self._used:
            raise StreamError("a stream is read once; call the method again for another, or keep its events in a list")
        self._used = True

    def __del__(self) -> None:
        if self._closed or (self._response is not None and self._reply is None):
            return
        warnings.warn(_UNCLOSED if self._reply is not None else _UNUSED, ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        state = self.outcome or ("open" if self._response else "not open yet")
        return f"<{type(self).__name__} {state}>"


class Stream(_AnyStream[Event]):
    """The events of an answer, one by one as they come in.

    The request goes out when the stream is iterated, entered (`with`), or opened. Leaving the loop closes it.
    """

    def __init__(self, reader: EventReader[Event], connect: Callable[[], OpenResponse]) -> None:
        super().__init__(reader)
        self._connect = connect

    def open(self) -> Self:
        """Send the request, unless that is done, and wait until the server has accepted it.

        Raises:
            APIError: if it hasn't.
        """
        if self._closed:
            raise StreamError("the stream is closed")
        if self._response is None:
            try:
                self._response = opened = self._connect()
                self._reply = opened.reply
            except BaseException as error:
                self._closed = True
                self._reader.stop(error)
                raise
        return self

    def __iter__(self) -> Iterator[Event]:
        self._use_once()
        return self._events()

    def _events(self) -> Generator[Event]:
        self.open()
        reader, response = self._reader, self.response
        try:
            for chunk in self._reply.chunks():
                yield from reader.read(response, chunk)
                if reader.done:
                    if self._closed:
                        return  # By whoever reads, in the loop.
                    _hurry(self._reply)
            reader.finish(response)
        except APIError as error:
            reader.stop(error)
            if reader.outcome in _ENDED and isinstance(error, APIConnectionError):
                return  # The answer had ended: what broke was the connection, while it was being emptied.
            raise reader.failure(response, error) from error.__cause__
        finally:
            self.close()

    def close(self) -> None:
        """End the stream. The connection is given up unless all was read."""
        self._closed = True
        self._reader.stop()
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStream(_AnyStream[Event]):
    """The events of an answer, one by one as they come in.

    The request goes out when the stream is iterated, entered (`async with`), or awaited. Leaving an `async with` block
    closes it at once; leaving a bare `async for` does so a few turns of the event loop later.
    """

    def __init__(self, reader: EventReader[Event], connect: Callable[[], Awaitable[OpenResponse]]) -> None:
        super().__init__(reader)
        self._connect = connect

    async def open(self) -> Self:
        """As `Stream.open`; `await stream` does the same."""
        if self._closed:
            raise StreamError("the stream is closed")
        if self._response is None:
            try:
                self._response = opened = await self._connect()
                self._reply = opened.reply
            except BaseException as error:
                self._closed = True
                self._reader.stop(error)
                raise
        return self

    def __await__(self) -> Generator[Any, Any, Self]:
        return self.open().__await__()

    def __aiter__(self) -> AsyncIterator[Event]:
        self._use_once()
        return self._events()

    async def _events(self) -> AsyncIterator[Event]:
        await self.open()
        reader, response = self._reader, self.response
        try:
            async with aclosing(self._reply.chunks()) as chunks:
                async for chunk in chunks:
                    for event in reader.read(response, chunk):
                        yield event
                    if reader.done:
                        if self._closed:
                            return  # As in Stream.
                        _hurry(self._reply)
            reader.finish(response)
        except APIError as error:
            reader.stop(error)
            if reader.outcome in _ENDED and isinstance(error, APIConnectionError):
                return  # As in Stream.
            raise reader.failure(response, error) from error.__cause__
        finally:
            await self.close()

    async def close(self) -> None:
        """As `Stream.close`."""
        self._closed = True
        self._reader.stop()
        reply, self._reply = self._reply, None
        if reply is not None:
            await reply.close()

    aclose = close

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
