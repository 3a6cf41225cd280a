from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


def test_each_session_brings_a_thread_of_its_user(http: httpx.Client) -> None:
    body = {"user": "u1", "workflow": {"id": "wf_1"}}
    first, second = (http.post("/chatkit/sessions", json=body).json() for _ in range(2))
    assert first["client_secret"] != second["client_secret"]
    assert first["expires_at"] < second["expires_at"]
    threads = http.get("/chatkit/threads", params={"user": "u1"}).json()["data"]
    assert [thread["title"] for thread in threads] == ["Hello", "Hello"]
    assert http.get("/chatkit/threads", params={"user": "u2"}).json()["data"] == []


def test_a_thread_has_no_title_where_nobody_gives_it_one(http: httpx.Client) -> None:
    settings = {"automatic_thread_titling": {"enabled": False}}
    body = {"user": "u1", "workflow": {"id": "wf_1"}, "chatkit_configuration": settings}
    http.post("/chatkit/sessions", json=body)
    (thread,) = http.get("/chatkit/threads").json()["data"]
    assert thread["title"] is None
