from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]


def create(http: httpx.Client, **body: Any) -> Any:
    response = http.post("/conversations", json=body)
    assert response.status_code == 200, response.text
    return response.json()["id"]


def items(http: httpx.Client, conversation_id: str, **query: Any) -> Any:
    return http.get(f"/conversations/{conversation_id}/items", params=query).json()["data"]


def test_a_conversation_lives_until_it_is_deleted(http: httpx.Client, refused: Refused) -> None:
    conversation_id = create(http, metadata={"topic": "tea"})
    url = f"/conversations/{conversation_id}"
    assert http.get(url).json()["metadata"] == {"topic": "tea"}
    assert http.post(url, json={"metadata": {"topic": "coffee"}}).json() == http.get(url).json()
    assert http.get(url).json()["metadata"] == {"topic": "coffee"}
    assert http.delete(url).json() == {"id": conversation_id, "object": "conversation.deleted", "deleted": True}
    for method, rest in (("GET", ""), ("DELETE", ""), ("GET", "/items"), ("GET", "/items/msg_1")):
        assert conversation_id in refused(404, method, url + rest)["message"]


def test_a_conversation_needs_no_body(http: httpx.Client) -> None:
    assert http.post("/conversations").json()["metadata"] == {}


def test_items_can_be_added_read_and_deleted(http: httpx.Client, refused: Refused) -> None:
    conversation_id = create(http, items=[{"role": "user", "content": "one"}])
    url = f"/conversations/{conversation_id}/items"
    added = http.post(url, json={"items": [{"role": "assistant", "content": "two"}]}).json()["data"]
    assert added[0]["content"] == [{"type": "output_text", "text": "two", "annotations": [], "logprobs": []}]
    listed = items(http, conversation_id)
    assert [item["content"][0]["text"] for item in listed] == ["two", "one"]
    assert items(http, conversation_id, order="asc", limit=1) == [listed[1]]
    item_url = f"{url}/{listed[1]['id']}"
    assert http.get(item_url).json() == listed[1]
    assert http.delete(item_url).json()["id"] == conversation_id
    assert items(http, conversation_id) == [listed[0]]
    refused(404, "GET", item_url)


def test_a_response_adds_what_was_asked_and_answered(http: httpx.Client) -> None:
    conversation_id = create(http, items=[{"role": "user", "content": "Earlier"}])
    for conversation in (conversation_id, {"id": conversation_id}):
        body = {"model": "gpt-4o", "input": "Now", "conversation": conversation}
        response = http.post("/responses", json=body).json()
        assert response["conversation"] == {"id": conversation_id}
        answered, asked, *_ = items(http, conversation_id)
        assert answered == response["output"][0]
        assert asked["content"][0]["text"] == "Now"
    assert len(items(http, conversation_id)) == 5


def test_the_conversation_counts_as_input(http: httpx.Client) -> None:
    conversation_id = create(http, items=[{"role": "user", "content": "word " * 30}])
    body = {"model": "gpt-4o", "input": "Now"}
    alone, within = (
        http.post("/responses", json=body | extra).json()["usage"]["input_tokens"]
        for extra in ({}, {"conversation": conversation_id})
    )
    assert within > alone + 30


def test_what_cannot_be_is_refused(http: httpx.Client, refused: Refused) -> None:
    conversation_id = create(http)
    url = f"/conversations/{conversation_id}"
    assert refused(400, "POST", url, json={})["param"] == "metadata"
    assert refused(400, "POST", f"{url}/items", json={})["param"] == "items"
    assert (
        refused(400, "POST", f"{url}/items", json={"items": [{"role": "user", "content": "a"}] * 21})["param"]
        == "items"
    )
    body = {"model": "gpt-4o", "input": "Hi", "conversation": "conv_none"}
    assert "conv_none" in refused(404, "POST", "/responses", json=body)["message"]
