"""The small model answers through the same code that a service would; what it says is its own business."""

from __future__ import annotations

import sys

import pytest

from openai_core import BadRequestError, Client, ConfigurationError
from openai_core.operation import StreamEndpoint

MESSAGES = [{"role": "user", "content": "Name three colours."}]
CHAT = {"model": "any", "messages": MESSAGES, "max_completion_tokens": 12}
RESPONSE = {"model": "any", "input": "Name three colours.", "max_output_tokens": 16}
TEXT = {"model": "any", "prompt": "Red, green and", "max_tokens": 8}


@pytest.mark.local_model
class TestAnswers:
    def test_chat(self, client):
        answer = client.chat.completions.create(**CHAT)
        assert answer.choices[0].message.content
        assert answer.usage.completion_tokens <= 12
        assert answer.model == "SmolLM2-135M-Instruct.Q4_1"

    async def test_chat_async(self, async_client):
        answer = await async_client.chat.completions.create(**CHAT)
        assert answer.choices[0].message.content

    def test_a_chat_stream_is_what_the_whole_answer_would_be(self, client):
        chat = {**CHAT, "temperature": 0}
        whole = client.chat.completions.create(**chat).choices[0].message.content
        with client.chat.completions.create_stream(**chat) as stream:
            pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        assert len([piece for piece in pieces if piece]) > 1
        assert "".join(pieces) == whole
        assert stream.final().choices[0].message.content == whole
        assert stream.outcome == "complete"

    async def test_a_chat_stream_async(self, async_client):
        async with async_client.chat.completions.create_stream(**CHAT) as stream:
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
        assert "".join(pieces)
        assert (await stream.final()).choices[0].message.content == "".join(pieces)
        assert stream.outcome == "complete"

    def test_completions(self, client):
        answer = client.request("POST", "/completions", body=TEXT, into=dict)
        assert answer["choices"][0]["text"]

    async def test_completions_async(self, async_client):
        answer = await async_client.request("POST", "/completions", body=TEXT, into=dict)
        assert answer["choices"][0]["text"]

    def test_a_completion_can_be_streamed_by_an_operation_made_by_hand(self, client):
        endpoint = StreamEndpoint("POST", "/completions", None, body={"stream": True})
        with client.send(endpoint.operation(body=TEXT), into=dict) as stream:
            assert "".join(chunk["choices"][0]["text"] for chunk in stream)

    def test_a_response(self, client):
        answer = client.responses.create(**RESPONSE)
        assert answer.status == "completed"
        assert answer.output[0].content[0].text

    def test_a_response_s_events_are_read_though_indices_and_sequence_numbers_are_missing(self, client):
        with client.responses.create_stream(**RESPONSE) as stream:
            events = list(stream)
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert text
        assert events[-1].type == "response.completed"
        assert events[-1].response.output[0].content[0].text == text
        assert stream.outcome == "complete"

    async def test_a_response_stream_async(self, async_client):
        async with async_client.responses.create_stream(**RESPONSE) as stream:
            kinds = [event.type async for event in stream]
        assert kinds[0] == "response.created"
        assert kinds[-1] == "response.completed"

    def test_embeddings_have_576_dimensions(self, client):
        answer = client.embeddings.create(model="any", input=["one", "two"])
        assert [len(item.embedding) for item in answer.data] == [576, 576]

    async def test_embeddings_async(self, async_client):
        answer = await async_client.embeddings.create(model="any", input="one")
        assert len(answer.data[0].embedding) == 576

    def test_like_things_are_closer_than_unlike_ones(self, client):
        """The vectors are normalized, so their product is the cosine of the angle between them."""
        texts = ["The cat sleeps on the sofa.", "A cat is sleeping on a couch.", "Interest rates rose by 2 % in May."]
        cat, same, other = (item.embedding for item in client.embeddings.create(model="any", input=texts).data)

        def near(left: list[float], right: list[float]) -> float:
            return sum(one * two for one, two in zip(left, right, strict=True))

        assert near(cat, same) > near(cat, other)

    def test_tokens_of_a_response_are_counted(self, client):
        assert client.responses.input_tokens.count(model="any", input="one").input_tokens > 0

    def test_the_model_is_listed(self, client):
        assert [model.id for model in client.models.list()] == ["SmolLM2-135M-Instruct.Q4_1"]

    def test_an_error_whose_code_is_a_number_is_of_the_usual_class(self, client):
        with pytest.raises(BadRequestError) as caught:
            client.request("POST", "/chat/completions", body={"messages": 3})
        assert (caught.value.status, caught.value.code) == (400, "400")
        assert "messages" in caught.value.message


@pytest.mark.local_model
class TestRefusals:
    def test_images_are_refused_before_anything_is_sent(self, client):
        with pytest.raises(ConfigurationError, match=r"POST /images/generations; it has .*POST /chat/completions"):
            client.images.generate(prompt="a red circle")

    async def test_images_are_refused_async(self, async_client):
        with pytest.raises(ConfigurationError, match="POST /images/generations"):
            await async_client.images.generate(prompt="a red circle")

    def test_streams_are_refused_too(self, client):
        with (
            pytest.raises(ConfigurationError, match="POST /images/generations"),
            client.images.generate_stream(prompt="a red circle") as stream,
        ):
            list(stream)

    def test_a_method_is_refused_on_a_path_that_has_another(self, client):
        with pytest.raises(ConfigurationError, match="GET /responses"):
            client.request("GET", "/responses")

    def test_an_unknown_setting_is_a_type_error(self):
        with pytest.raises(TypeError, match="tempo"):
            Client(provider="local", tempo=3)

    def test_a_context_of_nothing_is_refused(self):
        with pytest.raises(ConfigurationError, match="context"):
            Client(provider="local", context=0)

    def test_keys_and_addresses_of_the_environment_are_not_used(self, monkeypatch, client):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-it")
        monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
        operation = client.embeddings.create.operation(model="any", input="one")
        provider = Client(provider="local").provider
        assert provider.url(operation).startswith("http://127.0.0.1:")
        assert "sk-not-for-it" not in str(provider.auth(operation))


def test_without_llama_cpp_the_command_is_given(tmp_path, monkeypatch):
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF and so on")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ConfigurationError, match="pip install xllamacpp"):
        Client(provider="local", model_file=path)
