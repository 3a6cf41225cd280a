"""Responses in the end: of a stream, and of one that is made in the background."""

from __future__ import annotations

import pytest

from openai_core import BadRequestError, DeadlineExceededError, NotFoundError, StreamError
from openai_core_responses.types import Response

MODEL = "gpt-5-mini"
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
