"""The example of a receiver, called through ASGI."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from examples.webhooks_starlette import receiver, show
from openai_core import UnknownModel
from openai_core_webhooks import sign

SECRET = "whsec_c2VjcmV0"


def body(kind: str = "response.completed") -> bytes:
    event = {"id": "evt_1", "object": "event", "created_at": 1, "type": kind, "data": {"id": "resp_1"}}
    return json.dumps(event).encode()


@pytest.fixture
def handled():
    return []


@pytest.fixture
async def deliver(handled):
    """Sends a webhook to the receiver, and gives the status of its answer."""
    transport = httpx.ASGITransport(receiver(handled.append, secret=SECRET))
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as http:

        async def send(content, headers):
            return (await http.post("/webhooks", content=content, headers=headers)).status_code

        yield send


async def test_an_event_is_handled(deliver, handled):
    assert await deliver(body(), sign(body(), secret=SECRET)) == 204
    assert [(event.type, event.data.id) for event in handled] == [("response.completed", "resp_1")]


async def test_a_forged_event_is_not(deliver, handled):
    assert await deliver(body(), sign(body(), secret="whsec_Z3Vlc3NlZA==")) == 400
    assert await deliver(body("batch.failed"), sign(body(), secret=SECRET)) == 400
    assert await deliver(body(), {}) == 400
    assert handled == []


async def test_an_event_that_comes_again_is_confirmed_and_handled_once(deliver, handled):
    headers = sign(body(), secret=SECRET, id="wh_1")
    later = sign(body(), secret=SECRET, id="wh_1", timestamp=int(time.time()) + 60)
    assert [await deliver(body(), headers), await deliver(body(), later)] == [204, 204]
    assert await deliver(body(), sign(body(), secret=SECRET, id="wh_2")) == 204
    assert len(handled) == 2


async def test_an_event_that_somebody_kept_is_refused_later(deliver, handled):
    old = sign(body(), secret=SECRET, timestamp=int(time.time()) - 3600)
    assert await deliver(body(), old) == 400
    assert handled == []


async def test_an_unknown_event_is_handed_on(deliver, handled):
    content = body("video.completed")
    assert await deliver(content, sign(content, secret=SECRET)) == 204
    (event,) = handled
    assert isinstance(event, UnknownModel)
    assert event.data == {"id": "resp_1"}


async def test_the_example_shows_what_it_got(capsys):
    transport = httpx.ASGITransport(receiver(show, secret=SECRET))
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as http:
        for number, kind in enumerate(("response.completed", "batch.completed", "video.completed")):
            await http.post("/webhooks", content=body(kind), headers=sign(body(kind), secret=SECRET, id=str(number)))
    assert capsys.readouterr().out.splitlines() == [
        "response resp_1 is complete",
        "batch resp_1 is complete",
        "nothing to do for video.completed",
    ]
