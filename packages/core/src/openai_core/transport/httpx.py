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
from typing import TYPE_CHECKING, Any, Final

import httpcore

from openai_core.transport.connection import AsyncConnection, Connection
from openai_core.transport.environment import Proxies, tls_context
from openai_core.transport.exchange import Phases, phases_of, until
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.httpcore_exchange import (
    AsyncPlainReply,
    PlainReply,
    httpcore_request,
    is_replaced,
    translated,
)
from openai_core.transport.pool import AsyncPool, Pool

if TYPE_CHECKING:
    import ssl

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


class _Watch:
    """Looks whether a method that httpx would send through is somebody else's by now.

    Args:
        method: what it is called.
        kind: class of httpx's that has it, which nobody has changed where nobody has imported httpx.
        pool: class of httpcore's.
        connection: class of httpcore's.
    """

    def __init__(self, method: str, kind: str, pool: type[Any], connection: type[Any]) -> None:
        self._method = method
        self._kind = kind
        self._pool = pool
        self._connection = connection
        # Those that were found to be the library's own: looked at once, and afterwards only whether they still are.
        self._own: tuple[Any, Any, Any] | None = None

    def sees_others(self) -> bool:
        """Whether one is."""
        httpx = sys.modules.get("httpx")
        # Another thread may be importing it.
        first = None if httpx is None else getattr(getattr(httpx, self._kind, None), self._method, None)
        pool, connection = getattr(self._pool, self._method), getattr(self._connection, self._method)
        own = self._own
        if own is not None and first is own[0] and pool is own[1] and connection is own[2]:
            return False
        if (first is not None and is_replaced(first, httpx)) or any(
            is_replaced(other, httpcore) for other in (pool, connection)
        ):
            return True
        self._own = first, pool, connection
        return False


_WATCH: Final = _Watch("handle_request", "HTTPTransport", httpcore.ConnectionPool, httpcore.HTTPConnection)
_ASYNC_WATCH: Final = _Watch(
    "handle_async_request", "AsyncHTTPTransport", httpcore.AsyncConnectionPool, httpcore.AsyncHTTPConnection
)


def _connect(kind: type[Any], tls: ssl.SSLContext | None, origin: httpcore.Origin) -> tuple[Any, Any]:
    connection = kind(origin, tls)
    return connection, connection.stream


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
            self.pool: Any = AsyncPool(lambda origin: _connect(AsyncConnection, tls, origin))
        else:
            self.pool = Pool(lambda origin: _connect(Connection, tls, origin))

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
        route = self._connections.route(request.url)
        if route.proxy is not None or _WATCH.sees_others():
            from openai_core.transport.httpx_front import send

            return send(request, phases_of(request), route.front, self)
        phases = phases_of(request, Phases)
        with translated:
            response = route.pool.handle_request(httpcore_request(request, phases, awaited=False))
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
        route = (self._connections.there() or await self._connections.get()).route(request.url)
        if route.proxy is not None or _ASYNC_WATCH.sees_others():
            from openai_core.transport.httpx_front import send_async

            return await send_async(request, phases_of(request), route.front, self)
        phases = phases_of(request, Phases)
        with translated:
            sent = httpcore_request(request, phases, awaited=True)
            if request.deadline is None:
                response = await route.pool.handle_async_request(sent)
            else:
                async with until(request.deadline):
                    response = await route.pool.handle_async_request(sent)
        return AsyncPlainReply(response, phases, self)

    async def close(self) -> None:
        await self._connections.close()
