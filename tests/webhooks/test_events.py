from __future__ import annotations

import json
import logging
from typing import Any, get_args

import pytest

from openai_core import AsyncClient, Client, UnknownModel
from openai_core.errors import APIResponseValidationError
from openai_core.model import members
from openai_core_webhooks import InvalidWebhookSignatureError, WebhookEvent, sign, types, unwrap

SECRET = "whsec_c2VjcmV0"
CALL = {"session_id": "sess_1", "sip_headers": [{"name": "From", "value": "sip:+14155550100@sip.example"}]}
DATA = {"live.call.incoming": CALL, "realtime.call.incoming": {**CALL, "call_id": "rtc_1"}}
KINDS = {
    "batch.cancelled": "BatchCancelledWebhookEvent",
    "batch.completed": "BatchCompletedWebhookEvent",
    "batch.expired": "BatchExpiredWebhookEvent",
    "batch.failed": "BatchFailedWebhookEvent",
    "eval.run.canceled": "EvalRunCanceledWebhookEvent",
    "eval.run.failed": "EvalRunFailedWebhookEvent",
    "eval.run.succeeded": "EvalRunSucceededWebhookEvent",
    "fine_tuning.job.cancelled": "FineTuningJobCancelledWebhookEvent",
    "fine_tuning.job.failed": "FineTuningJobFailedWebhookEvent",
    "fine_tuning.job.succeeded": "FineTuningJobSucceededWebhookEvent",
    "live.call.incoming": "LiveCallIncomingWebhookEvent",
    "realtime.call.incoming": "RealtimeCallIncomingWebhookEvent",
    "response.cancelled": "ResponseCancelledWebhookEvent",
    "response.completed": "ResponseCompletedWebhookEvent",
    "response.failed": "ResponseFailedWebhookEvent",
    "response.incomplete": "ResponseIncompleteWebhookEvent",
}


def payload(kind: str, **changes: Any) -> bytes:
    body = {"id": "evt_1", "object": "event", "created_at": 1_750_000_000, "type": kind, "data": {"id": "resp_1"}}
    return json.dumps({**body, **({"data": DATA[kind]} if kind in DATA else {}), **changes}).encode()


def read(content: bytes) -> WebhookEvent:
    return unwrap(content, sign(content, secret=SECRET), secret=SECRET)


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_each_event_is_read_as_its_own_type(kind, name):
    event = read(payload(kind))
    assert type(event) is getattr(types, name)
    assert (event.type, event.id, event.created_at, event.object) == (kind, "evt_1", 1_750_000_000, "event")
    assert event.data.to_dict() == DATA.get(kind, {"id": "resp_1"})
    assert event.event_id == "evt_1"


def test_every_event_of_the_description_is_in_the_union():
    events = {name for name in types.__all__ if name.endswith("WebhookEvent")}
    assert {member.__name__ for member in members(WebhookEvent)} == events == set(KINDS.values())
    assert len(get_args(get_args(WebhookEvent)[0])) == 16


def test_the_headers_of_a_call_can_be_read():
    event = read(payload("realtime.call.incoming"))
    assert isinstance(event, types.RealtimeCallIncomingWebhookEvent)
    assert event.data.call_id == "rtc_1"
    assert [(header.name, header.value) for header in event.data.sip_headers] == [
        ("From", "sip:+14155550100@sip.example")
    ]


def test_an_event_that_came_after_this_version_can_be_read_all_the_same():
    event = read(payload("video.completed", data={"id": "video_1"}))
    assert isinstance(event, UnknownModel)
    assert (event.type, event.id, event.data) == ("video.completed", "evt_1", {"id": "video_1"})


def test_an_event_that_lacks_something_is_built_as_far_as_it_goes(caplog):
    with caplog.at_level(logging.INFO, "openai_core"):
        event = read(b'{"type": "batch.completed", "data": {"id": "batch_1"}}')
    assert isinstance(event, types.BatchCompletedWebhookEvent)
    assert event.data.id == "batch_1"
    assert "BatchCompletedWebhookEvent.created_at is missing" in caplog.text


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]", b'"text"', b"null", b"[" * 10_000])
def test_a_body_that_is_no_event_is_an_error_though_it_is_signed(content):
    with pytest.raises(APIResponseValidationError, match="the webhook's body is no"):
        read(content)


def test_what_is_not_signed_is_not_read():
    with pytest.raises(InvalidWebhookSignatureError):
        unwrap(b"{", sign(b"{}", secret=SECRET), secret=SECRET)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_of_either_colour_reads_at_once(kind):
    client, content = kind(api_key="x", base_url="http://127.0.0.1:9/v1"), payload("response.completed")
    event = client.webhooks.unwrap(content, sign(content, secret=SECRET), secret=SECRET)
    assert event.data.id == "resp_1"
    with pytest.raises(InvalidWebhookSignatureError):
        client.webhooks.unwrap(content, sign(b"other", secret=SECRET), secret=SECRET)
