"""What has arrived and what was played, written down for whoever waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core_emulator.received import ReceivedRequest

    from .fault import Fault


class Log:
    """What a server has seen and done. Written by its thread, read by others."""

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []
        self.played: list[Fault] = []
        self.connections = 0
        self.under_way = 0
        self._changed = threading.Condition()

    def note(self, request: ReceivedRequest | None, fault: Fault | None) -> None:
        """Note a request, or a handshake, and what is played to it."""
        with self._changed:
            if request is not None:
                self.requests.append(request)
            if fault is not None:
                self.played.append(fault)
            self._changed.notify_all()

    def count(self, connections: int) -> None:
        """Note how many connections are open."""
        with self._changed:
            self.connections = connections
            self._changed.notify_all()

    def begin(self, change: int) -> None:
        """Note that so many more requests are under way, or fewer."""
        with self._changed:
            self.under_way += change
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so; whether it came to that."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def reset(self) -> None:
        """Forget all but the connections and what is under way on them."""
        with self._changed:
            self.requests.clear()
            self.played.clear()
