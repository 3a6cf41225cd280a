"""What an async transport has in each event loop: connections belong to the loop that they were made in."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from openai_core.transport.forking import forget_after_fork

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

T = TypeVar("T")

# What a forked process has of its parent's event loops: dropped, it would be finished there.
_inherited: Final[list[dict[Any, Any]]] = []


async def _keep(connections: T, close: Callable[[T], Any]) -> AsyncGenerator[T]:
    """Keeps connections until it is dropped or closed, at the latest until the end of the event loop.

    The loop sees to both, as it does for every asynchronous generator: one that nobody can reach any more it finishes
    soon, and `asyncio.run` finishes those that are left before it closes the loop.
    """
    process = os.getpid()
    try:
        while True:
            yield connections
    finally:
        # A forked process shares what its parent's loop listens with: to end connections there would be to deafen it.
        if os.getpid() == process:
            await close(connections)


class ByLoop(Generic[T]):
    """The connections of each event loop.

    Args:
        make: makes those of the running one.
        close: ends them, awaited.
        disown: keeps those that a forked process has of its parent from ending themselves when they are dropped.
    """

    def __init__(
        self, make: Callable[[], T], close: Callable[[T], Any], disown: Callable[[T], None] | None = None
    ) -> None:
        self._make = make
        self._close = close
        self._disown = disown
        self._keepers: dict[asyncio.AbstractEventLoop, AsyncGenerator[T]] = {}
        self._by_loop: dict[asyncio.AbstractEventLoop, T] = {}
        forget_after_fork(self)

    def there(self) -> T | None:
        """Those of the running event loop, if there are some by now."""
        return self._by_loop.get(asyncio.get_running_loop())

    async def get(self) -> T:
        """Those of the running event loop."""
        return self.there() or await self._begin(asyncio.get_running_loop())

    async def _begin(self, loop: asyncio.AbstractEventLoop) -> T:
        # Loops in other threads come and go meanwhile.
        for ended in [other for other in list(self._by_loop) if other.is_closed()]:
            self._by_loop.pop(ended, None)
            self._keepers.pop(ended, None)
        self._keepers[loop] = keeper = _keep(self._make(), self._close)
        self._by_loop[loop] = connections = await anext(keeper)
        return connections

    async def close(self) -> None:
        """End those of the running event loop. Those of others end by themselves, each in its loop."""
        keeper = self._keepers.pop(asyncio.get_running_loop(), None)
        self._by_loop.clear()
        self._keepers.clear()
        if keeper is not None:
            await keeper.aclose()

    def forget(self) -> None:
        """See `Forgetful`."""
        _inherited.append(self._keepers)
        if self._disown is not None:
            for connections in self._by_loop.values():
                self._disown(connections)
        self._keepers = {}
        self._by_loop = {}
