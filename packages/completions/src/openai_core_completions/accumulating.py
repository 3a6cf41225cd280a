"""Pieces of texts put together to the completion that they are of."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from openai_core.merging import extend, update


class CompletionAccumulator:
    """An `Accumulator` of pieces."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, list[str]] = {}

    def add(self, data: bytes) -> None:
        """As `Accumulator.add`."""
        chunk = from_json(data)
        for piece in chunk.pop("choices", None) or ():
            index = piece.get("index") or 0
            choice = self._choices.setdefault(index, {"finish_reason": None, "logprobs": None})
            self._texts.setdefault(index, []).append(piece.pop("text", None) or "")
            logprobs = piece.pop("logprobs", None)
            if logprobs is not None:
                choice["logprobs"] = choice["logprobs"] or {}
                extend(choice["logprobs"], logprobs)
            update(choice, piece)
        chunk.pop("obfuscation", None)
        update(self._told, chunk)

    def result(self) -> dict[str, Any] | None:
        """As `Accumulator.result`."""
        if not self._told and not self._choices:
            return None
        made = [
            {**self._choices[index], "index": index, "text": "".join(self._texts[index])}
            for index in sorted(self._choices)
        ]
        return {**self._told, "choices": made}
