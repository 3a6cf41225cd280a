"""Responses over a websocket, with the emulator."""

from __future__ import annotations

from typing import Any

import pytest

from openai_core import AsyncClient, AuthenticationError, BadRequestError, Client, Reconnect, RetryPolicy
from openai_core_responses.types.events import ResponseCompletedEvent, ResponseSocketErrorEvent, ResponseTextDeltaEvent


def create(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "response.create", "model": "gpt-5-mini", "input": text, **more}


async def answered(session, settled, event):
    """The events that answer one."""
    await settled(session.send(event))
    events = [await settled(session.receive(timeout=10))]
    while events[-1].type not in {"response.completed", "error"}:
        events.append(await settled(session.receive(timeout=10)))
    return events


async def test_responses_follow_each_other_on_one_connection(client, settled, entered, openai_emulator, as_described):
    async with entered(client.responses.connect()) as session:
        first = (await answered(session, settled, create("Hello")))[-1]
        assert isinstance(first, ResponseCompletedEvent)
        follow = create("And now?", previous_response_id=first.response.id)
        events = await answered(session, settled, follow)
    text = "".join(event.delta for event in events if isinstance(event, ResponseTextDeltaEvent))
    response = events[-1].response
    assert (response.previous_response_id, response.output_text) == (first.response.id, text)
    assert "“And now?”" in text
    assert (await settled(client.responses.retrieve(response.id))).output_text == text
    handshake, *_ = openai_emulator.requests
    assert (handshake.method, handshake.path, len(openai_emulator.requests)) == ("GET", "/v1/responses", 2)
    assert openai_emulator.sockets.received == [create("Hello"), follow]
    as_described("ResponsesServerEvent", "ResponsesClientEvent")


async def test_what_is_not_stored_is_followed_on_the_same_connection_alone(client, settled, entered):
    async with entered(client.responses.connect()) as session:
        first = (await answered(session, settled, create("Hello", store=False)))[-1].response
        second = (await answered(session, settled, create("Go on", previous_response_id=first.id, store=False)))[-1]
        assert second.type == "response.completed"
    async with entered(client.responses.connect()) as session:
        (error,) = await answered(session, settled, create("Go on", previous_response_id=first.id))
    assert isinstance(error, ResponseSocketErrorEvent)
    assert (error.status, error.error.code) == (400, "previous_response_not_found")


async def test_lanes_are_named_in_every_event(client, settled, entered, as_described):
    async with entered(client.responses.connect()) as session:
        events = await answered(session, settled, create("Hello", stream_id="agent_1"))
        assert {event.stream_id for event in events} == {"agent_1"}
        (error,) = await answered(session, settled, create("Hello", stream_id="a b"))
        assert (error.error.param, error.stream_id) == ("stream_id", "a b")
    as_described("ResponsesServerEvent", None)


BAD = [
    ({"type": "response.make"}, "type", "invalid_value"),
    (create("a", stream=True), "stream", "unknown_parameter"),
    (create("a", temperature=3), "temperature", "decimal_above_max_value"),
    ({"type": "response.create", "input": "a"}, "model", "missing_required_parameter"),
]


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_request_is_an_event_or_raised_and_the_session_goes_on(bad, client, settled, entered):
    event, param, code = bad
    async with entered(client.responses.connect()) as session:
        (error,) = await answered(session, settled, event)
        assert (error.status, error.error.param, error.error.code) == (400, param, code)
        assert (await answered(session, settled, create("Hello")))[-1].type == "response.completed"
    async with entered(client.responses.connect(raise_errors=True)) as session:
        with pytest.raises(BadRequestError) as caught:
            await answered(session, settled, event)
        assert (caught.value.status, caught.value.param, caught.value.code) == (400, param, code)
        assert (await answered(session, settled, create("Hello")))[-1].type == "response.completed"


async def test_functions_are_called_with_the_events(client, settled, entered):
    pieces: list[str] = []
    async with entered(client.responses.connect()) as session:

        async def end(event: ResponseCompletedEvent) -> None:
            pieces.append(event.response.output_text)
            await session.close()

        def end_at_once(event: ResponseCompletedEvent) -> None:
            pieces.append(event.response.output_text)
            session.close()

        session.on("response.output_text.delta", lambda event: pieces.append(event.delta))
        session.once("response.completed", end if hasattr(session, "__aenter__") else end_at_once)
        await settled(session.send(create("Hello")))
        await settled(session.run())
    *deltas, whole = pieces
    assert "".join(deltas) == whole


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_a_lost_connection_is_made_anew_and_stored_responses_are_followed(
    make, settled, openai_emulator, entered
):
    told: list[Reconnect] = []

    def look(reconnect: Reconnect) -> None:
        told.append(reconnect)
        if len(told) == 1:
            raise EOFError  # not yet

    settings = {"api_key": openai_emulator.api_key, "base_url": openai_emulator.base_url}
    client = make(**settings, retry=RetryPolicy(1, 0, 0), validation="strict")
    openai_emulator.sockets.close(1013, after=1)
    async with entered(client.responses.connect(on_reconnect=look)) as session:
        first = (await answered(session, settled, create("Hello")))[-1].response
        with pytest.raises(EOFError):
            await settled(session.receive())
        follow = create("Go on", previous_response_id=first.id)
        second = (await answered(session, settled, follow))[-1]
    assert second.response.previous_response_id == first.id
    assert (told[0].error.close_code, told[1].unsent) == (1013, (follow,))
    await settled(client.close())


async def test_a_wrong_key_is_refused(settled, openai_emulator):
    client = AsyncClient(api_key="sk-invalid-1", base_url=openai_emulator.base_url)
    with pytest.raises(AuthenticationError):
        await client.responses.connect().open()
    await client.close()
