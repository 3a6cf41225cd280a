"""Many asynchronous calls, so many of them at any time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from benchmarks import answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.subjects.subject import Subject

_SECONDS: Final = 3.0
_MESSAGES: Final[list[Any]] = answers.messages(1)


def for_seconds(seconds: float) -> Iterator[None]:
    """One `None` after the other, for some seconds."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield


async def calls(made: Subject, many: int, permits: Iterable[object]) -> list[float]:
    """Make calls, so many of them at any time.

    Args:
        made: what makes them, opened.
        many: how many there are at any time.
        permits: one for each call.

    Returns:
        How long each took, in seconds.
    """
    took: list[float] = []
    waiting = iter(permits)

    async def work() -> None:
        for _ in waiting:
            started = time.perf_counter()
            if await made.chat_async(_MESSAGES) != answers.TEXT:
                raise SystemExit("wrong result")
            took.append(time.perf_counter() - started)

    await asyncio.gather(*(work() for _ in range(many)))
    return took


def at_once(made: Subject, many: int) -> dict[str, float]:
    """Calls a second, quantiles of how long they take, and CPU seconds a call; connections are open from before."""

    async def run() -> dict[str, float]:
        await made.open()
        await calls(made, many, range(2 * many))
        started, worked = time.perf_counter(), time.process_time()
        took = sorted(await calls(made, many, for_seconds(_SECONDS)))
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        await made.close()
        count = len(took)
        return {"rate": count / seconds, "p50": took[count // 2], "p99": took[count * 99 // 100], "cpu": cpu / count}

    return asyncio.run(run())
