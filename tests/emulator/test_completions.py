from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
ReadEvents = Callable[..., list[dict[str, Any]]]
BODY = {"model": "gpt-3.5-turbo-instruct", "prompt": "Once"}


def test_the_same_request_has_the_same_text(http: httpx.Client) -> None:
    one, other = (http.post("/completions", json=BODY).json() for _ in range(2))
    assert one["choices"] == other["choices"]
    assert one["id"] != other["id"]
    assert one["id"].startswith("cmpl-")


def test_a_stream_ends_with_its_mark_and_tells_usage_only_if_asked(read_events: ReadEvents) -> None:
    *pieces, done = read_events("POST", "/completions", json={**BODY, "stream": True})
    assert done == {"done": True}
    assert all("usage" not in piece for piece in pieces)
    assert {piece["id"] for piece in pieces} == {pieces[0]["id"]}


def test_best_of_several_is_paid_for(http: httpx.Client) -> None:
    best = http.post("/completions", json={**BODY, "best_of": 3, "max_tokens": 5}).json()
    assert len(best["choices"]) == 1
    assert best["usage"]["completion_tokens"] == 15


def test_what_cannot_be_is_refused(refused: Refused) -> None:
    assert refused(400, "POST", "/completions", json={"model": "m"})["param"] == "prompt"
    assert refused(400, "POST", "/completions", json={**BODY, "messages": []})["param"] == "messages"
    assert refused(400, "POST", "/completions", json={**BODY, "prompt": [[]]})["param"] == "prompt"
    assert refused(400, "POST", "/completions", json={**BODY, "stream_options": {}, "stop": []})["param"] == "stop"
    told = refused(400, "POST", "/completions", json={**BODY, "stream_options": {"include_usage": True}})
    assert told["param"] == "stream_options"
