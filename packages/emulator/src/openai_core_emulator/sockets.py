"""What goes over websockets, written down, and how a test makes it go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import Refusal

Document = dict[str, Any]


@dataclass
class _Break:
    code: int | None
    after: int
    on: str | None
    reason: str


class Sockets:
    """What goes over websockets, and how to make it go wrong."""

    def __init__(self) -> None:
        self.received: list[Document] = []
        """The events of all clients, in the order of arrival."""
        self.sent: list[Document] = []
        """The events of the server, in their order."""
        self._breaks: list[_Break] = []
        self._refusals: list[Refusal] = []

    def close(self, code: int | None, *, after: int = 0, on: str | None = None, reason: str = "") -> None:
        """Let the server end a connection. Several such plans are carried out one after the other.

        Args:
            code: what it closes with; `None` breaks the connection without a word.
            after: how many more events of a client it answers before, over all connections.
            on: it ends right after an event of this type, of its own; `after` doesn't count then.
            reason: what it says to it.
        """
        self._breaks.append(_Break(code, after, on, reason))

    def refuse(self, status: int, message: str = "Try again later.", **details: Any) -> None:
        """Let the server refuse the next handshake.

        Args:
            status: of HTTP.
            message: for people.
            details: `code`, `type`, `param` and `headers` of the answer.
        """
        self._refusals.append(Refusal(status, message, **details))

    def reset(self) -> None:
        """Forget everything."""
        for each in (self.received, self.sent, self._breaks, self._refusals):
            each.clear()

    def refusal(self) -> Refusal | None:
        """What to refuse the handshake at hand with."""
        return self._refusals.pop(0) if self._refusals else None

    def due(self, sent: str | None) -> _Break | None:
        """The end of a connection, if now is its time.

        Args:
            sent: type of the event that was sent; None once an event of a client was answered.
        """
        if not self._breaks:
            return None
        first = self._breaks[0]
        if sent is None and first.on is None:
            first.after -= 1
        if (first.on == sent) if sent is not None else (first.on is None and first.after <= 0):
            return self._breaks.pop(0)
        return None
