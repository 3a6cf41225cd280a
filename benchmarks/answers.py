"""What the benchmark's server answers with, and what every subject must make of it."""

from __future__ import annotations

import json
from typing import Any, Final

TEXT: Final = "The quick brown fox jumps over the lazy dog. " * 4
CHUNKS: Final = 500
MANY_CHUNKS: Final = 16_000
THINK_TIME: Final = 0.05  # seconds
MODELS: Final = tuple(f"gpt-5-{number}" for number in range(20))
TEXTS: Final = 256
DIMENSIONS: Final = 1536
MEGABYTES: Final = 512

_USAGE: Final = {
    "prompt_tokens": 9,
    "completion_tokens": 12,
    "total_tokens": 21,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def completion() -> bytes:
    """An answer of chat."""
    message: dict[str, Any] = {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []}
    return _json(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "gpt-5-mini",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": _USAGE,
            "service_tier": "default",
            "system_fingerprint": "fp_1",
        }
    )


def models() -> bytes:
    """A list of models."""
    data = [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "openai"} for name in MODELS]
    return _json({"object": "list", "data": data})


def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "gpt-5-mini",
        "service_tier": "default",
        "system_fingerprint": "fp_1",
        "choices": [choice],
        "obfuscation": "abcdefgh",
    }
    return b"data: " + _json(chunk) + b"\n\n"


def chat_stream(count: int = CHUNKS) -> bytes:
    """A streamed answer of chat."""
    chunks = [_chunk({"role": "assistant", "content": "", "refusal": None})]
    chunks += [_chunk({"content": f"word{number} "}) for number in range(count)]
    return b"".join([*chunks, _chunk({}, "stop"), b"data: [DONE]\n\n"])


def _response(status: str, output: list[Any]) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "gpt-5-mini",
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
    }


def _message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def response() -> bytes:
    """A response."""
    return _json(_response("completed", [_message(TEXT)]))


def response_stream(count: int = CHUNKS) -> bytes:
    """A streamed response."""
    events: list[dict[str, Any]] = [{"type": "response.created", "response": _response("in_progress", [])}]
    where = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    for number in range(count):
        delta = {"delta": f"word{number} ", "logprobs": [], "obfuscation": "abcdefgh"}
        events.append({"type": "response.output_text.delta", **where, **delta})
    events.append({"type": "response.completed", "response": _response("completed", [_message(streamed_text(count))])})
    lines = []
    for number, event in enumerate(events):
        data = _json({**event, "sequence_number": number})
        lines.append(b"event: " + event["type"].encode() + b"\ndata: " + data + b"\n\n")
    return b"".join(lines)


def streamed_text(count: int = CHUNKS) -> str:
    """The text of both streams."""
    return "".join(f"word{number} " for number in range(count))


def messages(count: int, parts: int = 0) -> list[Any]:
    """A conversation.

    Args:
        count: of its messages.
        parts: of each message; without any, its content is one text.
    """
    roles = ("user", "assistant")
    texts = [f"This is message {number}. " * 8 for number in range(count)]
    contents: list[Any] = [[{"type": "text", "text": text}] * parts for text in texts] if parts else [*texts]
    return [{"role": roles[number % 2], "content": content} for number, content in enumerate(contents)]


def vector(index: int) -> list[float]:
    """The vector of a text: numbers that 32 bits hold exactly."""
    return [((index * 31 + position * 7) % 1024 - 512) / 4096 for position in range(DIMENSIONS)]


def embeddings(*, packed: bool, texts: int = TEXTS) -> bytes:
    """Vectors, as base64 or as numbers."""
    import base64
    import struct

    data = []
    for index in range(texts):
        numbers = vector(index)
        embedding: Any = numbers
        if packed:
            embedding = base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *numbers)).decode()
        data.append({"object": "embedding", "index": index, "embedding": embedding})
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return _json({"object": "list", "data": data, "model": "text-embedding-3-small", "usage": usage})


def file_object(size: int) -> bytes:
    """What an upload of some bytes is answered with."""
    return _json(
        {
            "id": "file-1",
            "object": "file",
            "bytes": size,
            "created_at": 1_700_000_000,
            "filename": "big.bin",
            "purpose": "batch",
            "status": "processed",
        }
    )
