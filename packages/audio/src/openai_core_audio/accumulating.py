"""What the events of a streamed transcription come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def transcription(events: Sequence[bytes]) -> dict[str, Any]:
    """The data of a transcription.

    Args:
        events: the data of the events that end it: of one, which has the whole text.
    """
    done: dict[str, Any] = from_json(events[-1])
    del done["type"]
    return done
