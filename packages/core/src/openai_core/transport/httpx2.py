"""A transport on httpx2, which goes on where httpx has stopped. Install it with `openai-core[httpx2]`.

It sends as httpx2 does, with its connections and its pool. One thing it can't do: end a sync call at its deadline while
a server gives the headers of its answer byte by byte.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from openai_core.errors import ConfigurationError
from openai_core.hookspecs import hookimpl
from openai_core.transport.environment import KEPT, SOCKET_OPTIONS, Proxies, tls_context, usable
from openai_core.transport.exchange import AsyncUpload, Upload, phases_of, until
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.httpx_exchange import AsyncHttpxReply, HttpxReply, httpx_request, translated
from openai_core.transport.loops import ByLoop

try:
    import httpcore2  # noqa: F401 - which httpx2 would load within the first call, and so within its deadline
    import httpx2
except ImportError as error:
    raise ConfigurationError(
        f"the transport 'httpx2' can't be loaded ({error}); install openai-core[httpx2]"
    ) from error

if TYPE_CHECKING:
    from openai_core.hookspecs import RegisterTransport
    from openai_core.transport.protocol import Request

_LIMITS: Final = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT)


@hookimpl
def register_transports(register: RegisterTransport) -> None:
    """Register this transport."""
    register("httpx2", Httpx2Transport, AsyncHttpx2Transport)


class _Upload(Upload, httpx2.SyncByteStream):
    """A multipart body that is being sent."""


class _AsyncUpload(AsyncUpload, httpx2.AsyncByteStream):
    """A multipart body that is being sent."""


class _Transports:
    """The transports of httpx2's (of one event loop), one for each route."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        self._proxies = Proxies()
        self._by_route: dict[tuple[bool, str | None], Any] = {}
        self._lock = threading.Lock()

    def get(self, url: str) -> Any:
        route = self._proxies.route(url)
        return self._by_route.get(route) or self._make(route)

    def _make(self, route: tuple[bool, str | None]) -> Any:
        secure, proxy = route
        with self._lock:
            if route not in self._by_route:
                tls = tls_context() if secure or (proxy or "").startswith("https") else False
                with usable(proxy):
                    self._by_route[route] = self._kind(
                        verify=tls, proxy=proxy, limits=_LIMITS, socket_options=SOCKET_OPTIONS
                    )
            return self._by_route[route]

    def close(self) -> None:
        for transport in list(self._by_route.values()):
            transport.close()

    async def close_async(self) -> None:
        for transport in list(self._by_route.values()):
            await transport.aclose()


class _Handshake:
    """Ends a connection whose handshake was given up: httpx2 ends one only if the handshake itself fails."""

    def __init__(self) -> None:
        self._connection: Any = None

    async def __call__(self, event: str, told: dict[str, Any]) -> None:
        """Hear of each step of a request; see httpx2's extension `trace`."""
        if event == "connection.connect_tcp.complete":
            self._connection = told["return_value"]
        elif event == "connection.start_tls.complete":
            self._connection = None

    async def give_up(self) -> None:
        if self._connection is not None:
            await self._connection.aclose()


class Httpx2Transport:
    """Sends through `httpx2.HTTPTransport`s."""

    _transports: _Transports
    _ending: weakref.finalize[..., Httpx2Transport] | None = None

    def __init__(self) -> None:
        self.forget()
        forget_after_fork(self)

    def send(self, request: Request) -> HttpxReply:
        phases = phases_of(request)
        with translated:
            sent = httpx_request(request, phases, _Upload, httpx2)
            return HttpxReply(self._transports.get(request.url).handle_request(sent), phases, self)

    def close(self) -> None:
        self._transports.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        if self._ending:
            self._ending.detach()
        self._transports = _Transports(httpx2.HTTPTransport)
        self._ending = weakref.finalize(self, self._transports.close)


class AsyncHttpx2Transport:
    """Sends through `httpx2.AsyncHTTPTransport`s; each event loop has its own."""

    def __init__(self) -> None:
        self._transports = ByLoop(lambda: _Transports(httpx2.AsyncHTTPTransport), _Transports.close_async)

    async def send(self, request: Request) -> AsyncHttpxReply:
        phases = phases_of(request)
        transport = (await self._transports.get()).get(request.url)
        with translated:
            sent = httpx_request(request, phases, _AsyncUpload, httpx2)
            handshake = _Handshake()
            if sent.url.scheme == "https":
                sent.extensions["trace"] = handshake
            async with until(request.deadline):
                try:
                    return AsyncHttpxReply(await transport.handle_async_request(sent), phases, self)
                except BaseException:
                    await handshake.give_up()
                    raise

    async def close(self) -> None:
        await self._transports.close()
