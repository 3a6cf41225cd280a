"""As `network`, for the connections of an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from openai_core.transport.environment import SOCKET_OPTIONS
from openai_core.transport.network import GATHERED, WriteFailed, is_readable, limited, reason
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut

if TYPE_CHECKING:
    import ssl

    from openai_core.transport.exchange import Phases

# Bytes that may have come without having been read, before the other side is made to wait.
_UNREAD: Final = 256 * 1024
# Seconds before the next address of a host is tried beside the first, as RFC 8305 has it.
_NEXT_ADDRESS: Final = 0.25


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _expire(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError("nothing came in time"))


class AsyncSocketStream(asyncio.Protocol):
    """The socket of one connection, and what connects it.

    Attributes:
        phases: the timeouts of the request that is under way; its deadline holds for each read and write.
    """

    phases: Phases

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._came: deque[bytes] = deque()
        self._unread = 0
        self._unsent = b""
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._paused = False
        self._full = False
        self._ended = False
        self._error: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport  # type: ignore[assignment]  # that of a stream

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._came.append(data)
        self._unread += len(data)
        if self._unread > _UNREAD and not self._paused and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True
        _wake(self._reader)

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`."""
        self._ended = True
        _wake(self._reader)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._ended = True
        self._error = exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._full = True

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._full = False
        _wake(self._writer)

    async def connect(self, host: str, port: int) -> None:
        """Connect to a host."""
        try:
            async with asyncio.timeout(limited(self.phases, "connect")):
                transport, _ = await self._loop.create_connection(
                    lambda: self, host, port, happy_eyeballs_delay=None if _is_address(host) else _NEXT_ADDRESS
                )
            own = transport.get_extra_info("socket")
            for option in SOCKET_OPTIONS:
                own.setsockopt(*option)
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        except OSError as error:
            raise ConnectionFailed(reason(error)) from error

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt from here on."""
        assert self._transport is not None  # noqa: S101 - it is connected
        try:
            async with asyncio.timeout(limited(self.phases, "connect")):
                self._transport = await self._loop.start_tls(self._transport, self, context, server_hostname=host)
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        except (OSError, EOFError) as error:
            raise ConnectionFailed(str(error) or "the server ended the connection") from error

    async def read(self) -> bytes:
        """What comes next; nothing at the end."""
        if not self._came and not self._ended:
            self._reader = waiting = self._loop.create_future()
            try:
                await self._wait(waiting, "read")
            finally:
                self._reader = None
        if not self._came:
            if self._error is not None:
                raise ConnectionFailed(reason(self._error)) from self._error
            return b""
        data = self._came.popleft()
        self._unread -= len(data)
        if self._paused and self._unread < _UNREAD and self._transport is not None:
            self._transport.resume_reading()
            self._paused = False
        return data

    async def write(self, data: bytes) -> None:
        """Send some bytes, at the latest when they are flushed."""
        self._unsent = self._unsent + data if self._unsent else data
        if len(self._unsent) >= GATHERED:
            await self.flush()

    async def flush(self) -> None:
        """Send what is gathered."""
        unsent, self._unsent = self._unsent, b""
        if self._ended or self._transport is None:
            raise WriteFailed(reason(self._error) if self._error else "the server ended the connection")
        self._transport.write(unsent)
        while self._full and not self._ended:
            self._writer = waiting = self._loop.create_future()
            try:
                await self._wait(waiting, "write")
            finally:
                self._writer = None

    async def _wait(self, waiting: asyncio.Future[None], phase: str) -> None:
        timeout = limited(self.phases, phase)
        timer = None if timeout is None else self._loop.call_later(timeout, _expire, waiting)
        try:
            await waiting
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        finally:
            if timer is not None:
                timer.cancel()

    def abort(self) -> None:
        """End the connection, at once and whatever its state."""
        if self._transport is not None:
            self._transport.abort()
        self._ended = True

    def is_readable(self) -> bool:
        """Whether something has come that nobody waits for, which can only be the end."""
        if self._transport is None or self._ended or self._came:
            return True
        return is_readable(self._transport.get_extra_info("socket"))


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
