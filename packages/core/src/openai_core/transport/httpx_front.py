"""httpx itself, over connections of ours: for what it knows more of, and for those who mock, record or trace it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from openai_core.transport.environment import KEPT, SOCKET_OPTIONS
from openai_core.transport.exchange import AsyncUpload, Upload, until
from openai_core.transport.httpcore_exchange import is_replaced
from openai_core.transport.httpx_exchange import AsyncHttpxReply, HttpxReply, httpx_request, translated

if TYPE_CHECKING:
    import ssl

    from openai_core.transport.exchange import Phases
    from openai_core.transport.pool import AsyncPool, Pool
    from openai_core.transport.protocol import Request

_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT)


class HttpxUpload(Upload, httpx.SyncByteStream):
    """A multipart body that is being sent."""


class AsyncHttpxUpload(AsyncUpload, httpx.AsyncByteStream):
    """A multipart body that is being sent."""


class PooledTransport(httpx.HTTPTransport):
    """What httpx sends through, over a pool of ours.

    Args:
        pool: of connections without a proxy.
        tls: for those that are encrypted.
        proxy: what its own connections lead through.
    """

    def __init__(self, pool: Pool, tls: ssl.SSLContext | None, proxy: str | None) -> None:
        self._kept = pool
        # `verify=False` spares it reading certificates where nothing is encrypted.
        super().__init__(verify=tls or False, proxy=proxy, limits=_LIMITS, socket_options=SOCKET_OPTIONS)
        if proxy is not None:
            own = self._own
            pool.connect = lambda origin: (own.create_connection(origin), None)

    @property
    def _pool(self) -> Any:
        # Those who record what goes over httpcore replace a method of its pool, or of its connections.
        kinds = (httpcore.ConnectionPool, httpcore.HTTPConnection)
        return self._own if any(is_replaced(kind.handle_request, httpcore) for kind in kinds) else self._kept

    @_pool.setter
    def _pool(self, own: Any) -> None:
        self._own = own

    def close(self) -> None:
        self._own.close()


class AsyncPooledTransport(httpx.AsyncHTTPTransport):
    """As `PooledTransport`."""

    def __init__(self, pool: AsyncPool, tls: ssl.SSLContext | None, proxy: str | None) -> None:
        self._kept = pool
        super().__init__(verify=tls or False, proxy=proxy, limits=_LIMITS, socket_options=SOCKET_OPTIONS)
        if proxy is not None:
            own = self._own
            pool.connect = lambda origin: (own.create_connection(origin), None)

    @property
    def _pool(self) -> Any:
        kinds = (httpcore.AsyncConnectionPool, httpcore.AsyncHTTPConnection)
        return self._own if any(is_replaced(kind.handle_async_request, httpcore) for kind in kinds) else self._kept

    @_pool.setter
    def _pool(self, own: Any) -> None:
        self._own = own

    async def aclose(self) -> None:
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
