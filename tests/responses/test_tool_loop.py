"""Responses in which the model calls functions until it answers."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from openai_core import (
    AnswerTruncatedError,
    AsyncClient,
    DeadlineExceededError,
    InternalServerError,
    InvalidRequestError,
    ToolRoundsError,
)
from openai_core.structured import OutputFormat
from openai_core.tools import tool
from openai_core_responses.types import Response
from tests.responses.test_parsing import response, said

MODEL = "gpt-5-mini"
WEATHER = "What is the weather in Paris?"


def get_weather(city: str) -> str:
    """Look up the weather.

    Args:
        city: Name of the city.
    """
    return f"sunny in {city}"


async def get_weather_later(city: str) -> str:
    """Look up the weather."""
    await asyncio.sleep(0)
    return f"rain in {city}"


class Forecast(BaseModel):
    city: str
    degrees: float


def call(id_: str, name: str, arguments: str) -> dict[str, Any]:
    return {
        "id": f"fc_{id_}",
        "type": "function_call",
        "call_id": id_,
        "name": name,
        "arguments": arguments,
        "status": "completed",
    }


@pytest.fixture
def run(client, settled):
    async def go(functions: Any, /, **request: Any) -> Any:
        return await settled(client.responses.run_tools(functions, **{"model": MODEL, "input": WEATHER, **request}))

    return go


@pytest.fixture
def answers(router):
    """Makes the server answer with one thing after the other; gives what it was sent."""
    sent: list[Any] = []

    def script(*bodies: Any) -> list[Any]:
        left = iter(bodies)

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            body = next(left)
            return httpx.Response(body, json={"error": {}}) if isinstance(body, int) else httpx.Response(200, json=body)

        router.post(path__regex="/responses$").mock(side_effect=answer)
        return sent

    return script


async def test_the_model_calls_is_told_and_answers(run, openai_emulator):
    told = []
    done = await run([get_weather], temperature=0, on_call=told.append)
    first, second = (request.json() for request in openai_emulator.requests)
    assert first["input"] == [{"role": "user", "content": WEATHER}]
    assert first["tools"] == second["tools"] == [tool(get_weather).for_responses()]
    assert first["temperature"] == second["temperature"] == 0
    question, asked, result = second["input"]
    assert [question] == first["input"]
    assert asked["type"] == "function_call"
    assert result == {"type": "function_call_output", "call_id": asked["call_id"], "output": "sunny in Paris"}
    assert isinstance(done.response, Response)
    assert done.text == done.response.output_text != ""
    assert done.items[-1].type == "message"
    assert done.calls == told
    assert (told[0].id, told[0].output, told[0].error) == (asked["call_id"], "sunny in Paris", None)


async def test_what_was_said_can_go_on(run):
    done = await run([get_weather])
    again = await run([get_weather], input=[*done.items, {"role": "user", "content": "And the weather in Rome?"}])
    assert [each.output for each in again.calls] == ["sunny in Rome"]
    assert len(again.items) == len(done.items) + 4


async def test_in_a_conversation_only_what_is_new_is_sent(run, client, settled, openai_emulator):
    conversation = await settled(client.conversations.create())
    done = await run([get_weather], conversation=conversation.id)
    first, second = (request.json() for request in openai_emulator.requests[1:])
    assert [each.get("type", "message") for each in first["input"]] == ["message"]
    assert [each["type"] for each in second["input"]] == ["function_call_output"]
    assert done.text
    kept = (await settled(client.conversations.items.list(conversation.id))).data
    assert len(kept) == len(done.items) == 4


async def test_after_another_response_all_that_is_new_is_sent(run, client, settled, openai_emulator):
    before = await settled(client.responses.create(model=MODEL, input="Hello"))
    done = await run([get_weather], previous_response_id=before.id)
    sent = [request.json() for request in openai_emulator.requests[1:]]
    assert [each["previous_response_id"] for each in sent] == [before.id] * 2
    assert [len(each["input"]) for each in sent] == [1, 3]
    assert done.text


async def test_the_last_answer_can_be_of_a_type(run, answers):
    sent = answers(
        response(call("a", "get_weather", '{"city": "Rome"}')), response(said('{"city": "Rome", "degrees": 7}'))
    )
    done = await run([get_weather], text={"format": OutputFormat(Forecast).for_responses()})
    assert done.parse(Forecast) == Forecast(city="Rome", degrees=7)
    assert all(json.loads(each.content)["text"]["format"]["type"] == "json_schema" for each in sent)


async def test_many_tools_run_at_once_and_keep_to_the_limit(run):
    lock, full = threading.Lock(), threading.Barrier(10)
    now = most = 0

    def look(city: str) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        # Ten have to be here at once for anyone to go on.
        full.wait(20)
        with lock:
            now -= 1
        return city

    done = await run([tool(look, name=f"weather_{number}") for number in range(50)], limit=10)
    assert [each.name for each in done.calls] == [f"weather_{number}" for number in range(50)]
    assert most == 10


async def test_an_async_client_takes_plain_and_async_functions_and_a_sync_one_plain_ones(run, client, openai_emulator):
    if isinstance(client, AsyncClient):
        done = await run([get_weather, get_weather_later])
        assert [each.output for each in done.calls] == ["sunny in Paris", "rain in Paris"]
        return
    with pytest.raises(InvalidRequestError, match="get_weather_later is async, and only AsyncClient can await it"):
        await run([get_weather, get_weather_later])
    assert openai_emulator.requests == []


async def test_a_failure_is_told_to_the_model_or_raised(run, answers):
    def fail(city: str) -> str:
        raise LookupError(city)

    calling = [
        response(call("a", "fail", '{"city": "Rome"}')),
        response(call("b", "guess", "{}")),
        response(said("I see.")),
    ]
    sent = answers(*calling, calling[0])
    done = await run([fail])
    assert [each.output for each in done.calls] == [
        "Error: LookupError: Rome",
        "Error: there is no tool 'guess'; there is fail",
    ]
    assert json.loads(sent[1].content)["input"][-1]["output"] == "Error: LookupError: Rome"
    with pytest.raises(LookupError) as caught:
        await run([fail], on_tool_error="raise")
    assert caught.value.__notes__ == ['the model had called fail({"city": "Rome"})']


async def test_the_rounds_come_to_an_end(run, answers):
    sent = answers(*[response(call(f"c{number}", "get_weather", '{"city": "Rome"}')) for number in range(2)])
    with pytest.raises(ToolRoundsError, match="after 2 rounds") as caught:
        await run([get_weather], max_rounds=2)
    error = pickle.loads(pickle.dumps(caught.value))
    assert len(sent) == 2
    assert error.answer.output[0].call_id == "c1"
    assert len(error.partial) == 4


async def test_a_response_that_was_cut_off_calls_nothing(run, answers):
    ran = []

    def delete(path: str) -> None:
        ran.append(path)

    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    answers(response(call("a", "delete", '{"path": "/tm'), **cut))
    with pytest.raises(AnswerTruncatedError) as caught:
        await run([delete])
    assert ran == []
    assert len(caught.value.partial) == 2


async def test_errors_of_the_api_hold_what_was_said(run, answers):
    wanted = response(call("a", "get_weather", '{"city": "Rome"}'))
    answers(wanted, 500, wanted, response(status="failed", error={"code": "server_error", "message": "Oh no"}))
    for _ in range(2):
        with pytest.raises(InternalServerError) as caught:
            await run([get_weather])
        assert caught.value.partial[2]["output"] == "sunny in Rome"


@pytest.mark.odd_answers
@pytest.mark.parametrize(
    "changed", [{"arguments": {"city": "Rome"}}, {"call_id": None}, {"call_id": ..., "arguments": {"city": "Rome"}}]
)
async def test_a_call_is_made_however_a_server_writes_it(run, answers, changed):
    odd = {**call("a", "get_weather", '{"city": "Rome"}'), **changed}
    odd = {name: value for name, value in odd.items() if value is not ...}
    sent = answers(response(odd), response(said("Sunny.")))
    done = await run([get_weather])
    assert [each.output for each in done.calls] == ["sunny in Rome"]
    *_, asked, result = json.loads(sent[1].content)["input"]
    assert result["call_id"] == asked["call_id"] == done.calls[0].id != ""


async def test_the_deadline_is_for_everything(run, openai_emulator):
    def wait(weather: str) -> str:
        passed.wait(0.06)
        return "late"

    passed = threading.Event()
    with pytest.raises(DeadlineExceededError) as caught:
        await run([tool(wait, name="weather")], deadline=0.05)
    assert len(openai_emulator.requests) <= 1
    assert caught.value.partial[0] == {"role": "user", "content": WEATHER}


@pytest.mark.parametrize(
    ("choice", "then"),
    [
        ("required", "auto"),
        ({"type": "function", "name": "get_weather"}, "auto"),
        ("none", "none"),
        ({"type": "allowed_tools", "mode": "required", "tools": []}, "auto"),
        (*[{"type": "allowed_tools", "mode": "auto", "tools": []}] * 2,),
    ],
)
async def test_a_forced_call_is_forced_once(run, answers, choice, then):
    sent = answers(response(call("a", "get_weather", '{"city": "Rome"}')), response(said("Sunny.")))
    await run([get_weather], tool_choice=choice)
    assert [json.loads(each.content)["tool_choice"] for each in sent] == [choice, then]


async def test_tools_that_the_server_runs_go_beside(run, openai_emulator):
    await run([get_weather], tools=[{"type": "web_search"}])
    assert openai_emulator.requests[0].json()["tools"] == [tool(get_weather).for_responses(), {"type": "web_search"}]


async def test_without_input_there_is_what_the_server_knows(run, client, settled, openai_emulator):
    conversation = await settled(client.conversations.create(items=[{"role": "user", "content": WEATHER}]))
    done = await settled(client.responses.run_tools([get_weather], model=MODEL, conversation=conversation.id))
    assert [each.output for each in done.calls] == ["sunny in Paris"]


async def test_bad_input_is_refused_before_anything_is_sent(run, openai_emulator):
    with pytest.raises(InvalidRequestError, match="background=True"):
        await run([get_weather], background=True)
    with pytest.raises(InvalidRequestError, match="there is no tool to run"):
        await run([])
    with pytest.raises(InvalidRequestError, match="limit is 1 or more"):
        await run([get_weather], limit=0)
    assert openai_emulator.requests == []
