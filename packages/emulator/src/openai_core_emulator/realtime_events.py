"""What realtime sessions of all kinds have in common: how events are read and written."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from .errors import Refusal, bad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import State

Document = dict[str, Any]


def sound_of(event: Mapping[str, Any]) -> bytes:
    """The sound that an event brings."""
    try:
        return b64decode(event["audio"], validate=True)
    except ValueError as error:
        raise bad("Invalid 'audio': it isn't base64.", param="audio", code="invalid_value") from error


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
    """Settings with others put over them, level by level."""
    both = dict(old)
    for name, value in new.items():
        before = both.get(name)
        both[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return both


class EventMaker:
    """What sessions of both kinds have in common: how they write events."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.over = False

    def event(self, kind: str, **fields: Any) -> Document:
        """An event of the server."""
        return {"type": kind, "event_id": self.state.new_id("event_", 21), **fields}

    def error(self, refusal: Refusal, event: Mapping[str, Any]) -> Document:
        """As `Session.error`."""
        name = event.get("event_id")
        return self.event("error", error={**refusal.error, "event_id": name if isinstance(name, str) else None})
