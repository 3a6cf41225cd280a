from __future__ import annotations

import gc
import json
import time

import pytest

from openai_core.response_accumulator import ResponseAccumulator

BEGUN = {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}}


def accumulated(*events):
    accumulator = ResponseAccumulator()
    for event in events:
        accumulator.add(json.dumps(event).encode())
    return accumulator.result()


def added(item, index=0):
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def told(kind, index=0, **fields):
    return {"type": f"response.{kind}", "output_index": index, "item_id": "item_1", **fields}


def output(item, *events):
    """The item after these events, which have to be plain data."""
    (made,) = accumulated(BEGUN, added(item), *events)["output"]
    return json.loads(json.dumps(made))


class TestResponses:
    def test_before_anything_was_told_there_is_none(self):
        assert accumulated() is None
        assert accumulated({"type": "response.hummed"}, {"type": "error"}, {}) is None

    def test_a_stream_that_was_resumed_later_has_none_until_its_end(self):
        text = told("output_text.delta", content_index=0, delta="a")
        assert accumulated(text) is None
        end = {"type": "response.completed", "response": {"status": "completed", "output": [{"id": "item_1"}]}}
        assert accumulated(text, end) == end["response"]

    @pytest.mark.parametrize("status", ["queued", "in_progress"])
    def test_what_the_server_says_of_it_last_is_kept_and_so_is_its_output(self, status):
        again = {"type": f"response.{status}", "response": {"id": "resp_1", "status": status, "new": 1, "output": []}}
        made = accumulated(BEGUN, added({"id": "item_1"}), again)
        assert made == {"id": "resp_1", "status": status, "new": 1, "output": [{"id": "item_1"}]}

    @pytest.mark.parametrize("status", ["completed", "incomplete", "failed"])
    def test_its_last_event_has_the_whole(self, status):
        end = {"type": f"response.{status}", "response": {"id": "resp_1", "status": status, "output": []}}
        assert accumulated(BEGUN, added({"id": "item_1"}), end) == end["response"]

    def test_items_stand_where_they_belong_and_are_replaced_when_they_are_done(self):
        done = {"type": "response.output_item.done", "output_index": 0, "item": {"id": "a", "status": "completed"}}
        made = accumulated(BEGUN, added({"id": "b"}, 1), added({"id": "a", "status": "in_progress"}), done)
        assert made["output"] == [done["item"], {"id": "b"}]

    def test_what_was_given_isnt_changed_by_later_events(self):
        accumulator = ResponseAccumulator()
        item = {"type": "message", "content": []}
        delta = told("output_text.delta", content_index=0, delta="a", logprobs=[{"token": "a"}])
        results = []
        for event in (BEGUN, added(item), delta, delta):
            accumulator.add(json.dumps(event).encode())
            results.append(json.dumps(accumulator.result()["output"]))
        assert [text.count('"token"') for text in results] == [0, 0, 1, 2]
        assert '"text": "aa"' in results[-1]


class TestTexts:
    def test_a_text_with_its_probabilities_and_annotations(self):
        at = {"content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": [], "new": 1}
        events = [
            told("content_part.added", **at, part=part),
            told("output_text.delta", **at, delta="He", logprobs=[{"token": "He"}]),
            told("output_text.annotation.added", **at, annotation_index=1, annotation={"type": "b"}),
            told("output_text.annotation.added", **at, annotation_index=0, annotation={"type": "a"}),
            told("output_text.delta", **at, delta="llo", logprobs=[{"token": "llo"}]),
        ]
        made = output({"type": "message", "content": []}, *events)
        expected = {**part, "text": "Hello", "annotations": [{"type": "a"}, {"type": "b"}]}
        expected["logprobs"] = [{"token": "He"}, {"token": "llo"}]
        assert made["content"] == [expected]
        done = told("output_text.done", **at, text="Hello!", logprobs=[{"token": "!"}])
        made = output({"type": "message", "content": []}, *events, done)
        assert made["content"] == [{**expected, "text": "Hello!", "logprobs": [{"token": "!"}]}]
        whole = told("content_part.done", **at, part={"type": "output_text", "text": "All"})
        assert output({"type": "message", "content": []}, *events, done, whole)["content"] == [whole["part"]]

    @pytest.mark.parametrize(
        ("kind", "field", "index", "holder", "part"),
        [
            ("output_text", "text", "content_index", "content", {"type": "output_text", "annotations": []}),
            ("refusal", "refusal", "content_index", "content", {"type": "refusal"}),
            ("reasoning_text", "text", "content_index", "content", {"type": "reasoning_text"}),
            ("reasoning_summary_text", "text", "summary_index", "summary", {"type": "summary_text"}),
        ],
    )
    def test_a_part_whose_beginning_wasnt_told_is_of_the_kind_that_its_text_is(self, kind, field, index, holder, part):
        deltas = [told(f"{kind}.delta", **{index: 0}, delta=piece) for piece in ("I'd ", "rather")]
        assert output({"id": "item_1"}, *deltas)[holder] == [{**part, field: "I'd rather"}]
        done = told(f"{kind}.done", **{index: 0}, **{field: "No"})
        assert output({"id": "item_1"}, *deltas, done)[holder] == [{**part, field: "No"}]

    def test_a_summary_has_parts(self):
        part = {"type": "summary_text", "text": ""}
        events = [
            told("reasoning_summary_part.added", summary_index=0, part=part),
            told("reasoning_summary_text.delta", summary_index=0, delta="First"),
            told("reasoning_summary_part.done", summary_index=0, part={**part, "text": "First."}),
            told("reasoning_summary_part.added", summary_index=1, part=part),
            told("reasoning_summary_text.delta", summary_index=1, delta="Then"),
        ]
        made = output({"type": "reasoning", "summary": []}, *events)
        assert [each["text"] for each in made["summary"]] == ["First.", "Then"]

    @pytest.mark.parametrize(
        ("kind", "field"),
        [
            ("function_call_arguments", "arguments"),
            ("mcp_call_arguments", "arguments"),
            ("custom_tool_call_input", "input"),
            ("code_interpreter_call_code", "code"),
        ],
    )
    @pytest.mark.parametrize("before", ["", None])
    def test_what_a_call_is_given(self, kind, field, before):
        item = {"type": "a_call", field: before}
        deltas = [told(f"{kind}.delta", delta=piece) for piece in ("{", "", "}")]
        assert output(item, *deltas) == {**item, field: "{}"}
        assert output(item, *deltas, told(f"{kind}.done", **{field: "{ }"}, name="f")) == {**item, field: "{ }"}

    def test_the_commands_of_a_shell(self):
        item = {"type": "shell_call", "action": {"commands": []}}
        begun = [
            told("shell_call_command.added", command_index=0, command=""),
            told("shell_call_command.delta", command_index=0, delta="ls"),
            told("shell_call_command.delta", command_index=0, delta=" -l"),
            told("shell_call_command.added", command_index=1, command="cd"),
        ]
        assert output(item, *begun)["action"] == {"commands": ["ls -l", "cd"]}
        done = told("shell_call_command.done", command_index=0, command="ls")
        assert output(item, *begun, done)["action"] == {"commands": ["ls", "cd"]}


class TestCallsOfTheServer:
    @pytest.mark.parametrize(
        ("kind", "statuses"),
        [
            ("web_search_call", ["in_progress", "searching", "completed"]),
            ("file_search_call", ["in_progress", "searching", "completed"]),
            ("code_interpreter_call", ["in_progress", "interpreting", "completed"]),
            ("image_generation_call", ["in_progress", "generating", "completed"]),
            ("mcp_call", ["in_progress", "completed", "failed"]),
        ],
    )
    def test_their_status_is_what_was_said_last(self, kind, statuses):
        for status in statuses:
            assert output({"type": kind, "status": "x"}, told(f"{kind}.{status}"))["status"] == status

    def test_what_has_no_status_gets_none(self):
        item = {"type": "mcp_list_tools", "tools": []}
        assert output(item, told("mcp_list_tools.in_progress"), told("mcp_list_tools.completed")) == item

    def test_an_image_is_its_last_sketch(self):
        item = {"type": "image_generation_call", "status": "generating", "result": None}
        sketches = [told("image_generation_call.partial_image", partial_image_b64=data) for data in ("YQ", "YQ==")]
        assert output(item, *sketches) == {**item, "result": "YQ=="}


@pytest.mark.parametrize(
    "event",
    [
        told("telepathy.delta", delta="hm"),
        told("message.meditating"),
        told("output_text.delta", content_index=0),
        told("output_text.delta", delta="a"),
        told("output_text.delta", 7, content_index=0, delta="a"),
        told("output_text.delta", "first", content_index=0, delta="a"),
        told("output_text.annotation.added", content_index=1),
        told("shell_call_command.delta", command_index=0, delta="ls"),
        {"type": "response.output_item.added", "output_index": None, "item": {}},
        {"type": "response.output_item.added", "output_index": 1, "item": None},
        {"type": "response.audio.delta", "delta": "YQ=="},
        {"type": None, "response": None},
    ],
    ids=str,
)
def test_an_event_that_isnt_known_is_passed_over(event):
    item = {"type": "message", "status": "in_progress", "content": [{"type": "output_text", "text": "a"}]}
    made = accumulated(BEGUN, added(item), event)
    assert made["output"][0]["content"][0] == item["content"][0]
    assert len(made["output"]) == 1


def test_four_times_the_events_take_four_times_the_time():
    """What a text costs that is copied for each of its pieces shows in the time alone."""
    item = {"type": "message", "content": []}
    delta = told("output_text.delta", content_index=0, delta="x" * 50, logprobs=[{"token": "x", "logprob": -1}])

    def seconds(number):
        events = [json.dumps(event).encode() for event in (BEGUN, added(item), *[delta] * number)]
        accumulator = ResponseAccumulator()
        started = time.process_time()
        for event in events:
            accumulator.add(event)
        accumulator.result()
        return time.process_time() - started

    quickest = [seconds(4_000), seconds(16_000)]
    gc.disable()
    try:
        # As in the test of chat's.
        for _ in range(20):
            if quickest[1] < 4.5 * quickest[0]:
                break
            quickest = [min(quickest[0], seconds(4_000)), min(quickest[1], seconds(16_000))]
    finally:
        gc.enable()
    assert quickest[1] < 4.5 * quickest[0]
