"""What the events of a run come to: the run, as the last of them that is about it tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_RUN: Final = "thread.run."
_OF_STEP: Final = "thread.run.step."


def run(events: Sequence[bytes]) -> Any:
    """The data of a run; nothing if no event tells it.

    Args:
        events: the data of the events, in order, each with its name.
    """
    for data in reversed(events):
        event = from_json(data)
        name = event["event"]
        if name.startswith(_OF_RUN) and not name.startswith(_OF_STEP):
            return event["data"]
    return None
