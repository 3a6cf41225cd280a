"""As `network`, for the connections of an event loop."""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from openai_core.transport.environment import SOCKET_OPTIONS
from openai_core.transport.network import CLOSED, GATHERED, WriteFailed, limited, readable, reason
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from openai_core.transport.exchange import Phases

# Bytes that are read at once.
_READ: Final = 256 * 1024
# Bytes that may have come without having been read, before the other side is made to wait.
_UNREAD: Final = 256 * 1024
# Seconds before the next address of a host is tried beside the first, as RFC 8305 has it.
_NEXT_ADDRESS: Final = 0.25
_LATE: Final = "nothing came in time"
_CUT_OFF: Final = "the server cut the connection off"


class _Room(threading.local):
    """Where what comes is put before it is taken: one for all connections of an event loop, which has one thread.

    Otherwise asyncio asks the system for as much anew for each piece, and gives it back: that takes as long as all
    that is done with a short answer.
    """

    def __init__(self) -> None:
        self.buffer = memoryview(bytearray(_READ))


_ROOM: Final = _Room()


class AsyncSocketStream(asyncio.BufferedProtocol):
    """The socket of one connection, and what connects it.

    Attributes:
        phases: the timeouts of the request that is under way; its deadline holds for each read and write.
    """

    phases: Phases

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._readable: Callable[[], Any]
        self._transport: asyncio.Transport | None = None
        # That of the socket, below the one that encrypts, if there is one.
        self._raw: asyncio.Transport
        self._came: deque[bytes] = deque()
        self._unread = 0
        self._unsent = b""
        self._paused = False
        self._full = False
        # No more will come; the server has said so itself; or else why not.
        self._ended = False
        self._finished = False
        self._error: Exception | None = None
        # One request at a time waits, to write or to read; until when, and what looks whether that is over.
        self._waiting: asyncio.Future[None] | None = None
        self._due = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._process = os.getpid()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._transport = self._raw = transport  # type: ignore[assignment]  # that of a stream

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - there is as much room for each piece
        """See `asyncio.BufferedProtocol`."""
        return _ROOM.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._came.append(bytes(_ROOM.buffer[:nbytes]))
        self._unread += nbytes
        if self._unread > _UNREAD and not self._paused and not self._raw.is_closing():
            # Not the one that encrypts: that would go on reading, and at the end of the connection drop what it holds.
            self._raw.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> bool:
        """See `asyncio.BufferedProtocol`."""
        self._ended = True
        own = None if self._transport is None else self._transport.get_extra_info("ssl_object")
        self._finished = own is None or _has_said_so(own)
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._ended = True
        self._error = exc or self._error
        self._stop_timer()
        self._wake()

    def pause_writing(self) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._full = True

    def resume_writing(self) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._full = False
        self._wake()

    async def connect(self, host: str, port: int) -> None:
        """Connect to a host."""
        try:
            async with asyncio.timeout(limited(self.phases, "connect")):
                transport, _ = await self._loop.create_connection(lambda: self, host, port, **self._trying(host))
            own = transport.get_extra_info("socket")
            self._readable = readable(own)
            for option in SOCKET_OPTIONS:
                own.setsockopt(*option)
        except TimeoutError as error:
            raise PhaseTimedOut(_LATE) from error
        except (OSError, UnicodeError) as error:
            # The latter is said of names that no name of a host can be.
            raise ConnectionFailed(reason(error)) from error

    def _trying(self, host: str) -> dict[str, Any]:
        """How to try the addresses of a host, of which an address has one. uvloop tries them one after the other."""
        several = isinstance(self._loop, asyncio.BaseEventLoop) and not _is_address(host)
        return {"happy_eyeballs_delay": _NEXT_ADDRESS} if several else {}

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt from here on."""
        # uvloop reads before whoever connects hears of that. What is said in the clear, anybody may have said.
        if self._came or self._raw.is_closing():
            raise ConnectionFailed("the server spoke, or ended the connection, before it could be encrypted")
        try:
            async with asyncio.timeout(limited(self.phases, "connect")):
                self._transport = await self._loop.start_tls(self._raw, self, context, server_hostname=host)
        except TimeoutError as error:
            raise PhaseTimedOut(_LATE) from error
        except (OSError, EOFError) as error:
            raise ConnectionFailed(str(error) or "the server ended the connection") from error
        if self._transport is None:
            # So it says that the connection was lost meanwhile: there was no handshake.
            raise ConnectionFailed(CLOSED)

    async def read(self) -> bytes:
        """What comes next; nothing at the end."""
        while not self._came and not self._ended:
            await self._wait("read")
        if not self._came:
            if self._finished:
                return b""
            # Nor is it the end of an answer when an encrypted connection is cut off.
            raise ConnectionFailed(reason(self._error) if self._error else _CUT_OFF) from self._error
        data = self._came.popleft()
        self._unread -= len(data)
        if self._paused and self._unread < _UNREAD and not self._ended:
            self._raw.resume_reading()
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
        for start in range(0, len(unsent), GATHERED):
            if self._ended or self._transport is None:
                raise WriteFailed(reason(self._error) if self._error else "the server ended the connection")
            self._transport.write(unsent[start : start + GATHERED])
            while self._full and not self._ended:
                await self._wait("write")

    async def _wait(self, phase: str) -> None:
        """Wait for something to happen, as long as a phase may take."""
        if self._waiting is not None:
            raise RuntimeError("an answer is read by one task at a time")
        seconds = limited(self.phases, phase)
        self._due = due = math.inf if seconds is None else self._loop.time() + seconds
        # One timer for many waits: to set and to take back another for each would cost a tenth of a call.
        if self._timer is None or self._timer.when() > due:
            self._set_timer()
        self._waiting = waiting = self._loop.create_future()
        try:
            await waiting
        finally:
            self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _set_timer(self) -> None:
        self._stop_timer()
        if self._due != math.inf:
            self._timer = self._loop.call_at(self._due, self._look)

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _look(self) -> None:
        """Whether what is waited for is late by now."""
        self._timer = None
        if self._waiting is None or self._waiting.done():
            return
        if self._loop.time() < self._due:
            self._set_timer()
        else:
            self._waiting.set_exception(PhaseTimedOut("nothing was taken in time" if self._full else _LATE))

    def abort(self) -> None:
        """End the connection, at once and whatever its state."""
        # A forked process shares the connection, and what its parent's loop listens with: to end it would deafen that.
        if self._transport is not None and self._process == os.getpid():
            self._transport.abort()
        if not self._ended:
            self._ended, self._error = True, ConnectionFailed(CLOSED)
        self._stop_timer()

    def is_readable(self) -> bool:
        """Whether something has come that nobody waits for, which can only be the end."""
        if self._transport is None or self._ended or self._came:
            return True
        return bool(self._readable())


def _has_said_so(own: ssl.SSLObject) -> bool:
    """Whether the other side has ended what it has encrypted; anybody can end the connection below."""
    try:
        return not own.read(1)
    except OSError:
        return False


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
