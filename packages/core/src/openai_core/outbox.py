"""What was sent over a websocket and what waits to be. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from openai_core.errors import WebSocketQueueFullError

if TYPE_CHECKING:
    from collections.abc import Callable

In = TypeVar("In")

# A ping after so many events or characters, whose answer tells that the server has taken what was sent before it.
_EVENTS_TO_A_PING: Final = 32
_CHARACTERS_TO_A_PING: Final = 65_536


class Outbox(Generic[In]):
    """The events of a session on their way to the server, in their order.

    Args:
        most: characters that may wait while there is no connection.
        answered: whether a ping, as the websocket's library hands it out, was answered.
    """

    def __init__(self, most: int, answered: Callable[[Any], bool]) -> None:
        self._most = most
        self._answered = answered
        self._waiting: deque[tuple[In, str | bytes]] = deque()
        self._size = 0
        self._written: deque[In] = deque()
        self._pings: deque[tuple[Any, int]] = deque()
        self._since_ping = [0, 0]

    @property
    def unsent(self) -> tuple[In, ...]:
        """What waits, oldest first."""
        return tuple(event for event, _ in self._waiting)

    @property
    def waits(self) -> bool:
        """Whether anything does."""
        return bool(self._waiting)

    @property
    def unconfirmed(self) -> tuple[In, ...]:
        """What went out over this connection, and may or may not have arrived, oldest first."""
        self._confirm()
        return tuple(self._written)

    def put(self, event: In, text: str | bytes, *, connected: bool) -> None:
        """Take an event, and what is written of it.

        Raises:
            WebSocketQueueFullError: if it would have to wait and there is no room.
        """
        if not connected and self._size + len(text) > self._most:
            raise WebSocketQueueFullError(
                f"{len(self._waiting)} events of {self._size} characters wait for a connection, and this one of "
                f"{len(text)} would be too many for {self._most}. Read the session's events, which connects it anew, "
                "or set max_queue higher"
            )
        self._waiting.append((event, text))
        self._size += len(text)

    def next(self) -> str | bytes | None:
        """The event to write now, if one waits. It counts as written."""
        if not self._waiting:
            return None
        event, text = self._waiting.popleft()
        self._size -= len(text)
        self._written.append(event)
        self._since_ping[0] += 1
        self._since_ping[1] += len(text)
        return text

    @property
    def wants_ping(self) -> bool:
        """Whether enough was written since the last ping."""
        events, characters = self._since_ping
        return events >= _EVENTS_TO_A_PING or characters >= _CHARACTERS_TO_A_PING

    def pinged(self, ping: Any) -> None:
        """Note that a ping went out."""
        self._confirm()
        self._pings.append((ping, self._since_ping[0]))
        self._since_ping = [0, 0]

    def reconnected(self) -> None:
        """Note that there is another connection: what isn't confirmed by now never will be."""
        self._written.clear()
        self._pings.clear()
        self._since_ping = [0, 0]

    def _confirm(self) -> None:
        while self._pings and self._answered(self._pings[0][0]):
            _, events = self._pings.popleft()
            for _ in range(events):
                self._written.popleft()
