from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]


def count(http: httpx.Client, **body: Any) -> Any:
    response = http.post("/responses/input_tokens", json=body)
    assert response.status_code == 200, response.text
    return response.json()["input_tokens"]


def test_tokens_are_counted_as_a_response_would_count_them(http: httpx.Client) -> None:
    tool = {"type": "function", "name": "f", "parameters": {}}
    body = {"model": "gpt-4o", "input": "What is this?", "instructions": "Be kind", "tools": [tool]}
    assert count(http, **body) == http.post("/responses", json=body).json()["usage"]["input_tokens"]


def test_what_went_before_is_counted(http: httpx.Client) -> None:
    first = http.post("/responses", json={"model": "gpt-4o", "input": "Hello"}).json()["id"]
    assert count(http, input="Hi", previous_response_id=first) > count(http, input="Hi") > count(http) == 0


def test_compaction_keeps_what_users_said_and_hides_the_rest(http: httpx.Client) -> None:
    history = [
        {"role": "user", "content": "My name is Ada"},
        {"role": "assistant", "content": "Hello Ada"},
        {"role": "user", "content": "Bye"},
    ]
    answer = http.post("/responses/compact", json={"model": "gpt-4o", "input": history}).json()
    *kept, compaction = answer["output"]
    assert [item["content"][0]["text"] for item in kept] == ["My name is Ada", "Bye"]
    assert base64.b64decode(compaction["encrypted_content"]) == b"Hello Ada"
    assert answer["usage"]["total_tokens"] > 0
    goes_on = [*answer["output"], {"role": "user", "content": "Hello again"}]
    response = http.post("/responses", json={"model": "gpt-4o", "input": goes_on}).json()
    assert "“Hello again”" in response["output"][0]["content"][0]["text"]


def test_compaction_can_start_from_a_response(http: httpx.Client) -> None:
    first = http.post("/responses", json={"model": "gpt-4o", "input": "Hello"}).json()
    answer = http.post("/responses/compact", json={"model": "gpt-4o", "previous_response_id": first["id"]}).json()
    hidden = base64.b64decode(answer["output"][-1]["encrypted_content"]).decode()
    assert hidden == first["output"][0]["content"][0]["text"]


def test_compaction_needs_a_model(refused: Refused) -> None:
    assert refused(400, "POST", "/responses/compact", json={"input": "Hi"})["param"] == "model"


def test_the_names_of_these_operations_are_no_response_ids(refused: Refused) -> None:
    refused(404, "GET", "/responses/compact")
    refused(404, "GET", "/responses/input_tokens")
