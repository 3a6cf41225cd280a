"""The emulator's websockets, seen with a client of the library `websockets`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


@pytest.fixture
def socket(openai_emulator):
    """Connects to a path."""

    def make(path, key="any"):
        url = f"ws{openai_emulator.base_url.removeprefix('http')}{path}"
        return connect(url, additional_headers={"Authorization": f"Bearer {key}"} if key else {})

    return make


def received(websocket):
    return json.loads(websocket.recv(timeout=10))


def refused(make):
    with pytest.raises(InvalidStatus) as caught, make():
        pass
    answer = caught.value.response
    return answer.status_code, json.loads(answer.body)["error"]["code"]


def test_handshakes_are_refused_as_the_api_does(socket):
    assert refused(lambda: socket("/realtime?model=gpt-realtime", key="")) == (401, None)
    assert refused(lambda: socket("/realtime?model=gpt-realtime", key="sk-invalid-1")) == (401, "invalid_api_key")
    assert refused(lambda: socket("/realtime")) == (400, "missing_model")
    assert refused(lambda: socket("/realtime?call_id=rtc_1")) == (404, None)
    assert refused(lambda: socket("/realtime/translations?model=does-not-exist")) == (404, "model_not_found")


def test_a_refusal_can_be_planned(socket, openai_emulator):
    openai_emulator.sockets.refuse(429, code="rate_limit_exceeded", headers={"retry-after": "1"})
    with pytest.raises(InvalidStatus) as caught, socket("/responses"):
        pass
    assert caught.value.response.headers["retry-after"] == "1"
    with socket("/responses"):
        pass


@pytest.mark.parametrize("text", ["{", "[]", '{"type": 3}', "{}"])
def test_what_is_no_event_is_told(text, socket, openai_emulator):
    with socket("/realtime?model=gpt-realtime") as websocket:
        assert received(websocket)["type"] == "session.created"
        websocket.send(text)
        error = received(websocket)
    assert (error["type"], error["error"]["type"]) == ("error", "invalid_request_error")
    assert len(openai_emulator.sockets.received) == 1


@pytest.mark.parametrize(("code", "seen"), [(1012, 1012), (4000, 4000), (None, 1006)])
def test_a_connection_is_ended_where_a_test_wants_it(code, seen, socket, openai_emulator):
    openai_emulator.sockets.close(code, after=2, reason="" if code is None else "planned")
    clear = json.dumps({"type": "input_audio_buffer.clear"})
    with socket("/realtime?model=gpt-realtime") as websocket:
        received(websocket)
        for _ in range(2):
            websocket.send(clear)
            assert received(websocket)["type"] == "input_audio_buffer.cleared"
        with pytest.raises(ConnectionClosed):
            websocket.recv(timeout=10)
        assert websocket.close_code == seen
    with socket("/realtime?model=gpt-realtime") as websocket:
        received(websocket)
        websocket.send(clear)
        assert received(websocket)["type"] == "input_audio_buffer.cleared"


def test_or_after_an_event_of_the_server(socket, openai_emulator):
    openai_emulator.sockets.close(1011, on="response.output_item.added")
    with socket("/responses") as websocket:
        websocket.send(json.dumps({"type": "response.create", "model": "gpt-5", "input": "Hello"}))
        kinds = [received(websocket)["type"] for _ in range(3)]
        with pytest.raises(ConnectionClosed):
            received(websocket)
    assert kinds == ["response.created", "response.in_progress", "response.output_item.added"]
    assert [event["type"] for event in openai_emulator.sockets.sent] == kinds


def test_a_reset_forgets_plans_and_events(socket, openai_emulator):
    openai_emulator.sockets.close(1011, after=1)
    openai_emulator.sockets.refuse(500)
    openai_emulator.reset()
    with socket("/realtime?model=gpt-realtime") as websocket:
        received(websocket)
        websocket.send(json.dumps({"type": "input_audio_buffer.clear"}))
        assert received(websocket)["type"] == "input_audio_buffer.cleared"
        websocket.send(json.dumps({"type": "input_audio_buffer.clear"}))
        assert received(websocket)["type"] == "input_audio_buffer.cleared"
    (request,) = openai_emulator.requests
    assert (request.method, request.path, request.body) == ("GET", "/v1/realtime", b"")


def test_over_http_there_is_no_session(openai_emulator):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{openai_emulator.base_url}/realtime")  # noqa: S310 - of the emulator
    assert caught.value.code == 404
    caught.value.close()


async def test_a_client_may_go_while_the_server_speaks(openai_emulator):
    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        if message["type"] == "websocket.send":
            raise OSError

    scope = {
        "type": "websocket",
        "path": "/v1/realtime",
        "query_string": b"model=gpt-realtime",
        "headers": [(b"authorization", b"Bearer any")],
    }
    await openai_emulator.app(scope, receive, send)
    assert openai_emulator.sockets.sent == []
