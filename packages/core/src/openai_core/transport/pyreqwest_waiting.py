"""Waits for pyreqwest in the thread that calls, without an event loop."""

from __future__ import annotations

from asyncio.events import _get_running_loop, _set_running_loop
from contextlib import suppress
from itertools import repeat
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from openai_core.transport.limits import Limit

T = TypeVar("T")

# A future that is never done: all that is read of it is its first item.
_PENDING: Final[Any] = repeat(object())
# Seconds after which to look again, as none may wait for an infinite time, or thousands of years.
_LONG: Final = 3600.0


class Waiter(SimpleQueue[object]):
    """Stands in for the event loop of pyreqwest's coroutines. One waits for one thing at a time.

    They need little of a loop. When they have to wait, they ask the running one for a future, whose first item they
    yield, and remember both; the thread that has something to go on with asks the loop to call back with the future.
    Here that puts an item into a queue, by which the calling thread is woken: it waits like for any queue, so Ctrl-C
    ends it, and a coroutine that is given up is closed.

    What they call is made of C: for a thread outside Python, a first frame costs more than all the rest.
    """

    call_soon_threadsafe = SimpleQueue.put
    create_future = _PENDING.__iter__

    def is_closed(self) -> bool:
        """As an event loop's."""
        return False

    def wait(self, coroutine: Coroutine[Any, Any, T], limit: Limit | None = None) -> T:
        """What a coroutine of pyreqwest's returns.

        Args:
            coroutine: what to wait for.
            limit: until when; it may be renewed meanwhile.

        Raises:
            TimeoutError: when the limit is over.
        """
        # In a notebook there may be one, which stands still as in every call that waits.
        running = _get_running_loop()
        this: Any = self
        try:
            while True:
                _set_running_loop(this)
                try:
                    pending = coroutine.send(None)
                finally:
                    _set_running_loop(running)
                # One that has been woken by what came before has to wait again.
                if pending is not None:
                    if limit is None:
                        self.get()
                    else:
                        self._get_until(limit)
        except StopIteration as done:
            result: T = done.value
            return result
        except BaseException:
            coroutine.close()
            raise

    def _get_until(self, limit: Limit) -> None:
        while (left := limit.left()) > 0:
            with suppress(Empty):
                self.get(timeout=min(left, _LONG))
                return
        raise TimeoutError("nothing came in time")
