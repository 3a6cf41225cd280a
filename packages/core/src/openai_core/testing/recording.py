"""Exchanges with a real server while they are recorded, in both colours."""

from __future__ import annotations

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from openai_core.encoding import Multipart
from openai_core.errors import InvalidRequestError
from openai_core.logs import known_keys
from openai_core.testing.redacting import Redactor
from openai_core.testing.sent import SentRequest, redacted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from openai_core.operation import AnyOperation
    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import AsyncReply, Headers, Reply, Request
    from openai_core.websocket_library import Library

_KEPT: Final = ("content-type", "retry-after", "retry-after-ms", "location", "x-should-retry", "openai-poll-after-ms")


class Take:
    """One exchange that is being recorded.

    Attributes:
        status: of the answer; 0 as long as there is none.

    Raises:
        InvalidRequestError: if the body can be read only once, by the cassette or by the server.
    """

    def __init__(self, request: Request) -> None:
        self.status = 0
        if isinstance(request.content, Multipart) and not request.content.replayable:
            raise InvalidRequestError(
                "a cassette reads what is sent, too, and this can be read only once; pass bytes, or a path"
            )
        self._sent = SentRequest.of(request)
        self._keys = known_keys()
        self._headers: dict[str, str] = {}
        self._chunks: list[tuple[float, bytes]] = []
        self._last = time.monotonic()

    def answered(self, status: int, headers: Headers) -> None:
        """Note how an answer begins."""
        self.status = status
        self._headers = {name: value for name, value in headers.items() if name in _KEPT}

    def note(self, chunk: bytes) -> None:
        """Note a piece of an answer, and how long it was waited for."""
        now = time.monotonic()
        self._chunks.append((now - self._last, chunk))
        self._last = now

    def written(self) -> dict[str, Any]:
        """The exchange as it goes into the file."""
        redactor = Redactor([*self._keys, *known_keys()])
        sent = redacted(self._sent, redactor)
        return {
            "request": {"method": sent.method, "path": sent.path, "query": sent.query, "body": sent.body},
            "status": self.status,
            "headers": {name: redactor.text(value) for name, value in self._headers.items()},
            "chunks": [[round(seconds, 4), _text(chunk)] for seconds, chunk in self._redacted(redactor)],
        }

    def _redacted(self, redactor: Redactor) -> Iterator[tuple[float, bytes]]:
        """The chunks, cut where they were; a place inside of what is replaced moves behind it."""
        whole = b"".join(chunk for _, chunk in self._chunks)
        edits = iter(redactor.edits(whole, self._sent.path.rpartition("/")[2]))
        edit = next(edits, None)
        at = end = 0
        for seconds, chunk in self._chunks:
            end += len(chunk)
            piece = b""
            while edit and edit[0] < end:
                piece += whole[at : edit[0]] + edit[2]
                at, edit = edit[1], next(edits, None)
            yield seconds, piece + whole[at:end]
            at = max(at, end)


def _text(chunk: bytes) -> str | dict[str, str]:
    try:
        return chunk.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(chunk).decode()}


class _AnyRecorder:
    colour: int

    def __init__(self, take: Callable[[Request], Take], no_session: Callable[[AnyOperation, int], Library]) -> None:
        from openai_core.transport import httpx

        self._take = take
        self._no_session = no_session
        self._transport: Any = httpx.make(self.colour, None)

    def websockets(self, operation: AnyOperation) -> Library:
        """As `transport.protocol` has it."""
        return self._no_session(operation, self.colour)


class Recorder(_AnyRecorder):
    """For sync clients."""

    colour = 0

    def send(self, request: Request) -> Reply:
        """As `Transport.send`."""
        take = self._take(request)
        reply: Reply = self._transport.send(request)
        take.answered(reply.status, reply.headers)
        return _RecordedReply(reply, take)

    def close(self) -> None:
        """As `Transport.close`."""
        self._transport.close()


class AsyncRecorder(_AnyRecorder):
    """For async clients."""

    colour = 1

    async def send(self, request: Request) -> AsyncReply:
        """As `Transport.send`."""
        take = self._take(request)
        reply: AsyncReply = await self._transport.send(request)
        take.answered(reply.status, reply.headers)
        return _AsyncRecordedReply(reply, take)

    async def close(self) -> None:
        """As `Transport.close`."""
        await self._transport.close()


class _AnyRecordedReply:
    def __init__(self, reply: Any, take: Take) -> None:
        self.status: int = reply.status
        self.headers: Headers = reply.headers
        self.deadline: Deadline | None = reply.deadline
        self._reply = reply
        self._take = take


class _RecordedReply(_AnyRecordedReply):
    def read(self) -> bytes:
        self._reply.deadline = self.deadline
        content: bytes = self._reply.read()
        self._take.note(content)
        return content

    def chunks(self) -> Iterator[bytes]:
        self._reply.deadline = self.deadline
        for chunk in self._reply.chunks():
            self._take.note(chunk)
            yield chunk
            # It may be set while the reply is read.
            self._reply.deadline = self.deadline

    def close(self) -> None:
        self._reply.close()


class _AsyncRecordedReply(_AnyRecordedReply):
    async def read(self) -> bytes:
        self._reply.deadline = self.deadline
        content: bytes = await self._reply.read()
        self._take.note(content)
        return content

    async def chunks(self) -> AsyncGenerator[bytes]:
        self._reply.deadline = self.deadline
        async for chunk in self._reply.chunks():
            self._take.note(chunk)
            yield chunk
            self._reply.deadline = self.deadline

    async def close(self) -> None:
        await self._reply.close()
