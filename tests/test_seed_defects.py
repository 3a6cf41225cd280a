"""What the crate that this library follows gets wrong, and this library doesn't."""

from __future__ import annotations

import json

import httpx
import pytest
import respx

from openai_core import Client, RateLimitError, RetryPolicy
from tests.test_every_operation import OPERATIONS

URL = "http://127.0.0.1:9/v1"


@pytest.fixture
def client(over_httpx):
    with Client(api_key="k", admin_key="a", base_url=URL, retry=RetryPolicy(initial=0, maximum=0)) as client:
        yield client


@respx.mock
def test_the_fields_of_a_session_stand_at_the_top_when_a_call_is_accepted(client):
    route = respx.post(f"{URL}/realtime/calls/rtc_1/accept").respond(200)
    assert client.realtime.calls.accept("rtc_1", model="gpt-realtime", instructions="Be kind") is None
    sent = json.loads(route.calls.last.request.read())
    assert sent == {"type": "realtime", "instructions": "Be kind", "model": "gpt-realtime"}


@respx.mock
@pytest.mark.parametrize("call", ["accept", "hangup", "refer", "reject"])
def test_an_empty_answer_is_a_good_one(client, call):
    arguments = {"refer": {"target_uri": "tel:+15550100"}}.get(call, {})
    respx.post(f"{URL}/realtime/calls/rtc_1/{call}").respond(200)
    assert getattr(client.realtime.calls, call)("rtc_1", **arguments) is None


@respx.mock
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_what_has_no_body_sends_none(client):
    hangup = respx.post(f"{URL}/realtime/calls/rtc_1/hangup").respond(200)
    cancel = respx.post(f"{URL}/threads/t/runs/r/cancel").respond(json={})
    client.realtime.calls.hangup("rtc_1")
    client.threads.runs.cancel.into(dict, None, thread_id="t", run_id="r")
    for route in (hangup, cancel):
        assert route.calls.last.request.read() == b""
        assert "content-type" not in route.calls.last.request.headers


@respx.mock
def test_lists_in_a_query_are_sent(client):
    route = respx.get(f"{URL}/organization/usage/completions").respond(json={"data": []})
    usage = client.admin.organization.usage.completions
    usage.raw(start_time=1, project_ids=["p1", "p2"], group_by=["model"])
    query = route.calls.last.request.url.params
    assert query.get_list("project_ids[]") == ["p1", "p2"]
    assert query.get_list("group_by[]") == ["model"]


@respx.mock
@pytest.mark.parametrize("group", ["audio.voice_consents", "chat.completions.messages", "admin.organization.projects"])
def test_options_of_a_group_reach_the_groups_inside_it(client, group):
    respx.route().respond(json={"data": []})
    first, *others = group.split(".")
    found = getattr(client, first).with_options(headers={"X-Tag": "t"}, query={"after": "a"})
    for name in others:
        found = getattr(found, name)
    found.list.raw(*(["c"] if group.endswith("messages") else []))
    request = respx.calls.last.request
    assert request.headers["x-tag"] == "t"
    assert request.url.params["after"] == "a"


@respx.mock
def test_every_field_of_a_form_is_sent_once(client):
    route = respx.post(f"{URL}/images/edits").respond(json={"created": 1, "data": []})
    client.images.edit(image=b"\x89PNG\r\n\x1a\n", prompt="a hat", output_compression=50)
    body = route.calls.last.request.read()
    assert body.count(b'name="output_compression"') == 1
    assert body.count(b'name="prompt"') == 1


@respx.mock
def test_path_parameters_are_encoded(client):
    route = respx.get(url__regex=r".*/models/.*").respond(json={"id": "a"})
    client.models.retrieve.raw("ft:gpt 4?x=#1")
    assert route.calls.last.request.url.raw_path == b"/v1/models/ft%3Agpt%204%3Fx%3D%231"


@respx.mock
@pytest.mark.parametrize("status", [408, 409, 429, 500])
def test_an_error_whose_body_is_no_json_is_retried(client, status):
    route = respx.get(f"{URL}/models/m")
    route.side_effect = [httpx.Response(status, text="<html>busy</html>"), httpx.Response(200, json={"id": "m"})]
    assert client.models.retrieve("m").id == "m"
    assert route.call_count == 2


@respx.mock
def test_a_read_timeout_is_retried(client):
    route = respx.get(f"{URL}/models/m")
    route.side_effect = [httpx.ReadTimeout("slow"), httpx.Response(200, json={"id": "m"})]
    assert client.models.retrieve("m").id == "m"


@respx.mock
@pytest.mark.parametrize(
    ("said", "calls"), [("0", 3), ("0.001", 3), ("Wed, 21 Oct 2015 07:28:00 GMT", 3), ("86400", 1)]
)
def test_retry_after_is_understood_in_all_its_forms_and_bounded(client, said, calls):
    route = respx.get(f"{URL}/models/m").respond(429, headers={"retry-after": said})
    with pytest.raises(RateLimitError):
        client.models.retrieve("m")
    assert route.call_count == calls


@pytest.mark.parametrize("path", OPERATIONS)
def test_types_of_one_s_own_go_with_every_method_but_those_of_bytes(path):
    method = OPERATIONS[path]
    assert hasattr(method, "into") is (not type(method).__name__.endswith("BinaryMethod"))
