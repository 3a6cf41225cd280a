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
# The last 4096 events are held as objects of 2 KB each, with what the transport takes.
_LAST: Final = 16 * _MIB
# For `final()` the data of as many, and of all others what they add to the answer.
_DATA: Final = 4 * _MIB
_BYTES_AN_EVENT: Final = 16
_ASKED: Final = 'client.responses.create_stream(model="gpt-5-mini", input="Count.", options={"timeout": 60})'
_FLOODED: Final = '**settings, headers={"X-Emulator-Fault": f"flood events={count}"}, deadline=3600'
# By then as many events are kept as ever will be.
_SETTLED: Final = "max(5000, count // 10)"

_STREAMED: Final = """
        client = Client({flooded})
        before = 0
        with client.chat.completions.{call} as stream:
            for _ in stream:
                before = before or resident()
        print(resident() - before)
        """
_KEPT: Final = _STREAMED.format(flooded=_FLOODED, call='create_stream(**asked, options={"timeout": 60})')
_PASSED: Final = _STREAMED.format(flooded=_FLOODED, call="create_stream.with_options(timeout=60).into(dict, asked)")

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

    From its first event on a stream takes what it holds of the last ones; and one that has a `final()`, what the answer
    is made of, unless its last event holds it all.
    """
    if not Path("/proc/self/statm").exists():
        return
    for what, source in {**(_SYNC if "sync" in colours else {}), **(_ASYNC if "async" in colours else {})}.items():
        count = events if "events" in what else clients
        yield _figure(what, count, _grown(server, source, transport, count), _MIB)
    if "sync" in colours:
        passed = _grown(server, _PASSED, transport, events)
        yield _figure("events of a stream, from its first one on, sync", events, passed, _LAST)
        kept = _grown(server, _KEPT, transport, events)
        beyond = kept[0] - passed[0], kept[1]
        yield _figure("beyond that, kept for final(), sync", events, beyond, _DATA + _BYTES_AN_EVENT * events)


def _grown(server: FaultServer, source: str, transport: str, count: int) -> tuple[int, list[str]]:
    said, problems = run(server, source, transport, count)
    return int(said or 0), problems


def _figure(what: str, count: int, grown: tuple[int, list[str]], most: int) -> Figure:
    size, problems = grown
    if size > most:
        problems.append(f"{size:,} bytes more")
    return Figure(f"memory: {what}", count, f"{size / _MIB:+.2f} MiB", problems)
