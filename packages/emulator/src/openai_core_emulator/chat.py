"""Chat completions: https://platform.openai.com/docs/api-reference/chat."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from . import asking, text
from .call import Answer, Call, Events, Operation
from .errors import bad
from .fields import BOOLEAN, INTEGER, OBJECT, REQUIRED_STRING, STRING, Field, one_of
from .generation import Question, Reply, Tool, ToolCall, ToolChoice, answer
from .models import require
from .sse import DONE, data
from .state import State, StoredCompletion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MESSAGE: Final = Field(
    ("object",),
    properties={
        "role": one_of("developer", "system", "user", "assistant", "tool", "function", required=True),
        "content": Field(("string", "array"), items=Field(("object",), properties={"type": REQUIRED_STRING})),
        "refusal": STRING,
        "tool_call_id": STRING,
        "tool_calls": Field(("array",), items=Field(("object",), properties={"id": STRING})),
    },
)
_PENALTY: Final = Field(("number",), minimum=-2, maximum=2)
_CREATE: Final = {
    **asking.SHARED,
    "audio": OBJECT,
    "frequency_penalty": _PENALTY,
    "function_call": Field(("string", "object"), choices=("none", "auto"), properties={"name": REQUIRED_STRING}),
    "functions": Field(("array",), fewest=1, most=128, items=Field(("object",), properties={"name": REQUIRED_STRING})),
    "logit_bias": OBJECT,
    "logprobs": BOOLEAN,
    "max_completion_tokens": Field(("integer",), minimum=1),
    "max_tokens": Field(("integer",), minimum=1),
    "messages": Field(("array",), required=True, fewest=1, items=_MESSAGE),
    "modalities": Field(("array",), items=one_of("text", "audio")),
    "model": REQUIRED_STRING,
    "n": Field(("integer",), minimum=1, maximum=128),
    "prediction": OBJECT,
    "presence_penalty": _PENALTY,
    "reasoning_effort": asking.REASONING_EFFORT,
    "response_format": Field(("object",), properties={"type": REQUIRED_STRING, "json_schema": OBJECT}),
    "seed": INTEGER,
    "stop": Field(("string", "array"), fewest=1, most=4, items=STRING),
    "verbosity": asking.VERBOSITY,
    "web_search_options": OBJECT,
}


def _create(call: Call) -> Answer:
    body = call.body
    require(call.state, body["model"])
    _check_together(body)
    question = _question(body)
    replies = [answer(call.state, question, choice) for choice in range(body.get("n") or 1)]
    completion = _completion(call.state, body, replies)
    if body.get("store"):
        _store(call.state, body, completion)
    return Events(_events(call.state, body, completion)) if body.get("stream") else completion


def _check_together(body: Mapping[str, Any]) -> None:
    if body.get("stream_options") and not body.get("stream"):
        raise bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise bad("The 'logprobs' parameter must be set when 'top_logprobs' is used.", param="top_logprobs")
    if body.get("max_tokens") and body.get("max_completion_tokens"):
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise bad(message, param="max_tokens", code="invalid_parameter_combination")
    if "audio" in (body.get("modalities") or ()):
        raise bad("This model does not support audio output.", param="modalities", code="unsupported_value")
    waiting: set[str] = set()
    for position, message in enumerate(body["messages"]):
        where = f"messages[{position}]"
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                said = f"Invalid parameter: '{where}' with role 'tool' must answer one of the preceding 'tool_calls'."
                raise bad(said, param=f"{where}.tool_call_id")
            continue
        if message.get("content") is None and not (message["role"] == "assistant" and _has_more(message)):
            raise bad("Invalid value for 'content': expected a string, got null.", param=f"{where}.content")
        waiting = {each.get("id", "") for each in message.get("tool_calls") or ()}


def _has_more(message: Mapping[str, Any]) -> bool:
    return any(message.get(name) for name in ("tool_calls", "function_call", "refusal", "audio"))


def _question(body: Mapping[str, Any]) -> Question:
    messages = body["messages"]
    last = next((each for each in reversed(messages) if each["role"] in {"user", "tool", "function"}), messages[-1])
    schema, json_object = asking.answer_schema(body.get("response_format"), "response_format")
    if json_object:
        said = [text.plain(each.get("content")) for each in messages]
        asking.require_the_word_json(said, "messages", "response_format")
    if body.get("functions"):
        offered = [Tool(each["name"], each.get("parameters") or {"type": "object"}) for each in body["functions"]]
        choice = _function_choice(body.get("function_call"), offered)
    else:
        offered = asking.tools(body.get("tools"))
        choice = asking.tool_choice(body, offered)
    return Question(
        prompt=text.plain(last.get("content")),
        after_tool=last["role"] in {"tool", "function"},
        tools=offered,
        tool_choice=choice,
        parallel=body.get("parallel_tool_calls") is not False and not body.get("functions"),
        schema=schema,
        json_object=json_object,
        stop=asking.stop_texts(body.get("stop")),
        limit=body.get("max_completion_tokens") or body.get("max_tokens"),
    )


def _function_choice(given: str | Mapping[str, Any] | None, offered: list[Tool]) -> ToolChoice:
    if isinstance(given, str):
        return ToolChoice("none" if given == "none" else "auto")
    if given is None:
        return ToolChoice()
    if given["name"] not in {tool.name for tool in offered}:
        raise bad(f"Invalid 'function_call': no function named '{given['name']}'.", param="function_call")
    return ToolChoice("required", (given["name"],))


def _completion(state: State, body: Mapping[str, Any], replies: list[Reply]) -> dict[str, Any]:
    completion: dict[str, Any] = {
        "id": state.new_id("chatcmpl-", 29),
        "object": "chat.completion",
        "created": state.now(),
        "model": body["model"],
        "choices": [_choice(state, body, reply, index) for index, reply in enumerate(replies)],
        "usage": _usage(body, replies),
        "service_tier": _tier(body.get("service_tier")),
        "system_fingerprint": "fp_" + state.digest("fingerprint", body["model"]).hex()[:10],
    }
    return completion


def _tier(wanted: str | None) -> str:
    return "default" if wanted in {None, "auto"} else str(wanted)


def _choice(state: State, body: Mapping[str, Any], reply: Reply, index: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    finish = "stop"
    if reply.calls and body.get("functions"):
        call = reply.calls[0]
        message["function_call"] = {"name": call.tool.name, "arguments": call.payload}
        finish = "function_call"
    elif reply.calls:
        message["tool_calls"] = [_tool_call(state, call) for call in reply.calls]
        finish = "tool_calls"
    logprobs = None
    if body.get("logprobs") and reply.text is not None:
        content = text.log_probabilities(state, text.tokens(reply.text), body.get("top_logprobs") or 0)
        logprobs = {"content": content, "refusal": None}
    return {
        "index": index,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": "length" if reply.cut else finish,
    }


def _tool_call(state: State, call: ToolCall) -> dict[str, Any]:
    call_id = state.new_id("call_", 24)
    if call.tool.schema is None:
        return {"id": call_id, "type": "custom", "custom": {"name": call.tool.name, "input": call.payload}}
    return {"id": call_id, "type": "function", "function": {"name": call.tool.name, "arguments": call.payload}}


def _usage(body: Mapping[str, Any], replies: list[Reply]) -> dict[str, Any]:
    asked = 3 + sum(4 + text.count(text.plain(message.get("content"))) for message in body["messages"])
    asked += sum(text.count(str(tool)) for tool in body.get("tools") or body.get("functions") or ())
    answered = sum(reply.tokens for reply in replies)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _store(state: State, body: Mapping[str, Any], completion: dict[str, Any]) -> None:
    completion_id = completion["id"]
    messages = [
        {
            "id": f"{completion_id}-{position}",
            "role": message["role"],
            "content": text.plain(message.get("content")),
            "refusal": message.get("refusal"),
            "name": message.get("name"),
            "content_parts": _stored_parts(message.get("content")),
        }
        for position, message in enumerate(body["messages"])
    ]
    kept = {**completion, "metadata": body.get("metadata") or {}}
    state.completions[completion_id] = StoredCompletion(kept, messages)


def _stored_parts(content: object) -> list[Any] | None:
    if not isinstance(content, list):
        return None
    return [part for part in content if part.get("type") in {"text", "image_url"}]


def _events(state: State, body: Mapping[str, Any], completion: Mapping[str, Any]) -> Iterator[bytes]:
    options = body.get("stream_options") or {}
    padded = options.get("include_obfuscation") is not False
    head = {name: completion[name] for name in ("id", "created", "model", "service_tier", "system_fingerprint")}
    head["object"] = "chat.completion.chunk"
    if options.get("include_usage"):
        head["usage"] = None
    # The answers to one prompt come mixed, as they do from the API.
    for step in zip_longest(*(_deltas(choice) for choice in completion["choices"])):
        for choice in filter(None, step):
            chunk = {**head, "choices": [choice]}
            if padded:
                chunk["obfuscation"] = text.obfuscation(state, str(choice["delta"].get("content") or ""))
            yield data(chunk)
    if options.get("include_usage"):
        yield data({**head, "choices": [], "usage": completion["usage"]})
    yield DONE


def _deltas(choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The choices in the chunks that make up one choice of the completion."""
    index, message = choice["index"], choice["message"]
    probable = (choice["logprobs"] or {}).get("content")

    def step(delta: dict[str, Any], finish: str | None = None, logprob: object = None) -> dict[str, Any]:
        logprobs = {"content": [logprob], "refusal": None} if logprob else None
        return {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}

    if message["content"] is not None:
        yield step({"role": "assistant", "content": "", "refusal": None})
        for position, piece in enumerate(text.tokens(message["content"])):
            yield step({"content": piece}, logprob=probable and probable[position])
    elif function := message.get("function_call"):
        start = {"name": function["name"], "arguments": ""}
        yield step({"role": "assistant", "content": None, "function_call": start})
        for piece in text.tokens(function["arguments"]):
            yield step({"function_call": {"arguments": piece}})
    else:
        yield step({"role": "assistant", "content": None})
        for position, call in enumerate(message["tool_calls"]):
            kind = call["type"]
            payload = "arguments" if kind == "function" else "input"
            yield step({"tool_calls": [{**call, "index": position, kind: {**call[kind], payload: ""}}]})
            for piece in text.tokens(call[kind][payload]):
                yield step({"tool_calls": [{"index": position, kind: {payload: piece}}]})
    yield step({}, choice["finish_reason"])


OPERATIONS: Final = (Operation("POST", "/chat/completions", _create, body=_CREATE, model=True),)
