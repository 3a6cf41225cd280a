"""Replies out of memory, in both colours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from openai_core.transport.protocol import ConnectionFailed, Headers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

    from openai_core.retrying import Deadline


class Told:
    """What is answered.

    Args:
        status: of HTTP.
        headers: of the answer.
        chunks: the body's pieces, and how many seconds go by before each.
        breaks: whether the connection breaks behind them.
    """

    def __init__(
        self, status: int, headers: Mapping[str, str], chunks: Sequence[tuple[float, bytes]], *, breaks: bool = False
    ) -> None:
        self.status = status
        self.headers = headers
        self.chunks = chunks
        self.breaks = breaks


class MemoryReply:
    """A reply to a sync client."""

    def __init__(self, told: Told) -> None:
        self.status = told.status
        self.headers = Headers({name.lower(): value for name, value in told.headers.items()})
        self.deadline: Deadline | None = None
        self._told = told

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        for seconds, chunk in self._told.chunks:
            if seconds:
                time.sleep(seconds)
            yield chunk
        if self._told.breaks:
            raise ConnectionFailed("the connection broke, as the test wants it to")

    def close(self) -> None:
        """Give up what isn't read."""


class AsyncMemoryReply:
    """A reply to an async client."""

    def __init__(self, told: Told) -> None:
        self.status = told.status
        self.headers = Headers({name.lower(): value for name, value in told.headers.items()})
        self.deadline: Deadline | None = None
        self._told = told

    async def read(self) -> bytes:
        """The whole body."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body, piece by piece."""
        for seconds, chunk in self._told.chunks:
            if seconds:
                import asyncio

                await asyncio.sleep(seconds)
            yield chunk
        if self._told.breaks:
            raise ConnectionFailed("the connection broke, as the test wants it to")

    async def close(self) -> None:
        """Give up what isn't read."""
