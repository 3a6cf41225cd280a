from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_responses_beta.types import (
    BetaCompactedResponse,
    BetaInputTokenCountResponse,
    BetaResponse,
    BetaResponseCompletedEvent,
    BetaResponseCreatedEvent,
)

ASKED = {"model": "gpt-5", "input": "Hello there"}
BETA = "responses_multi_agent=v1"
AGENTS = {"enabled": True, "max_concurrent_subagents": 2}


async def test_a_response_is_made_by_agents(client, settled, openai_emulator):
    response = await settled(client.responses_beta.create(**ASKED, multi_agent=AGENTS))
    assert isinstance(response, BetaResponse)
    assert "Hello there" in response.output_text
    assert response.output[0].agent.agent_name == "/root"
    (request,) = openai_emulator.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1/responses", "beta=true")
    assert request.headers["openai-beta"] == BETA
    assert request.json() == {**ASKED, "multi_agent": AGENTS}


async def test_other_features_are_tried_out_in_its_place(client, settled, openai_emulator):
    await settled(client.responses_beta.create(**ASKED, betas=["responses_multi_agent=v1", "another=v2"]))
    assert openai_emulator.requests[-1].headers["openai-beta"] == "responses_multi_agent=v1,another=v2"
    await settled(client.responses_beta.create(**ASKED, options={"headers": {"OpenAI-Beta": None}}))
    assert "openai-beta" not in openai_emulator.requests[-1].headers


async def test_a_response_is_streamed(client, settled, each, openai_emulator):
    stream = client.responses_beta.create_stream(**ASKED, stream_options={"include_obfuscation": False})
    events = await each(stream)
    assert isinstance(events[0], BetaResponseCreatedEvent)
    assert isinstance(events[-1], BetaResponseCompletedEvent)
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == events[-1].response.output_text
    assert stream.outcome == "complete"
    request = openai_emulator.requests[-1]
    assert (request.query, request.headers["openai-beta"]) == ("beta=true", BETA)
    assert request.json() == {**ASKED, "stream": True, "stream_options": {"include_obfuscation": False}}


async def test_a_response_in_the_background_is_fetched_streamed_and_cancelled(client, settled, each, openai_emulator):
    begun = await settled(client.responses_beta.create(**ASKED, background=True))
    assert begun.status == "queued"
    looked = await settled(client.responses_beta.retrieve(begun.id, include=["reasoning.encrypted_content"]))
    assert isinstance(looked, BetaResponse)
    assert looked.status == "in_progress"
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("GET", f"/v1/responses/{begun.id}")
    assert request.query == "include[]=reasoning.encrypted_content&beta=true"
    cancelled = await settled(client.responses_beta.cancel(begun.id))
    assert isinstance(cancelled, BetaResponse)
    assert cancelled.status == "cancelled"
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.query) == ("POST", f"/v1/responses/{begun.id}/cancel", "beta=true")

    other = await settled(client.responses_beta.create(**ASKED, background=True))
    events = await each(client.responses_beta.retrieve_stream(other.id, starting_after=2, include_obfuscation=False))
    assert events[0].sequence_number == 3
    assert isinstance(events[-1], BetaResponseCompletedEvent)
    request = openai_emulator.requests[-1]
    assert request.path == f"/v1/responses/{other.id}"
    assert sorted(request.query.split("&")) == [
        "beta=true",
        "include_obfuscation=false",
        "starting_after=2",
        "stream=true",
    ]
    assert {request.headers["openai-beta"] for request in openai_emulator.requests} == {BETA}


async def test_what_was_asked_is_listed(client, settled, each, openai_emulator):
    said = [{"role": "user", "content": f"Number {number}"} for number in range(3)]
    response = await settled(client.responses_beta.create(model="gpt-5", input=said))
    items = await each(client.responses_beta.input_items.list(response.id, limit=2, order="asc"))
    assert [item.content[0].text for item in items] == ["Number 0", "Number 1", "Number 2"]
    first, second = (dict(pair.split("=") for pair in each.query.split("&")) for each in openai_emulator.requests[-2:])
    assert first == {"limit": "2", "order": "asc", "beta": "true"}
    assert second == {**first, "after": items[1].id}
    assert openai_emulator.requests[-1].path == f"/v1/responses/{response.id}/input_items"
    assert openai_emulator.requests[-1].headers["openai-beta"] == BETA


async def test_tokens_are_counted_and_a_conversation_is_shortened(client, settled, openai_emulator):
    counted = await settled(client.responses_beta.input_tokens.count(**ASKED, instructions="Be kind"))
    assert isinstance(counted, BetaInputTokenCountResponse)
    assert counted.input_tokens > 2
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.query) == ("POST", "/v1/responses/input_tokens", "beta=true")
    assert request.json() == {**ASKED, "instructions": "Be kind"}
    response = await settled(client.responses_beta.create(**ASKED))
    short = await settled(client.responses_beta.compact(model="gpt-5", previous_response_id=response.id))
    assert isinstance(short, BetaCompactedResponse)
    assert [item.type for item in short.output] == ["message", "compaction"]
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.query) == ("POST", "/v1/responses/compact", "beta=true")
    assert request.json() == {"model": "gpt-5", "previous_response_id": response.id}
    assert {request.headers["openai-beta"] for request in openai_emulator.requests} == {BETA}
    again = await settled(client.responses_beta.create(model="gpt-5", input=short.output))
    assert again.output_text


async def test_a_response_is_followed_and_deleted(client, settled, openai_emulator):
    first = await settled(client.responses_beta.create(**ASKED))
    second = await settled(
        client.responses_beta.create(model="gpt-5", input=[*first.output, {"role": "user", "content": "And?"}])
    )
    assert "And?" in second.output_text
    assert await settled(client.responses_beta.delete(first.id)) is None
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.query) == ("DELETE", f"/v1/responses/{first.id}", "beta=true")
    assert request.headers["openai-beta"] == BETA
    with pytest.raises(NotFoundError):
        await settled(client.responses_beta.retrieve(first.id))


async def test_agents_are_known_to_the_beta_alone(client, settled):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.responses.create(**ASKED, options={"body": {"multi_agent": AGENTS}}))
    assert caught.value.param == "multi_agent"
    with pytest.raises(BadRequestError) as caught:
        await settled(
            client.responses_beta.create(**ASKED, multi_agent={"enabled": True, "max_concurrent_subagents": 0})
        )
    assert caught.value.param == "multi_agent.max_concurrent_subagents"


async def test_what_was_meant_is_told(client):
    with pytest.raises(TypeError, match="create_stream"):
        client.responses_beta.create(**ASKED, stream=True)
    with pytest.raises(TypeError, match="multi_agents"):
        client.responses_beta.create(**ASKED, multi_agents=AGENTS)
