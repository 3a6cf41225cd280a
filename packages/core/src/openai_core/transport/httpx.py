"""The default transport: what httpx does, without the way through httpx.

httpx costs as much again as HTTP does: for cookies, redirects and authentication that this library does itself or has
no use for, and for a pool that looks through all its connections for every request. So requests go straight to sockets
of ours, and h11, with which httpx reads answers, reads these. httpx itself is imported where it knows more (a proxy,
an odd URL), and is asked wherever somebody has put something in the place of its methods, as those do who mock, record
or trace it.
"""

from __future__ import annotations

import sys
import threading
import weakref
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from openai_core.transport.connection import AsyncConnection, Connection
from openai_core.transport.environment import Proxies, tls_context, usable
from openai_core.transport.exchange import Phases, phases_of, until
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.http1 import AsyncPlainReply, PlainReply, sent, translated
from openai_core.transport.pool import AsyncPool, Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core.transport.httpx_exchange import AsyncHttpxReply, HttpxReply
    from openai_core.transport.protocol import Request
    from openai_core.transport.reading import Reader


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


def is_replaced(method: Any, library: Any) -> bool:
    """Whether a method isn't what its library has defined."""
    return type(method) is not FunctionType or not method.__code__.co_filename.startswith(library.__path__[0])


class Watch:
    """Looks whether methods are somebody else's by now.

    Args:
        method: what they are called.
        places: names of libraries, and of their classes. Nobody has changed what nobody has imported.
    """

    def __init__(self, method: str, *places: tuple[str, str]) -> None:
        self._method = method
        self._places = places
        # Those that were found to be the library's own: looked at once, and afterwards only whether they still are.
        self._own: list[Any] = []

    def sees_others(self) -> bool:
        """Whether one is."""
        method = self._method
        # Another thread may be importing a library: it has no such class yet, or no method.
        found = [getattr(getattr(sys.modules.get(name), kind, None), method, None) for name, kind in self._places]
        if found == self._own:
            return False
        for (name, _), each in zip(self._places, found, strict=True):
            if each is not None and is_replaced(each, sys.modules[name]):
                return True
        self._own = found
        return False


_WATCH: Final = Watch(
    "handle_request", ("httpx", "HTTPTransport"), ("httpcore", "ConnectionPool"), ("httpcore", "HTTPConnection")
)
_ASYNC_WATCH: Final = Watch(
    "handle_async_request",
    ("httpx", "AsyncHTTPTransport"),
    ("httpcore", "AsyncConnectionPool"),
    ("httpcore", "AsyncHTTPConnection"),
)


class _Route:
    """A way to servers: the pool of its connections, and what of httpx's sends there when that is asked for.

    Args:
        colour: 0 for sync connections, 1 for async ones.
        read: makes what reads the answers of a connection.
        secure: whether they are encrypted.
        proxy: where they lead through, which httpx knows how to do.
    """

    __slots__ = ("_colour", "_tls", "pool", "proxy", "used_front")

    def __init__(self, colour: int, read: Callable[[], Reader], *, secure: bool, proxy: str | None) -> None:
        tls = tls_context() if secure or (proxy or "").startswith("https") else None
        self.proxy = proxy
        self._colour = colour
        self._tls = tls
        self.used_front: Any = None
        if colour:
            self.pool: Any = AsyncPool(lambda url: AsyncConnection(url, tls, read))
        else:
            self.pool = Pool(lambda url: Connection(url, tls, read))

    @property
    def front(self) -> Any:
        """A transport of httpx's."""
        if self.used_front is None:
            from openai_core.transport.httpx_front import AsyncPooledTransport, PooledTransport

            with usable(self.proxy):
                self.used_front = (AsyncPooledTransport if self._colour else PooledTransport)(self._tls, self.proxy)
        return self.used_front


class _Connections:
    """All routes of a transport (of one event loop)."""

    def __init__(self, colour: int, read: Callable[[], Reader]) -> None:
        self._colour = colour
        self._read = read
        self._proxies = Proxies()
        self._routes: dict[tuple[bool, str | None], _Route] = {}
        self._lock = threading.Lock()

    def route(self, url: str) -> _Route:
        way = self._proxies.route(url)
        return self._routes.get(way) or self._make(way)

    def _make(self, way: tuple[bool, str | None]) -> _Route:
        with self._lock:
            if way not in self._routes:
                self._routes[way] = _Route(self._colour, self._read, secure=way[0], proxy=way[1])
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


def _reader() -> Reader:
    from openai_core.transport.h11 import H11Reader

    return H11Reader()


class HttpxTransport:
    """Sends over connections of ours, and through httpx where that is wanted."""

    _connections: _Connections
    _ending: weakref.finalize[..., HttpxTransport] | None = None
    _read: Callable[[], Reader] = staticmethod(_reader)

    def __init__(self) -> None:
        self.forget()
        forget_after_fork(self)

    def send(self, request: Request) -> PlainReply | HttpxReply:
        route = self._connections.route(request.url)
        if route.proxy is not None or _WATCH.sees_others():
            from openai_core.transport.httpx_front import send

            return send(request, phases_of(request), route.front, self)
        answer, held = route.pool.send(sent(request, phases_of(request, Phases), awaited=False))
        return PlainReply(answer, held, route.pool, self)

    def close(self) -> None:
        self._connections.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        if self._ending:
            self._ending.detach()
        self._connections = _Connections(0, self._read)
        # Few scripts close their client. This does, when nobody can reach it any more, and at the interpreter's exit.
        self._ending = weakref.finalize(self, self._connections.close)


class AsyncHttpxTransport:
    """As `HttpxTransport`; each event loop has its own connections."""

    _read: Callable[[], Reader] = staticmethod(_reader)

    def __init__(self) -> None:
        from openai_core.transport.loops import ByLoop

        read = self._read
        self._connections = ByLoop(lambda: _Connections(1, read), _Connections.close_async)

    async def send(self, request: Request) -> AsyncPlainReply | AsyncHttpxReply:
        route = (self._connections.there() or await self._connections.get()).route(request.url)
        if route.proxy is not None or _ASYNC_WATCH.sees_others():
            from openai_core.transport.httpx_front import send_async

            return await send_async(request, phases_of(request), route.front, self)
        written = sent(request, phases_of(request, Phases), awaited=True)
        if request.deadline is None:
            answer, held = await route.pool.send(written)
        else:
            with translated:
                async with until(request.deadline):
                    answer, held = await route.pool.send(written)
        return AsyncPlainReply(answer, held, route.pool, self)

    async def close(self) -> None:
        await self._connections.close()
