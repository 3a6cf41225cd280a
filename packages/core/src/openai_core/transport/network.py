"""Sockets, as httpcore's connections want them.

Its own give each read all the time that was left when the headers began to come, send head and body of a request in
two packets, and go through anyio, which costs as much as the rest of a call. These do none of that.
"""

from __future__ import annotations

import select
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final

import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openai_core.retrying import Deadline

# Bytes of a request that are gathered before they are sent, so that a short one is one packet.
GATHERED: Final = 64 * 1024


def _is_readable(own: socket.socket) -> bool:
    """Whether something has come on a connection that waits for nothing, which can only be its end."""
    if own.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([own], [], [], 0)[0])
    poll = select.poll()
    poll.register(own, select.POLLIN)
    return bool(poll.poll(0))


def extra_info(own: socket.socket, info: str) -> Any:
    """What may be asked about a socket."""
    if info == "socket":
        return own
    if info == "is_readable":
        return _is_readable(own)
    if info == "client_addr":
        return own.getsockname()
    return own.getpeername() if info == "server_addr" else None


def limited(phases: Any, timeout: float | None) -> float | None:
    """How long the next step may take: so many seconds, but none beyond the deadline of the request."""
    deadline: Deadline | None = getattr(phases, "deadline", None)
    if deadline is None:
        return timeout
    left = max(deadline.left(), 0.001)
    return left if timeout is None else min(timeout, left)


class SocketStream(httpcore.NetworkBackend, httpcore.NetworkStream):
    """The socket of one connection, and what connects it.

    Attributes:
        phases: the timeouts of the request that is under way; its deadline holds for each read and write.
    """

    _socket: socket.socket

    def __init__(self) -> None:
        self.phases: Mapping[str, float | None] = {}
        self._timeout: float | None = -1
        self._unsent = b""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's interface
        socket_options: Iterable[Any] | None = None,
    ) -> SocketStream:
        """Connect to a host."""
        try:
            self._socket = socket.create_connection((host, port), limited(self.phases, timeout))
            for option in socket_options or ():
                self._socket.setsockopt(*option)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return self

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> SocketStream:
        """Encrypt from here on."""
        try:
            self._limit(timeout)
            self._socket = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            self.close()
            raise
        # It is another socket, with a timeout of its own.
        self._timeout = -1
        return self

    def _limit(self, timeout: float | None) -> None:
        """Let the next step take so many seconds."""
        timeout = limited(self.phases, timeout)
        if timeout != self._timeout:
            self._socket.settimeout(timeout)
            self._timeout = timeout

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes next; nothing at the end."""
        try:
            if self._unsent:
                self._send_gathered()
            self._limit(timeout)
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def _send_gathered(self) -> None:
        try:
            self.write(b"", self.phases.get("write"), last=True)
        except httpcore.WriteError:
            # As httpcore does: a server may have answered, and hung up, before it had heard everything.
            self._unsent = b""

    def write(self, buffer: bytes, timeout: float | None = None, *, last: bool = False) -> None:
        """Send some bytes, at the latest when an answer is read."""
        if not buffer and not last:
            return
        unsent = self._unsent + buffer if self._unsent else buffer
        if len(unsent) < GATHERED and not last:
            self._unsent = unsent
            return
        self._unsent = b""
        try:
            left = memoryview(unsent)
            while left:
                self._limit(timeout)
                left = left[self._socket.send(left) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """End the connection."""
        if hasattr(self, "_socket"):
            self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore, and whoever looks into a reply, wants to know."""
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        return extra_info(self._socket, info)
