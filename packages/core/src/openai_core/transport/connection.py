"""A connection: httpcore's way to exchange requests and answers, on a socket of ours.

`httpcore.HTTPConnection` would connect it as well, but locks it for every request, which an asynchronous one pays for
with a turn of the event loop. A pool that lends a connection to one request at a time needs no such lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpcore

from openai_core.transport.environment import KEPT, SOCKET_OPTIONS
from openai_core.transport.network import SocketStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable

    from openai_core.transport.network_async import AsyncSocketStream

_PROTOCOLS: Final = ["http/1.1"]


class _AnyConnection:
    """A connection to an origin, which is made when the first request is to be sent.

    Args:
        origin: where to.
        tls: how to encrypt, where the origin wants that.
        stream: its socket.
    """

    __slots__ = ("_exchange", "_host", "_origin", "_tls", "stream")

    _exchange: Any

    def __init__(
        self, origin: httpcore.Origin, tls: ssl.SSLContext | None, stream: SocketStream | AsyncSocketStream
    ) -> None:
        self.stream = stream
        self._exchange = None
        self._host = origin.host.decode("ascii")
        self._origin = origin
        self._tls = tls if origin.scheme == b"https" else None
        if self._tls is not None:
            self._tls.set_alpn_protocols(_PROTOCOLS)

    def has_expired(self) -> bool:
        """Whether it has been idle for too long, or the server has ended it meanwhile."""
        expired: bool = self._exchange is None or self._exchange.has_expired()
        return expired

    def is_idle(self) -> bool:
        """Whether it can take a request."""
        idle: bool = self._exchange is not None and self._exchange.is_idle()
        return idle


def _connect_timeout(request: httpcore.Request) -> float | None:
    seconds: float | None = request.extensions.get("timeout", {}).get("connect")
    return seconds


class Connection(_AnyConnection):
    """See `_AnyConnection`."""

    __slots__ = ()

    stream: SocketStream

    def __init__(self, origin: httpcore.Origin, tls: ssl.SSLContext | None) -> None:
        super().__init__(origin, tls, SocketStream())

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request, and give the answer when its headers are there."""
        response: httpcore.Response = (self._exchange or self._connect(request)).handle_request(request)
        return response

    def _connect(self, request: httpcore.Request) -> httpcore.HTTP11Connection:
        seconds = _connect_timeout(request)
        self.stream.connect_tcp(self._host, self._origin.port, seconds, socket_options=SOCKET_OPTIONS)
        if self._tls is not None:
            self.stream.start_tls(self._tls, self._host, seconds)
        self._exchange = exchange = httpcore.HTTP11Connection(self._origin, self.stream, KEPT)
        return exchange

    def close(self) -> None:
        """End it."""
        if self._exchange is not None:
            self._exchange.close()


class AsyncConnection(_AnyConnection):
    """As `Connection`, in the running event loop."""

    __slots__ = ()

    stream: AsyncSocketStream

    def __init__(self, origin: httpcore.Origin, tls: ssl.SSLContext | None) -> None:
        from openai_core.transport.network_async import AsyncSocketStream

        super().__init__(origin, tls, AsyncSocketStream())

    def handle_async_request(self, request: httpcore.Request) -> Awaitable[httpcore.Response]:
        """As `Connection.handle_request`."""
        send = self._connect if self._exchange is None else self._exchange.handle_async_request
        sent: Awaitable[httpcore.Response] = send(request)
        return sent

    async def _connect(self, request: httpcore.Request) -> httpcore.Response:
        seconds = _connect_timeout(request)
        await self.stream.connect_tcp(self._host, self._origin.port, seconds, socket_options=SOCKET_OPTIONS)
        if self._tls is not None:
            await self.stream.start_tls(self._tls, self._host, seconds)
        self._exchange = exchange = httpcore.AsyncHTTP11Connection(self._origin, self.stream, KEPT)
        return await exchange.handle_async_request(request)

    async def aclose(self) -> None:
        """End it."""
        if self._exchange is not None:
            await self._exchange.aclose()
