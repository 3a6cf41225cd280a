"""A streamed completion told as events."""

from __future__ import annotations

import gc
import json
import time
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from openai_core import (
    AnswerRefusedError,
    AnswerTruncatedError,
    AnswerValidationError,
    StreamError,
    StreamTruncatedError,
)
from openai_core.structured import OutputFormat
from openai_core.testing import Answers, Events, build
from openai_core_chat.event_types import ArgumentsDelta, ContentDelta, ContentDone
from openai_core_chat.events import ChatEvents, events
from openai_core_chat.types import ChatCompletion, ChatCompletionChunk
from tests.counting import count_calls

MODEL = "gpt-5-mini"
HELLO = [{"role": "user", "content": "Hello there"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
NOTE = {"type": "custom", "custom": {"name": "note"}}
HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}


class Trip(BaseModel):
    city: str
    days: int = 3


def chunk(delta: dict[str, Any] | None = None, *, index: int = 0, finish: str | None = None, **others: Any) -> Any:
    return {**HEAD, "choices": [{"index": index, "delta": delta or {}, "finish_reason": finish, **others}]}


def written(*pieces: dict[str, Any]) -> list[Any]:
    """Chunks with a piece of a tool call each."""
    return [chunk({"tool_calls": [piece]}) for piece in pieces]


def tokens(text: str) -> list[dict[str, Any]]:
    return [{"token": token, "logprob": -0.5, "bytes": None, "top_logprobs": []} for token in text]


def told(chunks: list[Any], state: ChatEvents[Any] | None = None) -> list[Any]:
    """All events of some chunks but the chunks themselves."""
    state = state or ChatEvents()
    made = [event for each in chunks for event in state.add(each)] + state.end()
    return [event for event in made if event.type != "chunk"]


def short(event: Any) -> Any:
    """An event by its type, and what is in it."""
    names = ("index", "id", "name", "delta", "content", "refusal", "arguments", "input")
    return (event.type, event.choice, *(getattr(event, name) for name in names if hasattr(event, name)))


def done(chunks: list[Any]) -> list[Any]:
    return [short(event) for event in told(chunks) if event.type.endswith(".done")]


@pytest.fixture(params=["sync", "async"])
async def served(request):
    """Answers every call with chunks, and gives the group of calls of a client that asks for them."""
    clients = []

    def serve(chunks: list[Any], *, breaks: bool = False) -> Any:
        answers = Answers()
        answers.on("POST /chat/completions", Events(*chunks, breaks=breaks))
        clients.append(answers.client() if request.param == "sync" else answers.async_client())
        return clients[-1].chat.completions

    yield serve
    for client in clients:
        await client.aclose() if request.param == "async" else client.close()


class TestStream:
    async def test_text_of_several_choices(self, client, settled, each):
        asked = {"model": MODEL, "messages": HELLO, "n": 2, "logprobs": True}
        stream = client.chat.completions.create_stream(**asked, stream_options={"include_usage": True})
        seen = await each(events(stream))
        final = await settled(stream.final())
        for choice in final.choices:
            own = [event for event in seen if event.type != "chunk" and event.choice == choice.index]
            deltas = [event for event in own if event.type == "content.delta"]
            assert "".join(event.delta for event in deltas) == choice.message.content
            assert [deltas[0].snapshot, deltas[-1].snapshot] == [deltas[0].delta, choice.message.content]
            (whole,) = [event for event in own if event.type == "content.done"]
            assert (whole.content, whole.finish_reason, whole.parsed) == (choice.message.content, "stop", None)
            (probable,) = [event for event in own if event.type == "logprobs.content.done"]
            assert probable.content == choice.logprobs.content
            growing = [event for event in own if event.type == "logprobs.content.delta"]
            assert [token for event in growing for token in event.delta] == probable.content
            assert growing[1].snapshot == probable.content[: len(growing[0].delta) + len(growing[1].delta)]
        chunks = [event.chunk for event in seen if event.type == "chunk"]
        assert chunks[-1].usage == final.usage
        # The usage comes when all else is done.
        assert seen[-1].type == "chunk"

    async def test_calls_of_several_tools(self, client, settled, each):
        asked = {"model": MODEL, "messages": HELLO, "tools": [WEATHER, NOTE], "tool_choice": "required"}
        stream = client.chat.completions.create_stream(**asked)
        seen = await each(events(stream))
        calls = (await settled(stream.final())).choices[0].message.tool_calls
        ready = [event for event in seen if event.type.startswith("tool_calls.") and event.type.endswith(".done")]
        assert [(event.index, event.id, event.name) for event in ready] == [
            (index, call.id, getattr(call, call.type).name) for index, call in enumerate(calls)
        ]
        for event in seen:
            if event.type == "tool_calls.function.arguments.done":
                assert event.arguments == calls[event.index].function.arguments
            elif event.type == "tool_calls.custom.input.done":
                assert event.input == calls[event.index].custom.input

    async def test_an_answer_of_a_type(self, client, each, settled):
        stream = client.chat.completions.parse_stream(Trip, model=MODEL, messages=HELLO)
        (whole,) = [event for event in await each(events(stream)) if event.type == "content.done"]
        answer = await settled(stream.final())
        assert whole.parsed == answer.parsed
        assert isinstance(whole.parsed, Trip)

    async def test_it_is_told_before_the_stream_goes_on(self, served, each):
        stream = served([chunk({"content": "Hel"}), chunk({"content": "lo"}), chunk(finish="stop")]).create_stream(
            model=MODEL, messages=HELLO
        )

        def look(event):
            if event.type == "content.delta":
                assert event.snapshot == stream.snapshot().choices[0].message.content
                assert stream.outcome is None

        await each(events(stream), look)
        assert stream.outcome == "complete"

    async def test_a_stream_that_breaks_off_raises_and_what_isnt_complete_isnt_done(self, served, each):
        chunks = [chunk({"content": "Hel"}), *written({"index": 0, "id": "a", "function": {"name": "f"}})]
        seen = []
        with pytest.raises(StreamTruncatedError):
            await each(events(served(chunks, breaks=True).create_stream(model=MODEL, messages=HELLO)), seen.append)
        assert [event.type for event in seen if event.type != "chunk"] == [
            "content.delta",
            "tool_calls.function.arguments.delta",
        ]

    async def test_leaving_closes_the_stream(self, served):
        stream = served([chunk({"content": "a"}), chunk({"content": "b"}), chunk(finish="stop")]).create_stream(
            model=MODEL, messages=HELLO
        )
        told = events(stream)
        if hasattr(told, "aclose"):
            await anext(told)
            await told.aclose()
        else:
            next(told)
            told.close()
        assert stream.outcome == "cancelled"

    async def test_a_final_in_the_loop_ends_it_without_anything_being_done(self, served, settled):
        stream = served([chunk({"content": "a"}), chunk({"content": "b"})]).create_stream(model=MODEL, messages=HELLO)
        told, seen, final = events(stream), [], None
        with suppress(StopIteration, StopAsyncIteration):
            while True:
                seen.append(await anext(told) if hasattr(told, "aclose") else next(told))
                final = await settled(stream.final())
        assert stream.passed_over
        assert final.choices[0].message.content == "ab"
        assert [event.type for event in seen] == ["chunk", "content.delta"]

    async def test_closing_in_the_loop_ends_it_without_anything_being_done(self, served, settled):
        stream = served([chunk({"content": "a"}), chunk({"content": "b"})]).create_stream(model=MODEL, messages=HELLO)
        told, seen = events(stream), []
        with suppress(StopIteration, StopAsyncIteration):
            while True:
                seen.append(await anext(told) if hasattr(told, "aclose") else next(told))
                await settled(stream.close())
        assert [event.type for event in seen] == ["chunk", "content.delta"]
        assert stream.outcome == "cancelled"

    async def test_a_final_after_the_loop_passes_over_nothing(self, served, settled, each):
        stream = served([chunk({"content": "a"}), chunk({"content": "b"})]).create_stream(model=MODEL, messages=HELLO)
        seen = await each(events(stream))
        await settled(stream.final())
        assert not stream.passed_over
        # The server never said why it ended; the stream's end did.
        assert (seen[-1].type, seen[-1].content, seen[-1].finish_reason) == ("content.done", "ab", None)

    async def test_a_stream_is_told_once(self, served, each):
        stream = served([chunk({"content": "a"}, finish="stop")]).create_stream(model=MODEL, messages=HELLO)
        await each(events(stream))
        with pytest.raises(StreamError, match="read once"):
            await each(events(stream))


class TestParsed:
    @pytest.mark.parametrize(
        ("chunks", "kind"),
        [
            ([chunk({"content": '{"city": "Par'}, finish="length")], AnswerTruncatedError),
            ([chunk({"content": '{"city": "Par'}, finish="content_filter")], AnswerRefusedError),
            ([chunk({"content": "Sure!"}, finish="stop")], AnswerValidationError),
            ([chunk({"content": "{", "refusal": "No"}, finish="stop")], AnswerRefusedError),
        ],
    )
    async def test_what_is_no_answer_is_the_error_of_parse_when_it_is_read(self, served, each, settled, chunks, kind):
        stream = served(chunks).parse_stream(Trip, model=MODEL, messages=HELLO)
        seen = await each(events(stream))
        (whole,) = [event for event in seen if event.type == "content.done"]
        for _ in range(2):
            with pytest.raises(kind):
                _ = whole.parsed
        with pytest.raises(kind):
            await settled(stream.final())

    @pytest.mark.parametrize("returns", [Trip, OutputFormat(Trip)])
    def test_chunks_from_anywhere_are_read_too_each_choice_for_itself(self, returns):
        chunks = [
            chunk({"content": '{"city": '}),
            chunk({"content": '{"city": "Rome"}'}, index=1, finish="stop"),
            chunk({"content": '"Paris"}'}, finish="stop"),
        ]
        ready = [event for event in told(chunks, ChatEvents(returns)) if event.type == "content.done"]
        assert [(event.choice, event.parsed) for event in ready] == [(1, Trip(city="Rome")), (0, Trip(city="Paris"))]


class TestState:
    def test_chunks_may_be_models_or_plain_data_which_is_left_as_it_is(self):
        plain = [chunk({"content": "a"}, logprobs={"content": tokens("a")}), chunk({"content": "b"}, finish="stop")]
        before = json.dumps(plain)
        first, second = ChatEvents(), ChatEvents()
        assert told(plain, first) == told([ChatCompletionChunk.model_validate(each) for each in plain], second)
        assert json.dumps(plain) == before
        assert first.final() == second.final()
        assert isinstance(first.final(), ChatCompletion)

    def test_chunks_in_a_list_are_told_as_a_stream_is(self):
        chunks = [ChatCompletionChunk.model_validate(chunk({"content": "a"}, finish="stop"))]
        assert [event.type for event in events(chunks)] == ["chunk", "content.delta", "content.done"]

    def test_it_has_a_beginning_and_an_end(self):
        state = ChatEvents()
        with pytest.raises(StreamError, match="no chunk has come"):
            state.snapshot()
        state.add(chunk({"content": "a"}))
        assert state.snapshot().choices[0].finish_reason is None
        with pytest.raises(StreamError, match="call end"):
            state.final()
        assert [event.content for event in state.end()] == ["a"]
        assert state.end() == []
        assert state.final().choices[0].message.content == "a"
        with pytest.raises(StreamError, match="has ended"):
            state.add(chunk({"content": "b"}))

    def test_events_say_what_they_are(self):
        delta, whole = told([chunk({"content": "a"}, finish="length")])
        assert repr(delta) == "ContentDelta(choice=0, delta='a', type='content.delta')"
        assert repr(whole) == "ContentDone(type='content.done', choice=0, content='a', finish_reason='length')"
        match delta:
            case ContentDelta(delta="a", snapshot="a"):
                pass
            case _:
                pytest.fail("it can be matched")
        with pytest.raises(AttributeError):
            whole.content = "b"

    def test_a_snapshot_is_what_there_was_and_no_more(self):
        seen = told([chunk({"content": text}, logprobs={"content": tokens(text)}) for text in ("ab", "", "cd", "e")])
        assert [event.snapshot for event in seen if event.type == "content.delta"] == ["ab", "abcd", "abcde"]
        growing = [event.snapshot for event in seen if event.type == "logprobs.content.delta"]
        assert [[token.token for token in snapshot] for snapshot in growing] == [
            list("ab"),
            list("abcd"),
            list("abcde"),
        ]


class TestTexts:
    def test_a_refusal_and_its_tokens(self):
        seen = told(
            [
                chunk({"refusal": "I'd "}, logprobs={"content": None, "refusal": tokens("I")}),
                chunk({"refusal": "rather not"}, logprobs={"refusal": tokens("r")}, finish="stop"),
            ]
        )
        assert [event.type for event in seen] == [
            "refusal.delta",
            "logprobs.refusal.delta",
            "refusal.delta",
            "logprobs.refusal.delta",
            "refusal.done",
            "logprobs.refusal.done",
        ]
        assert (seen[2].snapshot, seen[4].refusal) == ("I'd rather not", "I'd rather not")
        assert [token.token for token in seen[-1].refusal] == ["I", "r"]

    def test_choices_are_done_each_when_it_ends(self):
        seen = told([chunk({"content": "a"}), chunk({"content": "b"}, index=1, finish="stop"), chunk({"content": "c"})])
        assert [short(event) for event in seen] == [
            ("content.delta", 0, "a"),
            ("content.delta", 1, "b"),
            ("content.done", 1, "b"),
            ("content.delta", 0, "c"),
            ("content.done", 0, "ac"),
        ]

    def test_a_server_that_always_says_it_ends_is_believed_once_and_put_right_at_the_end(self):
        assert done([chunk({"content": text}, finish="stop") for text in "abc"]) == [
            ("content.done", 0, "a"),
            ("content.done", 0, "abc"),
        ]

    @pytest.mark.parametrize(
        "odd",
        [
            {**HEAD, "choices": []},
            {**HEAD, "choices": None},
            {"choices": [{"delta": None}]},
            {"choices": [{}]},
            {},
            chunk({"content": [{"type": "text", "text": "a"}]}),
            chunk({"content": None, "tool_calls": None}, logprobs=None),
            chunk({"content": ""}, finish=""),
        ],
        ids=repr,
    )
    def test_chunks_that_arent_as_described_say_nothing(self, odd):
        assert told([odd]) == []
        assert [short(each) for each in told([chunk({"content": "a"}), odd, chunk({"content": "b"}, finish="stop")])][
            :2
        ] == [("content.delta", 0, "a"), ("content.delta", 0, "b")]


A = {"index": 0, "id": "a", "type": "function"}
B = {"index": 1, "id": "b", "type": "function"}
ARGUMENTS_DONE = "tool_calls.function.arguments.done"


class TestCalls:
    def test_a_function_can_be_called_while_the_model_writes_the_next_call(self):
        seen = told(
            [
                *written(
                    {**A, "function": {"name": "first", "arguments": ""}},
                    {"index": 0, "function": {"arguments": '{"a": "}'}},
                    {"index": 0, "function": {"arguments": '"}'}},
                    {**B, "function": {"name": "second", "arguments": ""}},
                    {"index": 1, "function": {"arguments": "{}"}},
                ),
                chunk(finish="tool_calls"),
            ]
        )
        delta = "tool_calls.function.arguments.delta"
        assert [short(event) for event in seen] == [
            (delta, 0, 0, "a", "first", ""),
            (delta, 0, 0, "a", "first", '{"a": "}'),
            (delta, 0, 0, "a", "first", '"}'),
            (ARGUMENTS_DONE, 0, 0, "a", "first", '{"a": "}"}'),
            (delta, 0, 1, "b", "second", ""),
            (delta, 0, 1, "b", "second", "{}"),
            (ARGUMENTS_DONE, 0, 1, "b", "second", "{}"),
        ]
        assert isinstance(seen[2], ArgumentsDelta)
        assert seen[2].snapshot == '{"a": "}"}'

    def test_calls_that_are_written_by_turns_are_done_when_their_arguments_are_closed(self):
        assert done(
            [
                *written(
                    {**A, "function": {"name": "first", "arguments": '{"x": "\\'}},
                    {**B, "function": {"name": "second", "arguments": "{"}},
                    {"index": 0, "function": {"arguments": '"{}"'}},
                    {"index": 1, "function": {"arguments": "}"}},
                    {"index": 0, "function": {"arguments": "}"}},
                    {"index": 1, "function": {"arguments": "\n"}},
                ),
                chunk(finish="tool_calls"),
            ]
        ) == [
            (ARGUMENTS_DONE, 0, 1, "b", "second", "{}"),
            (ARGUMENTS_DONE, 0, 0, "a", "first", '{"x": "\\"{}"}'),
        ]

    @pytest.mark.parametrize("reason", ["length", "content_filter"])
    def test_what_was_cut_off_is_never_done(self, reason):
        note = {"index": 2, "id": "c", "custom": {"name": "note", "input": "{}"}}
        pieces = [
            {**A, "function": {"name": "first", "arguments": "{}"}},
            {**B, "function": {"name": "second", "arguments": '{"a'}},
        ]
        assert done([*written(*pieces, note), chunk(finish=reason)]) == [(ARGUMENTS_DONE, 0, 0, "a", "first", "{}")]

    @pytest.mark.parametrize(
        ("pieces", "wanted"),
        [
            pytest.param(
                [{**A, "function": {"name": "f", "arguments": '{"a": 1}'}}], [("a", "f", '{"a": 1}')], id="whole"
            ),
            pytest.param([{**A, "function": {"name": "f"}}], [("a", "f", "")], id="no arguments"),
            pytest.param([{"index": 0, "id": "a"}], [("a", "", "")], id="nothing but an id"),
            pytest.param(
                [{**A, "function": {"name": "f", "arguments": {"a": 1}}}], [("a", "f", '{"a":1}')], id="an object"
            ),
            pytest.param(
                [
                    {"id": "a", "function": {"name": "f", "arguments": "{"}},
                    {"function": {"arguments": "}"}},
                    {"id": "b", "function": {"name": "g", "arguments": "{}"}},
                ],
                [("a", "f", "{}"), ("b", "g", "{}")],
                id="no index",
            ),
            pytest.param(
                [
                    {**A, "function": {"name": "f", "arguments": "{"}},
                    {"index": 0, "function": {"arguments": "}"}},
                    {**A, "id": "b", "function": {"name": "g", "arguments": "[]"}},
                ],
                [("a", "f", "{}"), ("b", "g", "[]")],
                id="one index for all",
            ),
            pytest.param(
                [
                    {**A, "function": {"name": "f", "arguments": "{"}},
                    {**A, "function": {"name": "f", "arguments": "}"}},
                    {**A, "function": {"arguments": ""}},
                ],
                [("a", "f", "{}")],
                id="everything again and again",
            ),
            pytest.param(
                [
                    {"index": 0, "function": {"arguments": "{"}},
                    {"index": 0, "id": "a", "function": {"arguments": "}"}},
                    {"index": 0, "function": {"name": "f"}},
                ],
                [("a", "f", "{}")],
                id="id and name late",
            ),
            pytest.param([{"function": {"name": "f", "arguments": "{}"}}], [(None, "f", "{}")], id="no id"),
        ],
    )
    def test_servers_write_calls_in_many_ways(self, pieces, wanted):
        assert done([*written(*pieces), chunk(finish="tool_calls")]) == [
            (ARGUMENTS_DONE, 0, index, *call) for index, call in enumerate(wanted)
        ]

    def test_a_custom_tool_has_an_input_which_is_done_when_the_choice_is(self):
        pieces = [
            {"index": 0, "id": "a", "type": "custom", "custom": {"name": "note", "input": "{}"}},
            {**B, "function": {"name": "second", "arguments": "{}"}},
            {"index": 0, "custom": {"input": " and more"}},
        ]
        seen = told([*written(*pieces), chunk(finish="tool_calls")])
        assert [short(event) for event in seen if event.type.startswith("tool_calls.custom")] == [
            ("tool_calls.custom.input.delta", 0, 0, "a", "note", "{}"),
            ("tool_calls.custom.input.delta", 0, 0, "a", "note", " and more"),
            ("tool_calls.custom.input.done", 0, 0, "a", "note", "{} and more"),
        ]

    def test_a_call_of_a_kind_that_nobody_knows_is_in_the_chunks(self):
        assert told([*written({"index": 0, "type": "magic", "magic": {"word": "a"}}), chunk(finish="tool_calls")]) == []

    def test_arguments_that_go_on_after_their_end_are_done_again(self):
        pieces = [
            {**A, "function": {"name": "first", "arguments": "{}"}},
            {**B, "function": {"name": "second", "arguments": "{}"}},
            {"index": 0, "function": {"arguments": '{"a": 1}'}},
        ]
        assert [each[-1] for each in done([*written(*pieces), chunk(finish="tool_calls")]) if each[2] == 0] == [
            "{}",
            '{}{"a": 1}',
        ]


TEXTS = st.text('{}[]"\\ab ', max_size=12)
JSON = st.recursive(st.none() | st.text('{}[]"\\a', max_size=5), lambda of: st.lists(of, max_size=3), max_leaves=5)
OBJECTS = st.dictionaries(st.text('{}"\\a', max_size=3), JSON, max_size=3).map(json.dumps)


@st.composite
def lines(draw):
    """What is written side by side in a choice: its text, its refusal, its calls; each as the pieces of one text."""
    calls = draw(st.lists(st.tuples(st.sampled_from(["function", "custom"]), st.data()), max_size=3))
    made = [("content", draw(TEXTS)), ("refusal", draw(TEXTS))]
    return made + [(kind, draw(OBJECTS if kind == "function" else TEXTS)) for kind, _ in calls]


def deltas(random, number, kind, text):
    places = sorted(random.randint(0, len(text)) for _ in range(random.randint(0, 5)))
    pieces = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
    if kind in {"content", "refusal"}:
        return [{kind: piece} for piece in pieces]
    field = "arguments" if kind == "function" else "input"
    index = number - 2
    told = [{"index": index, kind: {field: piece}} for piece in pieces]
    told[0] |= {"id": f"call_{index}", "type": kind, kind: {"name": f"f{index}", field: pieces[0]}}
    return [{"tool_calls": [piece]} for piece in told]


@given(lines(), st.randoms(use_true_random=False))
def test_however_it_is_split_the_same_is_done(made, random):
    parts = [deltas(random, number, kind, text) for number, (kind, text) in enumerate(made)]
    chunks = []
    while any(parts):
        chunks.append(chunk(random.choice([part for part in parts if part]).pop(0)))
    state = ChatEvents()
    seen = told([*chunks, chunk(finish="tool_calls")], state)

    message = state.final().choices[0].message
    wanted = [("content.done", text) for text in [message.content] if text]
    wanted += [("refusal.done", text) for text in [message.refusal] if text]
    for call in message.tool_calls or ():
        text = call.function.arguments if call.type == "function" else call.custom.input
        kind = "function.arguments" if call.type == "function" else "custom.input"
        wanted.append((f"tool_calls.{kind}.done", call.id, text))
    ready = [event for event in seen if event.type.endswith(".done")]
    assert sorted((event.type, *filter(None, (getattr(event, "id", None),)), short(event)[-1]) for event in ready) == (
        sorted(wanted)
    )
    for event in ready:
        growing = [
            each
            for each in seen
            if each.type == event.type.replace(".done", ".delta")
            and getattr(each, "index", None) == getattr(event, "index", None)
        ]
        assert "".join(each.delta for each in growing) == short(event)[-1]
        assert growing[-1].snapshot == short(event)[-1]
        assert seen.index(growing[-1]) < seen.index(event)


ODD = st.none() | st.text(max_size=3) | st.integers() | st.lists(st.none(), max_size=2) | st.just({})
PIECE = st.fixed_dictionaries(
    {},
    optional={
        "index": st.none() | st.integers(0, 2),
        "id": st.none() | st.text("ab", max_size=1),
        "type": st.sampled_from([None, "function", "custom", "magic"]),
        "function": st.none() | st.fixed_dictionaries({}, optional={"name": ODD, "arguments": ODD}),
        "custom": st.none() | st.fixed_dictionaries({}, optional={"name": ODD, "input": ODD}),
    },
)
CHOICE = st.fixed_dictionaries(
    {},
    optional={
        "index": st.none() | st.integers(0, 2),
        "delta": st.none()
        | st.fixed_dictionaries(
            {}, optional={"content": ODD, "refusal": ODD, "tool_calls": st.lists(PIECE, max_size=3)}
        ),
        "finish_reason": st.sampled_from([None, "", "stop", "length", "tool_calls"]),
        "logprobs": st.none() | st.fixed_dictionaries({}, optional={"content": ODD, "refusal": ODD}),
    },
)


@given(st.lists(st.fixed_dictionaries({"choices": st.none() | st.lists(CHOICE, max_size=2)}), max_size=6))
def test_whatever_a_server_sends_nothing_breaks_that_puts_it_together(chunks):
    seen = told(chunks)
    for event in seen:
        if isinstance(event, ContentDone):
            assert event.parsed is None
    texts = [event for event in seen if event.type == "content.delta"]
    for choice in {event.choice for event in texts}:
        ends = [event for event in seen if event.type == "content.done" and event.choice == choice]
        assert ends[-1].content == "".join(event.delta for event in texts if event.choice == choice)


def many(number: int) -> list[ChatCompletionChunk]:
    """A long answer: text, the arguments of calls by turns, and probabilities, piece by piece."""
    pair = []
    for place in (0, 1):
        call = {"index": place, "id": f"call_{place}", "function": {"name": "f", "arguments": '{"x": [' * 5}}
        delta = {"content": "y" * 50, "tool_calls": [call]}
        pair.append(ChatCompletionChunk.model_validate(chunk(delta, logprobs={"content": tokens("a")})))
    return pair * (number // 2)


def test_four_times_the_chunks_take_four_times_the_calls():
    few, lots = (count_calls(partial(list, events(many(number)))) for number in (1_000, 4_000))
    assert 3.5 < lots / few < 4.5


def test_four_times_the_chunks_take_four_times_the_time():
    """What a text costs that is copied for each of its pieces shows in the time alone."""

    def seconds(chunks):
        started = time.process_time()
        for _ in events(chunks):
            pass
        return time.process_time() - started

    few, lots = many(4_000), many(16_000)
    gc.disable()
    try:
        # What else the machine does makes it slower at times; a copy for each piece would make it so each time.
        assert any(seconds(lots) < 4.5 * seconds(few) for _ in range(20))
    finally:
        gc.enable()


class TestMistakes:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (None, r"not None; create_stream\(\) gives one"),
            ("data: {}", r"not a str; create_stream\(\) gives one"),
            (5, "not a int"),
            (chunk({"content": "Hi"}), r"not a single dict; pass a list of chunks, or each to ChatEvents\(\)\.add\(\)"),
            (build(ChatCompletion), r"not a ChatCompletion, which is whole already; call create_stream\(\)"),
        ],
        ids=str,
    )
    def test_what_is_no_stream(self, given, said):
        with pytest.raises(TypeError, match=rf"^events\(\) takes a stream of a chat completion.*{said}"):
            events(given)

    @pytest.mark.parametrize("colour", ["sync", "async"])
    async def test_a_stream_of_something_else_is_refused_before_it_is_sent(self, colour, settled):
        answers = Answers()
        client = answers.client() if colour == "sync" else answers.async_client()
        stream = client.responses.create_stream(model=MODEL, input="Hi")
        with pytest.raises(TypeError, match="events of this stream are each a ResponseStreamEvent; iterate the stream"):
            events(stream)
        await settled(stream.close())
        assert answers.requests == []

    async def test_events_of_chunks_as_plain_data_are_told(self, served, each):
        group = served([chunk({"content": "Hi"}, finish="stop")])
        for kind in (dict, dict[str, Any]):
            stream = group.create_stream.into(kind, {"model": MODEL, "messages": HELLO})
            assert [event.type for event in await each(events(stream))] == ["chunk", "content.delta", "content.done"]

    @pytest.mark.parametrize("given", ["data: {}", b"{}", None, build(ChatCompletion)], ids=str)
    def test_what_is_no_chunk(self, given):
        with pytest.raises(
            TypeError, match=rf"takes a ChatCompletionChunk, or one as a mapping, not a {type(given).__name__}"
        ):
            ChatEvents().add(given)
        hint = "json.loads" if isinstance(given, (str, bytes)) else "is iterated itself"
        with pytest.raises(TypeError, match=hint):
            next(iter(events([given])))

    async def test_a_plain_loop_over_the_events_of_an_async_stream(self, served):
        stream = served([chunk({"content": "Hi"}, finish="stop")]).create_stream(model=MODEL, messages=HELLO)
        if hasattr(stream, "__iter__"):
            stream.close()
            return
        with pytest.raises(TypeError, match=r"events\(\) of an AsyncClient's stream is iterated with `async for`"):
            for _ in events(stream):
                pass
        await stream.close()

    @pytest.mark.parametrize(
        "odd",
        [
            {"choices": ["x"]},
            {"choices": 5},
            {"choices": {"index": 0}},
            {"choices": [None, 5, []]},
            {"choices": [{"index": "a", "delta": "x"}]},
            {"choices": [{"index": [], "delta": {"tool_calls": 5}, "logprobs": "x"}]},
            {"choices": [{"delta": {"tool_calls": ["x", None]}}]},
        ],
        ids=str,
    )
    async def test_odd_choices_do_not_lose_the_answer(self, odd, served, each, settled):
        chunks = [chunk({"content": "Hel"}), {**HEAD, **odd}, chunk({"content": "lo"}), chunk(finish="stop")]
        assert [event.content for event in told(chunks) if event.type == "content.done"] == ["Hello"]
        stream = served(chunks).create_stream(model=MODEL, messages=HELLO)
        seen = await each(events(stream))
        assert [event.content for event in seen if event.type == "content.done"] == ["Hello"]
        final = await settled(stream.final())
        assert [choice.message.content for choice in final.choices] == ["Hello"]

    @pytest.mark.parametrize(
        "odd", [{"function": "x"}, {"function": {"name": 5}}, {"custom": []}, {"type": 5}], ids=str
    )
    def test_odd_calls_of_tools_do_not_lose_the_answer(self, odd):
        chunks = [chunk({"content": "Hi"}), *written({"index": 0, **odd}), chunk(finish="stop")]
        state = ChatEvents()
        assert ("content.done", 0, "Hi") in [short(event) for event in told(chunks, state)]
        assert state.final().choices[0].message.content == "Hi"

    def test_an_answer_that_was_cut_off_loses_no_event(self):
        """What it is to be read as is only read when somebody looks."""
        state = ChatEvents(Trip)
        made = state.add(chunk({"content": '{"city": "Par'}, finish="length"))
        assert [event.type for event in made] == ["chunk", "content.delta", "content.done"]
        with pytest.raises(AnswerTruncatedError):
            _ = made[-1].parsed
        assert state.end() == []
        assert state.final().choices[0].message.content == '{"city": "Par'
