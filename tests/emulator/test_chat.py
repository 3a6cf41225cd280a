from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
ReadEvents = Callable[..., list[dict[str, Any]]]
URL = "/chat/completions"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
            "required": ["city", "unit"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "read_clock"}}
SHELL = {"type": "custom", "custom": {"name": "shell"}}


def body(prompt: Any = "Hi", **options: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}], **options}


def create(http: httpx.Client, prompt: Any = "Hi", **options: Any) -> Any:
    response = http.post(URL, json=body(prompt, **options))
    assert response.status_code == 200, response.text
    return response.json()


def joined(chunks: list[dict[str, Any]], index: int = 0) -> str:
    choices = [choice for chunk in chunks for choice in chunk.get("choices", ()) if choice["index"] == index]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def test_the_answer_quotes_the_last_thing_said(http: httpx.Client) -> None:
    completion = create(http, "Tell me of foxes")
    (choice,) = completion["choices"]
    assert "“Tell me of foxes”" in choice["message"]["content"]
    assert (choice["finish_reason"], choice["message"]["role"]) == ("stop", "assistant")
    assert completion["system_fingerprint"].startswith("fp_")
    assert completion["service_tier"] == "default"


def test_content_parts_are_read(http: httpx.Client) -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    completion = create(http, [{"type": "text", "text": "What is this?"}, picture])
    assert "What is this?" in completion["choices"][0]["message"]["content"]


def test_usage_adds_up_and_grows_with_the_prompt(http: httpx.Client) -> None:
    short, long = (create(http, prompt)["usage"] for prompt in ("Hi", "Hi " * 50))
    assert short["total_tokens"] == short["prompt_tokens"] + short["completion_tokens"]
    assert long["prompt_tokens"] > short["prompt_tokens"]


def test_several_choices_differ(http: httpx.Client) -> None:
    choices = create(http, n=4)["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2, 3]
    assert len({choice["message"]["content"] for choice in choices}) == 4


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_tokens_cuts_the_answer(http: httpx.Client, limit: str) -> None:
    completion = create(http, **{limit: 3})
    assert completion["choices"][0]["finish_reason"] == "length"
    assert completion["usage"]["completion_tokens"] == 3


def test_a_limit_that_is_not_reached_cuts_nothing(http: httpx.Client) -> None:
    assert create(http, max_tokens=1000)["choices"] == create(http)["choices"]


@pytest.mark.parametrize("stop", ["foxes", ["never said", "foxes"]])
def test_the_answer_ends_before_a_stop_text(http: httpx.Client, stop: Any) -> None:
    choice = create(http, "red foxes run", stop=stop)["choices"][0]
    assert choice["message"]["content"].endswith("“red ")
    assert choice["finish_reason"] == "stop"


def test_log_probabilities_are_given_for_each_token(http: httpx.Client) -> None:
    choice = create(http, logprobs=True, top_logprobs=2)["choices"][0]
    tokens = choice["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
    assert all(token["top_logprobs"][0]["token"] == token["token"] for token in tokens)
    assert all(len(token["top_logprobs"]) == 2 and token["logprob"] <= 0 for token in tokens)
    assert bytes(tokens[0]["bytes"]).decode() == tokens[0]["token"]


def test_a_tool_is_called_when_one_is_required(http: httpx.Client) -> None:
    choice = create(http, "Hi", tools=[WEATHER], tool_choice="required")["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)
    (call,) = choice["message"]["tool_calls"]
    assert (call["type"], call["function"]["name"]) == ("function", "get_weather")
    arguments = json.loads(call["function"]["arguments"])
    assert isinstance(arguments["city"], str)
    assert arguments["unit"] in {"celsius", "fahrenheit"}


def test_a_named_tool_is_called(http: httpx.Client) -> None:
    choice = {"type": "function", "function": {"name": "read_clock"}}
    message = create(http, tools=[WEATHER, CLOCK], tool_choice=choice)["choices"][0]["message"]
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["read_clock"]


def test_only_allowed_tools_are_called(http: httpx.Client) -> None:
    allowed = {"mode": "required", "tools": [CLOCK]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    message = create(http, tools=[WEATHER, CLOCK], tool_choice=choice)["choices"][0]["message"]
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["read_clock"]


def test_left_to_itself_the_model_calls_the_tools_that_the_prompt_mentions(http: httpx.Client) -> None:
    def called(prompt: str, **options: Any) -> list[str]:
        message = create(http, prompt, tools=[WEATHER, CLOCK], **options)["choices"][0]["message"]
        return [call["function"]["name"] for call in message.get("tool_calls", ())]

    assert called("Hello") == []
    assert called("What is the weather in Paris?") == ["get_weather"]
    assert called("Weather and clock, please") == ["get_weather", "read_clock"]
    assert called("Weather and clock, please", parallel_tool_calls=False) == ["get_weather"]
    assert called("What is the weather in Paris?", tool_choice="none") == []


def test_arguments_take_names_from_the_prompt(http: httpx.Client) -> None:
    message = create(http, "What is the weather in Paris?", tools=[WEATHER])["choices"][0]["message"]
    assert json.loads(message["tool_calls"][0]["function"]["arguments"])["city"] == "Paris"


def test_a_tool_result_is_answered_with_text(http: httpx.Client) -> None:
    messages = body("What is the weather in Paris?")["messages"]
    asked = http.post(URL, json={"model": "gpt-4o", "messages": messages, "tools": [WEATHER]}).json()
    message = asked["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "18 degrees"}
    sent = {"model": "gpt-4o", "messages": [*messages, message, result], "tools": [WEATHER]}
    choice = http.post(URL, json=sent).json()["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert "18 degrees" in choice["message"]["content"]


def test_a_custom_tool_gets_text(http: httpx.Client) -> None:
    message = create(http, "list files", tools=[SHELL], tool_choice="required")["choices"][0]["message"]
    assert message["tool_calls"][0]["custom"] == {"name": "shell", "input": "list files"}


def test_functions_of_old_are_called_the_old_way(http: httpx.Client) -> None:
    choice = create(http, functions=[CLOCK["function"]], function_call={"name": "read_clock"})["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"]["name"] == "read_clock"


def test_an_answer_can_be_any_json_object(http: httpx.Client, refused: Refused) -> None:
    completion = create(http, "Answer in JSON", response_format={"type": "json_object"})
    assert isinstance(json.loads(completion["choices"][0]["message"]["content"]), dict)
    refused(400, "POST", URL, json=body("Hi", response_format={"type": "json_object"}))


def test_an_answer_can_follow_a_schema(http: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": True}}
    completion = create(http, response_format=response_format)
    assert isinstance(json.loads(completion["choices"][0]["message"]["content"])["age"], int)


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "always", "tools": [WEATHER]}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "other"}}, "tools": [WEATHER]}, "tool_choice"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": [{}]}, "tools[0].type"),
        ({"functions": [CLOCK["function"]], "function_call": {"name": "other"}}, "function_call"),
        ({"functions": [CLOCK["function"]], "function_call": "always"}, "function_call"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.name"),
        ({"messages": [{"role": "tool", "tool_call_id": "call_1", "content": ""}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ],
)
def test_what_does_not_go_together_is_refused(refused: Refused, options: dict[str, Any], param: str) -> None:
    assert (
        refused(400, "POST", URL, json=body(**{"messages": body()["messages"], **options}) | options)["param"] == param
    )


def test_a_stream_brings_the_same_text_piece_by_piece(http: httpx.Client, read_events: ReadEvents) -> None:
    whole = create(http)["choices"][0]
    *chunks, done = read_events("POST", URL, json=body(stream=True))
    assert done == {"done": True}
    assert len(chunks) > 5
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert joined(chunks) == whole["message"]["content"]
    finishes = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    assert finishes == [None] * (len(finishes) - 1) + ["stop"]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert all(chunk["object"] == "chat.completion.chunk" and "usage" not in chunk for chunk in chunks)


def test_each_event_is_sent_by_itself(http: httpx.Client) -> None:
    with http.stream("POST", URL, json=body(stream=True)) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        assert "content-length" not in response.headers
        assert response.read().count(b"data: ") > 5


def test_the_last_chunk_tells_the_usage_when_asked(http: httpx.Client, read_events: ReadEvents) -> None:
    *chunks, last, _ = read_events("POST", URL, json=body(stream=True, stream_options={"include_usage": True}))
    assert (last["choices"], last["usage"]) == ([], create(http)["usage"])
    assert all(chunk["usage"] is None for chunk in chunks)


def test_padding_can_be_left_out(read_events: ReadEvents) -> None:
    *padded, _ = read_events("POST", URL, json=body(stream=True))
    *plain, _ = read_events("POST", URL, json=body(stream=True, stream_options={"include_obfuscation": False}))
    assert all("obfuscation" in chunk for chunk in padded)
    assert not any("obfuscation" in chunk for chunk in plain)


def test_choices_come_mixed_in_a_stream(http: httpx.Client, read_events: ReadEvents) -> None:
    whole = create(http, n=2)["choices"]
    *chunks, _ = read_events("POST", URL, json=body(stream=True, n=2))
    assert [chunk["choices"][0]["index"] for chunk in chunks[:4]] == [0, 1, 0, 1]
    assert [joined(chunks, index) for index in (0, 1)] == [choice["message"]["content"] for choice in whole]


@pytest.mark.parametrize(("tools", "payload"), [([WEATHER, CLOCK], "arguments"), ([SHELL], "input")])
def test_tool_calls_are_streamed_in_pieces(
    http: httpx.Client, read_events: ReadEvents, tools: list[dict[str, Any]], payload: str
) -> None:
    prompt = "Use the shell, then weather and clock"
    whole = create(http, prompt, tools=tools)["choices"][0]["message"]["tool_calls"]
    *chunks, _ = read_events("POST", URL, json=body(prompt, tools=tools, stream=True))
    calls: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for piece in chunk["choices"][0]["delta"].get("tool_calls", ()):
            call = calls.setdefault(piece["index"], {"payload": ""} | piece)
            kind = call["type"]
            call["payload"] += piece[kind][payload]
    for index, call in enumerate(whole):
        assert calls[index]["id"].startswith("call_")
        assert calls[index][call["type"]]["name"] == call[call["type"]]["name"]
        assert calls[index]["payload"] == call[call["type"]][payload]
    assert len(calls) == len(whole)
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_functions_of_old_are_streamed(read_events: ReadEvents) -> None:
    sent = body(functions=[WEATHER["function"]], function_call={"name": "get_weather"}, stream=True)
    *chunks, _ = read_events("POST", URL, json=sent)
    deltas = [chunk["choices"][0]["delta"].get("function_call", {}) for chunk in chunks]
    assert deltas[0]["name"] == "get_weather"
    assert "city" in json.loads("".join(delta.get("arguments", "") for delta in deltas))


def test_log_probabilities_are_streamed(read_events: ReadEvents) -> None:
    *chunks, _ = read_events("POST", URL, json=body(stream=True, logprobs=True))
    for chunk in chunks[1:-1]:
        choice = chunk["choices"][0]
        assert choice["logprobs"]["content"][0]["token"] == choice["delta"]["content"]
