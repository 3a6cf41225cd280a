"""Pieces of texts put together to the completion that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from openai_core.merging import extend, update

if TYPE_CHECKING:
    from collections.abc import Iterable


def completion(chunks: Iterable[bytes]) -> dict[str, Any]:
    """The data of a completion.

    Args:
        chunks: the data of its pieces, in order.
    """
    told: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    texts: dict[int, list[str]] = {}
    for data in chunks:
        chunk = from_json(data)
        for piece in chunk.pop("choices", None) or ():
            index = piece.get("index") or 0
            choice = choices.setdefault(index, {"finish_reason": None, "logprobs": None})
            texts.setdefault(index, []).append(piece.pop("text", None) or "")
            logprobs = piece.pop("logprobs", None)
            if logprobs is not None:
                choice["logprobs"] = choice["logprobs"] or {}
                extend(choice["logprobs"], logprobs)
            update(choice, piece)
        update(told, chunk)
    told.pop("obfuscation", None)
    made = [{**choices[index], "index": index, "text": "".join(texts[index])} for index in sorted(choices)]
    return {**told, "choices": made}
