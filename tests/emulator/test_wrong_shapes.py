"""Whatever stands in the place of a parameter, the emulator answers or refuses; it never fails."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from openai_core_emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/b"}}},
    "$defs": {"b": {"enum": [1]}},
}
FUNCTION = {"name": "get_weather", "parameters": SCHEMA, "strict": True}
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
BODIES: dict[str, dict[str, Any]] = {
    "/chat/completions": {
        "model": "gpt-4o",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "weather"}]},
            {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "5"},
        ],
        "tools": [{"type": "function", "function": FUNCTION}, {"type": "custom", "custom": {"name": "shell"}}],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "get_weather"}}]},
        },
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
        "stop": ["a"],
        "n": 2,
        "logprobs": True,
        "top_logprobs": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
        "store": True,
        "metadata": {"a": "b"},
        "service_tier": "auto",
        "max_tokens": 50,
    },
    "/responses": {
        "model": "gpt-4o",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "weather"}]},
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "5"},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}]},
        ],
        "instructions": "Be kind",
        "tools": [{"type": "function", **FUNCTION}],
        "tool_choice": {"type": "function", "name": "get_weather"},
        "text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}, "verbosity": "low"},
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "prompt": {"id": "pmpt_1", "variables": {"a": "b"}},
        "max_output_tokens": 50,
        "metadata": {"a": "b"},
        "background": True,
        "stream": True,
    },
    "/responses/compact": {"model": "gpt-4o", "input": [{"role": "user", "content": "a"}], "instructions": "b"},
    "/responses/input_tokens": {
        "model": "gpt-4o",
        "input": [{"role": "user", "content": "a"}],
        "tools": [{"type": "a"}],
    },
    "/conversations": {"items": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}], "metadata": {}},
    "/embeddings": {
        "model": "text-embedding-3-small",
        "input": [[1, 2], [3]],
        "dimensions": 2,
        "encoding_format": "float",
    },
    "/images/generations": {"prompt": "a", "model": "gpt-image-1", "n": 1, "stream": True, "partial_images": 1},
    "/images/edits": {
        "prompt": "a",
        "images": [{"image_url": "https://example.com/"}],
        "mask": {"image_url": "data:,"},
    },
}
OTHERS: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    0.5,
    "",
    "none",
    [],
    [5],
    [[]],
    {},
    {"type": "function"},
    {"$ref": "#"},
    {"id": 5},
)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in members:
        yield (*path, key)
        yield from places(value, (*path, key))


@pytest.mark.parametrize("url", BODIES)
async def test_wrong_shapes_are_refused(url: str) -> None:
    emulator = Emulator()
    transport = httpx.ASGITransport(emulator.app)
    headers = {"authorization": "Bearer any"}
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator/v1", headers=headers) as client:
        assert (await client.post(url, json=BODIES[url])).status_code == (400 if "edits" in url else 200)
        for path in places(BODIES[url]):
            for other in OTHERS:
                body = copy.deepcopy(BODIES[url])
                place: Any = body
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = other
                response = await client.post(url, json=body)
                assert response.status_code in {200, 400, 404}, f"{other!r} at {path}"
