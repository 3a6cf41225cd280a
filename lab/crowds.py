"""Many tasks on one client whose server is dead, and comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from lab.calls import CALLS
from lab.figures import Figure
from openai_core import APIError, AsyncClient

if TYPE_CHECKING:
    from lab.calls import Place
    from openai_core_emulator.faults import FaultServer

_MOST: Final = 1.2


def crowd(
    server: FaultServer, place: Place, how: str, *, tasks: int = 100, calls: int = 50, transport: str = "httpx"
) -> Figure:
    """Have tasks call a dead server, and once more when it is back.

    Args:
        server: that dies.
        place: for the calls.
        how: it is dead: `down`, or a fault.
        tasks: how many, on one client.
        calls: of each.
        transport: over which.
    """
    server.reset()
    problems: list[str] = []
    attempts = 0

    def count(_: object) -> None:
        nonlocal attempts
        attempts += 1

    async def call_often(client: Any) -> int:
        return sum([await _fails(client, place) for _ in range(calls)])

    async def run() -> tuple[int, int, int]:
        settings: Any = {"base_url": server.base_url, "api_key": server.api_key, "on_attempt": count}
        async with AsyncClient(**settings, transport=transport) as client:
            if how == "down":
                server.down()
            else:
                server.play(how, times=None)
            failed = sum(await asyncio.gather(*(call_often(client) for _ in range(tasks))))
            sent = attempts
            server.reset()
            recovered = await asyncio.gather(*(_fails(client, place) for _ in range(tasks)))
            return failed, sent, tasks - sum(recovered)

    failed, sent, recovered = asyncio.run(run())
    total = tasks * calls
    if failed != total:
        problems.append(f"only {failed} of {total} calls failed")
    if sent > _MOST * total:
        problems.append(f"{sent} requests for {total} calls")
    if recovered != tasks:
        problems.append(f"only {recovered} of {tasks} recovered")
    value = f"{sent / total:.3f} requests a call, {recovered} recover"
    return Figure(f"{tasks} tasks on one client, dead server ({how})", total, value, problems)


async def _fails(client: Any, place: Place) -> bool:
    try:
        await CALLS["chat"][1](client, place)
    except APIError:
        return True
    return False
