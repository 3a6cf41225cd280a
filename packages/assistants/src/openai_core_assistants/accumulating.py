"""What the events of a run come to: the run, as the last of them that is about it tells it."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import from_json

_OF_RUN: Final = "thread.run."
_OF_STEP: Final = "thread.run.step."


class RunAccumulator:
    """An `Accumulator` of events, each with its name. What a run said is in messages, which are no part of it."""

    def __init__(self) -> None:
        self._run: Any = None

    def add(self, data: bytes) -> None:
        """As `Accumulator.add`."""
        event = from_json(data)
        name = event["event"]
        if name.startswith(_OF_RUN) and not name.startswith(_OF_STEP):
            self._run = event["data"]

    def result(self) -> Any:
        """As `Accumulator.result`."""
        return self._run
