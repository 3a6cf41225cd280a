"""The default transport: httpx's own transports, without httpx's client.

The client costs as much again as HTTP does, for cookies, redirects and authentication that this library does itself
or has no use for. A pool of httpcore looks through all its connections for every request, so requests are shared out
over small ones.
"""

from __future__ import annotations

import math
import os
import socket
import threading
import weakref
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from openai_core.encoding import Multipart
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator

    from openai_core.retrying import Deadline
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
    """One of httpx's transports, and how many requests are in it."""

    __slots__ = ("busy", "transport")

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.busy = 0


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

    @property
    def transports(self) -> list[Any]:
        return [transport for pools in self._by_route.values() for transport in pools.transports]


def _proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment or the system wants for a host."""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


# Parsed once: what differs between the calls of a client are a few paths.
_url: Final = lru_cache(maxsize=512)(httpx.URL)


class _Phases(dict[str, float | None]):
    """The timeouts of a request's phases. httpcore looks one up when the phase begins: what the deadline leaves then."""

    __slots__ = ("deadline",)

    deadline: Deadline | None

    def get(self, phase: str, default: Any = None) -> float | None:  # type: ignore[override]
        seconds = super().get(phase, default)
        if self.deadline is None:
            return seconds
        left = max(self.deadline.left(), 0.001)
        return left if seconds is None else min(seconds, left)


def _phases(request: Request) -> _Phases:
    timeout = request.timeout
    phases = _Phases(
        connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool, idle=timeout.idle
    )
    for name, seconds in phases.items():
        if seconds == math.inf:
            phases[name] = None
    phases.deadline = request.deadline
    return phases


def _httpx_request(request: Request, stream: type[Any]) -> httpx.Request:
    extensions = {"timeout": _phases(request)}
    headers: dict[str, Any] = {**request.headers, "Accept-Encoding": "gzip, deflate"}
    for name, value in request.headers.items():
        if not value.isascii():
            headers[name] = value.encode("latin-1")
    url = _url(request.url)
    content = request.content
    if not isinstance(content, Multipart):
        return httpx.Request(request.method, url, headers=headers, content=content, extensions=extensions)
    # A request with a stream of its own gets no headers from httpx.
    headers["Host"] = url.netloc.decode("ascii")
    if content.length is None:
        headers["Transfer-Encoding"] = "chunked"
    else:
        headers["Content-Length"] = str(content.length)
    return httpx.Request(request.method, url, headers=headers, stream=stream(content), extensions=extensions)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (httpx.TimeoutException, TimeoutError) as error:
        raise PhaseTimedOut(str(error) or type(error).__name__) from error
    except (httpx.RequestError, httpx.StreamError, httpx.InvalidURL) as error:
        raise ConnectionFailed(str(error) or type(error).__name__) from error


class _Upload(httpx.SyncByteStream):
    def __init__(self, content: Multipart) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content)


class _AsyncUpload(httpx.AsyncByteStream):
    """Reads files in a thread, so that a slow disk doesn't hold up the loop."""

    def __init__(self, content: Multipart) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import asyncio

        pieces = iter(self._content)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


class _Alarm:
    """Breaks a connection off when a deadline is over, from a thread of its own.

    Only that ends a body which comes in so slowly that no single piece of it is late.
    """

    def __init__(self, response: httpx.Response) -> None:
        self.rang = False
        self._response = response
        self._deadline: Deadline | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def set(self, deadline: Deadline | None) -> None:
        if deadline is self._deadline:
            return
        self.cancel()
        self._deadline = deadline
        if deadline is not None:
            self._timer = threading.Timer(max(deadline.left(), 0), self._ring)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        # Once this is over nothing rings: the connection may be in other hands.
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _ring(self) -> None:
        with self._lock:
            stream = self._response.extensions.get("network_stream")
            if self._timer is None or stream is None:
                return
            self.rang = True
            with suppress(OSError):
                # That of an SSLSocket would take its encryption away, under the eyes of whoever is reading.
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Translate what happens while the alarm may ring."""
        try:
            with _translated():
                yield
        except ConnectionFailed as error:
            if self.rang:
                raise PhaseTimedOut("the deadline is over") from error
            raise
        finally:
            self.cancel()
        if self.rang:
            raise PhaseTimedOut("the deadline is over")


class _AnyReply:
    __slots__ = ("_done", "_phases", "_response", "deadline", "headers", "status")

    def __init__(self, response: Any, phases: _Phases, done: Callable[[], None]) -> None:
        self.status: int = response.status_code
        self.headers = Headers()
        for name, value in response.headers.raw:
            key = name.lower().decode("latin-1")
            text = value.decode("latin-1")
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text
        self.deadline = phases.deadline
        self._response = response
        self._phases = phases
        self._done: Callable[[], None] | None = done

    def _begin(self) -> bool:
        """Whether the body is encoded."""
        # httpcore looks this up when it begins with the body.
        self._phases["read"] = self._phases["idle"]
        return "content-encoding" in self.headers

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done()


class HttpxReply(_AnyReply):
    """See `Reply`."""

    __slots__ = ("_alarm",)

    def __init__(self, response: Any, phases: _Phases, done: Callable[[], None]) -> None:
        super().__init__(response, phases, done)
        self._alarm = _Alarm(response)

    def read(self) -> bytes:
        try:
            self._alarm.set(self.deadline)
            with self._alarm.on():
                content: bytes = self._response.read()
            return content
        finally:
            self.close()

    def chunks(self) -> Iterator[bytes]:
        pieces = self._response.iter_bytes() if self._begin() else self._response.stream
        with self._alarm.on():
            self._alarm.set(self.deadline)
            for chunk in pieces:
                yield chunk
                self._alarm.set(self.deadline)

    def close(self) -> None:
        self._alarm.cancel()
        try:
            self._response.close()
        finally:
            self._finish()


class AsyncHttpxReply(_AnyReply):
    """See `AsyncReply`."""

    __slots__ = ()

    async def read(self) -> bytes:
        try:
            with _translated():
                async with _until(self.deadline):
                    content: bytes = await self._response.aread()
            return content
        finally:
            await self.close()

    async def chunks(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._response.aiter_bytes() if self._begin() else self._response.stream)
        with _translated():
            while True:
                if self.deadline is None:
                    chunk = await anext(pieces, None)
                else:
                    async with _until(self.deadline):
                        chunk = await anext(pieces, None)
                if chunk is None:
                    return
                yield chunk

    async def close(self) -> None:
        try:
            await self._response.aclose()
        finally:
            self._finish()


def _until(deadline: Deadline | None) -> asyncio.Timeout:
    import asyncio

    return asyncio.timeout(None if deadline is None else max(deadline.left(), 0))


class HttpxTransport:
    """Sends through `httpx.HTTPTransport`s."""

    def __init__(self) -> None:
        self._connections = _Connections(httpx.HTTPTransport)
        _forget_after_fork(self)

    def send(self, request: Request) -> HttpxReply:
        sent = _httpx_request(request, _Upload)
        pools = self._connections.pools(request.url)
        pool = pools.take()
        try:
            with _translated():
                response = pool.transport.handle_request(sent)
            return HttpxReply(response, sent.extensions["timeout"], lambda: pools.give_back(pool))
        except BaseException:
            pools.give_back(pool)
            raise

    def close(self) -> None:
        for transport in self._connections.transports:
            transport.close()
        self.forget()

    def forget(self) -> None:
        """Drop all connections without a word to the other side, which they may still belong to."""
        self._connections = _Connections(httpx.HTTPTransport)


class AsyncHttpxTransport:
    """Sends through `httpx.AsyncHTTPTransport`s; each event loop has connections of its own."""

    def __init__(self) -> None:
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Connections] = weakref.WeakKeyDictionary()
        _forget_after_fork(self)

    async def send(self, request: Request) -> AsyncHttpxReply:
        sent = _httpx_request(request, _AsyncUpload)
        pools = self._of_this_loop().pools(request.url)
        pool = pools.take()
        try:
            with _translated():
                async with _until(request.deadline):
                    response = await pool.transport.handle_async_request(sent)
            return AsyncHttpxReply(response, sent.extensions["timeout"], lambda: pools.give_back(pool))
        except BaseException:
            pools.give_back(pool)
            raise

    def _of_this_loop(self) -> _Connections:
        import asyncio

        loop = asyncio.get_running_loop()
        connections = self._by_loop.get(loop)
        if connections is None:
            connections = self._by_loop[loop] = _Connections(httpx.AsyncHTTPTransport)
        return connections

    async def close(self) -> None:
        import asyncio

        connections = self._by_loop.pop(asyncio.get_running_loop(), None)
        for transport in connections.transports if connections else ():
            await transport.aclose()
        self.forget()

    def forget(self) -> None:
        """As `HttpxTransport.forget`."""
        self._by_loop = weakref.WeakKeyDictionary()


class HttpClientTransport:
    """Sends through a client that the user brought, so that its hooks, cookies and proxies count."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, request: Request) -> HttpxReply:
        sent = _foreign(self._client, request, _Upload)
        with _translated():
            response = self._client.send(sent, stream=True, follow_redirects=False)
        return HttpxReply(response, sent.extensions["timeout"], lambda: None)

    def close(self) -> None:
        """The client stays open: it is its owner's."""


class AsyncHttpClientTransport:
    """As `HttpClientTransport`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(self, request: Request) -> AsyncHttpxReply:
        sent = _foreign(self._client, request, _AsyncUpload)
        with _translated():
            async with _until(request.deadline):
                response = await self._client.send(sent, stream=True, follow_redirects=False)
        return AsyncHttpxReply(response, sent.extensions["timeout"], lambda: None)

    async def close(self) -> None:
        """As `HttpClientTransport.close`."""


def _foreign(client: Any, request: Request, stream: type[Any]) -> Any:
    """The request, built by the user's client, whose library may be another one with httpx's interface."""
    own = _httpx_request(request, stream)
    content = stream(request.content) if isinstance(request.content, Multipart) else request.content
    headers = [(name, value) for name, value in own.headers.raw if name.lower() != b"host"]
    return client.build_request(
        request.method, request.url, headers=headers, content=content, extensions=dict(own.extensions)
    )


_ALIVE: Final[weakref.WeakSet[Any]] = weakref.WeakSet()


def _forget_after_fork(transport: Any) -> None:
    _ALIVE.add(transport)


def _forget_all() -> None:
    for transport in list(_ALIVE):
        transport.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
