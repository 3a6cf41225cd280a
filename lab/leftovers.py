"""What a process has open: sockets, files, threads, tasks; and how long it was kept from running."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

_DESCRIPTORS: Final = Path("/proc/self/fd")
_PATIENCE: Final = 10.0
_TICK: Final = 0.02


class Held(NamedTuple):
    """How much of each there is.

    Args:
        sockets: open ones; none where there is no way to count them.
        files: open ones.
        threads: that run.
    """

    sockets: int
    files: int
    threads: int

    @classmethod
    def now(cls) -> Self:
        """What there is now."""
        sockets = files = 0
        for descriptor in _DESCRIPTORS.iterdir() if _DESCRIPTORS.is_dir() else ():
            # One of them is the folder itself, which is gone by now.
            with suppress(OSError):
                target = os.readlink(descriptor)  # noqa: PTH115 - what it names is no path
                sockets += target.startswith("socket:")
                files += target.startswith("/") and not target.startswith(("/dev/", "/proc/"))
        return cls(sockets, files, threading.active_count())

    def beyond(self, before: Held) -> list[str]:
        """What is more than before."""
        pairs = zip(self._fields, self, before, strict=True)
        return [f"{now - then} {name}" for name, now, then in pairs if now > then]


def left_behind(before: Held) -> list[str]:
    """What is more than before, once nothing more goes away; waits for it, but not for ever."""
    waiting = threading.Event()
    end = time.monotonic() + _PATIENCE
    while (found := Held.now().beyond(before)) and time.monotonic() < end:
        waiting.wait(_TICK / 4)
    return found


async def tasks_left_behind() -> list[str]:
    """The tasks of this event loop but for the one that asks; waits for them, but not for ever."""
    end = time.monotonic() + _PATIENCE
    own = {asyncio.current_task()}
    while (found := asyncio.all_tasks() - own) and time.monotonic() < end:
        await asyncio.wait(found, timeout=_TICK)
    return [f"task {task.get_coro()}" for task in found]


class Stopwatch:
    """Measures time without what a busy machine takes: a thread that only waits sees by how much it is late."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._late = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while True:
            begun = time.monotonic()
            if self._over.wait(_TICK):
                return
            self._late += max(0.0, time.monotonic() - begun - 2 * _TICK)

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        taken = time.monotonic() - self._begun
        self._over.set()
        self._thread.join()
        self.seconds = max(0.0, taken - self._late)
