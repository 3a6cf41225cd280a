from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def create(http: httpx.Client, given: Any = "Hi", **options: Any) -> Any:
    response = http.post("/responses", json={"model": "gpt-4o", "input": given, **options})
    assert response.status_code == 200, response.text
    return response.json()


def said(response: dict[str, Any]) -> Any:
    return response["output"][-1]["content"][0]["text"]


def test_the_answer_quotes_the_last_thing_said(http: httpx.Client) -> None:
    response = create(http, [{"role": "user", "content": "First"}, {"role": "user", "content": "Second"}])
    assert "“Second”" in said(response)
    assert (response["status"], response["error"], response["incomplete_details"]) == ("completed", None, None)
    assert response["usage"]["total_tokens"] == response["usage"]["input_tokens"] + response["usage"]["output_tokens"]


def test_parameters_are_repeated_in_the_answer(http: httpx.Client) -> None:
    options = {"temperature": 0, "top_p": 0.5, "metadata": {"a": "b"}, "instructions": "Be kind", "user": "me"}
    response = create(http, **options)
    assert {name: response[name] for name in options} == options
    assert response["tools"] == []


def test_a_stored_response_can_be_retrieved_until_it_is_deleted(http: httpx.Client, refused: Refused) -> None:
    response = create(http)
    url = f"/responses/{response['id']}"
    assert http.get(url).json() == response
    assert http.delete(url).json()["deleted"] is True
    for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items")):
        assert response["id"] in refused(404, method, url + rest)["message"]


def test_a_response_that_is_not_stored_is_not_found(http: httpx.Client, refused: Refused) -> None:
    refused(404, "GET", f"/responses/{create(http, store=False)['id']}")


def test_a_limit_of_tokens_leaves_the_response_incomplete(http: httpx.Client) -> None:
    response = create(http, "word " * 100, max_output_tokens=16)
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert (response["output"][0]["status"], response["usage"]["output_tokens"]) == ("incomplete", 16)


def test_input_items_are_listed_newest_first(http: httpx.Client) -> None:
    response_id = create(http, [{"role": "developer", "content": "a"}, {"role": "user", "content": "b"}])["id"]
    page = http.get(f"/responses/{response_id}/input_items").json()
    assert [item["role"] for item in page["data"]] == ["user", "developer"]
    assert page["data"][0]["content"] == [{"type": "input_text", "text": "b"}]
    assert all(item["id"].startswith("msg_") for item in page["data"])
    one = http.get(f"/responses/{response_id}/input_items", params={"order": "asc", "limit": 1}).json()
    assert (one["data"], one["has_more"]) == ([page["data"][1]], True)


def test_a_response_can_follow_another(http: httpx.Client, refused: Refused) -> None:
    first = create(http, "Hello there")
    second = create(http, "And now?", previous_response_id=first["id"])
    assert second["previous_response_id"] == first["id"]
    assert second["usage"]["input_tokens"] > create(http, "And now?")["usage"]["input_tokens"]
    body = {"model": "gpt-4o", "input": "Hi", "previous_response_id": "resp_none"}
    assert refused(400, "POST", "/responses", json=body)["code"] == "previous_response_not_found"


def test_functions_are_called_and_their_output_answered(http: httpx.Client) -> None:
    response = create(http, "Weather in Paris", tools=[WEATHER])
    (call,) = response["output"]
    assert (call["type"], call["name"], call["status"]) == ("function_call", "get_weather", "completed")
    assert json.loads(call["arguments"]) == {"city": "Paris"}
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "18 degrees"}
    for given, options in (
        ([output], {"previous_response_id": response["id"]}),
        ([{"role": "user", "content": "Weather in Paris"}, call, output], {}),
    ):
        assert "18 degrees" in said(create(http, given, tools=[WEATHER], **options))


def test_an_output_without_its_call_is_refused(refused: Refused) -> None:
    output = {"type": "function_call_output", "call_id": "call_none", "output": ""}
    error = refused(400, "POST", "/responses", json={"model": "gpt-4o", "input": [output]})
    assert "call_none" in error["message"]


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "get_weather"}])
def test_tools_are_called_when_required(http: httpx.Client, choice: Any) -> None:
    response = create(http, tools=[WEATHER], tool_choice=choice)
    assert response["output"][0]["type"] == "function_call"
    assert response["tool_choice"] == choice


def test_a_custom_tool_gets_text(http: httpx.Client) -> None:
    response = create(http, "list files", tools=[{"type": "custom", "name": "shell"}], tool_choice="required")
    assert (response["output"][0]["type"], response["output"][0]["input"]) == ("custom_tool_call", "list files")


@pytest.mark.parametrize("choice", ["auto", "required", {"type": "web_search"}])
def test_hosted_tools_are_accepted(http: httpx.Client, choice: Any) -> None:
    response = create(http, "web search", tools=[{"type": "web_search"}], tool_choice=choice)
    assert response["output"][0]["type"] == "message"


def test_an_answer_can_follow_a_schema(http: httpx.Client, refused: Refused) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    text = {"format": {"type": "json_schema", "name": "person", "schema": schema, "strict": True}}
    response = create(http, text=text)
    assert isinstance(json.loads(said(response))["age"], int)
    assert response["text"]["format"] == text["format"]
    text = {"format": {"type": "json_object"}}
    assert isinstance(json.loads(said(create(http, "json, please", text=text))), dict)
    refused(400, "POST", "/responses", json={"model": "gpt-4o", "input": "Hi", "text": text})


def test_reasoning_goes_ahead_of_the_answer_when_asked_for(http: httpx.Client) -> None:
    response = create(http, reasoning={"effort": "low", "summary": "auto"}, include=["reasoning.encrypted_content"])
    thought, message = response["output"]
    assert (thought["type"], message["type"]) == ("reasoning", "message")
    assert thought["summary"][0]["text"]
    assert thought["encrypted_content"]
    assert response["usage"]["output_tokens_details"]["reasoning_tokens"] > 0
    following = create(
        http, [{"role": "user", "content": "Hi"}, *response["output"], {"role": "user", "content": "Go on"}]
    )
    assert "“Go on”" in said(following)


def test_log_probabilities_are_included_when_asked_for(http: httpx.Client) -> None:
    response = create(http, include=["message.output_text.logprobs"], top_logprobs=1)
    logprobs = response["output"][0]["content"][0]["logprobs"]
    assert "".join(each["token"] for each in logprobs) == said(response)


def test_a_background_response_is_finished_by_the_third_look(http: httpx.Client) -> None:
    response = create(http, background=True)
    assert (response["status"], response["output"], "usage" in response) == ("queued", [], False)
    looks = [http.get(f"/responses/{response['id']}").json() for _ in range(3)]
    assert [look["status"] for look in looks] == ["in_progress", "completed", "completed"]
    assert said(looks[-1])


def test_a_background_response_can_be_cancelled(http: httpx.Client, refused: Refused) -> None:
    url = f"/responses/{create(http, background=True)['id']}"
    for _ in range(2):
        assert http.post(f"{url}/cancel").json()["status"] == "cancelled"
    assert http.get(url).json()["status"] == "cancelled"
    refused(400, "GET", f"{url}?stream=true")


def test_other_responses_cannot_be_cancelled(http: httpx.Client, refused: Refused) -> None:
    assert "synchronous" in refused(400, "POST", f"/responses/{create(http)['id']}/cancel")["message"]
    url = f"/responses/{create(http, background=True)['id']}"
    http.get(url)
    http.get(url)
    assert "completed" in refused(409, "POST", f"{url}/cancel")["message"]


def test_earlier_items_can_be_referred_to(http: httpx.Client, refused: Refused) -> None:
    item_id = create(http)["output"][0]["id"]
    given = [{"type": "item_reference", "id": item_id}, {"role": "user", "content": "Again"}]
    response_id = create(http, given)["id"]
    assert http.get(f"/responses/{response_id}/input_items").json()["data"][1]["id"] == item_id
    body = {"model": "gpt-4o", "input": [{"type": "item_reference", "id": "msg_none"}]}
    assert "msg_none" in refused(404, "POST", "/responses", json=body)["message"]


def test_pictures_and_files_are_accepted_as_input(http: httpx.Client) -> None:
    parts = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
    ]
    response = create(http, [{"role": "user", "content": parts}])
    assert "What is this?" in said(response)
    (item,) = http.get(f"/responses/{response['id']}/input_items").json()["data"]
    assert item["content"][1]["detail"] == "auto"


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"stream_options": {}, "stream": False, "input": 1}, "input"),
        ({"stream_options": {"include_obfuscation": True}}, "stream_options"),
        ({"background": True, "store": False}, "store"),
        ({"conversation": "conv_1", "previous_response_id": "resp_1"}, "previous_response_id"),
        ({"input": [{"role": "king", "content": "a"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": 5}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}, "input[0].content[0]"),
        ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
        ({"input": [{"type": "function_call", "call_id": "a", "name": "b"}]}, "input[0].arguments"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, "text.format.schema"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"reasoning": {"effort": "heroic"}}, "reasoning.effort"),
        ({"messages": []}, "messages"),
    ],
)
def test_what_cannot_be_is_refused(refused: Refused, options: dict[str, Any], param: str) -> None:
    assert refused(400, "POST", "/responses", json={"model": "gpt-4o", "input": "Hi", **options})["param"] == param
