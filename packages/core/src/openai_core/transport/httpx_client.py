"""Sending through a client that the user brought: one of httpx, or of a library with its interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_core.encoding import Multipart
from openai_core.transport.exchange import AsyncUpload, Upload, phases_of, raw_headers, until
from openai_core.transport.httpx_exchange import AsyncHttpxReply, HttpxReply, translated

if TYPE_CHECKING:
    from openai_core.transport.exchange import Phases
    from openai_core.transport.protocol import Request


def _built(client: Any, request: Request, phases: Phases, upload: type[Any]) -> Any:
    content = upload(request.content) if isinstance(request.content, Multipart) else request.content
    return client.build_request(
        request.method, request.url, headers=raw_headers(request), content=content, extensions={"timeout": phases}
    )


class HttpClientTransport:
    """Sends through a client that the user brought, so that its hooks, cookies and proxies count."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, request: Request) -> HttpxReply:
        phases = phases_of(request)
        with translated:
            response = self._client.send(
                _built(self._client, request, phases, Upload), stream=True, follow_redirects=False
            )
        return HttpxReply(response, phases, self._client)

    def close(self) -> None:
        """The client stays open: it is its owner's."""


class AsyncHttpClientTransport:
    """As `HttpClientTransport`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(self, request: Request) -> AsyncHttpxReply:
        phases = phases_of(request)
        with translated:
            sent = _built(self._client, request, phases, AsyncUpload)
            async with until(request.deadline):
                response = await self._client.send(sent, stream=True, follow_redirects=False)
        return AsyncHttpxReply(response, phases, self._client)

    async def close(self) -> None:
        """As `HttpClientTransport.close`."""
