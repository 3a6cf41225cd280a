"""The default transport: httpx's engine, httpcore, without the way through httpx.

httpx costs as much again as HTTP does: for cookies, redirects and authentication that this library does itself or has
no use for, and for a pool that looks through all its connections for every request. So requests go straight to
connections of httpcore's, which `pool` keeps and `network` connects. httpx itself is imported where it knows more (a
proxy, an odd URL), and is asked wherever somebody has put something in the place of its methods, as
those do who mock, record or trace it.
"""

from __future__ import annotations

import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import httpcore

from openai_core.transport.environment import KEPT, SOCKET_OPTIONS, Proxies, tls_context
from openai_core.transport.exchange import AsyncUpload, Upload, phases_of, until
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.httpcore_exchange import (
    AsyncPlainReply,
    PlainReply,
    httpcore_request,
    is_replaced,
    translated,
)
from openai_core.transport.network import SocketStream
from openai_core.transport.pool import AsyncPool, Pool

if TYPE_CHECKING:
    import ssl

    from openai_core.transport.exchange import Phases
    from openai_core.transport.httpx_exchange import AsyncHttpxReply, HttpxReply
    from openai_core.transport.protocol import Request


def make(colour: int, http_client: Any = None) -> Any:
    """The transport for a client.

    Args:
        colour: 0 for a sync one, 1 for an async one.
        http_client: a client of httpx or of the same interface to send through, if the user brought one.
    """
    if http_client is None:
        return AsyncHttpxTransport() if colour else HttpxTransport()
    from openai_core.transport.httpx_client import AsyncHttpClientTransport, HttpClientTransport

    return AsyncHttpClientTransport(http_client) if colour else HttpClientTransport(http_client)


def _is_watched(kind: str, method: str, *others: Any) -> bool:
    """Whether a method that httpx would send through is somebody else's by now.

    Args:
        kind: class of httpx's, which nobody has changed where nobody has imported httpx.
        method: of it.
        others: methods of httpcore's.
    """
    httpx = sys.modules.get("httpx")
    # Another thread may be importing it.
    own = getattr(getattr(httpx, kind, None), method, None)
    return (own is not None and is_replaced(own, httpx)) or any(is_replaced(other, httpcore) for other in others)


def _connect(tls: ssl.SSLContext | None, origin: httpcore.Origin) -> tuple[Any, Any]:
    stream = SocketStream()
    return httpcore.HTTPConnection(origin, tls, KEPT, network_backend=stream, socket_options=SOCKET_OPTIONS), stream


def _connect_async(tls: ssl.SSLContext | None, origin: httpcore.Origin) -> tuple[Any, Any]:
    from openai_core.transport.network_async import AsyncSocketStream

    stream = AsyncSocketStream()
    return httpcore.AsyncHTTPConnection(
        origin, tls, KEPT, network_backend=stream, socket_options=SOCKET_OPTIONS
    ), stream


class _Route:
    """A way to servers: the pool of its connections, and what of httpx's sends over them when that is asked for.

    Args:
        colour: 0 for sync connections, 1 for async ones.
        secure: whether they are encrypted.
        proxy: where they lead through, which httpx knows how to do.
    """

    __slots__ = ("_colour", "_tls", "pool", "proxy", "used_front")

    def __init__(self, colour: int, *, secure: bool, proxy: str | None) -> None:
        tls = tls_context() if secure or (proxy or "").startswith("https") else None
        self.proxy = proxy
        self._colour = colour
        self._tls = tls
        self.used_front: Any = None
        if colour:
            self.pool: Any = AsyncPool(lambda origin: _connect_async(tls, origin))
        else:
            self.pool = Pool(lambda origin: _connect(tls, origin))

    @property
    def front(self) -> Any:
        """A transport of httpx's."""
        if self.used_front is None:
            from openai_core.transport.httpx_front import AsyncPooledTransport, PooledTransport

            kind = AsyncPooledTransport if self._colour else PooledTransport
            self.used_front = kind(self.pool, self._tls, self.proxy)
        return self.used_front


class _Connections:
    """All routes of a transport (of one event loop)."""

    def __init__(self, colour: int) -> None:
        self._colour = colour
        self._proxies = Proxies()
        self._routes: dict[tuple[bool, str | None], _Route] = {}
        self._lock = threading.Lock()

    def route(self, url: str) -> _Route:
        way = self._proxies.route(url)
        return self._routes.get(way) or self._make(way)

    def _make(self, way: tuple[bool, str | None]) -> _Route:
        with self._lock:
            if way not in self._routes:
                self._routes[way] = _Route(self._colour, secure=way[0], proxy=way[1])
            return self._routes[way]

    def close(self) -> None:
        for route in list(self._routes.values()):
            route.pool.close()
            if route.used_front is not None:
                route.used_front.close()

    async def close_async(self) -> None:
        for route in list(self._routes.values()):
            await route.pool.aclose()
            if route.used_front is not None:
                await route.used_front.aclose()


class HttpxTransport:
    """Sends over httpcore's connections."""

    _connections: _Connections
    _ending: weakref.finalize[..., HttpxTransport] | None = None

    def __init__(self) -> None:
        self.forget()
        forget_after_fork(self)

    def send(self, request: Request) -> PlainReply | HttpxReply:
        phases = phases_of(request)
        route = self._connections.route(request.url)
        if route.proxy is not None or _is_watched(
            "HTTPTransport",
            "handle_request",
            httpcore.ConnectionPool.handle_request,
            httpcore.HTTPConnection.handle_request,
        ):
            from openai_core.transport.httpx_front import send

            return send(request, phases, route.front, self)
        with translated:
            response = route.pool.handle_request(httpcore_request(request, phases, Upload))
        return PlainReply(response, phases, self)

    def close(self) -> None:
        self._connections.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        if self._ending:
            self._ending.detach()
        self._connections = _Connections(0)
        # Few scripts close their client. This does, when nobody can reach it any more, and at the interpreter's exit.
        self._ending = weakref.finalize(self, self._connections.close)


class AsyncHttpxTransport:
    """Sends over httpcore's connections; each event loop has its own."""

    def __init__(self) -> None:
        from openai_core.transport.loops import ByLoop

        self._connections = ByLoop(lambda: _Connections(1), _Connections.close_async)

    async def send(self, request: Request) -> AsyncPlainReply | AsyncHttpxReply:
        phases = phases_of(request)
        route = (await self._connections.get()).route(request.url)
        if request.deadline is None:
            return await self._send(request, phases, route)
        with translated:
            async with until(request.deadline):
                return await self._send(request, phases, route)

    async def _send(self, request: Request, phases: Phases, route: _Route) -> AsyncPlainReply | AsyncHttpxReply:
        if route.proxy is not None or _is_watched(
            "AsyncHTTPTransport",
            "handle_async_request",
            httpcore.AsyncConnectionPool.handle_async_request,
            httpcore.AsyncHTTPConnection.handle_async_request,
        ):
            from openai_core.transport.httpx_front import send_async

            return await send_async(request, phases, route.front, self)
        with translated:
            response = await route.pool.handle_async_request(httpcore_request(request, phases, AsyncUpload))
        return AsyncPlainReply(response, phases, self)

    async def close(self) -> None:
        await self._connections.close()
