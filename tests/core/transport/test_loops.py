"""What each event loop has of its own, and when it ends."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from openai_core.transport.loops import ByLoop


class Connections:
    def __init__(self):
        self.closed_in = None

    async def close(self):
        self.closed_in = asyncio.get_running_loop()


@pytest.fixture
def by_loop():
    return ByLoop(Connections, Connections.close)


def test_a_loop_has_one_and_another_loop_another(by_loop):
    async def get_twice():
        first, second = await asyncio.gather(by_loop.get(), by_loop.get())
        assert first is second
        return first

    assert asyncio.run(get_twice()) is not asyncio.run(get_twice())


def test_what_is_there_needs_no_waiting_for(by_loop):
    async def look():
        assert by_loop.there() is None
        assert await by_loop.get() is by_loop.there()

    asyncio.run(look())


def test_it_ends_with_its_loop(by_loop):
    loops = []

    async def get():
        loops.append(asyncio.get_running_loop())
        return await by_loop.get()

    assert asyncio.run(get()).closed_in is loops[0]


def test_closing_ends_that_of_the_running_loop_and_the_next_is_new(by_loop):
    async def close():
        first = await by_loop.get()
        await by_loop.close()
        assert first.closed_in is asyncio.get_running_loop()
        assert await by_loop.get() is not first

    asyncio.run(close())


def test_without_any_it_can_be_closed(by_loop):
    asyncio.run(by_loop.close())


def test_what_nobody_can_reach_any_more_ends_in_its_loop():
    async def drop():
        by_loop = ByLoop(Connections, Connections.close)
        connections = await by_loop.get()
        del by_loop
        gc.collect()
        for _ in range(5):
            await asyncio.sleep(0)
        return connections

    assert asyncio.run(drop()).closed_in is not None


def test_loops_that_were_closed_are_forgotten(by_loop):
    for _ in range(100):
        asyncio.run(by_loop.get())

    assert len(by_loop._by_loop) == len(by_loop._keepers) == 1


def test_loops_of_many_threads_come_and_go(by_loop):
    failures = []

    def run():
        try:
            for _ in range(20):
                asyncio.run(by_loop.get())
        except Exception as error:  # noqa: BLE001 - whatever it is
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_forked_process_forgets_them_without_ending_them(by_loop):
    async def forget():
        inherited = await by_loop.get()
        by_loop.forget()
        gc.collect()
        await asyncio.sleep(0)
        assert inherited.closed_in is None
        assert await by_loop.get() is not inherited

    asyncio.run(forget())


def test_what_would_end_itself_when_it_is_dropped_is_told_of_the_fork():
    disowned = []
    by_loop = ByLoop(Connections, Connections.close, disowned.append)

    async def forget():
        inherited = await by_loop.get()
        by_loop.forget()
        assert disowned == [inherited]

    asyncio.run(forget())
