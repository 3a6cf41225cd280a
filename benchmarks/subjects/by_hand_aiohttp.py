"""By hand, with aiohttp, which has asynchronous calls alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.by_hand import ByHand
from benchmarks.subjects.subject import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Aiohttp(ByHand):
    """By hand, with aiohttp."""

    async def open(self) -> None:
        aiohttp: Any = import_module("aiohttp")
        self.session: Any = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {KEY}"}, connector=aiohttp.TCPConnector(limit=1000)
        )

    async def close(self) -> None:
        await self.session.close()

    async def _whole_async(self, method: str, path: str, body: object = None) -> bytes:
        async with self.session.request(method, self.base_url + path, json=body, raise_for_status=True) as answer:
            content: bytes = await answer.read()
        return content

    async def _pieces_async(self, path: str, body: object) -> AsyncIterator[bytes]:
        async with self.session.post(self.base_url + path, json=body, raise_for_status=True) as answer:
            async for piece in answer.content.iter_any():
                yield piece
