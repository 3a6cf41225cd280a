"""Counting the tokens of a response before it is made, and making a long history short.

https://platform.openai.com/docs/api-reference/responses/input-tokens
https://platform.openai.com/docs/api-reference/responses/compact
"""

from __future__ import annotations

import base64
from typing import Final

from . import asking, items, text
from .call import Answer, Call, Operation
from .fields import REQUIRED_STRING, STRING, Field, one_of
from .models import require
from .responses import CONVERSATION, REASONING, TEXT, context_of, usage

_COUNT: Final = {
    "conversation": CONVERSATION,
    "input": items.INPUT,
    "instructions": STRING,
    "model": STRING,
    "parallel_tool_calls": asking.SHARED["parallel_tool_calls"],
    "personality": STRING,
    "previous_response_id": STRING,
    "reasoning": REASONING,
    "text": TEXT,
    "tool_choice": asking.SHARED["tool_choice"],
    "tools": asking.SHARED["tools"],
    "truncation": one_of("auto", "disabled"),
}
_COMPACT: Final = {
    "input": items.INPUT,
    "instructions": STRING,
    "model": REQUIRED_STRING,
    "previous_response_id": STRING,
    "prompt_cache_key": Field(("string",), longest=64),
    "prompt_cache_options": asking.SHARED["prompt_cache_options"],
    "prompt_cache_retention": asking.SHARED["prompt_cache_retention"],
    "service_tier": one_of("auto", "default", "fast", "flex", "priority"),
}


def _count(call: Call) -> Answer:
    body = call.body
    if body.get("model"):
        require(call.state, body["model"])
    context = context_of(call.state, body)
    given = items.taken_in(call.state, body.get("input"), context=context)
    counted = items.count([*context, *given]) + text.count(body.get("instructions") or "")
    counted += sum(text.count(str(tool)) for tool in body.get("tools") or ())
    return {"object": "response.input_tokens", "input_tokens": counted}


def _compact(call: Call) -> Answer:
    """What users said is kept word for word; all the rest becomes one opaque item."""
    state, body = call.state, call.body
    require(state, body["model"])
    context = context_of(state, body)
    history = [*context, *items.taken_in(state, body.get("input"), context=context)]
    kept = [item for item in history if item.get("role") == "user"]
    rest = "\n".join(items.said(item) for item in history if item.get("role") != "user")
    compaction = {
        "id": items.new_item_id(state, "compaction"),
        "type": "compaction",
        "encrypted_content": base64.b64encode(rest.encode()).decode(),
    }
    return {
        "id": state.new_id("resp_", 50),
        "object": "response.compaction",
        "created_at": state.now(),
        "output": [*kept, compaction],
        "usage": usage(items.count(history), items.count([*kept, compaction])),
    }


OPERATIONS: Final = (
    Operation("POST", "/responses/input_tokens", _count, body=_COUNT),
    Operation("POST", "/responses/compact", _compact, body=_COMPACT, model=True),
)
