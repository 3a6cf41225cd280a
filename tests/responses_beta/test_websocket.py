"""Responses of several agents over a websocket, with the emulator."""

from __future__ import annotations

from typing import Any

import pytest

from openai_core import AsyncClient, BadRequestError, Client, RetryPolicy
from openai_core_responses_beta.types.events import (
    BetaResponseCompletedEvent,
    BetaResponseInjectCreatedEvent,
    BetaResponseInjectFailedEvent,
    BetaResponseSocketErrorEvent,
)

BETA = "responses_multi_agent=v1"
SEVERAL = {"multi_agent": {"enabled": True, "max_concurrent_subagents": 2}}
TOOLS = [
    {
        "type": "function",
        "name": f"get_{what}",
        "strict": False,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    for what in ("weather", "time")
]
ENDS = {"response.completed", "response.inject.failed", "error"}


def create(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "response.create", "model": "gpt-5", "input": text, **SEVERAL, **more}


def output(call: Any, text: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call.call_id, "output": text}


async def answered(session, settled, event, ends=ENDS):
    """The events that answer one."""
    await settled(session.send(event))
    events = [await settled(session.receive(timeout=10))]
    while events[-1].type not in ends:
        events.append(await settled(session.receive(timeout=10)))
    return events


def calls_of(events):
    return [event.item for event in events if event.type == "response.output_item.done"]


async def waiting(session, settled, number=1, **more):
    """A response in which an agent waits for the outputs of functions: its id, the calls, and the events so far."""
    text = "What is the weather in Paris?" if number == 1 else "What are the weather and the time in Paris?"
    await settled(session.send(create(text, tools=TOOLS, **more)))
    events = []
    while len(calls_of(events)) < number:
        events.append(await settled(session.receive(timeout=10)))
    return events[0].response.id, calls_of(events), events


async def test_a_session_names_the_feature_and_responses_follow_each_other(
    client, settled, entered, openai_emulator, as_described
):
    async with entered(client.responses_beta.connect()) as session:
        first = (await answered(session, settled, create("Hello")))[-1]
        assert isinstance(first, BetaResponseCompletedEvent)
        assert first.response.output[0].agent.agent_name == "/root"
        second = (await answered(session, settled, create("And?", previous_response_id=first.response.id)))[-1]
        assert second.response.previous_response_id == first.response.id
    (handshake,) = openai_emulator.requests
    assert (handshake.method, handshake.path, handshake.headers["openai-beta"]) == ("GET", "/v1/responses", BETA)
    as_described("BetaResponsesServerEvent", "BetaResponsesClientEvent")


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"betas": [BETA, "other=v2"]}, f"{BETA},other=v2"),
        ({"options": {"headers": {"openai-beta": "other=v2"}}}, "other=v2"),
        ({"betas": []}, None),
        ({"options": {"headers": {"OpenAI-Beta": None}}}, None),
    ],
)
async def test_the_user_may_name_others_or_none(client, entered, openai_emulator, settings, sent):
    async with entered(client.responses_beta.connect(**settings)):
        pass
    assert openai_emulator.requests[0].headers.get("openai-beta") == sent


async def test_the_output_of_a_function_is_put_into_the_response(client, settled, entered, as_described):
    async with entered(client.responses_beta.connect()) as session:
        response_id, (call,), events = await waiting(session, settled)
        assert (call.type, call.name) == ("function_call", "get_weather")
        inject = {"type": "response.inject", "response_id": response_id, "input": [output(call, "sunny")]}
        rest = await answered(session, settled, inject)
    assert isinstance(rest[0], BetaResponseInjectCreatedEvent)
    assert rest[0].response_id == response_id
    response = rest[-1].response
    assert (response.id, response.status) == (response_id, "completed")
    assert [item.type for item in response.output] == ["function_call", "message"]
    assert "sunny" in response.output_text
    numbers = [event.sequence_number for event in (*events, *rest)]
    assert numbers == list(range(len(numbers)))
    as_described("BetaResponsesServerEvent", "BetaResponsesClientEvent")


async def test_it_waits_for_all_of_them(client, settled, entered, as_described):
    async with entered(client.responses_beta.connect()) as session:
        response_id, (weather, time), _ = await waiting(session, settled, 2, stream_id="lane")
        inject = {"type": "response.inject", "response_id": response_id}
        first = {**inject, "input": [output(weather, "sunny")]}
        (told,) = await answered(session, settled, first, {"response.inject.created"})
        (error,) = await answered(session, settled, first)
        assert (error.error.param, error.status) == ("input[0]", 400)
        rest = await answered(session, settled, {**inject, "input": [output(time, "noon")]})
    assert {event.stream_id for event in (told, *rest)} == {"lane"}
    assert [item.type for item in rest[-1].response.output] == ["function_call", "function_call", "message"]
    as_described("BetaResponsesServerEvent", "BetaResponsesClientEvent")


async def test_what_comes_too_late_is_given_back(client, settled, entered, as_described):
    async with entered(client.responses_beta.connect(raise_errors=True)) as session:
        done = (await answered(session, settled, create("Hello")))[-1].response
        given = [{"type": "function_call_output", "call_id": "call_1", "output": "sunny"}]
        for response_id, code in ((done.id, "response_already_completed"), ("resp_none", "response_not_found")):
            inject = {"type": "response.inject", "response_id": response_id, "input": given}
            (failed,) = await answered(session, settled, inject)
            assert isinstance(failed, BetaResponseInjectFailedEvent)
            assert (failed.response_id, failed.error.code) == (response_id, code)
            assert [item.to_dict() for item in failed.input] == given
    as_described("BetaResponsesServerEvent", "BetaResponsesClientEvent")


async def test_a_bad_event_is_an_event_or_raised_and_the_session_goes_on(client, settled, entered):
    for bad, param in (({"type": "response.make"}, "type"), ({"type": "response.inject", "input": []}, "response_id")):
        async with entered(client.responses_beta.connect()) as session:
            (error,) = await answered(session, settled, bad)
            assert isinstance(error, BetaResponseSocketErrorEvent)
            assert (error.status, error.error.param) == (400, param)
            assert (await answered(session, settled, create("Hello")))[-1].type == "response.completed"
        async with entered(client.responses_beta.connect(raise_errors=True)) as session:
            with pytest.raises(BadRequestError) as caught:
                await answered(session, settled, bad)
            assert caught.value.param == param


async def test_without_the_feature_there_is_one_agent_and_nothing_is_put_in(client, settled, entered):
    async with entered(client.responses_beta.connect(betas=[])) as session:
        (error,) = await answered(session, settled, create("Hello"))
        assert error.error.param == "multi_agent"
        (error,) = await answered(session, settled, {"type": "response.inject", "response_id": "r", "input": []})
        assert error.error.param == "type"


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_a_lost_connection_is_made_anew_with_the_feature(make, settled, openai_emulator, entered):
    told = []

    def look(reconnect):
        told.append(reconnect)
        if len(told) == 1:
            raise EOFError  # not yet

    settings = {"api_key": openai_emulator.api_key, "base_url": openai_emulator.base_url}
    client = make(**settings, retry=RetryPolicy(1, 0, 0), validation="strict")
    openai_emulator.sockets.close(1013, after=1)
    async with entered(client.responses_beta.connect(on_reconnect=look)) as session:
        await answered(session, settled, create("Hello"))
        with pytest.raises(EOFError):
            await settled(session.receive())
        assert (await answered(session, settled, create("Go on")))[-1].type == "response.completed"
    await settled(client.close())
    assert [request.headers["openai-beta"] for request in openai_emulator.requests] == [BETA, BETA]
