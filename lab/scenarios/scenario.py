"""A row of the table, and what many of them have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from openai_core import RetryPolicy, Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

DEADLINE: Final = 0.5
BOUNDED: Final = {"deadline": DEADLINE}
"""Options with which nothing but the deadline ends a call."""
SHORT: Final = {"timeout": Timeout(read=0.3, idle=0.3)}
"""Timeouts short enough for a test, and long enough for whoever answers at all."""
UNHURRIED: Final = {"retry": RetryPolicy(initial=1e6, maximum=1e6)}
"""A policy that waits for ever, unless the server says for how long."""

CHUNKS: Final = 20
"""Events of the stream of chat."""
EVENTS: Final = 26
"""Events of the stream of a response."""
SESSION: Final = 26
"""Events of a session with one answer."""


@dataclass(frozen=True)
class Scenario:
    """Something that goes wrong, and what is promised.

    Args:
        name: what goes wrong.
        call: with which of `CALLS`.
        faults: of the requests, one after the other, the last for all that follow; `None` is a good answer, and an
            address in it may be `{elsewhere}`.
        raises: class of the error that the caller sees; none if the call succeeds.
        says: what is in its message, as a regular expression.
        came: how much the call gives, where it succeeds.
        partial: how many events the error holds.
        outcome: of the stream.
        requests: how many reach the server.
        attempts: how many the client makes; as many as requests if not given.
        seconds: how long it takes at most, without what a busy machine takes.
        left: files that are left on purpose.
        options: of the client.
        setup: words: `down` has nobody listen, and `returns` somebody again after the first attempt; `tls`, `proxy`
            and `tunnel` say how the client reaches the server; with `idle`, the server has ended its connections before
            the next call.
        calls: how often the call is made, with what it leaves for the next.
        but: where it doesn't hold, as in `sync httpx`, and why.
    """

    name: str
    call: str
    faults: tuple[str | None, ...] = ()
    raises: str = ""
    says: str = ""
    came: int | None = None
    partial: int = 0
    outcome: str | None = None
    requests: int = 1
    attempts: int | None = None
    seconds: float = 1.0
    left: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    setup: str = ""
    calls: int = 1
    but: Mapping[str, str] = field(default_factory=dict)
