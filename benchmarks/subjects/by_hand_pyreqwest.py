"""By hand, with pyreqwest: what is left of a call when nothing but its own clients and `json` is."""

from __future__ import annotations

import atexit
import json
import time
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.by_hand import ByHand
from benchmarks.subjects.subject import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# Its thread may still be letting go of the interpreter, and would abort the process if that ended meanwhile.
atexit.register(time.sleep, 0.05)


class Pyreqwest(ByHand):
    """By hand, with pyreqwest."""

    @cached_property
    def client(self) -> Any:
        return self._client("SyncClientBuilder")

    async def open(self) -> None:
        self.async_client: Any = self._client("ClientBuilder")

    async def close(self) -> None:
        await self.async_client.close()

    @staticmethod
    def _client(builder: str) -> Any:
        library: Any = import_module("pyreqwest.client")
        made = getattr(library, builder)().no_proxy().error_for_status()
        return made.default_headers({"Authorization": f"Bearer {KEY}"}).build()

    def _request(self, client: Any, method: str, path: str, body: object) -> Any:
        request = client.request(method, self.base_url + path)
        if body is None:
            return request
        return request.header("Content-Type", "application/json").body_bytes(json.dumps(body).encode())

    def _streamed(self, client: Any, path: str, body: object) -> Any:
        # Without the limit it waits for the beginning of the body, of which the first event may be all there is.
        return self._request(client, "POST", path, body).streamed_read_buffer_limit(0).build_streamed()

    def _whole(self, method: str, path: str, body: object = None) -> bytes:
        content: bytes = self._request(self.client, method, path, body).build().send().bytes().to_bytes()
        return content

    def _pieces(self, path: str, body: object) -> Iterator[bytes]:
        with self._streamed(self.client, path, body) as answer:
            while (piece := answer.body_reader.read_chunk()) is not None:
                yield piece.to_bytes()

    async def _whole_async(self, method: str, path: str, body: object = None) -> bytes:
        answer = await self._request(self.async_client, method, path, body).build().send()
        content: bytes = (await answer.bytes()).to_bytes()
        return content

    async def _pieces_async(self, path: str, body: object) -> AsyncIterator[bytes]:
        async with self._streamed(self.async_client, path, body) as answer:
            while (piece := await answer.body_reader.read_chunk()) is not None:
                yield piece.to_bytes()
