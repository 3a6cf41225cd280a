"""Responses in the end: of a stream, and of one that is made in the background."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core import (
    AsyncClient,
    BadRequestError,
    Client,
    DeadlineExceededError,
    NotFoundError,
    StreamError,
    StreamTruncatedError,
)
from openai_core.response_accumulator import ResponseAccumulator
from openai_core_responses.types import Response
from tests.responses.telling import BEGUN, ITEMS, LEFT_OPEN, MESSAGE, told_of

MODEL = "gpt-5-mini"
FUNCTION = {
    "type": "function",
    "name": "get_weather",
    "strict": False,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
THINKING = {"reasoning": {"effort": "low", "summary": "auto"}}
# All that the emulator can make.
ASKED = {
    "text": {},
    "probabilities": {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
    "JSON": {"text": {"format": {"type": "json_schema", "name": "it", "schema": FUNCTION["parameters"]}}},
    "function": {"tools": [FUNCTION], "tool_choice": "required"},
    "custom tool": {"tools": [{"type": "custom", "name": "shell"}], "tool_choice": "required"},
    "functions": {"tools": [FUNCTION, {**FUNCTION, "name": "hello"}], "input": "Hello, what is the weather?"},
    "reasoning": THINKING,
    "secret reasoning": {"reasoning": {"effort": "low"}, "include": ["reasoning.encrypted_content"]},
    "reasoning and a function": {**THINKING, "tools": [FUNCTION], "tool_choice": "required"},
    "cut": {"max_output_tokens": 16, "input": "Say again, word for word: " + "one two three four five " * 10},
    "background": {"background": True},
}
LONG = "Say again, word for word: " + "one two three four five six seven eight nine ten " * 5


class TestFinal:
    async def test_a_stream_gives_the_whole_response(self, client, settled):
        stream = client.responses.create_stream(model=MODEL, input="Hello there")
        response = await settled(stream.final())
        assert isinstance(response, Response)
        assert response.status == "completed"
        assert response == await settled(client.responses.retrieve(response.id))
        assert stream.outcome == "complete"

    async def test_after_its_events_it_is_the_last_of_them(self, client, settled, each):
        stream = client.responses.create_stream(model=MODEL, input="Hello there")
        events = await each(stream)
        assert await settled(stream.final()) == events[-1].response

    async def test_a_response_that_was_cut_is_returned(self, client, settled):
        stream = client.responses.create_stream(model=MODEL, input=LONG, max_output_tokens=16)
        response = await settled(stream.final())
        assert response.status == "incomplete"
        assert response.incomplete_details.reason == "max_output_tokens"
        assert response.output_text

    async def test_a_response_in_the_background_is_taken_up_again(self, client, settled, each):
        stream = client.responses.create_stream(model=MODEL, input="Hello there", background=True)
        seen = []
        if hasattr(stream, "__aiter__"):
            async for event in stream:
                seen.append(event)
                if event.type == "response.output_text.delta":
                    break
        else:
            for event in stream:
                seen.append(event)
                if event.type == "response.output_text.delta":
                    break
        with pytest.raises(StreamError, match="left before its end"):
            await settled(stream.final())

        rest = client.responses.retrieve_stream(seen[0].response.id, starting_after=seen[-1].sequence_number)
        response = await settled(rest.final())
        assert response.status == "completed"
        assert response.output_text.startswith(seen[-1].delta)

        last = client.responses.retrieve_stream(response.id, starting_after=seen[-1].sequence_number)
        assert (await each(last))[0].sequence_number == seen[-1].sequence_number + 1

    async def test_what_is_refused_is_raised(self, client, settled):
        with pytest.raises(BadRequestError) as caught:
            await settled(client.responses.create_stream(model=MODEL, input="Hello", temperature=9).final())
        assert caught.value.param == "temperature"


def strictly(response):
    """A response, which is in each field as it is described."""
    return Response.model_validate_json(response.to_json())


class TestSnapshot:
    @pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
    async def test_it_grows_until_it_is_the_whole(self, client, settled, each, asked):
        stream = client.responses.create_stream(**{"model": MODEL, "input": "Hello there", **asked})
        told = await each(stream, lambda event: (event, stream.snapshot()))
        whole = await settled(stream.final())
        for event, snapshot in told:
            assert strictly(snapshot) == snapshot
            if hasattr(event, "response"):
                assert snapshot.status == event.response.status
        *before, (end, last) = told
        assert end.type in {"response.completed", "response.incomplete"}
        assert last == whole
        assert before[-1][1].output == whole.output
        assert before[-1][1].status == "in_progress"
        assert whole.output
        sizes = [len(snapshot.to_json()) for _, snapshot in told[2:]]
        assert len(set(sizes)) > 3 or asked == ASKED["secret reasoning"]

    async def test_text_is_there_as_it_comes(self, client, each):
        stream = client.responses.create_stream(model=MODEL, input="Hello there")
        text = ""

        def look(event):
            nonlocal text
            text += event.delta if event.type == "response.output_text.delta" else ""
            assert stream.snapshot().output_text == text

        await each(stream, look)
        assert text

    async def test_a_stream_that_was_resumed_has_none(self, client, each):
        made = client.responses.create_stream(model=MODEL, input="Hello there")
        events = await each(made)
        again = client.responses.retrieve_stream(events[0].response.id, starting_after=6)

        def look(event):
            if event.type != "response.completed":
                with pytest.raises(StreamError, match="no snapshot"):
                    again.snapshot()

        await each(again, look)
        assert again.snapshot() == events[-1].response

    def test_what_came_before_a_stream_broke_off_is_there(self, router):
        events = [BEGUN, *told_of(0, MESSAGE, [5])][:4]
        body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        with Client(api_key="k", base_url="https://api.example/v1") as client:
            headers = {"content-type": "text/event-stream"}
            router.post("https://api.example/v1/responses").mock(
                return_value=httpx.Response(200, text=body, headers=headers)
            )
            stream = client.responses.create_stream(model=MODEL, input="Hello")
            with pytest.raises(StreamTruncatedError):
                stream.final()
            assert stream.snapshot().output_text == "Hello"
            assert stream.snapshot().status == "in_progress"


@given(st.lists(ITEMS, max_size=4), st.lists(st.integers(0, 12), max_size=4))
def test_each_beginning_of_a_response_is_one_and_the_last_is_the_whole(items, places):
    accumulator = ResponseAccumulator()
    events = [BEGUN, *(event for index, item in enumerate(items) for event in told_of(index, item, places))]
    for event in events:
        accumulator.add(json.dumps(event).encode())
        response = Response.model_validate_json(json.dumps(accumulator.result()))
        assert (response.id, response.status) == ("resp_1", "in_progress")
    finished = [
        {**item, **({"status": "in_progress"} if item["type"] in LEFT_OPEN and "status" in item else {})}
        for item in items
    ]
    assert accumulator.result()["output"] == finished


class TestWaiting:
    async def test_a_response_is_made_in_the_background_and_waited_for(self, client, settled, openai_emulator):
        seen = []
        response = await settled(
            client.responses.create_and_wait(
                model=MODEL,
                input="Hello there",
                include=["message.output_text.logprobs"],
                interval=0,
                on_progress=lambda response: seen.append(response.status),
            )
        )
        assert isinstance(response, Response)
        assert response.output_text
        assert seen == ["queued", "in_progress", "completed"]
        begun, *looks = openai_emulator.requests
        assert begun.json() == {
            "model": MODEL,
            "input": "Hello there",
            "include": ["message.output_text.logprobs"],
            "background": True,
        }
        assert [(look.method, look.path) for look in looks] == [("GET", f"/v1/responses/{response.id}")] * 2
        assert {look.query for look in looks} == {"include[]=message.output_text.logprobs"}

    async def test_in_an_async_client_who_is_told_may_be_async_too(self, openai_emulator):
        seen = []

        async def note(response):
            seen.append(response.status)

        async with AsyncClient(api_key=openai_emulator.api_key, base_url=openai_emulator.base_url) as client:
            await client.responses.create_and_wait(model=MODEL, input="Hello there", interval=0, on_progress=note)

        assert seen == ["queued", "in_progress", "completed"]

    async def test_one_that_is_there_at_once_isnt_looked_for(self, client, settled, openai_emulator):
        response = await settled(client.responses.create_and_wait(model=MODEL, input="Hello there", background=False))
        assert response.status == "completed"
        assert len(openai_emulator.requests) == 1

    async def test_one_that_was_begun_elsewhere_is_waited_for(self, client, settled):
        begun = await settled(client.responses.create(model=MODEL, input="Hello there", background=True))
        assert begun.status == "queued"
        response = await settled(client.responses.wait(begun.id, interval=0))
        assert (response.id, response.status) == (begun.id, "completed")

    async def test_one_that_was_cancelled_is_returned(self, client, settled):
        begun = await settled(client.responses.create(model=MODEL, input="Hello there", background=True))
        await settled(client.responses.cancel(begun.id))
        assert (await settled(client.responses.wait(begun.id, interval=0))).status == "cancelled"

    async def test_a_deadline_ends_the_wait(self, client, settled):
        with pytest.raises(DeadlineExceededError, match="the status is 'in_progress'"):
            await settled(client.responses.create_and_wait(model=MODEL, input="Hi", interval=60, deadline=30))

    async def test_one_that_doesnt_exist_is_an_error(self, client, settled):
        with pytest.raises(NotFoundError):
            await settled(client.responses.wait("resp_none", interval=0))

    async def test_what_only_streams_take_is_refused(self, client):
        with pytest.raises(TypeError, match="stream"):
            client.responses.create_and_wait(model=MODEL, input="Hi", stream=True)
