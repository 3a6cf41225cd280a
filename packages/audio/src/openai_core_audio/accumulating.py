"""What the events of a streamed transcription come to."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json


class TranscriptionAccumulator:
    """An `Accumulator` of a transcription. Its last event has the whole of it."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._logprobs: list[Any] = []
        self._done: dict[str, Any] | None = None

    def add(self, data: bytes) -> None:
        """As `Accumulator.add`."""
        event = from_json(data)
        kind = event.pop("type")
        if kind == "transcript.text.done":
            self._done = event
        elif kind == "transcript.text.delta":
            self._text.append(event["delta"])
            self._logprobs += event.get("logprobs") or ()

    def result(self) -> dict[str, Any] | None:
        """As `Accumulator.result`."""
        if self._done is not None or not self._text:
            return self._done
        told = {"logprobs": self._logprobs} if self._logprobs else {}
        return {"text": "".join(self._text), **told}
