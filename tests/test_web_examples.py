"""The examples for web frameworks, between a caller and the emulator."""

from __future__ import annotations

import asyncio
import json
import logging
from threading import Event

import pytest
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from examples.web.fastapi_stream import app, openai_client
from openai_core import AsyncClient
from openai_core.testing import Answers, Events
from openai_core_emulator import Emulator

ASKED = {"question": "Why is the sky blue?"}
DELTA = {
    "type": "response.output_text.delta",
    "item_id": "msg_1",
    "output_index": 0,
    "content_index": 0,
    "sequence_number": 1,
    "delta": "Because",
    "logprobs": [],
}


def events_of(text: str) -> list[tuple[str, dict]]:
    """The events in the body of an answer, with their names."""
    events = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((fields.get("event", "message"), json.loads(fields["data"])))
    return events


@pytest.fixture
def caller(surroundings):
    with TestClient(app) as caller:
        yield caller


@pytest.fixture
def answers():
    """Takes the place of the client by what FastAPI has for it."""
    answers = Answers()
    client = answers.async_client()
    app.dependency_overrides[openai_client] = lambda: client
    yield answers
    app.dependency_overrides.clear()


def test_the_answer_comes_word_by_word(caller, surroundings):
    answer = caller.post("/answers", json=ASKED)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    *words, end = events_of(answer.text)
    assert len(words) > 1
    assert "Why is the sky blue" in "".join(word["text"] for _, word in words)
    assert end == ("done", {})
    (request,) = surroundings.requests
    assert request.json() == {"model": "gpt-5-mini", "input": ASKED["question"], "stream": True}


def test_a_question_that_is_none_is_not_sent_on(caller, surroundings):
    assert caller.post("/answers", json={"question": ""}).status_code == 422
    assert surroundings.requests == []


class Refusing:
    """Refuse everything."""

    def __init__(self, app, status) -> None:
        self.status = status

    async def __call__(self, scope, receive, send) -> None:
        headers = {"retry-after": "7", "x-should-retry": "false"}
        refusal = JSONResponse({"error": {"message": "sk-123 won't do"}}, self.status, headers)
        await refusal(scope, receive, send)


@pytest.mark.parametrize(("status", "told"), [(401, 502), (403, 502), (429, 429), (400, 400), (500, 502)])
def test_a_refusal_of_the_api_gets_a_status_of_its_own(status, told, monkeypatch, caplog):
    with Emulator(middleware=[Middleware(Refusing, status=status)]) as emulator:
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", emulator.api_key)
        with TestClient(app) as caller, caplog.at_level(logging.WARNING, "examples.web.fastapi_stream"):
            answer = caller.post("/answers", json=ASKED)
    assert answer.status_code == told
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["detail"]
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
    assert f"status {status}" in caplog.text


def test_a_key_that_is_wrong_is_not_the_caller_s_fault(surroundings, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-invalid")
    with TestClient(app) as caller:
        answer = caller.post("/answers", json=ASKED)
    assert (answer.status_code, answer.json()) == (502, {"detail": "the model can't be asked"})


def test_an_api_that_cannot_be_reached_is_a_bad_gateway(answers):
    answers.on("POST /responses", OSError("no route to host"))
    assert TestClient(app).post("/answers", json=ASKED).status_code == 502


def test_an_answer_that_breaks_off_says_so(answers):
    answers.on("POST /responses", Events(DELTA, breaks=True))
    begun, end = events_of(TestClient(app).post("/answers", json=ASKED).text)
    assert begun == ("message", {"text": "Because"})
    assert end[0] == "error"
    assert "broke off after 1 events" in end[1]["message"]


class Endless:
    """Begin to answer, and wait until the one who asks has left."""

    def __init__(self, app, left) -> None:
        self.left = left

    async def __call__(self, scope, receive, send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(3):
            body = f"data: {json.dumps(DELTA)}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()


class Caller:
    """One who leaves when so much has been sent: servers of ASGI say so in `receive`, since 2.4 in `send`.

    Args:
        version: of the part of ASGI that is about HTTP.
        messages: that are sent before.
    """

    def __init__(self, version: str, messages: int) -> None:
        self.version = version
        self.messages = messages
        self.sent = []
        self.asked = False
        self.left = asyncio.Event()

    async def receive(self):
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": json.dumps(ASKED).encode()}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message) -> None:
        self.sent.append(message["type"])
        if len(self.sent) >= self.messages:
            self.left.set()
            if self.version >= "2.4":
                raise OSError("the caller has left")

    @property
    def scope(self):
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": self.version},
            "http_version": "1.1",
            "method": "POST",
            "path": "/answers",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }


@pytest.mark.parametrize(("version", "messages"), [("2.3", 1), ("2.3", 2), ("2.4", 1), ("2.4", 3)])
async def test_a_caller_who_leaves_ends_the_call_to_the_api(version, messages):
    left = Event()
    caller = Caller(version, messages)
    with Emulator(middleware=[Middleware(Endless, left=left)]) as emulator:
        async with AsyncClient(base_url=emulator.base_url, api_key=emulator.api_key) as client:
            app.dependency_overrides[openai_client] = lambda: client
            try:
                if version >= "2.4":
                    with pytest.raises(ClientDisconnect):
                        await app(caller.scope, caller.receive, caller.send)
                else:
                    await app(caller.scope, caller.receive, caller.send)
                # The client is still open: it is the stream that was closed.
                assert await asyncio.to_thread(left.wait, 30)
            finally:
                app.dependency_overrides.clear()
    assert caller.sent[0] == "http.response.start"
