"""How much memory clients and streams keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.figures import Figure
from lab.interpreter import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.run import Colour
    from openai_core_emulator.faults import FaultServer

_MIB: Final = 2**20
# The last 4096 events are held as objects of 2 KB each, and the data of as many; of all others, what they add.
_LAST: Final = 16 * _MIB
_BYTES_AN_EVENT: Final = 16
_ASKED: Final = 'client.responses.create_stream(model="gpt-5-mini", input="Count.", options={"timeout": 60})'
_FLOODED: Final = '**settings, headers={"X-Emulator-Fault": f"flood events={count}"}, deadline=3600'
# By then as many events are kept as ever will be.
_SETTLED: Final = "max(5000, count // 10)"

_SYNC: Final = {
    "clients created, used and closed, sync": """
        def live():
            with Client(**settings) as client:
                client.models.list()

        for _ in range(max(20, count // 10)):
            live()
        gc.collect()
        before = resident()
        for _ in range(count):
            live()
        gc.collect()
        print(resident() - before)
        """,
    "events of one stream, sync": f"""
        client = Client({_FLOODED})
        seen = 0
        with {_ASKED} as stream:
            for _ in stream:
                seen += 1
                if seen == {_SETTLED}:
                    gc.collect()
                    before = resident()
        gc.collect()
        assert seen > count
        print(resident() - before)
        """,
    "events of a stream, kept for final(), sync": f"""
        client = Client({_FLOODED})
        before = 0
        with client.chat.completions.create_stream(**asked, options={{"timeout": 60}}) as stream:
            for _ in stream:
                before = before or resident()
        print(resident() - before)
        """,
}
_ASYNC: Final = {
    "clients created, used and closed, async": """
        async def live():
            async with AsyncClient(**settings) as client:
                await client.models.list()

        async def main():
            for _ in range(max(20, count // 10)):
                await live()
            gc.collect()
            before = resident()
            for _ in range(count):
                await live()
            gc.collect()
            print(resident() - before)

        asyncio.run(main())
        """,
    "events of one stream, async": f"""
        async def main():
            client = AsyncClient({_FLOODED})
            seen = 0
            async with {_ASKED} as stream:
                async for _ in stream:
                    seen += 1
                    if seen == {_SETTLED}:
                        gc.collect()
                        before = resident()
            gc.collect()
            assert seen > count
            print(resident() - before)

        asyncio.run(main())
        """,
}


def growth(
    server: FaultServer, clients: int, events: int, transport: str, colours: Sequence[Colour]
) -> Iterator[Figure]:
    """How memory grows with clients and with events: by a megabyte at most.

    A stream that has a `final()` keeps what the answer is made of, unless its last event holds it all.
    """
    wanted = {**(_SYNC if "sync" in colours else {}), **(_ASYNC if "async" in colours else {})}
    if not Path("/proc/self/statm").exists():
        return
    for what, source in wanted.items():
        kept = "kept" in what
        count = events if "events" in what else clients
        said, problems = run(server, source, transport, count)
        grown = int(said or 0)
        if grown > (_LAST + _BYTES_AN_EVENT * count if kept else _MIB):
            problems.append(f"{grown:,} bytes more")
        value = f"{grown / _MIB:+.2f} MiB"
        yield Figure(f"memory: {what}", count, value, problems)
