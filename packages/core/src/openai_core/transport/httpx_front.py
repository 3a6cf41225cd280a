"""httpx itself: for proxies, of which it knows more, and for those who mock, record or trace it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from openai_core.transport.environment import KEPT, SOCKET_OPTIONS
from openai_core.transport.exchange import AsyncUpload, Upload, until
from openai_core.transport.httpx import is_replaced
from openai_core.transport.httpx_exchange import AsyncHttpxReply, HttpxReply, httpx_request, translated
from openai_core.transport.pool import AsyncPool, Pool

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator

    from openai_core.transport.exchange import Phases
    from openai_core.transport.pool import Held
    from openai_core.transport.protocol import Request

_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT)


class HttpxUpload(Upload, httpx.SyncByteStream):
    """A multipart body that is being sent."""


class AsyncHttpxUpload(AsyncUpload, httpx.AsyncByteStream):
    """A multipart body that is being sent."""


class _Body:
    """The body of an answer, with which its connection becomes free."""

    __slots__ = ("_held", "_pool", "_stream")

    def __init__(self, stream: Any, held: Held, pool: Pool) -> None:
        self._stream = stream
        self._held: Held | None = held
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        try:
            # What mocks answer with may have nothing to close.
            if hasattr(self._stream, "close"):
                self._stream.close()
        finally:
            self._pool.finish(held)


class _AsyncBody:
    """As `_Body`."""

    __slots__ = ("_held", "_pool", "_stream")

    def __init__(self, stream: Any, held: Held, pool: AsyncPool) -> None:
        self._stream = stream
        self._held: Held | None = held
        self._pool = pool

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        try:
            if hasattr(self._stream, "aclose"):
                await self._stream.aclose()
        finally:
            await self._pool.finish(held)


class _Pooled(Pool):
    """Single connections of httpcore's, as httpx sends over its pool of them."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        response, held = self.send(request)
        response.stream = _Body(response.stream, held, self)
        return response  # type: ignore[no-any-return]  # the connections are httpcore's


class _AsyncPooled(AsyncPool):
    """As `_Pooled`."""

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        response, held = await self.send(request)
        response.stream = _AsyncBody(response.stream, held, self)
        return response  # type: ignore[no-any-return]  # as above


class PooledTransport(httpx.HTTPTransport):
    """What httpx sends through, with a pool that finds connections in constant time.

    Args:
        tls: for connections that are encrypted.
        proxy: what they lead through.
    """

    def __init__(self, tls: ssl.SSLContext | None, proxy: str | None) -> None:
        # `verify=False` spares it reading certificates where nothing is encrypted.
        super().__init__(verify=tls or False, proxy=proxy, limits=_LIMITS, socket_options=SOCKET_OPTIONS)
        own = self._own
        self._kept = _Pooled(lambda url: own.create_connection(url.origin))

    @property
    def _pool(self) -> Any:
        # Those who record what goes over httpcore replace a method of its pool, or of its connections.
        kinds = (httpcore.ConnectionPool, httpcore.HTTPConnection)
        return self._own if any(is_replaced(kind.handle_request, httpcore) for kind in kinds) else self._kept

    @_pool.setter
    def _pool(self, own: Any) -> None:
        self._own = own

    def close(self) -> None:
        self._kept.close()
        self._own.close()


class AsyncPooledTransport(httpx.AsyncHTTPTransport):
    """As `PooledTransport`."""

    def __init__(self, tls: ssl.SSLContext | None, proxy: str | None) -> None:
        super().__init__(verify=tls or False, proxy=proxy, limits=_LIMITS, socket_options=SOCKET_OPTIONS)
        own = self._own
        self._kept = _AsyncPooled(lambda url: own.create_connection(url.origin))

    @property
    def _pool(self) -> Any:
        kinds = (httpcore.AsyncConnectionPool, httpcore.AsyncHTTPConnection)
        return self._own if any(is_replaced(kind.handle_async_request, httpcore) for kind in kinds) else self._kept

    @_pool.setter
    def _pool(self, own: Any) -> None:
        self._own = own

    async def aclose(self) -> None:
        await self._kept.aclose()
        await self._own.aclose()


def send(request: Request, phases: Phases, transport: httpx.BaseTransport, owner: object) -> HttpxReply:
    """Send a request through httpx."""
    with translated:
        return HttpxReply(transport.handle_request(httpx_request(request, phases, HttpxUpload, httpx)), phases, owner)


async def send_async(
    request: Request, phases: Phases, transport: httpx.AsyncBaseTransport, owner: object
) -> AsyncHttpxReply:
    """As `send`."""
    with translated:
        sent = httpx_request(request, phases, AsyncHttpxUpload, httpx)
        async with until(request.deadline):
            return AsyncHttpxReply(await transport.handle_async_request(sent), phases, owner)
