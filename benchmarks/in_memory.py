"""Transports that answer at once and from memory, so that what is measured is this library alone; and a socket."""

from __future__ import annotations

import asyncio
import socket
from struct import Struct
from typing import TYPE_CHECKING, Final

from openai_core.transport.protocol import Headers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from openai_core.transport.protocol import Request

_HEADERS: Final = Headers({"content-type": "application/json", "x-request-id": "req_1"})
_PIECE: Final = 65536


class MemoryReply:
    """See `openai_core.transport.protocol.Reply`."""

    __slots__ = ("_content", "deadline", "headers", "status")

    def __init__(self, content: bytes) -> None:
        self.status = 200
        self.headers = _HEADERS
        self.deadline = None
        self._content = content

    def read(self) -> bytes:
        return self._content

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), _PIECE):
            yield self._content[start : start + _PIECE]

    def close(self) -> None:
        """There is nothing to give back."""


class MemoryTransport:
    """Answers every request with the same bytes.

    Args:
        content: the body of every answer.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def send(self, request: Request) -> MemoryReply:
        return MemoryReply(self._content)

    def close(self) -> None:
        """There are no connections."""


class MemorySocket:
    """Stands in for the socket of the default transport, and answers every request with the same bytes.

    Args:
        content: the body of every answer.
    """

    def __init__(self, content: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ncontent-length: %d\r\n\r\n"
        self._answer = head % len(content) + content
        # Something of which the system can say that nothing has come.
        self._silent = socket.socketpair()

    def send(self, data: memoryview) -> int:
        return len(data)

    def recv(self, size: int) -> bytes:
        return self._answer

    def fileno(self) -> int:
        return self._silent[0].fileno()

    def settimeout(self, seconds: float | None) -> None:
        """It never makes anybody wait."""

    def setsockopt(self, *option: object) -> None:
        """It has no options."""

    def close(self) -> None:
        for each in self._silent:
            each.close()


class MemoryConnection(asyncio.Transport):
    """Stands in for the connection of an event loop, and answers every request with the same bytes.

    Args:
        content: the body of every answer.
        loop: the event loop.
        protocol: is told what comes.
    """

    def __init__(self, content: bytes, loop: asyncio.AbstractEventLoop, protocol: asyncio.BufferedProtocol) -> None:
        self._socket = MemorySocket(content)
        super().__init__({"socket": self._socket})
        self._loop = loop
        self._protocol = protocol
        # As a system does it: what little it costs to put the answer there is nobody's here.
        self._content = self._socket.recv(0)
        self._put = Struct(f"{len(self._content)}s").pack_into
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._loop.call_soon(self._answer)

    def _answer(self) -> None:
        self._put(self._protocol.get_buffer(-1), 0, self._content)
        self._protocol.buffer_updated(len(self._content))

    def abort(self) -> None:
        self._socket.close()


class AsyncMemoryReply:
    """See `openai_core.transport.protocol.AsyncReply`."""

    __slots__ = ("_reply", "deadline", "headers", "status")

    def __init__(self, content: bytes) -> None:
        self._reply = MemoryReply(content)
        self.status = 200
        self.headers = _HEADERS
        self.deadline = None

    async def read(self) -> bytes:
        return self._reply.read()

    async def chunks(self) -> AsyncGenerator[bytes]:
        for chunk in self._reply.chunks():
            yield chunk

    async def close(self) -> None:
        """There is nothing to give back."""


class AsyncMemoryTransport:
    """As `MemoryTransport`."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def send(self, request: Request) -> AsyncMemoryReply:
        return AsyncMemoryReply(self._content)

    async def close(self) -> None:
        """There are no connections."""
