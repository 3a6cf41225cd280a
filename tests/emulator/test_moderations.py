from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]


def test_the_same_text_has_the_same_scores(http: httpx.Client) -> None:
    one, other = (http.post("/moderations", json={"input": "Hello"}).json() for _ in range(2))
    assert one["results"] == other["results"]
    assert one["id"].startswith("modr-")
    assert not one["results"][0]["flagged"]


def test_the_bytes_of_an_image_are_not_read_as_words(http: httpx.Client) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,gore/kill+gore"}}
    assert not http.post("/moderations", json={"input": [image]}).json()["results"][0]["flagged"]


def test_what_cannot_be_is_refused(refused: Refused) -> None:
    assert refused(400, "POST", "/moderations", json={})["param"] == "input"
    assert refused(400, "POST", "/moderations", json={"input": 7})["param"] == "input"
    assert refused(404, "POST", "/moderations", json={"input": "a", "model": "does-not-exist"})["code"]
