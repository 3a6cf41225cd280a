"""The default transport: httpx's own transports, without httpx's client.

The client costs as much again as HTTP does, for cookies, redirects and authentication that this library does itself
or has no use for. A pool of httpcore looks through all its connections for every request, so requests are shared out
over small ones.
"""

from __future__ import annotations

import socket
import threading
import weakref
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from openai_core.transport.forking import forget_after_fork
from openai_core.transport.httpx_exchange import (
    AsyncHttpxReply,
    AsyncUpload,
    HttpxReply,
    Upload,
    foreign_request,
    httpx_request,
    phases_of,
    translated,
    until,
)

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import AsyncGenerator, Callable

    from openai_core.transport.protocol import Request

_POOL_SIZE: Final = 8
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=_POOL_SIZE, keepalive_expiry=60)

# Without keepalive a connection that a NAT has forgotten is waited on until the timeout.
_SOCKET_OPTIONS: Final = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), value)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPALIVE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
    if hasattr(socket, name)
]


def make(colour: int, http_client: Any = None) -> Any:
    """The transport for a client.

    Args:
        colour: 0 for a sync one, 1 for an async one.
        http_client: a client of httpx or of the same interface to send through, if the user brought one.
    """
    if http_client is None:
        return AsyncHttpxTransport() if colour else HttpxTransport()
    return AsyncHttpClientTransport(http_client) if colour else HttpClientTransport(http_client)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One for the process: reading the certificates takes longer than a call. Honours `SSL_CERT_FILE`."""
    return httpx.create_ssl_context()


class _Pool:
    """One of httpx's transports, how many requests are in it, and whether one was given up in it."""

    __slots__ = ("busy", "doubtful", "transport")

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.busy = 0
        self.doubtful = False


class _Pools:
    """The small pools of one kind of connection, filled one after the other, so that few are in use."""

    def __init__(self, make_transport: Callable[[], Any]) -> None:
        self._make = make_transport
        self._pools: list[_Pool] = []
        self._lock = threading.Lock()

    def take(self) -> _Pool:
        with self._lock:
            for pool in self._pools:
                if pool.busy < _POOL_SIZE:
                    pool.busy += 1
                    return pool
            pool = _Pool(self._make())
            pool.busy = 1
            self._pools.append(pool)
            return pool

    def give_back(self, pool: _Pool) -> None:
        with self._lock:
            pool.busy -= 1

    @property
    def transports(self) -> list[Any]:
        return [pool.transport for pool in self._pools]


class _Connections:
    """All pools of a transport (of one event loop), by scheme and proxy."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        self._by_origin: dict[str, _Pools] = {}
        self._by_route: dict[tuple[bool, str | None], _Pools] = {}

    def pools(self, url: str) -> _Pools:
        end = url.find("/", 8)
        origin = url if end < 0 else url[:end]
        return self._by_origin.get(origin) or self._find(origin)

    def _find(self, origin: str) -> _Pools:
        parts = urlsplit(origin)
        secure = parts.scheme == "https"
        proxy = _proxy(parts.scheme, parts.hostname or "")
        pools = self._by_route.setdefault((secure, proxy), _Pools(lambda: self._make(proxy, secure=secure)))
        self._by_origin[origin] = pools
        return pools

    def _make(self, proxy: str | None, *, secure: bool) -> Any:
        # A pool for plain HTTP needs no certificates: `verify=False` spares it reading them.
        tls = _tls() if secure or (proxy or "").startswith("https") else False
        return self._kind(verify=tls, proxy=proxy, limits=_LIMITS, socket_options=_SOCKET_OPTIONS)

    def _transports(self) -> list[Any]:
        return [transport for pools in self._by_route.values() for transport in pools.transports]

    def close(self) -> None:
        for transport in self._transports():
            transport.close()

    async def close_async(self) -> None:
        for transport in self._transports():
            await transport.aclose()


def _proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment or the system wants for a host."""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class HttpxTransport:
    """Sends through `httpx.HTTPTransport`s."""

    _connections: _Connections
    _ending: weakref.finalize[..., HttpxTransport] | None = None

    def __init__(self) -> None:
        self.forget()
        forget_after_fork(self)

    def send(self, request: Request) -> HttpxReply:
        phases = phases_of(request)
        sent = httpx_request(request, phases, Upload)
        pools = self._connections.pools(request.url)
        pool = pools.take()
        try:
            with translated:
                response = pool.transport.handle_request(sent)
            return HttpxReply(response, phases, lambda: self._finish(pools, pool))
        except BaseException:
            pools.give_back(pool)
            raise

    def _finish(self, pools: _Pools, pool: _Pool) -> None:
        # A method, so that a reply that is being read keeps this transport, with which its connection would end.
        pools.give_back(pool)

    def close(self) -> None:
        self._connections.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        if self._ending:
            self._ending.detach()
        self._connections = _Connections(httpx.HTTPTransport)
        # Few scripts close their client. This does, when nobody can reach it any more, and at the interpreter's exit.
        self._ending = weakref.finalize(self, self._connections.close)


_Keeper: TypeAlias = "AsyncGenerator[_Connections]"

# What a forked process has of its parent's event loops: dropped, it would be finished there.
_inherited: Final[list[dict[asyncio.AbstractEventLoop, _Keeper]]] = []


async def _keep(connections: _Connections) -> _Keeper:
    """Keeps connections until it is dropped or closed, at the latest until the end of the event loop.

    The loop sees to both, as it does for every asynchronous generator: one that nobody can reach any more it finishes
    soon, and `asyncio.run` finishes those that are left before it closes the loop.
    """
    try:
        while True:
            yield connections
    finally:
        await connections.close_async()


class AsyncHttpxTransport:
    """Sends through `httpx.AsyncHTTPTransport`s; each event loop has connections of its own."""

    def __init__(self) -> None:
        self._keepers: dict[asyncio.AbstractEventLoop, _Keeper] = {}
        self._by_loop: dict[asyncio.AbstractEventLoop, _Connections] = {}
        forget_after_fork(self)

    async def send(self, request: Request) -> AsyncHttpxReply:
        import asyncio

        phases = phases_of(request)
        sent = httpx_request(request, phases, AsyncUpload)
        loop = asyncio.get_running_loop()
        pools = (self._by_loop.get(loop) or await self._begin(loop)).pools(request.url)
        pool = pools.take()
        try:
            if pool.doubtful and pool.busy == 1:
                await self._empty(pool)
            with translated:
                async with until(request.deadline):
                    response = await pool.transport.handle_async_request(sent)
            return AsyncHttpxReply(response, phases, lambda: self._finish(pools, pool))
        except BaseException:
            # httpcore never closes a connection whose request was cancelled between being made and being used.
            pool.doubtful = True
            pools.give_back(pool)
            if not pool.busy:
                await self._empty(pool)
            raise

    @staticmethod
    async def _empty(pool: _Pool) -> None:
        """Close the connections of a pool in which nobody is. Who enters it meanwhile gets new ones."""
        pool.doubtful = False
        await pool.transport.aclose()

    async def _begin(self, loop: asyncio.AbstractEventLoop) -> _Connections:
        for ended in [other for other in self._by_loop if other.is_closed()]:
            del self._by_loop[ended], self._keepers[ended]
        self._keepers[loop] = keeper = _keep(_Connections(httpx.AsyncHTTPTransport))
        self._by_loop[loop] = connections = await anext(keeper)
        return connections

    def _finish(self, pools: _Pools, pool: _Pool) -> None:
        # As HttpxTransport._finish.
        pools.give_back(pool)

    async def close(self) -> None:
        import asyncio

        keeper = self._keepers.pop(asyncio.get_running_loop(), None)
        # Those of other loops end by themselves, each in its loop.
        self._by_loop.clear()
        self._keepers.clear()
        if keeper is not None:
            await keeper.aclose()

    def forget(self) -> None:
        """As `HttpxTransport.forget`."""
        _inherited.append(self._keepers)
        self._keepers = {}
        self._by_loop = {}


class HttpClientTransport:
    """Sends through a client that the user brought, so that its hooks, cookies and proxies count."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, request: Request) -> HttpxReply:
        phases = phases_of(request)
        sent = foreign_request(self._client, request, phases, Upload)
        with translated:
            response = self._client.send(sent, stream=True, follow_redirects=False)
        return HttpxReply(response, phases, lambda: None)

    def close(self) -> None:
        """The client stays open: it is its owner's."""


class AsyncHttpClientTransport:
    """As `HttpClientTransport`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(self, request: Request) -> AsyncHttpxReply:
        phases = phases_of(request)
        sent = foreign_request(self._client, request, phases, AsyncUpload)
        with translated:
            async with until(request.deadline):
                response = await self._client.send(sent, stream=True, follow_redirects=False)
        return AsyncHttpxReply(response, phases, lambda: None)

    async def close(self) -> None:
        """As `HttpClientTransport.close`."""
