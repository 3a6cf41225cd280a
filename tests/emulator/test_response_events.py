from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

ReadEvents = Callable[..., list[dict[str, Any]]]
BODY = {"model": "gpt-4o", "input": "What is the weather in Paris?", "stream": True}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
MESSAGE = [
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
]
BEGIN = ["response.created", "response.in_progress"]
END = ["response.completed"]


def order(events: list[dict[str, Any]]) -> list[str]:
    """The types of the events, repeated ones once."""
    return [kind for kind, _ in groupby(event["type"] for event in events)]


def joined(events: list[dict[str, Any]], kind: str) -> str:
    return "".join(event["delta"] for event in events if event["type"] == kind)


def test_the_events_of_a_message_come_in_order(http: httpx.Client, read_events: ReadEvents) -> None:
    events = read_events("POST", "/responses", json=BODY)
    assert order(events) == BEGIN + MESSAGE + END
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    final = events[-1]["response"]
    assert joined(events, "response.output_text.delta") == final["output"][0]["content"][0]["text"]
    assert http.get(f"/responses/{final['id']}").json() == final
    started = events[0]["response"]
    assert (started["id"], started["status"], started["output"]) == (final["id"], "in_progress", [])
    added, done = (event for event in events if event["type"].startswith("response.output_item"))
    assert (added["item"]["status"], added["item"]["content"]) == ("in_progress", [])
    assert done["item"] == final["output"][0]


def test_a_response_cut_short_ends_incomplete(read_events: ReadEvents) -> None:
    events = read_events("POST", "/responses", json={**BODY, "max_output_tokens": 16, "input": "word " * 100})
    assert order(events) == [*BEGIN, *MESSAGE, "response.incomplete"]
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.parametrize(
    ("tool", "kind", "payload"),
    [
        (WEATHER, "function_call_arguments", "arguments"),
        ({"type": "custom", "name": "shell"}, "custom_tool_call_input", "input"),
    ],
)
def test_calls_come_in_pieces(read_events: ReadEvents, tool: dict[str, Any], kind: str, payload: str) -> None:
    events = read_events("POST", "/responses", json={**BODY, "tools": [tool], "tool_choice": "required"})
    call = [
        "response.output_item.added",
        f"response.{kind}.delta",
        f"response.{kind}.done",
        "response.output_item.done",
    ]
    assert order(events) == BEGIN + call + END
    item = events[-1]["response"]["output"][0]
    assert events[2]["item"][payload] == ""
    assert joined(events, f"response.{kind}.delta") == item[payload]
    (done,) = (event for event in events if event["type"] == f"response.{kind}.done")
    assert (done[payload], done["item_id"]) == (item[payload], item["id"])


def test_reasoning_is_streamed_ahead_of_the_message(read_events: ReadEvents) -> None:
    events = read_events("POST", "/responses", json={**BODY, "reasoning": {"summary": "auto"}})
    part = "response.reasoning_summary_part"
    text = "response.reasoning_summary_text"
    thought = ["response.output_item.added", f"{part}.added", f"{text}.delta", f"{text}.done", f"{part}.done"]
    assert order(events) == [*BEGIN, *thought, "response.output_item.done", *MESSAGE, *END]
    assert {event["output_index"] for event in events if "output_index" in event} == {0, 1}


def test_padding_can_be_left_out(read_events: ReadEvents) -> None:
    padded = read_events("POST", "/responses", json=BODY)
    plain = read_events("POST", "/responses", json={**BODY, "stream_options": {"include_obfuscation": False}})
    assert all(("obfuscation" in event) == ("delta" in event) for event in padded)
    assert not any("obfuscation" in event for event in plain)


def test_a_finished_response_can_be_streamed_again_from_any_event(read_events: ReadEvents) -> None:
    events = read_events("POST", "/responses", json=BODY)
    url = f"/responses/{events[0]['response']['id']}"
    assert read_events("GET", url, params={"stream": "true"}) == events
    assert read_events("GET", url, params={"stream": "true", "starting_after": 7}) == events[8:]


def test_a_background_stream_that_was_left_can_be_joined_again(http: httpx.Client, read_events: ReadEvents) -> None:
    with http.stream("POST", "/responses", json={**BODY, "background": True}) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: response.created"
        created = json.loads(next(lines).removeprefix("data: "))
    query = {"stream": "true", "starting_after": created["sequence_number"]}
    rest = read_events("GET", f"/responses/{created['response']['id']}", params=query)
    assert order(rest) == ["response.queued", "response.in_progress", *MESSAGE, *END]


def test_a_background_stream_says_that_it_waits(http: httpx.Client, read_events: ReadEvents) -> None:
    events = read_events("POST", "/responses", json={**BODY, "background": True})
    assert order(events) == ["response.created", "response.queued", "response.in_progress", *MESSAGE, *END]
    assert events[0]["response"]["status"] == "queued"
    assert http.get(f"/responses/{events[0]['response']['id']}").json()["status"] == "completed"
