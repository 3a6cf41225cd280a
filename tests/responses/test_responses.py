from __future__ import annotations

import pytest

from openai_core import NotFoundError
from openai_core_responses.types import Response, ResponseTextDeltaEvent

MODEL = "gpt-5-mini"
WEATHER = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}


async def test_a_response_is_typed_and_tells_its_text(client, settled):
    response = await settled(client.responses.create(model=MODEL, input="Hello there"))
    assert isinstance(response, Response)
    assert response.status == "completed"
    assert response.output_text == response.output[-1].content[0].text
    assert response.output_text


async def test_a_stream_gives_typed_events(client, each):
    stream = client.responses.create_stream(model=MODEL, input="Hello there")
    events = await each(stream)
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    deltas = [event for event in events if isinstance(event, ResponseTextDeltaEvent)]
    assert "".join(event.delta for event in deltas) == events[-1].response.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert stream.outcome == "complete"


async def test_the_output_of_one_response_is_the_input_of_the_next(client, settled, openai_emulator):
    asked = await settled(
        client.responses.create(model=MODEL, input="Weather?", tools=[WEATHER], tool_choice="required")
    )
    (call,) = [item for item in asked.output if item.type == "function_call"]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    question = {"role": "user", "content": "Weather?"}
    answered = await settled(
        client.responses.create(model=MODEL, input=[question, *asked.output, result], tools=[WEATHER])
    )
    assert answered.output_text
    assert openai_emulator.requests[-1].json()["input"][1:-1] == [item.to_dict() for item in asked.output]


async def test_a_stored_response_is_followed_streamed_again_and_deleted(client, settled, each):
    first = await settled(client.responses.create(model=MODEL, input="Hello there", store=True))
    second = await settled(client.responses.create(model=MODEL, input="And?", previous_response_id=first.id))
    assert second.previous_response_id == first.id
    again = await settled(client.responses.retrieve(first.id))
    assert again == first
    events = await each(client.responses.retrieve_stream(first.id))
    assert events[-1].response.output_text == first.output_text
    items = await each(client.responses.input_items.list(first.id))
    assert [item.type for item in items] == ["message"]
    await settled(client.responses.delete(first.id))
    with pytest.raises(NotFoundError):
        await settled(client.responses.retrieve(first.id))


async def test_a_response_in_the_background_is_cancelled(client, settled):
    made = await settled(client.responses.create(model=MODEL, input="Hello there", background=True))
    cancelled = await settled(client.responses.cancel(made.id))
    assert cancelled.id == made.id
    assert cancelled.status in {"cancelled", "completed"}


async def test_tokens_are_counted_and_a_conversation_is_shortened(client, settled):
    counted = await settled(client.responses.input_tokens.count(model=MODEL, input="Hello there"))
    assert counted.input_tokens > 0
    compacted = await settled(client.responses.compact(model=MODEL, input="Hello there"))
    assert compacted.output


async def test_a_conversation_keeps_what_was_said(client, settled, each):
    hello = {"type": "message", "role": "user", "content": "Hello there"}
    conversation = await settled(client.conversations.create(items=[hello], metadata={"a": "b"}))
    await settled(client.responses.create(model=MODEL, input="And?", conversation=conversation.id))
    items = client.conversations.items
    said = await each(items.list(conversation.id, order="asc", limit=1))
    assert [item.role for item in said] == ["user", "user", "assistant"]
    added = await settled(items.create(conversation.id, items=[hello]))
    assert (await settled(items.retrieve(conversation.id, added.data[0].id))).content[0].text == "Hello there"
    await settled(items.delete(conversation.id, added.data[0].id))
    assert (await settled(client.conversations.update(conversation.id, metadata={"a": "c"}))).metadata == {"a": "c"}
    assert (await settled(client.conversations.retrieve(conversation.id))).metadata == {"a": "c"}
    assert (await settled(client.conversations.delete(conversation.id))).deleted is True
