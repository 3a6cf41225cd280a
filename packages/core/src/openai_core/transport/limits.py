"""How long something that goes on may be waited for, for libraries that don't limit it themselves."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from openai_core.retrying import Deadline


class Limit:
    """Until when something may be waited for: some seconds, which can be renewed, and a deadline."""

    def __init__(self, seconds: float, deadline: Deadline | None) -> None:
        self._deadline = deadline
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """Wait for so many seconds from now on."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left."""
        left = self._end - time.monotonic()
        return left if self._deadline is None else min(left, self._deadline.left())


async def wait_until(coroutine: Coroutine[Any, Any, Any], limit: Limit) -> Any:
    """Await something until a limit, which may be renewed meanwhile."""
    task = asyncio.ensure_future(coroutine)
    try:
        while not task.done():
            left = limit.left()
            if left <= 0:
                raise TimeoutError("nothing came in time")
            await asyncio.wait({task}, timeout=None if left == math.inf else left)
        return task.result()
    finally:
        task.cancel()
