"""Calls that are cancelled at random moments: nothing is left of them."""

from __future__ import annotations

import asyncio
import gc
import warnings
from random import Random
from typing import TYPE_CHECKING, Any, Final

from lab.calls import CALLS
from lab.figures import Figure
from lab.leftovers import Held, left_behind, tasks_left_behind
from openai_core import AsyncClient, OpenAIError, RetryPolicy, Timeout

if TYPE_CHECKING:
    from lab.calls import Place
    from openai_core_emulator.faults import FaultServer

_AT_ONCE: Final = 50
_CALLS: Final = ("chat", "stream", "response", "download", "pages")
_FAULTS: Final = (
    None, None, None, "no_answer how=silence", "cut_body how=silence", "cut_stream how=silence", "status", "no_answer",
)  # fmt: skip


def cancellations(server: FaultServer, place: Place, times: int, *, transport: str = "httpx", seed: int = 0) -> Figure:
    """Cancel so many calls, each after a random number of turns of the loop or a random time.

    Args:
        server: answers well, never, or partly.
        place: for the calls.
        times: how many calls.
        transport: over which.
        seed: of chance.
    """
    server.reset()
    server.settle(connections=0)
    gc.collect()
    before = Held.now()
    chance = Random(seed)  # noqa: S311 - not for secrets
    settings: Any = {"base_url": server.base_url, "api_key": server.api_key, "transport": transport}
    # pyreqwest goes on with a request that was given up until its read timeout is over.
    settings |= {"timeout": Timeout(read=2, idle=2), "retry": RetryPolicy(initial=0, maximum=0)}
    client = AsyncClient(**settings)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        cancelled, problems = asyncio.run(_cancel(client, server, place, times, chance))
        gc.collect()
    problems += [str(warning.message) for warning in warned]
    problems += left_behind(before)
    value = f"{cancelled:,} were under way, 0 connections in use"
    return Figure("cancellations at random moments leave nothing", times, value, problems)


async def _cancel(
    client: AsyncClient, server: FaultServer, place: Place, times: int, chance: Random
) -> tuple[int, list[str]]:
    cancelled, problems = 0, []
    async with client:
        for _ in range(0, times, _AT_ONCE):
            tasks = []
            for _ in range(_AT_ONCE):
                fault = chance.choice(_FAULTS)
                copy = client.with_options(headers={"X-Emulator-Fault": fault} if fault else {})
                tasks.append(asyncio.ensure_future(CALLS[chance.choice(_CALLS)][1](copy, place)))
            moments = [asyncio.ensure_future(_end(task, chance.random())) for task in tasks]
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*moments)
            cancelled += sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
            problems += [
                repr(each)
                for each in outcomes
                if isinstance(each, BaseException) and not isinstance(each, asyncio.CancelledError | OpenAIError)
            ]
            problems += await tasks_left_behind()
        server.reset()
        if not await asyncio.to_thread(server.settle, under_way=0):
            problems.append(f"{server.under_way} connections in use")
        again = [CALLS["chat"][1](client, place) for _ in range(_AT_ONCE)]
        after = await asyncio.gather(*again, return_exceptions=True)
        problems += [f"afterwards: {each!r}" for each in after if each != 1]
    problems += await tasks_left_behind()
    return cancelled, problems


async def _end(task: asyncio.Future[Any], chance: float) -> None:
    if chance < 1 / 2:
        for _ in range(int(chance * 200)):
            await asyncio.sleep(0)
    else:
        await asyncio.wait([task], timeout=(chance - 1 / 2) / 5)
    task.cancel()
