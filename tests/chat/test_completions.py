from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_chat.types import ChatCompletion, ChatCompletionMessage

MODEL = "gpt-5-mini"
HELLO = [{"role": "user", "content": "Hello there"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


async def test_an_answer_is_typed(client, settled):
    completion = await settled(client.chat.completions.create(model=MODEL, messages=HELLO))
    assert isinstance(completion, ChatCompletion)
    assert completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


async def test_the_message_of_an_answer_goes_back_as_it_came(client, settled, openai_emulator):
    first = await settled(client.chat.completions.create(model=MODEL, messages=HELLO))
    message = first.choices[0].message
    assert isinstance(message, ChatCompletionMessage)
    await settled(client.chat.completions.create(model=MODEL, messages=[*HELLO, message, *HELLO]))
    sent = openai_emulator.requests[-1].json()["messages"][1]
    assert sent == message.to_dict()
    assert sent["role"] == "assistant"


async def test_a_stream_gives_the_text_piece_by_piece(client, settled, each):
    whole = await settled(client.chat.completions.create(model=MODEL, messages=HELLO))
    stream = client.chat.completions.create_stream(model=MODEL, messages=HELLO, stream_options={"include_usage": True})
    chunks = await each(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert len(chunks) > 3
    assert chunks[-1].usage == whole.usage
    assert stream.outcome == "complete"


async def test_a_tool_is_called_and_answered(client, settled):
    asked = await settled(
        client.chat.completions.create(model=MODEL, messages=HELLO, tools=[WEATHER], tool_choice="required")
    )
    message = asked.choices[0].message
    (call,) = message.tool_calls
    assert call.type == "function"
    assert call.function.name == "weather"
    result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    answered = await settled(
        client.chat.completions.create(model=MODEL, messages=[*HELLO, message, result], tools=[WEATHER])
    )
    assert answered.choices[0].message.content


async def test_a_stored_completion_is_found_changed_and_deleted(client, settled, each):
    completions = client.chat.completions
    made = [
        await settled(completions.create(model=MODEL, messages=HELLO, store=True, metadata={"n": str(n)}))
        for n in range(3)
    ]
    assert (await settled(completions.retrieve(made[0].id))).id == made[0].id
    listed = await each(completions.list(limit=2, order="asc"))
    assert [one.id for one in listed] == [one.id for one in made]
    assert [one.id for one in await each(completions.list(metadata={"n": "1"}))] == [made[1].id]
    changed = await settled(completions.update(made[0].id, metadata={"n": "9"}))
    assert changed.metadata == {"n": "9"}
    (message,) = await each(completions.messages.list(made[0].id))
    assert message.content == "Hello there"
    assert (await settled(completions.delete(made[0].id))).deleted is True
    with pytest.raises(NotFoundError) as caught:
        await settled(completions.retrieve(made[0].id))
    assert caught.value.request_id


async def test_a_refused_request_says_what_was_wrong(client, settled):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.chat.completions.create(model=MODEL, messages=HELLO, temperature=9))
    assert caught.value.param == "temperature"
    assert caught.value.status == 400


async def test_streaming_has_a_method_of_its_own(client):
    with pytest.raises(TypeError, match=r"create\(\) doesn't stream; call create_stream\(\) instead"):
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)


async def test_a_misspelt_or_missing_argument_is_named(client):
    with pytest.raises(TypeError, match="temprature"):
        client.chat.completions.create(model=MODEL, messages=HELLO, temprature=1)
    with pytest.raises(TypeError, match="messages"):
        client.chat.completions.create(model=MODEL)
