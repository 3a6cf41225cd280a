"""Every answer has the shape that the API's description gives it.

The description isn't part of this project: `OPENAI_CORE_SPEC` names a file that holds it, in JSON.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.description import Description

if not os.environ.get("OPENAI_CORE_SPEC"):
    pytest.skip("OPENAI_CORE_SPEC names no description of the API", allow_module_level=True)

ReadEvents = Callable[..., list[dict[str, Any]]]
Check = Callable[[str, Any], None]
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is the weather in Paris?"}]}
RESPONSE = {"model": "gpt-4o", "input": "What is the weather in Paris?"}
WEATHER = {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
SHAPE = {"name": "shape", "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}


@pytest.fixture(scope="session")
def description() -> Description:
    return Description.read(os.environ["OPENAI_CORE_SPEC"])


@pytest.fixture(scope="session")
def check(description: Description) -> Check:
    def validate(name: str, document: Any) -> None:
        validator = description.validator({"$ref": f"#/components/schemas/{name}"}, "open")
        errors = list(validator.iter_errors(document))
        assert not errors, "\n".join(f"{error.instance_path}: {error.message[:300]}" for error in errors)

    return validate


@pytest.fixture
def get(http: httpx.Client, check: Check) -> Callable[..., Any]:
    """Send a request and check its answer by the schema of this name."""

    def send(schema: str, method: str, url: str, status: int = 200, **sent: Any) -> Any:
        response = http.request(method, url, **sent)
        assert response.status_code == status, response.text
        check(schema, response.json())
        return response.json()

    return send


Get = Callable[..., Any]

CHATS: list[dict[str, Any]] = [
    {},
    {"n": 3, "logprobs": True, "top_logprobs": 2, "max_tokens": 5},
    {"tools": [{"type": "function", "function": WEATHER}], "service_tier": "flex"},
    {"functions": [WEATHER], "function_call": {"name": "get_weather"}},
    {"response_format": {"type": "json_schema", "json_schema": SHAPE}},
]
RESPONSES: list[dict[str, Any]] = [
    {},
    {"tools": [{"type": "function", **WEATHER}]},
    {"tools": [{"type": "custom", "name": "shell"}], "tool_choice": "required"},
    {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]},
    {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
    {"max_output_tokens": 16, "input": "word " * 90, "instructions": "Be kind", "user": "me", "metadata": {"a": "b"}},
    {"text": {"format": {"type": "json_schema", **SHAPE}, "verbosity": "low"}},
    {"background": True},
]


@pytest.mark.parametrize("options", CHATS, ids=str)
def test_chat_completions(get: Get, check: Check, read_events: ReadEvents, options: dict[str, Any]) -> None:
    get("CreateChatCompletionResponse", "POST", "/chat/completions", json={**CHAT, **options})
    streamed = {**CHAT, **options, "stream": True, "stream_options": {"include_usage": True}}
    *chunks, _ = read_events("POST", "/chat/completions", json=streamed)
    for chunk in chunks:
        check("CreateChatCompletionStreamResponse", chunk)


def test_stored_chat_completions(get: Get) -> None:
    url = "/chat/completions"
    kept = get("CreateChatCompletionResponse", "POST", url, json={**CHAT, "store": True, "metadata": {"a": "b"}})
    get("ChatCompletionList", "GET", url)
    url = f"{url}/{kept['id']}"
    get("CreateChatCompletionResponse", "GET", url)
    get("ChatCompletionMessageList", "GET", f"{url}/messages")
    get("CreateChatCompletionResponse", "POST", url, json={"metadata": {"a": "c"}})
    get("ChatCompletionDeleted", "DELETE", url)
    get("ChatCompletionList", "GET", "/chat/completions")


@pytest.mark.parametrize("options", RESPONSES, ids=str)
def test_responses(get: Get, check: Check, read_events: ReadEvents, options: dict[str, Any]) -> None:
    response = get("Response", "POST", "/responses", json={**RESPONSE, **options})
    get("Response", "GET", f"/responses/{response['id']}")
    get("ResponseItemList", "GET", f"/responses/{response['id']}/input_items")
    for event in read_events("POST", "/responses", json={**RESPONSE, **options, "stream": True}):
        check("ResponseStreamEvent", event)


def test_the_events_have_their_own_schemas(read_events: ReadEvents, description: Description, check: Check) -> None:
    """In a union of many a wrong event might pass as another: each is checked by the one schema that has its type."""
    by_type = {}
    schemas = description.document["components"]["schemas"]
    for arm in schemas["ResponseStreamEvent"]["anyOf"]:
        name = arm["$ref"].rpartition("/")[2]
        by_type[schemas[name]["properties"]["type"]["enum"][0]] = name
    seen = set()
    for options in RESPONSES:
        for event in read_events("POST", "/responses", json={**RESPONSE, **options, "stream": True}):
            check(by_type[event["type"]], event)
            seen.add(event["type"])
    assert len(seen) == 19


def test_input_items(get: Get) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "5"}
    parts = [
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
        {"type": "input_file", "file_id": "file-1"},
    ]
    said = [{"role": "user", "content": parts}, {"role": "assistant", "content": "b"}, call, output]
    response = get("Response", "POST", "/responses", json={"model": "gpt-4o", "input": said})
    get("ResponseItemList", "GET", f"/responses/{response['id']}/input_items")
    conversation = get("ConversationResource", "POST", "/conversations", json={"items": said})
    get("ConversationItemList", "GET", f"/conversations/{conversation['id']}/items")


def test_responses_in_the_background(get: Get) -> None:
    url = f"/responses/{get('Response', 'POST', '/responses', json={**RESPONSE, 'background': True})['id']}"
    for _ in range(3):
        get("Response", "GET", url)
    url = f"/responses/{get('Response', 'POST', '/responses', json={**RESPONSE, 'background': True})['id']}"
    get("Response", "POST", f"{url}/cancel")


def test_counting_and_compacting(get: Get) -> None:
    get("TokenCountsResource", "POST", "/responses/input_tokens", json=RESPONSE)
    first = get("Response", "POST", "/responses", json=RESPONSE)["id"]
    get("CompactResource", "POST", "/responses/compact", json={**RESPONSE, "previous_response_id": first})


def test_conversations(get: Get) -> None:
    conversation = get("ConversationResource", "POST", "/conversations", json={"metadata": {"a": "b"}})
    url = f"/conversations/{conversation['id']}"
    get("Response", "POST", "/responses", json={**RESPONSE, "conversation": conversation["id"]})
    get("ConversationResource", "GET", url)
    get("ConversationResource", "POST", url, json={"metadata": {}})
    added = get("ConversationItemList", "POST", f"{url}/items", json={"items": [{"role": "user", "content": "a"}]})
    item_url = f"{url}/items/{added['data'][0]['id']}"
    get("ConversationItemList", "GET", f"{url}/items")
    get("ConversationItem", "GET", item_url)
    get("ConversationResource", "DELETE", item_url)
    get("DeletedConversationResource", "DELETE", url)


def test_embeddings(get: Get) -> None:
    get("CreateEmbeddingResponse", "POST", "/embeddings", json={"model": "text-embedding-3-small", "input": ["a", "b"]})


def test_models(get: Get) -> None:
    listed = get("ListModelsResponse", "GET", "/models")["data"]
    get("Model", "GET", "/models/gpt-4o")
    tuned = next(model["id"] for model in listed if model["id"].startswith("ft:"))
    get("DeleteModelResponse", "DELETE", f"/models/{tuned}")


def test_files(get: Get) -> None:
    form = {"purpose": "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    file = get("OpenAIFile", "POST", "/files", files={"file": b"a"}, data=form)
    get("ListFilesResponse", "GET", "/files")
    get("OpenAIFile", "GET", f"/files/{file['id']}")
    get("DeleteFileResponse", "DELETE", f"/files/{file['id']}")


@pytest.mark.parametrize("model", ["gpt-image-1", "dall-e-2", "dall-e-3"])
def test_images(get: Get, model: str) -> None:
    get("ImagesResponse", "POST", "/images/generations", json={"model": model, "prompt": "a cat"})


def test_images_in_streams_and_edits(http: httpx.Client, get: Get, check: Check, read_events: ReadEvents) -> None:
    sent = {"model": "gpt-image-1", "prompt": "a cat", "stream": True, "partial_images": 2}
    for event in read_events("POST", "/images/generations", json=sent):
        check("ImageGenStreamEvent", event)
    url = http.post("/images/generations", json={"model": "dall-e-2", "prompt": "a cat"}).json()["data"][0]["url"]
    png = httpx.get(url).content
    get("ImagesResponse", "POST", "/images/edits", data={"prompt": "a hat"}, files={"image": png})
    get("ImagesResponse", "POST", "/images/variations", files={"image": png})
    form = {"prompt": "a hat", "stream": "true", "partial_images": "1"}
    for event in read_events("POST", "/images/edits", data=form, files={"image": png}):
        check("ImageEditStreamEvent", event)


@pytest.mark.parametrize(
    ("status", "method", "url", "sent"),
    [
        (400, "POST", "/responses", {"json": {}}),
        (401, "GET", "/models", {"headers": {"authorization": "Bearer sk-invalid"}}),
        (403, "DELETE", "/models/gpt-4o", {}),
        (404, "GET", "/files/file-none", {}),
        (405, "PATCH", "/files", {}),
    ],
)
def test_errors(get: Get, status: int, method: str, url: str, sent: dict[str, Any]) -> None:
    get("ErrorResponse", method, url, status, **sent)
