"""Sockets, as connections want them: no step takes longer than its phase may, or goes on beyond the deadline."""

from __future__ import annotations

import os
import select
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from openai_core.transport.environment import SOCKET_OPTIONS
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from openai_core.transport.exchange import Phases

# Bytes of a request that are gathered before they are sent, so that a short one is one packet; and that are sent at
# once, since an encrypted socket takes all of them or none: the timeout is for them, not for a whole long body.
GATHERED: Final = 64 * 1024
# Bytes that are read at once.
_READ: Final = 64 * 1024

CLOSED: Final = "the connection is closed"


class WriteFailed(ConnectionFailed):
    """A request can't be sent to its end."""


def reason(error: BaseException) -> str:
    """What to say about an error."""
    return str(error) or type(error).__name__


def readable(own: socket.socket) -> Callable[[], Any]:
    """What tells whether something has come on a connection that waits for nothing, which can only be its end."""
    if not hasattr(select, "poll"):
        return lambda: select.select([own], [], [], 0)[0]
    poll = select.poll()
    poll.register(own, select.POLLIN)
    return partial(poll.poll, 0)


def limited(phases: Phases, phase: str) -> float | None:
    """How many seconds the next step may take: those of its phase, but none beyond the deadline of the request.

    Raises:
        PhaseTimedOut: if that is over: there may be steps that never have to wait, without an end.
    """
    seconds = phases.get(phase)
    deadline = phases.deadline
    if deadline is None:
        return seconds
    left = deadline.left()
    if left <= 0:
        raise PhaseTimedOut("the deadline is over")
    return left if seconds is None else min(seconds, left)


def _addresses(host: bytes, port: int, phases: Phases) -> list[Any]:
    """What a host's name means. The system can't be kept from looking for it: a thread is left with that, if need be.

    Raises:
        PhaseTimedOut: if it isn't found in time.
        OSError: if it means nothing.
    """
    # Text would be read by a codec for foreign names, that has to be imported.
    look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    with suppress(socket.gaierror):
        return look(flags=socket.AI_NUMERICHOST)
    # No future: that would import logging, which takes longer than most answers.
    found: list[Any] = []

    def answer() -> None:
        try:
            found.append(look())
        except Exception as error:  # noqa: BLE001 - it is raised where the outcome is wanted
            found.append(error)

    asking = threading.Thread(target=answer, name="openai-core", daemon=True)
    asking.start()
    asking.join(limited(phases, "connect"))
    if not found:
        raise PhaseTimedOut(f"the address of {host.decode()!r} wasn't found in time")
    (outcome,) = found
    if isinstance(outcome, Exception):
        raise outcome
    addresses: list[Any] = outcome
    return addresses


def connected(host: bytes, port: int, phases: Phases) -> socket.socket:
    """A socket that leads to a host, at the first of its addresses that answers.

    `socket.create_connection` gives each address the time that was left for the first.
    """
    failure: OSError | None = None
    for family, kind, protocol, _, address in _addresses(host, port, phases):
        own = socket.socket(family, kind, protocol)
        try:
            own.settimeout(limited(phases, "connect"))
            own.connect(address)
        except OSError as error:
            own.close()
            failure = error
        except BaseException:
            own.close()
            raise
        else:
            return own
    raise failure or OSError(f"{host.decode()!r} has no address")


class SocketStream:
    """The socket of one connection, and what connects it.

    Attributes:
        phases: the timeouts of the request that is under way; its deadline holds for each read and write.
    """

    phases: Phases

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._readable: Callable[[], Any]
        self._timeout: float | None = -1
        self._unsent = b""
        self._process = os.getpid()
        # Whether somebody is reading or writing; and the socket once it is of no use to anybody else.
        self._used = False
        self._left: socket.socket | None = None

    def connect(self, host: bytes, port: int) -> None:
        """Connect to a host."""
        try:
            self._socket = own = connected(host, port, self.phases)
            for option in SOCKET_OPTIONS:
                own.setsockopt(*option)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._readable = readable(own)
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        except OSError as error:
            raise ConnectionFailed(reason(error)) from error

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt from here on."""
        try:
            own = self._limited("connect")
            # Whoever cuts an encrypted connection off could make half an answer look whole.
            self._socket = context.wrap_socket(own, server_hostname=host, suppress_ragged_eofs=False)
            self._readable = readable(self._socket)
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        except OSError as error:
            raise ConnectionFailed(reason(error)) from error
        # It is another socket, with a timeout of its own.
        self._timeout = -1

    def _limited(self, phase: str) -> socket.socket:
        """The socket, the next step of which takes no longer than it may."""
        own = self._socket
        if own is None:
            raise ConnectionFailed(CLOSED)
        timeout = limited(self.phases, phase)
        if timeout != self._timeout:
            own.settimeout(timeout)
            self._timeout = timeout
        return own

    def read(self) -> bytes:
        """What comes next; nothing at the end."""
        self._used = True
        try:
            data = self._limited("read").recv(_READ)
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        except OSError as error:
            raise ConnectionFailed(reason(error)) from error
        finally:
            self._leave()
        if not data and self._socket is None:
            raise ConnectionFailed(CLOSED)
        return data

    def write(self, data: bytes) -> None:
        """Send some bytes, at the latest when they are flushed."""
        self._unsent = self._unsent + data if self._unsent else data
        if len(self._unsent) >= GATHERED:
            self.flush()

    def flush(self) -> None:
        """Send what is gathered."""
        left, self._unsent = memoryview(self._unsent), b""
        self._used = True
        try:
            while left:
                left = left[self._limited("write").send(left[:GATHERED]) :]
        except TimeoutError as error:
            raise PhaseTimedOut(reason(error)) from error
        except OSError as error:
            raise WriteFailed(reason(error)) from error
        finally:
            self._leave()

    def _leave(self) -> None:
        """Let go of the socket, and close what was to be closed meanwhile: in this order, see `close`."""
        self._used = False
        if self._left is not None:
            self._left.close()

    def is_readable(self) -> bool:
        """Whether something has come that nobody waits for, which can only be the end."""
        return self._socket is None or bool(self._readable())

    def close(self) -> None:
        """End the connection, also for a thread that waits for something on it."""
        own, self._socket = self._socket, None
        if own is None:
            return
        # To close it would leave that thread waiting. A forked process shares the connection, which goes on without it.
        forked = self._process != os.getpid()
        if not forked:
            with suppress(OSError):
                # That of an SSLSocket would take its encryption away, under the eyes of whoever is reading.
                socket.socket.shutdown(own, socket.SHUT_RDWR)
        # Nor is it closed under that thread's hands: the system gives its number to the next one that is opened, and
        # OpenSSL would read on from there. The thread closes it. Should both be here by now, both do.
        self._left = own
        if not self._used or forked:
            own.close()
