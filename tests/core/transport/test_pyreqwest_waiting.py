"""Waiting without an event loop for coroutines that ask for one, as pyreqwest's do."""

from __future__ import annotations

import asyncio
import threading

import pytest

from openai_core.transport.limits import Limit
from openai_core.transport.pyreqwest_waiting import Waiter


class Outside:
    """A coroutine as of pyreqwest's: it goes on when a thread has said so to the loop in which it was begun."""

    def __init__(self, *, say_so=True):
        self.closed = False
        self.sent = 0
        self._say_so = say_so
        self._done = threading.Event()

    def send(self, value):
        self.sent += 1
        if self._done.is_set():
            raise StopIteration("done")
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        if self._say_so:
            threading.Thread(target=self._finish, args=(loop, future)).start()
        return next(iter(future))

    def _finish(self, loop, future):
        self._done.set()
        loop.call_soon_threadsafe(print, future)

    def close(self):
        self.closed = True


class Clock:
    """Limits of so many seconds, each of which is over when it has been looked at so often."""

    def __init__(self, *left):
        self._left = list(left)

    def left(self):
        return self._left.pop(0)


def test_it_is_woken_by_another_thread():
    outside = Outside()

    assert Waiter().wait(outside) == "done"

    assert outside.sent == 2


def test_what_is_there_is_not_waited_for():
    async def there():
        return 1

    assert Waiter().wait(there()) == 1


def test_one_that_has_to_be_asked_again_at_once_is():
    class Busy(Outside):
        def send(self, value):
            self.sent += 1
            if self.sent == 3:
                raise StopIteration("done")

    assert Waiter().wait(Busy()) == "done"


def test_an_error_is_raised_as_it_is():
    async def fail():
        raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        Waiter().wait(fail())


def test_it_waits_until_the_limit():
    outside = Outside(say_so=False)

    with pytest.raises(TimeoutError, match="nothing came in time"):
        Waiter().wait(outside, Limit(0.01, None))

    assert outside.closed


def test_a_limit_that_was_renewed_meanwhile_counts():
    outside = Outside(say_so=False)

    with pytest.raises(TimeoutError):
        Waiter().wait(outside, limit := Clock(0.001, 0.001, 0))

    assert limit._left == []


def test_a_limit_may_be_without_end():
    assert Waiter().wait(Outside(), Limit(float("inf"), None)) == "done"


def test_being_woken_for_what_was_given_up_does_no_harm():
    waiter = Waiter()
    waiter.call_soon_threadsafe(print, None)

    assert waiter.wait(Outside()) == "done"


def test_the_event_loop_of_the_thread_is_the_running_one_again():
    async def call():
        loop = asyncio.get_running_loop()
        assert Waiter().wait(Outside()) == "done"
        return asyncio.get_running_loop() is loop

    assert asyncio.run(call())
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
