"""Connections that are kept, and found in constant time.

A pool of httpcore looks through all its connections for every request, which with many in flight takes longer than
everything else. This does with a stack what that does with a list. The connections are httpcore's; each carries one
request at a time, and there is always another, so that none is waited for.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpcore

from openai_core.transport.environment import KEPT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


class _Held:
    """A connection of httpcore's, the stream below it where that is one of ours, and since when nothing is on it."""

    __slots__ = ("connection", "idle", "since", "stream")

    def __init__(self, connection: Any, stream: Any, idle: deque[_Held]) -> None:
        self.connection = connection
        self.stream = stream
        self.idle = idle
        self.since = 0.0


class _AnyPool:
    """The connections of one kind.

    Args:
        connect: makes a connection to an origin, and the stream below it where that is one of ours.
    """

    def __init__(self, connect: Callable[[httpcore.Origin], tuple[Any, Any]]) -> None:
        self.connect = connect
        # By origin. The last to be given back is the first to be taken, so that what isn't needed gets old.
        self._idle: dict[tuple[bytes, bytes, int | None], deque[_Held]] = {}
        self._all: set[_Held] = set()
        self._lock = Lock()

    def _take(self, request: httpcore.Request) -> tuple[_Held, list[_Held]]:
        """A connection for a request, and those that were found to have ended."""
        url = request.url
        if url.scheme not in {b"http", b"https"}:
            raise httpcore.UnsupportedProtocol(f"the URL begins with {url.scheme.decode()!r}, not with http or https")
        key = (url.scheme, url.host, url.port)
        ended: list[_Held] = []
        with self._lock:
            idle = self._idle.get(key)
            if idle is None:
                idle = self._idle[key] = deque()
            while idle:
                held = idle.pop()
                if not held.connection.has_expired():
                    break
                self._all.discard(held)
                ended.append(held)
            else:
                held = _Held(*self.connect(url.origin), idle)
                self._all.add(held)
        if held.stream is not None:
            held.stream.phases = request.extensions.get("timeout", {})
        return held, ended

    def _give_back(self, held: _Held) -> list[_Held]:
        """Keep a connection whose answer is over, and give those that can't be, or have been for too long."""
        now = time.monotonic()
        with self._lock:
            if held not in self._all or not held.connection.is_idle():
                self._all.discard(held)
                return [held]
            idle = held.idle
            held.since = now
            idle.append(held)
            old = []
            while idle[0].since <= now - KEPT:
                old.append(idle.popleft())
            self._all.difference_update(old)
            return old

    def _forget(self, held: _Held) -> None:
        with self._lock:
            self._all.discard(held)

    def _take_all(self) -> list[_Held]:
        with self._lock:
            held = list(self._all)
            self._all.clear()
            for idle in self._idle.values():
                idle.clear()
        return held


class Pool(_AnyPool):
    """Stands in for the pool of an `httpx.HTTPTransport`."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request on a connection that nothing else is on."""
        held, ended = self._take(request)
        try:
            if ended:
                self._end(ended)
            response: httpcore.Response = held.connection.handle_request(request)
        except BaseException:
            self._forget(held)
            self._end([held])
            raise
        response.stream = _Body(response.stream, held, self)
        return response

    @staticmethod
    def _end(ended: list[_Held]) -> None:
        for held in ended:
            if held.stream is not None:
                held.stream.close()
            held.connection.close()

    def finish(self, held: _Held) -> None:
        """Take back a connection."""
        ended = self._give_back(held)
        if ended:
            self._end(ended)

    def close(self) -> None:
        """End all connections."""
        self._end(self._take_all())


class _Body:
    """The body of an answer, with which its connection becomes free."""

    __slots__ = ("_held", "_pool", "_stream")

    def __init__(self, stream: Any, held: _Held, pool: Pool) -> None:
        self._stream = stream
        self._held: _Held | None = held
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


class AsyncPool(_AnyPool):
    """As `Pool`, for connections of an event loop."""

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """As `Pool.handle_request`."""
        held, ended = self._take(request)
        try:
            if ended:
                await self._end(ended)
            response: httpcore.Response = await held.connection.handle_async_request(request)
        except BaseException:
            # httpcore doesn't close a connection whose request is cancelled between its being made and being used.
            self._forget(held)
            await self._end([held])
            raise
        response.stream = _AsyncBody(response.stream, held, self)
        return response

    @staticmethod
    async def _end(ended: list[_Held]) -> None:
        for held in ended:
            if held.stream is not None:
                held.stream.abort()
        for held in ended:
            await held.connection.aclose()

    async def finish(self, held: _Held) -> None:
        """As `Pool.finish`."""
        ended = self._give_back(held)
        if ended:
            await self._end(ended)

    async def aclose(self) -> None:
        """As `Pool.close`."""
        await self._end(self._take_all())


class _AsyncBody:
    """As `_Body`."""

    __slots__ = ("_held", "_pool", "_stream")

    def __init__(self, stream: Any, held: _Held, pool: AsyncPool) -> None:
        self._stream = stream
        self._held: _Held | None = held
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
