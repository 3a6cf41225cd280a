"""As `network`, for the connections of an event loop: without anyio, which costs more than the rest of a call."""

# Timeouts are what httpcore hands in.
# ruff: noqa: ASYNC109

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import httpcore

from openai_core.transport.network import GATHERED, extra_info, limited

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

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


class AsyncSocketStream(asyncio.Protocol, httpcore.AsyncNetworkBackend, httpcore.AsyncNetworkStream):
    """The socket of one connection, and what connects it.

    Attributes:
        phases: the timeouts of the request that is under way; its deadline holds for each read and write.
    """

    def __init__(self) -> None:
        self.phases: Mapping[str, float | None] = {}
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

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's interface
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncSocketStream:
        """Connect to a host."""
        try:
            async with asyncio.timeout(limited(self.phases, timeout)):
                await self._loop.create_connection(
                    lambda: self, host, port, happy_eyeballs_delay=None if _is_address(host) else _NEXT_ADDRESS
                )
            own = self.get_extra_info("socket")
            for option in socket_options or ():
                own.setsockopt(*option)
        except TimeoutError as error:
            self.abort()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.abort()
            raise httpcore.ConnectError(str(error)) from error
        return self

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncSocketStream:
        """Encrypt from here on."""
        assert self._transport is not None  # noqa: S101 - httpcore connects first
        try:
            async with asyncio.timeout(limited(self.phases, timeout)):
                self._transport = await self._loop.start_tls(
                    self._transport, self, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, EOFError) as error:
            raise httpcore.ConnectError(str(error) or "the server ended the connection") from error
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - it may be less
        """What comes next; nothing at the end."""
        if self._unsent:
            await self._send(self.phases.get("write"))
        if not self._came and not self._ended:
            self._reader = waiting = self._loop.create_future()
            try:
                await self._wait(waiting, timeout)
            except TimeoutError as error:
                raise httpcore.ReadTimeout(str(error)) from error
            finally:
                self._reader = None
        if not self._came:
            if self._error is not None:
                raise httpcore.ReadError(str(self._error)) from self._error
            return b""
        data = self._came.popleft()
        self._unread -= len(data)
        if self._paused and self._unread < _UNREAD and self._transport is not None:
            self._transport.resume_reading()
            self._paused = False
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send some bytes, at the latest when an answer is read."""
        if not buffer:
            return
        self._unsent = self._unsent + buffer if self._unsent else buffer
        if len(self._unsent) >= GATHERED:
            await self._send(timeout)
            if self._ended and self._error is not None:
                raise httpcore.WriteError(str(self._error)) from self._error

    async def _send(self, timeout: float | None) -> None:
        unsent, self._unsent = self._unsent, b""
        if self._ended or self._transport is None:
            # What the server has said before it ended the connection is still to be read.
            return
        self._transport.write(unsent)
        while self._full and not self._ended:
            self._writer = waiting = self._loop.create_future()
            try:
                await self._wait(waiting, timeout)
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            finally:
                self._writer = None

    async def _wait(self, waiting: asyncio.Future[None], timeout: float | None) -> None:
        timeout = limited(self.phases, timeout)
        if timeout is None:
            return await waiting
        timer = self._loop.call_later(timeout, _expire, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
        return None

    def abort(self) -> None:
        """End the connection, at once and whatever its state."""
        if self._transport is not None:
            self._transport.abort()
        self._ended = True

    async def aclose(self) -> None:
        """End the connection."""
        self.abort()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore, and whoever looks into a reply, wants to know."""
        transport = self._transport
        if transport is None:
            return None
        if info == "is_readable" and (self._ended or self._came):
            return True
        if info == "ssl_object":
            return transport.get_extra_info("ssl_object")
        return extra_info(transport.get_extra_info("socket"), info)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
