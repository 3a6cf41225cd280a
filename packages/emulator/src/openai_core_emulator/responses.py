"""Responses: https://platform.openai.com/docs/api-reference/responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import asking, items, response_events, sse, text
from .call import Answer, Call, Events, Operation, page
from .errors import Refusal, bad
from .fields import ARRAY, BOOLEAN, INTEGER, PAGE, STRING, Field, one_of
from .generation import Question, Reply, ToolCall, answer
from .models import require
from .state import Conversation, State, StoredResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INCLUDE: Final = Field(("array",), items=STRING)
TEXT: Final = Field(
    ("object",), properties={"format": Field(("object",), properties={"type": STRING}), "verbosity": asking.VERBOSITY}
)
REASONING: Final = Field(
    ("object",),
    properties={"effort": asking.REASONING_EFFORT, "summary": one_of("auto", "concise", "detailed")},
)
CONVERSATION: Final = Field(("string", "object"), properties={"id": Field(("string",), required=True)})
CREATE: Final = {
    **asking.SHARED,
    "background": BOOLEAN,
    "context_management": ARRAY,
    "conversation": CONVERSATION,
    "include": INCLUDE,
    "input": items.INPUT,
    "instructions": STRING,
    "max_output_tokens": Field(("integer",), minimum=16),
    "max_tool_calls": INTEGER,
    "model": STRING,
    "previous_response_id": STRING,
    "prompt": Field(("object",), properties={"id": Field(("string",), required=True)}),
    "reasoning": REASONING,
    "service_tier": one_of("auto", "default", "flex", "scale", "priority", "fast", "ultrafast"),
    "text": TEXT,
    "truncation": one_of("auto", "disabled"),
}
_UNFINISHED: Final = frozenset({"queued", "in_progress"})


def context_of(state: State, body: Mapping[str, Any], unstored: StoredResponse | None = None) -> list[dict[str, Any]]:
    """What was said before: the items of the conversation, or those of the response that this one follows.

    Args:
        state: what the server remembers.
        body: of the request.
        unstored: a response that can be followed all the same.
    """
    previous, conversation = body.get("previous_response_id"), body.get("conversation")
    if previous and conversation:
        message = "Mutually exclusive parameters: 'previous_response_id' and 'conversation' can't both be given."
        raise bad(message, param="previous_response_id", code="mutually_exclusive_parameters")
    if previous:
        stored = state.responses.get(previous)
        if stored is None and unstored is not None and unstored.response["id"] == previous:
            stored = unstored
        if stored is None:
            message = f"Previous response with id '{previous}' not found."
            raise bad(message, param="previous_response_id", code="previous_response_not_found")
        return [*stored.context, *stored.input_items, *stored.response["output"]]
    if conversation:
        return list(_conversation(state, conversation).items)
    return []


def _conversation(state: State, given: str | Mapping[str, Any]) -> Conversation:
    return state.conversation(given if isinstance(given, str) else given["id"])


def made(state: State, body: Mapping[str, Any], unstored: StoredResponse | None = None) -> StoredResponse:
    """A new response, which is kept if the request wants that.

    Args:
        state: what the server remembers.
        body: of the request.
        unstored: as in `context_of`.
    """
    _check_together(body)
    if body.get("model"):
        require(state, body["model"])
    context = context_of(state, body, unstored)
    given = items.taken_in(state, body.get("input"), context=context)
    question = _question(body, [*context, *given])
    reply = answer(state, question)
    response = _response(state, body, reply, asked=items.count([*context, *given]))
    stored = StoredResponse(response, given, context, "queued" if response["background"] else response["status"])
    if response["store"]:
        state.responses[response["id"]] = stored
        state.items.update((item["id"], item) for item in response["output"])
    if conversation := body.get("conversation"):
        _conversation(state, conversation).items.extend([*given, *response["output"]])
    return stored


def _create(call: Call) -> Answer:
    state, body = call.state, call.body
    stored = made(state, body)
    if body.get("stream"):
        padded = (body.get("stream_options") or {}).get("include_obfuscation") is not False
        return Events(_stream(state, stored, padded=padded))
    return _as_it_stands(stored)


def _check_together(body: Mapping[str, Any]) -> None:
    if not body.get("model") and not body.get("prompt"):
        raise bad("Missing required parameter: 'model'.", param="model", code="missing_required_parameter")
    sources = ("input", "previous_response_id", "prompt", "conversation")
    if all(body.get(name) is None for name in sources):
        message = "One of 'input', 'previous_response_id', 'prompt' or 'conversation' must be provided."
        raise bad(message, param="input", code="missing_required_parameter")
    if body.get("stream_options") and not body.get("stream"):
        raise bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options")
    if body.get("background") and body.get("store") is False:
        raise bad("Background responses must be stored: 'store' can't be false.", param="store")


def _question(body: Mapping[str, Any], history: list[dict[str, Any]]) -> Question:
    asked = [item for item in history if item.get("role") == "user" or item["type"].endswith("_output")]
    last = (asked or history or [{"type": "message", "content": (body.get("prompt") or {}).get("id", "")}])[-1]
    offered = asking.tools(body.get("tools"))
    schema, json_object = asking.answer_schema((body.get("text") or {}).get("format"), "text.format")
    if json_object:
        texts = [items.said(item) for item in history] + [body.get("instructions") or ""]
        asking.require_the_word_json(texts, "input", "text.format")
    return Question(
        prompt=items.said(last),
        after_tool=last["type"].endswith("_output"),
        tools=offered,
        tool_choice=asking.tool_choice(body, offered),
        parallel=body.get("parallel_tool_calls") is not False,
        schema=schema,
        json_object=json_object,
        limit=body.get("max_output_tokens"),
    )


def _response(state: State, body: Mapping[str, Any], reply: Reply, *, asked: int) -> dict[str, Any]:
    thought = _thought(state, body)
    output = [*thought, *_output(state, body, reply)]
    if (body.get("multi_agent") or {}).get("enabled"):
        # The root agent answers by itself; it sets no others to work.
        output = [{**item, "agent": {"agent_name": "/root"}} for item in output]
    thinking = items.count(thought)
    asked += text.count(body.get("instructions") or "") + sum(text.count(str(tool)) for tool in body.get("tools") or ())
    tier = body.get("service_tier")
    created = state.now()
    optional = {name: body[name] for name in ("user", "prompt") if body.get(name)}
    if conversation := body.get("conversation"):
        optional["conversation"] = {"id": conversation if isinstance(conversation, str) else conversation["id"]}
    return {
        "id": state.new_id("resp_", 50),
        "object": "response",
        "created_at": created,
        "status": "incomplete" if reply.cut else "completed",
        "background": bool(body.get("background")),
        "completed_at": None if reply.cut else state.now(),
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if reply.cut else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": body.get("model") or "gpt-4o",
        "output": output,
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default" if tier in {None, "auto"} else tier,
        "store": body.get("store") is not False,
        "temperature": 1.0 if body.get("temperature") is None else body["temperature"],
        "text": {"format": {"type": "text"}, "verbosity": "medium", **(body.get("text") or {})},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": [_echoed(tool) for tool in body.get("tools") or ()],
        "top_logprobs": body.get("top_logprobs") or 0,
        "top_p": 1.0 if body.get("top_p") is None else body["top_p"],
        "truncation": body.get("truncation") or "disabled",
        "usage": usage(asked, reply.tokens + thinking, thinking),
        "metadata": body.get("metadata") or {},
        **optional,
    }


def usage(asked: int, answered: int, thinking: int = 0) -> dict[str, Any]:
    """What a response cost, in tokens."""
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": answered,
        "output_tokens_details": {"reasoning_tokens": thinking},
        "total_tokens": asked + answered,
    }


def _echoed(tool: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {"description": None, "parameters": None, "strict": True} if tool["type"] == "function" else {}
    return {**defaults, **tool}


def _thought(state: State, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The reasoning that goes ahead of the answer, when the request speaks of reasoning."""
    asked = body.get("reasoning") or {}
    if asked.get("effort") in {None, "none"} and not asked.get("summary"):
        return []
    item: dict[str, Any] = {"id": items.new_item_id(state, "reasoning"), "type": "reasoning", "summary": []}
    if asked.get("summary"):
        item["summary"].append({"type": "summary_text", "text": "The question is short, and so the answer can be."})
    if "reasoning.encrypted_content" in (body.get("include") or ()):
        item["encrypted_content"] = state.digest("reasoning", item["id"]).hex()
    return [item]


def _output(state: State, body: Mapping[str, Any], reply: Reply) -> list[dict[str, Any]]:
    status = "incomplete" if reply.cut else "completed"
    if reply.text is None:
        return [_tool_call(state, call, status) for call in reply.calls]
    logprobs: list[dict[str, Any]] = []
    if "message.output_text.logprobs" in (body.get("include") or ()):
        logprobs = text.log_probabilities(state, text.tokens(reply.text), body.get("top_logprobs") or 0)
    part = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": logprobs}
    item_id = items.new_item_id(state, "message")
    return [{"id": item_id, "type": "message", "status": status, "role": "assistant", "content": [part]}]


def _tool_call(state: State, call: ToolCall, status: str) -> dict[str, Any]:
    kind, payload = ("custom_tool_call", "input") if call.tool.schema is None else ("function_call", "arguments")
    return {
        "id": items.new_item_id(state, kind),
        "type": kind,
        "status": status,
        "call_id": state.new_id("call_", 24),
        "name": call.tool.name,
        payload: call.payload,
    }


def _as_it_stands(stored: StoredResponse) -> dict[str, Any]:
    if stored.status == stored.response["status"]:
        return stored.response
    return response_events.unfinished(stored.response, stored.status)


def _stream(state: State, stored: StoredResponse, *, padded: bool, after: int = -1) -> Iterator[bytes]:
    for event in response_events.stream(state, stored.response, padded=padded):
        if event["type"] in {"response.completed", "response.incomplete"}:
            stored.status = stored.response["status"]
        if event["sequence_number"] > after:
            yield sse.event(event)


def _retrieve(call: Call) -> Answer:
    """A response in the background takes a step with each look: queued, in progress, finished."""
    stored = call.state.response(call.path["response_id"])
    if call.query.get("stream"):
        if stored.status == "cancelled":
            raise bad("A cancelled response can't be streamed.", param="stream")
        padded = call.query.get("include_obfuscation") is not False
        return Events(_stream(call.state, stored, padded=padded, after=call.query.get("starting_after", -1)))
    if stored.status in _UNFINISHED:
        stored.status = "in_progress" if stored.status == "queued" else stored.response["status"]
    return _as_it_stands(stored)


def _delete(call: Call) -> Answer:
    response_id = call.state.response(call.path["response_id"]).response["id"]
    del call.state.responses[response_id]
    return {"id": response_id, "object": "response", "deleted": True}


def _cancel(call: Call) -> Answer:
    stored = call.state.response(call.path["response_id"])
    if not stored.response["background"]:
        raise bad("Cannot cancel a synchronous response.")
    if stored.status in _UNFINISHED:
        stored.status = "cancelled"
    if stored.status != "cancelled":
        raise Refusal(409, f"Cannot cancel a response that is {stored.status}.", type="conflict_error")
    return _as_it_stands(stored)


def _input_items(call: Call) -> Answer:
    return page(call.state.response(call.path["response_id"]).input_items, call.query, order="desc")


_STREAM_QUERY: Final = {"stream": BOOLEAN, "starting_after": INTEGER, "include_obfuscation": BOOLEAN}

OPERATIONS: Final = (
    Operation("POST", "/responses", _create, body=CREATE, model=True),
    Operation("GET", "/responses/{response_id}", _retrieve, query=_STREAM_QUERY),
    Operation("DELETE", "/responses/{response_id}", _delete),
    Operation("POST", "/responses/{response_id}/cancel", _cancel),
    Operation("GET", "/responses/{response_id}/input_items", _input_items, query=PAGE),
)
