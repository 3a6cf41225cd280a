from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from openai_core_emulator import Emulator

Refused = Callable[..., dict[str, Any]]

WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def begin(http: httpx.Client) -> Callable[..., str]:
    """Start a thread with a run of an assistant on it, and give the run's URL."""

    def make(said: str = "Hello", **run: Any) -> str:
        assistant = http.post("/assistants", json={"model": "gpt-4.1", "tools": [WEATHER]}).json()["id"]
        thread = {"messages": [{"role": "user", "content": said}]}
        response = http.post("/threads/runs", json={"assistant_id": assistant, "thread": thread, **run})
        assert response.status_code == 200, response.text
        return f"/threads/{response.json()['thread_id']}/runs/{response.json()['id']}"

    return make


def rest(http: httpx.Client, url: str) -> Any:
    """The run when it goes on no more."""
    for _ in range(3):
        run = http.get(url).json()
        if run["status"] not in {"queued", "in_progress", "cancelling"}:
            return run
    raise AssertionError(run["status"])


def said_last(http: httpx.Client, url: str) -> str:
    messages = http.get(url.partition("/runs")[0] + "/messages").json()["data"]
    text: str = messages[0]["content"][0]["text"]["value"]
    return text


def test_a_thread_takes_one_run_at_a_time(http: httpx.Client, begin: Callable[..., str], refused: Refused) -> None:
    url = begin("The weather, please")
    runs = url.rpartition("/")[0]
    thread = runs.removesuffix("/runs")
    assistant = http.get(url).json()["assistant_id"]
    message = {"role": "user", "content": "More"}
    for _ in range(2):
        error = refused(400, "POST", runs, json={"assistant_id": assistant})
        assert "already has an active run run_" in error["message"]
        assert "while a run run_" in refused(400, "POST", f"{thread}/messages", json=message)["message"]
        assert http.get(url).json()["status"] in {"requires_action", "in_progress"}
    http.post(f"{url}/cancel")
    assert rest(http, url)["status"] == "cancelled"
    assert http.post(f"{thread}/messages", json=message).status_code == 200
    assert http.post(runs, json={"assistant_id": assistant}).status_code == 200


def test_a_run_expires_when_it_waits_for_too_long(
    http: httpx.Client, begin: Callable[..., str], openai_emulator: Emulator
) -> None:
    url = begin("The weather, please")
    assert rest(http, url)["status"] == "requires_action"
    openai_emulator.advance(601)
    run = http.get(url).json()
    assert (run["status"], run["required_action"]) == ("expired", None)
    (step,) = http.get(f"{url}/steps").json()["data"]
    assert step["status"] == "expired"
    assert step["expired_at"] > run["expires_at"]


@pytest.mark.parametrize(
    ("said", "choice", "status"),
    [
        ("The weather, please", "auto", "requires_action"),
        ("The weather, please", "none", "completed"),
        ("Hello", "auto", "completed"),
        ("Hello", "required", "requires_action"),
        ("Hello", {"type": "function", "function": {"name": "get_weather"}}, "requires_action"),
        ("Hello", {"type": "code_interpreter"}, "completed"),
    ],
)
def test_functions_are_called_when_they_are_spoken_of_or_chosen(
    http: httpx.Client, begin: Callable[..., str], said: str, choice: Any, status: str
) -> None:
    assert rest(http, begin(said, tool_choice=choice))["status"] == status


def test_a_function_that_must_be_called_is_called_once(http: httpx.Client, begin: Callable[..., str]) -> None:
    url = begin(tool_choice="required")
    (call,) = rest(http, url)["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": "Rain"}]
    assert http.post(f"{url}/submit_tool_outputs", json={"tool_outputs": outputs}).status_code == 200
    assert rest(http, url)["status"] == "completed"
    assert "Rain" in said_last(http, url)


def test_the_answer_fits_the_response_format(http: httpx.Client, begin: Callable[..., str]) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    shape = {"type": "json_schema", "json_schema": {"name": "shape", "schema": schema}}
    url = begin(response_format=shape)
    rest(http, url)
    assert isinstance(json.loads(said_last(http, url))["n"], int)


def test_what_a_run_cannot_be_made_of_is_refused_at_once(http: httpx.Client, refused: Refused) -> None:
    assistant = http.post("/assistants", json={"model": "gpt-4.1"}).json()["id"]
    thread = http.post("/threads").json()["id"]
    url = f"/threads/{thread}/runs"
    for given, param in (
        ({"tool_choice": {"type": "function", "function": {"name": "none"}}, "tools": [WEATHER]}, "tool_choice"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"response_format": {"type": "yaml"}}, "response_format.type"),
        ({"model": "does-not-exist"}, None),
        ({"truncation_strategy": {"type": "first_messages"}}, "truncation_strategy.type"),
    ):
        status = 400 if param else 404
        assert refused(status, "POST", url, json={"assistant_id": assistant, **given})["param"] == param
    assert http.get(url).json()["data"] == []


def test_what_was_on_a_thread_goes_with_it(http: httpx.Client, begin: Callable[..., str], refused: Refused) -> None:
    url = begin()
    thread = url.partition("/runs")[0]
    assert http.delete(thread).json()["deleted"] is True
    for gone in (url, f"{url}/steps", f"{thread}/messages", thread):
        assert "thread_" in refused(404, "GET", gone)["message"]


def test_a_vector_store_that_is_described_is_made(http: httpx.Client) -> None:
    resources = {"file_search": {"vector_stores": [{"file_ids": [], "metadata": {"n": "1"}}]}}
    assistant = http.post("/assistants", json={"model": "gpt-4.1", "tool_resources": resources}).json()
    thread = http.post("/threads", json={"tool_resources": resources}).json()
    for made in (assistant, thread):
        (store,) = made["tool_resources"]["file_search"]["vector_store_ids"]
        assert http.get(f"/vector_stores/{store}").json()["metadata"] == {"n": "1"}


def test_a_stream_that_is_left_leaves_nothing_half_done(http: httpx.Client) -> None:
    assistant = http.post("/assistants", json={"model": "gpt-4.1"}).json()["id"]
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    body = {"assistant_id": assistant, "thread": thread, "stream": True}
    with http.stream("POST", "/threads/runs", json=body) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: thread.created"
        thread_id = json.loads(next(lines).removeprefix("data: "))["id"]
    (run,) = http.get(f"/threads/{thread_id}/runs").json()["data"]
    assert run["status"] == "completed"
    assert "Hello" in said_last(http, f"/threads/{thread_id}/runs")
