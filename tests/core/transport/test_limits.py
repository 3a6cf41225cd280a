"""Limits: waiting until one, which may be renewed meanwhile, and a deadline that can't."""

from __future__ import annotations

import asyncio
import math

import pytest

from openai_core.retrying import Deadline
from openai_core.transport.limits import Limit, wait_until


async def never():
    await asyncio.get_running_loop().create_future()


def test_it_is_so_many_seconds_but_none_beyond_the_deadline():
    assert 59 < Limit(60, None).left() <= 60
    assert 59 < Limit(600, Deadline(60)).left() <= 60
    assert Limit(math.inf, None).left() == math.inf


def test_renewing_moves_it_but_not_the_deadline():
    limit = Limit(0, Deadline(60))
    assert limit.left() <= 0

    limit.renew(30)
    assert 29 < limit.left() <= 30
    limit.renew(600)
    assert 59 < limit.left() <= 60


async def test_what_comes_in_time_is_given():
    async def answer():
        await asyncio.sleep(0)
        return "answer"

    assert await wait_until(answer(), Limit(math.inf, None)) == "answer"
    assert await wait_until(answer(), Limit(10, None)) == "answer"


async def test_failures_come_through():
    async def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await wait_until(fail(), Limit(10, None))


@pytest.mark.parametrize(("seconds", "deadline"), [(0.05, None), (math.inf, 0.05)])
async def test_what_doesnt_come_is_cancelled(seconds, deadline):
    limit = Limit(seconds, deadline and Deadline(deadline))
    cancelled = []

    async def wait():
        try:
            await never()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(TimeoutError, match="nothing came in time"):
        await wait_until(wait(), limit)

    await asyncio.sleep(0)
    assert cancelled


async def test_a_limit_that_is_renewed_isnt_over():
    limit = Limit(0.05, None)
    loop = asyncio.get_running_loop()

    async def take_longer_than_at_first():
        limit.renew(60)
        late = loop.create_future()
        loop.call_later(0.1, late.set_result, "late")
        return await late

    assert await wait_until(take_longer_than_at_first(), limit) == "late"


async def test_who_is_cancelled_cancels_what_is_waited_for():
    inner = asyncio.get_running_loop().create_future()

    async def wait():
        await inner

    task = asyncio.create_task(wait_until(wait(), Limit(60, None)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)

    assert inner.cancelled()
