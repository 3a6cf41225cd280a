"""Conversations in which the model calls functions until it answers."""

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
    AnswerRefusedError,
    AnswerTruncatedError,
    AnswerValidationError,
    AsyncClient,
    DeadlineExceededError,
    InternalServerError,
    InvalidRequestError,
    ToolRoundsError,
)
from openai_core.structured import OutputFormat
from openai_core.tools import tool
from openai_core_chat.types import ChatCompletion, ChatCompletionMessage
from tests.chat.test_parsing import completion

MODEL = "gpt-5-mini"
WEATHER = [{"role": "user", "content": "What is the weather in Paris?"}]


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


def calls(*made: tuple[str, str, str], finish: str = "tool_calls") -> dict[str, Any]:
    return completion(
        None,
        finish,
        tool_calls=[
            {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id_, name, arguments in made
        ],
    )


@pytest.fixture
def run(client, settled):
    async def call(functions: Any, /, messages: Any = WEATHER, **request: Any) -> Any:
        return await settled(
            client.chat.completions.run_tools(functions, **{"model": MODEL, "messages": messages, **request})
        )

    return call


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

        router.post(path__regex="/chat/completions$").mock(side_effect=answer)
        return sent

    return script


async def test_the_model_calls_is_told_and_answers(run, openai_emulator):
    told = []
    done = await run([get_weather], temperature=0, on_call=told.append)
    first, second = (request.json() for request in openai_emulator.requests)
    assert first["messages"] == WEATHER
    assert first["tools"] == second["tools"] == [tool(get_weather).for_chat()]
    assert first["temperature"] == second["temperature"] == 0
    question, asked, result = second["messages"]
    assert [question] == WEATHER
    (call,) = asked["tool_calls"]
    assert result == {"role": "tool", "tool_call_id": call["id"], "content": "sunny in Paris"}
    assert isinstance(done.completion, ChatCompletion)
    assert done.text == done.completion.choices[0].message.content != ""
    assert isinstance(done.messages[-1], ChatCompletionMessage)
    assert done.calls == told
    assert (told[0].id, told[0].name, told[0].output, told[0].error) == (
        call["id"],
        "get_weather",
        "sunny in Paris",
        None,
    )
    assert json.loads(told[0].arguments) == {"city": "Paris"}
    assert told[0].seconds >= 0


async def test_the_conversation_can_go_on(run):
    done = await run([get_weather])
    again = await run([get_weather], [*done.messages, {"role": "user", "content": "And the weather in Rome?"}])
    assert [each.output for each in again.calls] == ["sunny in Rome"]
    assert len(again.messages) == len(done.messages) + 4
    assert len(WEATHER) == 1


async def test_without_a_call_the_first_answer_is_the_last(run, openai_emulator):
    done = await run([get_weather], [{"role": "user", "content": "Hello"}])
    assert done.text
    assert done.calls == []
    assert len(openai_emulator.requests) == 1


async def test_the_last_answer_can_be_of_a_type(run, answers):
    sent = answers(calls(("a", "get_weather", '{"city": "Rome"}')), completion('{"city": "Rome", "degrees": 7}'))
    done = await run([get_weather], response_format=OutputFormat(Forecast).for_chat())
    assert done.parse(Forecast) == Forecast(city="Rome", degrees=7)
    assert all(json.loads(each.content)["response_format"]["type"] == "json_schema" for each in sent)


@pytest.mark.parametrize("together", [50, 7])
async def test_many_tools_run_at_once_and_keep_to_the_limit(run, together):
    lock, full = threading.Lock(), threading.Barrier(together)
    now = most = 0

    def make(number: int) -> Any:
        def look(city: str) -> int:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            # So many have to be here at once for anyone to go on.
            full.wait(20)
            with lock:
                now -= 1
            return number

        return tool(look, name=f"weather_{number}")

    # A multiple of both would be 350; what is left over doesn't have to wait.
    count = 50 if together == 50 else 49
    done = await run([make(number) for number in range(count)], limit=together)
    assert [each.output for each in done.calls] == [str(number) for number in range(count)]
    assert most == together


async def test_async_functions_run_at_once_and_keep_to_the_limit(openai_emulator):
    full = asyncio.Barrier(10)
    now = most = 0

    async def look(city: str) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await full.wait()
        now -= 1
        return city

    async with AsyncClient(api_key=openai_emulator.api_key, base_url=openai_emulator.base_url) as client:
        done = await client.chat.completions.run_tools(
            [tool(look, name=f"weather_{number}") for number in range(50)], model=MODEL, messages=WEATHER, limit=10
        )
    assert len(done.calls) == 50
    assert most == 10


async def test_an_async_client_takes_plain_and_async_functions(openai_emulator):
    async with AsyncClient(api_key=openai_emulator.api_key, base_url=openai_emulator.base_url) as client:
        done = await client.chat.completions.run_tools([get_weather, get_weather_later], model=MODEL, messages=WEATHER)
    assert [each.output for each in done.calls] == ["sunny in Paris", "rain in Paris"]


async def test_a_sync_client_refuses_async_functions_before_it_sends(run, client, openai_emulator):
    if isinstance(client, AsyncClient):
        assert (await run([get_weather_later])).calls
        return
    with pytest.raises(InvalidRequestError, match="get_weather_later is async, and only AsyncClient can await it"):
        await run([get_weather_later])
    assert openai_emulator.requests == []


def fail(city: str) -> str:
    raise LookupError(city)


def unwritable(city: str) -> object:
    return object()


def stop(city: str) -> str:
    raise StopIteration


FAILURES = [
    (("a", "fail", '{"city": "Rome"}'), LookupError, "Error: LookupError: Rome"),
    (("a", "stop", '{"city": "Rome"}'), StopIteration, "Error: StopIteration: "),
    (
        ("a", "fail", '{"town": "Rome"}'),
        AnswerValidationError,
        "Error: the arguments don't fit fail: city: Field required",
    ),
    (("a", "fail", '{"city": "Ro'), AnswerValidationError, "Error: the arguments don't fit fail: it is no JSON"),
    (("a", "guess", "{}"), InvalidRequestError, "Error: there is no tool 'guess'; there is fail, stop, unwritable"),
    (("a", "unwritable", '{"city": "Rome"}'), InvalidRequestError, "Error: the result of unwritable can't be written"),
]


@pytest.mark.parametrize(("call", "kind", "text"), FAILURES)
async def test_a_failure_is_told_to_the_model(run, answers, call, kind, text):
    sent = answers(calls(call), completion("I see."))
    done = await run([fail, stop, unwritable])
    told = json.loads(sent[1].content)["messages"][-1]
    assert told["role"] == "tool"
    assert told["content"].startswith(text)
    assert told["content"] == done.calls[0].output
    assert isinstance(done.calls[0].error, kind)
    assert done.text == "I see."


@pytest.mark.parametrize(("call", "kind", "text"), [each for each in FAILURES if each[1] is not StopIteration])
async def test_a_failure_is_raised_if_that_is_wanted(run, answers, call, kind, text):
    answers(calls(call, ("b", "fail", '{"city": "Oslo"}')))
    with pytest.raises(kind) as caught:
        await run([fail, stop, unwritable], on_tool_error="raise", limit=1)
    assert caught.value.__notes__ == [f"the model had called {call[1]}({call[2]})"]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("as it is", "as it is"),
        (None, "null"),
        ({"a": [1, 2.5]}, '{"a":[1,2.5]}'),
        (Forecast(city="Rome", degrees=7), '{"city":"Rome","degrees":7.0}'),
    ],
)
async def test_what_a_function_gives_is_told_as_json(run, answers, result, text):
    def get() -> Any:
        return result

    answers(calls(("a", "get", "")), completion("I see."))
    assert (await run([get])).calls[0].output == text


async def test_the_rounds_come_to_an_end(run, answers):
    ran = []

    def again() -> None:
        ran.append(1)

    sent = answers(*[calls((f"c{number}", "again", "{}")) for number in range(3)])
    with pytest.raises(ToolRoundsError, match=r"still calls tools \(again\) after 3 rounds") as caught:
        await run([again], max_rounds=3)
    error = pickle.loads(pickle.dumps(caught.value))
    assert len(sent) == 3
    assert len(ran) == 2
    assert error.answer.choices[0].message.tool_calls[0].id == "c2"
    assert [each["role"] if isinstance(each, dict) else each.role for each in error.partial] == [
        "user",
        *["assistant", "tool"] * 2,
        "assistant",
    ]


async def test_a_call_that_was_cut_off_is_not_made(run, answers):
    ran = []

    def delete(path: str) -> None:
        ran.append(path)

    answers(calls(("a", "delete", '{"path": "/tm'), finish="length"))
    with pytest.raises(AnswerTruncatedError, match="was cut off") as caught:
        await run([delete])
    assert ran == []
    assert len(caught.value.partial) == 2


async def test_a_filtered_answer_is_an_error(run, answers):
    answers(completion("", "content_filter"))
    with pytest.raises(AnswerRefusedError):
        await run([get_weather])


async def test_an_error_of_the_api_holds_the_conversation(run, answers):
    answers(calls(("a", "get_weather", '{"city": "Rome"}')), 500)
    with pytest.raises(InternalServerError) as caught:
        await run([get_weather])
    assert caught.value.partial[-1]["content"] == "sunny in Rome"


async def test_the_deadline_is_for_everything(run, answers):
    go = threading.Event()

    def wait() -> str:
        go.wait(20)
        return "late"

    answers(calls(("a", "wait", "{}")), completion("too late"))
    try:
        with pytest.raises(DeadlineExceededError) as caught:
            await run([wait], deadline=0.05)
    finally:
        go.set()
    assert caught.value.partial[0] == WEATHER[0]


@pytest.mark.odd_answers
@pytest.mark.parametrize(
    "odd",
    [
        {"id": "a", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}},
        {"id": "a", "type": None, "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}},
        {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Rome"}}},
        {"type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}},
        {"id": None, "function": {"name": "get_weather", "arguments": {"city": "Rome"}, "index": 0}},
    ],
)
async def test_a_call_is_made_however_a_server_writes_it(run, answers, odd):
    sent = answers(completion(None, "tool_calls", tool_calls=[odd]), completion("Sunny."))
    done = await run([get_weather])
    assert [each.output for each in done.calls] == ["sunny in Rome"]
    asked, result = json.loads(sent[1].content)["messages"][1:]
    assert result["tool_call_id"] == asked["tool_calls"][0]["id"] == done.calls[0].id != ""


@pytest.mark.odd_answers
@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"id": "a", "type": "function"}, "there is no tool ''"),
        ({"id": "a", "type": "function", "function": {"arguments": "{}"}}, "there is no tool ''"),
        ({"id": "a", "type": "hologram", "depth": 3}, "there is no tool ''"),
        ({"id": "a", "type": "function", "function": {"name": "get_weather"}}, "city"),
    ],
)
async def test_of_a_call_that_cannot_be_made_the_model_is_told(run, answers, odd, told):
    answers(completion(None, "tool_calls", tool_calls=[odd]), completion("Sorry."))
    done = await run([get_weather])
    assert told in done.calls[0].output
    assert done.text == "Sorry."


@pytest.mark.parametrize(
    ("choice", "then"),
    [
        ("required", "auto"),
        ("auto", "auto"),
        ({"type": "function", "function": {"name": "get_weather"}}, "auto"),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}, "auto"),
        (*[{"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}] * 2,),
    ],
)
async def test_a_forced_call_is_forced_once(run, answers, choice, then):
    sent = answers(calls(("a", "get_weather", '{"city": "Rome"}')), completion("Sunny."))
    await run([get_weather], tool_choice=choice)
    assert [json.loads(each.content)["tool_choice"] for each in sent] == [choice, then]


async def test_each_round_is_a_request_of_its_own(run, answers):
    sent = answers(calls(("a", "get_weather", '{"city": "Rome"}')), completion("Sunny."))
    await run([get_weather], options={"idempotency_key": "mine"})
    assert [each.headers["idempotency-key"] for each in sent] == ["mine", "mine-2"]


async def test_tools_that_the_server_runs_go_beside(run, openai_emulator):
    other = {"type": "custom", "custom": {"name": "guess"}}
    done = await run([get_weather], tools=[other])
    assert openai_emulator.requests[0].json()["tools"] == [tool(get_weather).for_chat(), other]
    assert len(done.calls) == 1


async def test_a_custom_tool_that_nobody_runs_is_told_so(run, answers):
    custom = {"id": "a", "type": "custom", "custom": {"name": "guess", "input": "free"}}
    answers(completion(None, "tool_calls", tool_calls=[custom]), completion("Oh."))
    (call,) = (await run([get_weather])).calls
    assert (call.name, call.arguments) == ("guess", "free")
    assert call.output.startswith("Error: there is no tool 'guess'")


async def test_bad_input_is_refused_before_anything_is_sent(run, openai_emulator):
    with pytest.raises(InvalidRequestError, match="n=2"):
        await run([get_weather], n=2)
    with pytest.raises(InvalidRequestError, match="two tools have the name"):
        await run([get_weather, get_weather])
    with pytest.raises(InvalidRequestError, match="max_rounds is 1 or more"):
        await run([get_weather], max_rounds=0)

    def open_ended(it: dict[str, int]) -> None: ...

    with pytest.raises(InvalidRequestError, match=r"open_ended\.it takes any keys"):
        await run([open_ended])
    assert openai_emulator.requests == []


async def test_functions_come_first(client):
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'functions'"):
        client.chat.completions.run_tools(tools=[get_weather], model=MODEL, messages=WEATHER)
