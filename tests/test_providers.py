"""One function takes a client of any provider."""

from __future__ import annotations

import json

import httpx
import pytest

from openai_core import Client, OpenAIConfig, Provider

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
}


def ask(client: Client, text: str) -> str | None:
    """What a user writes once for all providers."""
    completion = client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content


class Mine(Provider):
    """A provider of a user's own."""

    name = "mine"
    key_required = False

    def authorization(self, key):
        return {"X-Token": "t"}


@pytest.mark.parametrize(
    ("client", "url", "credential"),
    [
        (
            lambda http: Client(api_key="sk-o", base_url="https://api.openai.com/v1", http_client=http),
            "https://api.openai.com/v1/chat/completions",
            ("authorization", "Bearer sk-o"),
        ),
        (
            lambda http: Client(
                provider="compatible", api_key="sk-c", base_url="https://llm.example/v1", http_client=http
            ),
            "https://llm.example/v1/chat/completions",
            ("authorization", "Bearer sk-c"),
        ),
        (
            lambda http: Client(
                provider="azure", azure_endpoint="https://r.openai.azure.com", api_key="az", http_client=http
            ),
            "https://r.openai.azure.com/openai/v1/chat/completions",
            ("api-key", "az"),
        ),
        (
            lambda http: Client(provider=Mine(OpenAIConfig(base_url="https://mine.example")), http_client=http),
            "https://mine.example/chat/completions",
            ("x-token", "t"),
        ),
    ],
    ids=["openai", "compatible", "azure", "own"],
)
def test_one_function_asks_any_provider(client, url, credential):
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ANSWER)

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        assert ask(client(http), "Hi.") == "Hello."

    (request,) = seen
    name, value = credential
    assert str(request.url) == url
    assert request.headers[name] == value
    assert json.loads(request.content)["messages"] == [{"role": "user", "content": "Hi."}]
