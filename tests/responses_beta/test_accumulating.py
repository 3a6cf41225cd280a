from __future__ import annotations

import pytest

from openai_core import DeadlineExceededError
from openai_core_responses_beta.types import BetaResponse

BETA = "responses_multi_agent=v1"
ASKED = {"model": "gpt-5", "input": "Hello there", "multi_agent": {"enabled": True}}


async def test_a_stream_gives_the_whole_response(client, settled, each):
    stream = client.responses_beta.create_stream(**ASKED)
    response = await settled(stream.final())
    assert isinstance(response, BetaResponse)
    assert response.status == "completed"
    assert response.output_text
    again = client.responses_beta.retrieve_stream(response.id, starting_after=3)
    events = await each(again)
    assert await settled(again.final()) == events[-1].response == response


async def test_a_snapshot_grows_until_it_is_the_whole(client, settled, each):
    stream = client.responses_beta.create_stream(**ASKED, reasoning={"effort": "low", "summary": "auto"})
    text = ""

    def look(event):
        nonlocal text
        text += event.delta if event.type == "response.output_text.delta" else ""
        snapshot = stream.snapshot()
        assert BetaResponse.model_validate_json(snapshot.to_json()) == snapshot
        assert snapshot.output_text == text
        return snapshot

    *_, before, last = await each(stream, look)
    assert last == await settled(stream.final())
    assert before.output == last.output
    assert [item.agent.agent_name for item in before.output] == ["/root", "/root"]


async def test_a_response_is_made_in_the_background_and_waited_for(client, settled, openai_emulator):
    seen = []
    response = await settled(
        client.responses_beta.create_and_wait(**ASKED, interval=0, on_progress=lambda one: seen.append(one.status))
    )
    assert isinstance(response, BetaResponse)
    assert response.output[0].agent.agent_name == "/root"
    assert seen == ["queued", "in_progress", "completed"]
    begun, *looks = openai_emulator.requests
    assert begun.json() == {**ASKED, "background": True}
    assert [(look.method, look.path) for look in looks] == [("GET", f"/v1/responses/{response.id}")] * 2
    assert {request.headers["openai-beta"] for request in openai_emulator.requests} == {BETA}


async def test_the_features_that_are_named_are_those_of_every_look(client, settled, openai_emulator):
    begun = await settled(client.responses_beta.create(**ASKED, background=True))
    openai_emulator.requests.clear()
    waited = await settled(client.responses_beta.wait(begun.id, betas=[BETA, "other=v2"], interval=0))
    assert waited.status == "completed"
    assert {look.headers["openai-beta"] for look in openai_emulator.requests} == {f"{BETA},other=v2"}


async def test_a_deadline_ends_the_wait(client, settled):
    with pytest.raises(DeadlineExceededError):
        await settled(client.responses_beta.create_and_wait(**ASKED, interval=60, deadline=30))
