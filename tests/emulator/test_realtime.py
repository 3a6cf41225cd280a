from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]

OFFER = "v=0\r\ns=-\r\n"


def test_a_call_is_answered_with_the_place_where_it_is(http: httpx.Client) -> None:
    response = http.post("/realtime/calls", files={"sdp": (None, OFFER, "application/sdp")})
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/sdp"
    assert response.headers["location"].startswith("/v1/realtime/calls/rtc_")


def test_a_session_that_is_no_object_is_refused(http: httpx.Client, refused: Refused) -> None:
    for session in ("[]", "{", '{"type": "transcription"}'):
        files = {"sdp": (None, OFFER, "application/sdp"), "session": (None, session, "application/json")}
        assert refused(400, "POST", "/realtime/calls", files=files)["param"] in {"session", "session.type"}


def test_a_call_comes_in_once(http: httpx.Client, refused: Refused) -> None:
    accept = {"type": "realtime"}
    assert http.post("/realtime/calls/rtc_1/accept", json=accept).content == b""
    refused(404, "POST", "/realtime/calls/rtc_1/accept", json=accept)
    refused(404, "POST", "/realtime/calls/rtc_1/reject", json={})
    refused(404, "POST", "/realtime/calls/rtc_2/refer", json={"target_uri": "tel:+15550100"})
    assert http.post("/realtime/calls/rtc_1/hangup").content == b""
    refused(404, "POST", "/realtime/calls/rtc_1/hangup")


def test_what_a_session_cannot_be_is_refused(http: httpx.Client, refused: Refused) -> None:
    accept = "/realtime/calls/rtc_1/accept"
    assert refused(400, "POST", accept, json={"session": {"type": "realtime"}})["param"] == "session"
    assert refused(400, "POST", accept, json={})["param"] == "type"
    assert refused(400, "POST", "/realtime/sessions", json={"speed": 2})["param"] == "speed"
    url = "/realtime/translations/client_secrets"
    assert refused(400, "POST", url, json={"session": {}})["param"] == "session.model"
