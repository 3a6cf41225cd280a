"""By hand, on httpcore's single connections: what the layer costs that httpx stands on."""

from __future__ import annotations

import json
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.by_hand import ByHand
from benchmarks.subjects.subject import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Httpcore(ByHand):
    """By hand, with httpcore: one connection, or with asynchronous jobs one for each that is under way, without a pool.

    A request has the headers that a server can't do without, and no timeouts.
    """

    @cached_property
    def _httpcore(self) -> Any:
        return import_module("httpcore")

    @cached_property
    def _origin(self) -> Any:
        return self._httpcore.URL(self.base_url).origin

    @cached_property
    def _urls(self) -> dict[str, Any]:
        return {}

    def _request(self, method: str, path: str, body: object) -> Any:
        url = self._urls.get(path)
        if url is None:
            url = self._urls[path] = self._httpcore.URL(self.base_url + path)
        content = b"" if body is None else json.dumps(body).encode()
        headers = [
            (b"Host", b"%b:%d" % (url.host, url.port)),
            (b"Authorization", b"Bearer %b" % KEY.encode()),
            (b"Content-Type", b"application/json"),
            (b"Content-Length", b"%d" % len(content)),
        ]
        return self._httpcore.Request(method, url, headers=headers, content=content)

    @cached_property
    def _connection(self) -> Any:
        return self._httpcore.HTTPConnection(self._origin)

    def _whole(self, method: str, path: str, body: object = None) -> bytes:
        answer = self._connection.handle_request(self._request(method, path, body))
        content = b"".join(answer.stream)
        answer.stream.close()
        return content

    def _pieces(self, path: str, body: object) -> Iterator[bytes]:
        answer = self._connection.handle_request(self._request("POST", path, body))
        yield from answer.stream
        answer.stream.close()

    async def open(self) -> None:
        self._free: list[Any] = []

    async def close(self) -> None:
        for connection in self._free:
            await connection.aclose()

    def _take(self) -> Any:
        return self._free.pop() if self._free else self._httpcore.AsyncHTTPConnection(self._origin)

    async def _whole_async(self, method: str, path: str, body: object = None) -> bytes:
        return b"".join([piece async for piece in self._received(self._request(method, path, body))])

    def _pieces_async(self, path: str, body: object) -> AsyncIterator[bytes]:
        return self._received(self._request("POST", path, body))

    async def _received(self, request: Any) -> AsyncIterator[bytes]:
        connection = self._take()
        answer = await connection.handle_async_request(request)
        async for piece in answer.stream:
            yield piece
        await answer.stream.aclose()
        self._free.append(connection)
