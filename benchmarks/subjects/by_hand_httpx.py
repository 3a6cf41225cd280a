"""By hand, with httpx, or with httpx2, which has the same interface."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.by_hand import ByHand
from benchmarks.subjects.subject import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


class Httpx(ByHand):
    """By hand, with httpx."""

    library = "httpx"

    @property
    def _settings(self) -> dict[str, Any]:
        library: Any = import_module(self.library)
        limits = library.Limits(max_connections=1000, max_keepalive_connections=1000)
        return {
            "base_url": self.base_url,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "timeout": 600,
            "limits": limits,
        }

    @cached_property
    def client(self) -> Any:
        return import_module(self.library).Client(**self._settings)

    def _whole(self, method: str, path: str, body: object = None) -> bytes:
        content: bytes = self.client.request(method, path, json=body).raise_for_status().content
        return content

    def _pieces(self, path: str, body: object) -> Iterator[bytes]:
        with self.client.stream("POST", path, json=body) as answer:
            yield from answer.iter_bytes()

    def upload(self, path: Path) -> int:
        with path.open("rb") as file:
            answer = self.client.post("/files", data={"purpose": "batch"}, files={"file": file})
        size: int = answer.raise_for_status().json()["bytes"]
        return size

    def download(self, path: Path) -> None:
        with self.client.stream("GET", "/files/file-1/content") as answer, path.open("wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)

    async def open(self) -> None:
        self.async_client: Any = import_module(self.library).AsyncClient(**self._settings)

    async def close(self) -> None:
        await self.async_client.aclose()

    async def _whole_async(self, method: str, path: str, body: object = None) -> bytes:
        content: bytes = (await self.async_client.request(method, path, json=body)).raise_for_status().content
        return content

    async def _pieces_async(self, path: str, body: object) -> AsyncIterator[bytes]:
        async with self.async_client.stream("POST", path, json=body) as answer:
            async for piece in answer.aiter_bytes():
                yield piece


class Httpx2(Httpx):
    """By hand, with httpx2."""

    library = "httpx2"
