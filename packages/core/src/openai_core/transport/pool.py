"""Connections that are kept, and found in constant time.

A pool of httpcore looks through all its connections for every request, which with many in flight takes longer than
everything else. This does with a stack what that does with a list. Each connection carries one request at a time, and
there is always another, so that none is waited for.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any

from openai_core.transport.environment import KEPT
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.protocol import ConnectionFailed

if TYPE_CHECKING:
    from collections.abc import Callable


class Held:
    """A connection, ours or one of httpcore's, and since when nothing is on it."""

    __slots__ = ("connection", "idle", "since")

    def __init__(self, connection: Any, idle: deque[Held]) -> None:
        self.connection = connection
        self.idle = idle
        self.since = 0.0


class _AnyPool:
    """The connections of one kind.

    Args:
        connect: makes a connection to where a URL leads.
    """

    def __init__(self, connect: Callable[[Any], Any]) -> None:
        self.connect = connect
        # By origin. The last to be given back is the first to be taken, so that what isn't needed gets old.
        self._idle: dict[tuple[bytes, bytes, int | None], deque[Held]] = {}
        self._all: set[Held] = set()
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Forget who has the lock. In a forked process nobody does; connections are what transports forget."""
        self._lock = Lock()

    def _take(self, url: Any) -> tuple[Held, list[Held]]:
        """A connection for a request, and those that were found to have ended."""
        key = (url.scheme, url.host, url.port)
        oldest = time.monotonic() - KEPT
        ended: list[Held] = []
        with self._lock:
            idle = self._idle.get(key)
            if idle is None:
                if url.scheme not in {b"http", b"https"}:
                    raise ConnectionFailed(f"the URL begins with {url.scheme.decode()!r}, not with http or https")
                idle = self._idle[key] = deque()
            while idle:
                held = idle.pop()
                if held.since > oldest and not held.connection.has_expired():
                    break
                self._all.discard(held)
                ended.append(held)
            else:
                held = Held(self.connect(url), idle)
                self._all.add(held)
        return held, ended

    def _give_back(self, held: Held) -> list[Held]:
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
            if old:
                self._all.difference_update(old)
            return old

    def _forget(self, held: Held) -> None:
        with self._lock:
            self._all.discard(held)

    def _take_all(self) -> list[Held]:
        with self._lock:
            held = list(self._all)
            self._all.clear()
            for idle in self._idle.values():
                idle.clear()
        return held


class Pool(_AnyPool):
    """See `_AnyPool`."""

    def send(self, request: Any) -> tuple[Any, Held]:
        """Send a request on a connection that nothing else is on; gives both, the connection to be finished later."""
        held, ended = self._take(request.url)
        try:
            if ended:
                self._end(ended)
            return held.connection.handle_request(request), held
        except BaseException:
            self._forget(held)
            self._end([held])
            raise

    @staticmethod
    def _end(ended: list[Held]) -> None:
        for held in ended:
            held.connection.close()

    def finish(self, held: Held) -> None:
        """Take back a connection."""
        ended = self._give_back(held)
        if ended:
            self._end(ended)

    def close(self) -> None:
        """End all connections."""
        self._end(self._take_all())


class AsyncPool(_AnyPool):
    """As `Pool`, for connections of an event loop."""

    async def send(self, request: Any) -> tuple[Any, Held]:
        """As `Pool.send`."""
        held, ended = self._take(request.url)
        try:
            if ended:
                await self._end(ended)
            return await held.connection.handle_async_request(request), held
        except BaseException:
            self._forget(held)
            await self._end([held])
            raise

    @staticmethod
    async def _end(ended: list[Held]) -> None:
        for held in ended:
            await held.connection.aclose()

    async def finish(self, held: Held) -> None:
        """As `Pool.finish`."""
        ended = self._give_back(held)
        if ended:
            await self._end(ended)

    async def aclose(self) -> None:
        """As `Pool.close`."""
        await self._end(self._take_all())
