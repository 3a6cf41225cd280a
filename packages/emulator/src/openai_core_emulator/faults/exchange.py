"""One request and the connection that it came on, down to the bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from openai_core_emulator.received import ReceivedRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

How = Literal["reset", "hang_up", "silence"]
"""How a connection ends: with a reset, in order, or not at all."""
HOW: Final[tuple[How, ...]] = ("reset", "hang_up", "silence")

_HOP: Final = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length"})
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_PIECE: Final = 2**16
_SIOCOUTQNSD: Final = 0x894B  # linux/sockios.h
_TICK: Final = 0.001
_PATIENCE: Final = 1000


class Answer(NamedTuple):
    """What the emulator answers.

    Args:
        status: of HTTP.
        headers: names in lower case.
        body: all of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kept(self) -> dict[str, str]:
        """The headers that don't tell how the body is sent."""
        return {name: value for name, value in self.headers.items() if name not in _HOP}


class Connection:
    """A connection of a client's.

    Args:
        reader: what comes in.
        writer: what goes out.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.is_over = False
        self.breaks_next = False
        """Whether the next request on it is answered with a reset."""
        # What is written is on its way before anything else happens. Encrypted, nothing goes on below 1, ever.
        writer.transport.set_write_buffer_limits(1, 0)

    async def request(self) -> tuple[bytes, ReceivedRequest]:
        """The next request: its head as it came, and all of it.

        Raises:
            OSError: if the client goes away.
            asyncio.IncompleteReadError: likewise.
        """
        head = await self.reader.readuntil(b"\r\n\r\n")
        method, target, _, headers = parsed(head)
        body = await body_of(self.reader, headers)
        parts = urlsplit(target)
        return head, ReceivedRequest(method, parts.path if method != "CONNECT" else target, parts.query, headers, body)

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait until they are on their way."""
        self.writer.write(data)
        await self.writer.drain()

    async def end(self, how: How) -> None:
        """End it; with `silence`, when the client does."""
        self.is_over = True
        if how == "reset":
            await self._all_sent()
            reset(self.writer)
        elif how == "silence":
            await self.gone()
        else:
            self.writer.close()

    async def _all_sent(self) -> None:
        """Wait until what was written has left, for a reset takes along what still waits for its turn."""
        own = self.writer.get_extra_info("socket")
        for _ in range(_PATIENCE):
            if not _unsent(own):
                return
            await asyncio.sleep(_TICK)

    async def gone(self) -> None:
        """Wait until the client ends it."""
        with suppress(OSError):
            while await self.reader.read(_PIECE):
                pass
        self.is_over = True


class Exchange:
    """A request on its connection, for whoever plays a fault.

    Args:
        connection: it came on.
        head: of the request as it came.
        request: itself.
        inner: host and port of the emulator, which would have answered well.
        go_down: takes the server away for some seconds, or for good if they are 0.
    """

    def __init__(
        self,
        connection: Connection,
        head: bytes,
        request: ReceivedRequest,
        inner: tuple[str, int],
        go_down: Callable[[float], None],
    ) -> None:
        self.connection = connection
        self.head = head
        self.request = request
        self.go_down = go_down
        self._inner = inner

    async def good(self) -> Answer:
        """What the emulator answers, before any of it is sent."""
        reader, writer = await self.ask()
        try:
            _, status, _, headers = parsed(await reader.readuntil(b"\r\n\r\n"))
            body = b"" if int(status) in _BODILESS else await body_of(reader, headers)
        finally:
            writer.close()
        return Answer(int(status), headers, body)

    async def ask(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Put the request to the emulator; gives the connection on which it answers."""
        reader, writer = await asyncio.open_connection(*self._inner, limit=2**24)
        request = self.request
        target = f"{request.path}?{request.query}" if request.query else request.path
        own = {name: value for name, value in request.headers.items() if name not in _HOP | {"accept-encoding"}}
        if request.body:
            own["content-length"] = str(len(request.body))
        writer.write(_head(f"{request.method} {target} HTTP/1.1", {**own, "connection": "close"}) + request.body)
        await writer.drain()
        return reader, writer

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a websocket at the emulator, with the client's own handshake."""
        reader, writer = await asyncio.open_connection(*self._inner, limit=2**24)
        writer.write(self.head)
        await writer.drain()
        return reader, writer

    async def send(self, data: bytes) -> None:
        """As `Connection.send`."""
        await self.connection.send(data)

    async def begin(self, status: int = 200, headers: Mapping[str, Any] | None = None) -> None:
        """Send the head of an answer."""
        line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase if status in _STATUSES else 'Unknown'}"
        await self.send(_head(line, headers or {}))

    async def answer(self, body: bytes, status: int = 200, **headers: Any) -> None:
        """Send an answer; `_` stands for `-` in the names of headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await self.begin(status, {**named, "content-length": len(body)})
        await self.send(body)

    async def chunk(self, data: bytes) -> None:
        """Send a piece of a body that was begun as `chunked`; none ends it."""
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))


_STATUSES: Final = frozenset(HTTPStatus)


def _head(line: str, headers: Mapping[str, Any]) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def parsed(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    """The three words of the first line of a message, and its headers by their names in lower case."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    one, two, *three = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return one, two, "".join(three), {name.strip().lower(): value.strip() for name, _, value in pairs}


async def body_of(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """The body of a message."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = bytearray()
    while size := int((await reader.readline()).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return bytes(body)


def _unsent(connection: socket.socket) -> int:
    """How many bytes the system hasn't sent yet, where it can tell."""
    if not sys.platform.startswith("linux"):
        return 0
    import fcntl

    told = bytearray(4)
    with suppress(OSError):
        fcntl.ioctl(connection.fileno(), _SIOCOUTQNSD, told)
    return int.from_bytes(told, sys.byteorder)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
