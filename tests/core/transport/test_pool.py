"""The pool: which connection a request gets, what becomes of it, and that it takes no longer with many."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from openai_core.transport import pool as module
from openai_core.transport.environment import KEPT
from openai_core.transport.http1 import place
from openai_core.transport.pool import AsyncPool, Pool
from openai_core.transport.protocol import ConnectionFailed


class Connection:
    """Stands in for one of ours, or of httpcore's."""

    def __init__(self, url, asked):
        self.url = url
        self.expired = False
        self.idle = True
        self.closed = False
        self.failure = None
        self._asked = asked

    def has_expired(self):
        self._asked.append(self)
        return self.expired

    def is_idle(self):
        return self.idle

    def handle_request(self, request):
        if self.failure:
            raise self.failure
        return request

    async def handle_async_request(self, request):
        return self.handle_request(request)

    def close(self):
        self.closed = True

    async def aclose(self):
        self.close()


class Pooled:
    """A pool of either colour, used as the sync one is."""

    def __init__(self, colour, settled):
        self.made = []
        self.asked = []
        self.pool = (Pool if colour == "sync" else AsyncPool)(self._connect)
        self._settled = settled

    def _connect(self, url):
        made = Connection(url, self.asked)
        self.made.append(made)
        return made

    async def send(self, url="http://127.0.0.1/"):
        _, held = await self._settled(self.pool.send(SimpleNamespace(url=place(url))))
        return held

    async def finish(self, held):
        await self._settled(self.pool.finish(held))

    async def close(self):
        await self._settled(self.pool.close() if isinstance(self.pool, Pool) else self.pool.aclose())


@pytest.fixture(params=["sync", "async"])
def pooled(request, settled):
    return Pooled(request.param, settled)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    monkeypatch.setattr(module, "time", clock := Clock())
    return clock


async def test_a_connection_carries_one_request_after_the_other(pooled):
    for _ in range(3):
        await pooled.finish(await pooled.send())

    assert len(pooled.made) == 1


async def test_one_that_is_busy_isnt_waited_for(pooled):
    responses = [await pooled.send() for _ in range(3)]

    assert len(pooled.made) == 3
    for response in responses:
        await pooled.finish(response)
    for _ in range(3):
        await pooled.send()
    assert len(pooled.made) == 3


async def test_each_origin_has_its_own(pooled):
    for url in ("http://127.0.0.1/", "https://127.0.0.1/", "http://127.0.0.1:81/"):
        await pooled.finish(await pooled.send(url))

    assert [(made.url.scheme, made.url.port) for made in pooled.made] == [
        (b"http", None),
        (b"https", None),
        (b"http", 81),
    ]


async def test_finding_one_takes_no_longer_with_many(pooled):
    for response in [await pooled.send() for _ in range(200)]:
        await pooled.finish(response)
    pooled.asked.clear()

    await pooled.send()

    assert len(pooled.asked) == 1


async def test_those_that_ended_meanwhile_are_closed_and_passed_over(pooled):
    for response in [await pooled.send() for _ in range(3)]:
        await pooled.finish(response)
    for connection in pooled.made[1:]:
        connection.expired = True

    await pooled.send()

    assert len(pooled.made) == 3
    assert [connection.closed for connection in pooled.made] == [False, True, True]


async def test_one_whose_answer_wasnt_read_to_its_end_is_closed(pooled):
    response = await pooled.send()
    pooled.made[0].idle = False

    await pooled.finish(response)

    assert pooled.made[0].closed
    await pooled.send()
    assert len(pooled.made) == 2


async def test_one_that_fails_is_closed_whatever_the_failure(pooled):
    await pooled.finish(await pooled.send())
    connection = pooled.made[0]
    connection.failure = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        await pooled.send()

    assert connection.closed
    await pooled.send()
    assert len(pooled.made) == 2


async def test_what_isnt_needed_is_closed_after_a_while(pooled, clock):
    first, second = await pooled.send(), await pooled.send()
    await pooled.finish(first)
    clock.now += KEPT / 2
    await pooled.finish(second)
    clock.now += KEPT / 2

    await pooled.finish(await pooled.send())

    assert [connection.closed for connection in pooled.made] == [True, False]


async def test_closing_ends_all_also_those_that_are_busy(pooled):
    await pooled.finish(await pooled.send())
    busy = [await pooled.send() for _ in range(2)]

    await pooled.close()

    assert all(connection.closed for connection in pooled.made)
    for response in busy:
        await pooled.finish(response)
    await pooled.send()
    assert len(pooled.made) == 3


async def test_one_that_has_been_idle_for_too_long_is_closed_and_passed_over(pooled, clock):
    await pooled.finish(await pooled.send())
    clock.now += KEPT

    await pooled.send()

    assert [connection.closed for connection in pooled.made] == [True, False]


async def test_urls_of_other_kinds_are_refused(pooled):
    with pytest.raises(ConnectionFailed, match="'ftp', not with http"):
        await pooled.send("ftp://127.0.0.1/")


async def test_a_process_that_is_forked_while_the_lock_is_held_gives_back_what_it_has(pooled):
    """By a thread which there isn't in it."""
    held = await pooled.send()
    pooled.pool._lock.acquire()
    pooled.pool.forget()

    await pooled.finish(held)

    assert await pooled.send() is held
