"""The official client, which knows nothing of this project, understands the emulator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

openai = pytest.importorskip("openai")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai import OpenAI

    from openai_core_emulator import Emulator

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
MESSAGES: Any = [{"role": "user", "content": "What is the weather in Paris?"}]


@pytest.fixture
def client(openai_emulator: Emulator) -> Iterator[OpenAI]:
    with openai.OpenAI(base_url=openai_emulator.base_url, api_key=openai_emulator.api_key, max_retries=0) as client:
        yield client


def test_chat_completions(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, store=True)
    assert "Paris" in (completion.choices[0].message.content or "")
    assert [each.id for each in client.chat.completions.list()] == [completion.id]
    assert [each.content for each in client.chat.completions.messages.list(completion.id)] == [MESSAGES[0]["content"]]
    assert client.chat.completions.update(completion.id, metadata={"a": "b"}).metadata == {"a": "b"}
    assert client.chat.completions.delete(completion.id).deleted


def test_chat_streams(client: OpenAI) -> None:
    with client.chat.completions.stream(model="gpt-4o", messages=MESSAGES) as stream:
        text = "".join(event.delta for event in stream if event.type == "content.delta")
        assert stream.get_final_completion().choices[0].message.content == text
    assert "Paris" in text


def test_chat_tool_calls_in_a_stream(client: OpenAI) -> None:
    tools: Any = [{**WEATHER, "function": {**WEATHER["function"], "strict": True}}]
    with client.chat.completions.stream(model="gpt-4o", messages=MESSAGES, tools=tools) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls or []
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Paris"}]


def test_responses(client: OpenAI) -> None:
    first = client.responses.create(model="gpt-4o", input="Hello")
    second = client.responses.create(model="gpt-4o", input="Bye", previous_response_id=first.id)
    assert "“Bye”" in second.output_text
    assert [item.type for item in client.responses.input_items.list(second.id)] == ["message"]
    assert client.responses.retrieve(first.id).output_text == first.output_text
    assert client.responses.input_tokens.count(model="gpt-4o", input="Hello").input_tokens > 0
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_response_streams(client: OpenAI) -> None:
    with client.responses.stream(model="gpt-4o", input="Hello", reasoning={"summary": "auto"}) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert stream.get_final_response().output_text == text
    assert "“Hello”" in text


def test_response_function_calls_in_a_stream(client: OpenAI) -> None:
    tool: Any = {"type": "function", **WEATHER["function"], "strict": True}
    with client.responses.stream(model="gpt-4o", input="Weather in Paris", tools=[tool]) as stream:
        arguments = "".join(event.delta for event in stream if event.type == "response.function_call_arguments.delta")
        item = stream.get_final_response().output[0]
    assert item.type == "function_call"
    assert item.arguments == arguments


def test_conversations(client: OpenAI) -> None:
    conversation = client.conversations.create(items=[{"role": "user", "content": "Hello"}])
    client.responses.create(model="gpt-4o", input="Bye", conversation=conversation.id)
    listed = list(client.conversations.items.list(conversation.id, limit=2))
    assert len(listed) == 3
    client.conversations.items.delete(listed[0].id or "", conversation_id=conversation.id)
    assert client.conversations.delete(conversation.id).deleted


def test_embeddings(client: OpenAI) -> None:
    """The client asks for base64 by itself and decodes it."""
    answer = client.embeddings.create(model="text-embedding-3-small", input=["one", "two"], dimensions=4)
    assert [len(each.embedding) for each in answer.data] == [4, 4]


def test_models(client: OpenAI) -> None:
    assert client.models.retrieve("gpt-4o").id in {model.id for model in client.models.list()}


def test_files(client: OpenAI) -> None:
    expiry: Any = {"anchor": "created_at", "seconds": 3600}
    created = [client.files.create(file=b"content", purpose="batch", expires_after=expiry).id for _ in range(3)]
    assert [each.id for each in client.files.list(limit=2)] == created[::-1]
    assert client.files.content(created[0]).read() == b"content"
    assert client.files.delete(created[0]).deleted


def test_images(client: OpenAI) -> None:
    stream = client.images.generate(model="gpt-image-1", prompt="a cat", stream=True, partial_images=1)
    assert [event.type for event in stream] == ["image_generation.partial_image", "image_generation.completed"]
    answer = client.images.generate(model="gpt-image-1", prompt="a cat", n=2)
    assert answer.data
    assert len(answer.data) == 2


def test_errors(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="gpt-4o", input="Hi", temperature=5)
    assert (caught.value.param, caught.value.code) == ("temperature", "decimal_above_max_value")
    assert (caught.value.request_id or "").startswith("req_")
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-invalid-1").models.list()
