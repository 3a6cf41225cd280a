from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
URL = "/chat/completions"


def store(http: httpx.Client, prompt: Any = "Hi", **options: Any) -> Any:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}], "store": True, **options}
    return http.post(URL, json=body).json()


def test_a_stored_completion_is_kept_with_its_metadata(http: httpx.Client) -> None:
    created = store(http, metadata={"topic": "tea"})
    kept = http.get(f"{URL}/{created['id']}").json()
    assert kept == {**created, "metadata": {"topic": "tea"}}


def test_others_are_not_kept(http: httpx.Client, refused: Refused) -> None:
    completion_id = store(http, store=False)["id"]
    refused(404, "GET", f"{URL}/{completion_id}")
    assert http.get(URL).json()["data"] == []


def test_a_streamed_completion_is_kept_too(http: httpx.Client) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "store": True, "stream": True}
    http.post(URL, json=body)
    (kept,) = http.get(URL).json()["data"]
    assert kept["choices"][0]["message"]["content"]


def test_completions_are_listed_oldest_first_by_model_and_metadata(http: httpx.Client) -> None:
    first = store(http, metadata={"topic": "tea", "lang": "en"})["id"]
    second = store(http, model="gpt-4o-mini")["id"]

    def listed(**query: str) -> list[str]:
        return [each["id"] for each in http.get(URL, params=query).json()["data"]]

    assert listed() == [first, second]
    assert listed(order="desc") == [second, first]
    assert listed(model="gpt-4o-mini") == [second]
    assert listed(**{"metadata[topic]": "tea"}) == [first]
    assert listed(**{"metadata[topic]": "coffee"}) == []
    assert listed(after=first) == [second]


def test_metadata_can_be_replaced(http: httpx.Client, refused: Refused) -> None:
    completion_id = store(http, metadata={"a": "1"})["id"]
    answer = http.post(f"{URL}/{completion_id}", json={"metadata": {"b": "2"}}).json()
    assert answer["metadata"] == http.get(f"{URL}/{completion_id}").json()["metadata"] == {"b": "2"}
    assert http.post(f"{URL}/{completion_id}", json={"metadata": None}).json()["metadata"] == {}
    assert refused(400, "POST", f"{URL}/{completion_id}", json={})["param"] == "metadata"


def test_the_messages_that_were_asked_are_listed(http: httpx.Client) -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    messages = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": parts}]
    completion_id = store(http, messages=messages)["id"]
    page = http.get(f"{URL}/{completion_id}/messages").json()
    assert [(each["role"], each["content"]) for each in page["data"]] == [("system", "Be kind"), ("user", "a\nb")]
    assert [each["content_parts"] for each in page["data"]] == [None, parts]
    rest = http.get(f"{URL}/{completion_id}/messages", params={"after": page["first_id"]}).json()
    assert rest["data"] == page["data"][1:]


def test_a_deleted_completion_is_gone(http: httpx.Client, refused: Refused) -> None:
    completion_id = store(http)["id"]
    answer = http.delete(f"{URL}/{completion_id}").json()
    assert answer == {"id": completion_id, "object": "chat.completion.deleted", "deleted": True}
    for method, url in (("GET", ""), ("DELETE", ""), ("GET", "/messages")):
        refused(404, method, f"{URL}/{completion_id}{url}")
