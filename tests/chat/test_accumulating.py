from __future__ import annotations

import gc
import inspect
import json
import time
from base64 import b64decode, b64encode
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core_chat.accumulating import CompletionAccumulator
from openai_core_chat.types import ChatCompletion
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
HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def completion(chunks):
    """The data of what chunks make up."""
    accumulator = CompletionAccumulator()
    for data in chunks:
        accumulator.add(data)
    return accumulator.result()


def chunk(delta=None, *, index=0, finish=None, **others):
    return {**HEAD, "choices": [{"index": index, "delta": delta or {}, "finish_reason": finish, **others}]}


def whole(*chunks):
    """What chunks make up, as strictly read as any answer."""
    data = json.dumps(completion([json.dumps(each).encode() for each in chunks]))
    return ChatCompletion.model_validate_json(data)


def message(*deltas):
    return whole(*map(chunk, deltas), chunk(finish="stop")).choices[0].message


def calls(*pieces):
    """Tool calls of which each piece comes in a chunk of its own."""
    made = message(*({"tool_calls": [piece]} for piece in pieces))
    return [(call.id, call.function.name, call.function.arguments) for call in made.tool_calls]


class TestStream:
    """What a stream gives at its end is what `create` gives."""

    async def test_text_of_several_choices(self, client, settled):
        asked = {"model": MODEL, "messages": HELLO, "n": 3, "logprobs": True, "top_logprobs": 2}
        made = await settled(client.chat.completions.create(**asked))
        stream = client.chat.completions.create_stream(**asked, stream_options={"include_usage": True})
        final = await settled(stream.final())
        assert isinstance(final, ChatCompletion)
        assert len({choice.message.content for choice in final.choices}) > 1
        for choice, expected in zip(final.choices, made.choices, strict=True):
            assert choice.message.content == expected.message.content
            assert choice.logprobs == expected.logprobs
            assert (choice.index, choice.finish_reason) == (expected.index, "stop")
        for name in ("usage", "service_tier", "system_fingerprint", "model", "object"):
            assert getattr(final, name) == getattr(made, name)

    async def test_calls_of_several_tools(self, client, settled):
        asked = {"model": MODEL, "messages": HELLO, "tools": [WEATHER, NOTE], "tool_choice": "required"}
        made = await settled(client.chat.completions.create(**asked))
        final = await settled(client.chat.completions.create_stream(**asked).final())
        for call, expected in zip(final.choices[0].message.tool_calls, made.choices[0].message.tool_calls, strict=True):
            assert {**call.to_dict(), "id": ""} == {**expected.to_dict(), "id": ""}
            assert call.id.startswith("call_")
        assert final.choices[0].finish_reason == "tool_calls"

    async def test_a_call_of_a_function(self, client, settled):
        asked = {"model": MODEL, "messages": HELLO, "functions": [WEATHER["function"]]}
        made = await settled(client.chat.completions.create(**asked, function_call={"name": "weather"}))
        final = await settled(client.chat.completions.create_stream(**asked, function_call={"name": "weather"}).final())
        assert final.choices[0].message.function_call == made.choices[0].message.function_call
        assert final.choices[0].message.content is None

    async def test_every_chunk_is_passed_through_and_the_message_goes_back_in(self, client, settled, each):
        stream = client.chat.completions.create_stream(model=MODEL, messages=HELLO)
        chunks = await each(stream)
        final = await settled(stream.final())
        assert "".join(one.choices[0].delta.content or "" for one in chunks) == final.choices[0].message.content
        again = [*HELLO, final.choices[0].message, *HELLO]
        assert (await settled(client.chat.completions.create(model=MODEL, messages=again))).choices

    async def test_an_answer_that_was_cut_is_an_answer(self, client, settled):
        stream = client.chat.completions.create_stream(model=MODEL, messages=HELLO, max_completion_tokens=3)
        assert (await settled(stream.final())).choices[0].finish_reason == "length"
        assert stream.outcome == "complete"


async def test_what_is_called_says_what_it_gives(client):
    create = client.chat.completions.create_stream
    kind = "AsyncAccumulatingStream" if hasattr(client, "aclose") else "AccumulatingStream"
    assert inspect.signature(create).return_annotation == f"{kind}[ChatCompletionChunk, ChatCompletion]"
    assert create.__name__ == "create_stream"
    assert "stream it, chunk by chunk" in create.__doc__
    stream = create.with_options(timeout=5)(model=MODEL, messages=HELLO)
    assert repr(stream) == f"<{kind} not open yet>"
    await stream.close() if hasattr(client, "aclose") else stream.close()


async def test_chunks_of_a_type_of_ones_own_are_passed_through(client, each):
    stream = client.chat.completions.create_stream.into(dict, {"model": MODEL, "messages": HELLO})
    chunks = await each(stream)
    assert chunks[0]["object"] == "chat.completion.chunk"
    assert not hasattr(stream, "final")


class TestSnapshot:
    async def test_it_grows_until_it_is_the_whole(self, client, settled, each):
        stream = client.chat.completions.create_stream(model=MODEL, messages=HELLO, n=2, logprobs=True)
        texts = {0: "", 1: ""}

        def look(event):
            for choice in event.choices:
                texts[choice.index] += choice.delta.content or ""
            for choice in stream.snapshot().choices:
                assert (choice.message.content or "") == texts[choice.index]
                told = (choice.logprobs and choice.logprobs.content) or ()
                assert "".join(one.token for one in told) == texts[choice.index]
            return stream.snapshot()

        *_, last = await each(stream, look)
        assert isinstance(last, ChatCompletion)
        assert last == await settled(stream.final())

    def test_what_the_server_has_yet_to_tell_is_none(self):
        accumulator = CompletionAccumulator()
        assert accumulator.result() is None
        accumulator.add(json.dumps(chunk({"content": "a"})).encode())
        begun = accumulator.result()
        assert begun["choices"][0]["finish_reason"] is None
        accumulator.add(json.dumps(chunk({"content": "b"})).encode())
        # What was given isn't changed any more.
        assert begun["choices"][0]["message"]["content"] == "a"
        assert accumulator.result()["choices"][0]["message"]["content"] == "ab"

    def test_every_beginning_of_a_call_is_one(self):
        pieces = [{"index": 0, "id": "a", "function": {"name": "f"}}, {"index": 0, "function": {"arguments": "{"}}]
        accumulator = CompletionAccumulator()
        seen = []
        for piece in pieces:
            accumulator.add(json.dumps(chunk({"tool_calls": [piece]})).encode())
            seen.append(accumulator.result()["choices"][0]["message"]["tool_calls"][0])
        assert [call["function"]["arguments"] for call in seen] == ["", "{"]
        assert {call["type"] for call in seen} == {"function"}


class TestChunks:
    def test_chunks_without_choices_tell_what_they_tell(self):
        first = {**HEAD, "id": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": [{"a": 1}]}
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
        last = {**HEAD, "choices": [], "usage": usage, "service_tier": "flex", "system_fingerprint": "fp"}
        made = whole(first, chunk({"role": "assistant", "content": "a"}), chunk(finish="stop"), last)
        assert (made.id, made.model, made.created, made.object) == ("chatcmpl-1", "m", 1, "chat.completion")
        assert (made.usage.total_tokens, made.service_tier, made.system_fingerprint) == (3, "flex", "fp")
        assert made.prompt_filter_results == [{"a": 1}]

    def test_padding_isnt_part_of_the_answer(self):
        made = whole({**chunk({"content": "a"}), "obfuscation": "xyz"}, chunk(finish="stop"))
        assert "obfuscation" not in made.to_dict()

    def test_what_wasnt_said_is_none(self):
        made = whole(chunk({"role": "assistant"}), chunk(finish="stop")).choices[0]
        assert made.message.to_dict() == {"role": "assistant", "content": None}
        assert made.logprobs is None

    def test_a_refusal_is_put_together(self):
        made = message({"role": "assistant", "refusal": ""}, {"refusal": "I'd "}, {"refusal": "rather not"})
        assert (made.content, made.refusal) == (None, "I'd rather not")

    def test_logprobs_of_text_and_refusal_are_put_together(self):
        def logprobs(content, refusal=()):
            known = [{"token": token, "logprob": -1, "top_logprobs": []} for token in (*content, *refusal)]
            return {"content": known[: len(content)] or None, "refusal": known[len(content) :] or None}

        made = whole(
            chunk({"content": "ab"}, logprobs=logprobs("ab")),
            chunk({"content": ""}, logprobs=None),
            chunk({"content": "c"}, logprobs=logprobs("c", "r")),
            chunk({"refusal": "s"}, logprobs=logprobs("", "s"), finish="stop"),
        ).choices[0]
        assert [one.token for one in made.logprobs.content] == ["a", "b", "c"]
        assert [one.token for one in made.logprobs.refusal] == ["r", "s"]

    @pytest.mark.parametrize("size", [1, 3, 4])
    @pytest.mark.parametrize("padded", [True, False], ids=["each padded", "cut anywhere"])
    def test_audio_is_put_together(self, size, padded):
        sound = bytes(range(32))
        if padded:
            pieces = [b64encode(sound[i : i + size]).decode() for i in range(0, len(sound), size)]
        else:
            text = b64encode(sound).decode()
            pieces = [text[i : i + size] for i in range(0, len(text), size)]
        made = message(
            {"role": "assistant", "audio": {"id": "audio_1", "transcript": "He"}},
            *({"audio": {"data": piece}} for piece in pieces),
            {"audio": {"transcript": "llo"}},
            {"audio": {"expires_at": 7}},
        )
        assert b64decode(made.audio.data) == sound
        assert (made.audio.id, made.audio.transcript, made.audio.expires_at) == ("audio_1", "Hello", 7)

    def test_annotations_are_gathered(self):
        def cited(url):
            return {
                "type": "url_citation",
                "url_citation": {"start_index": 0, "end_index": 1, "title": "t", "url": url},
            }

        made = message(
            {"annotations": []}, {"content": "a", "annotations": [cited("a")]}, {"annotations": [cited("b")]}
        )
        assert [one.url_citation.url for one in made.annotations] == ["a", "b"]

    def test_fields_of_other_providers_are_kept(self):
        made = whole(
            chunk({"role": "assistant", "content": None, "reasoning_content": "Let me "}),
            chunk({"content": None, "reasoning_content": "think", "reasoning_details": [{"index": 0, "text": "Let"}]}),
            chunk({"content": "Yes", "reasoning_content": None, "reasoning_details": [{"index": 0, "text": " me"}]}),
            {**chunk(finish="stop", matched_stop=7), "citations": ["a"]},
            {**HEAD, "choices": [], "citations": ["a", "b"], "x_groq": {"id": "req"}},
        )
        said = made.choices[0].message
        assert (said.content, said.reasoning_content) == ("Yes", "Let me think")
        assert said.reasoning_details == [{"index": 0, "text": "Let me"}]
        assert made.choices[0].matched_stop == 7
        assert (made.citations, made.x_groq) == (["a", "b"], {"id": "req"})

    def test_servers_may_leave_out_what_goes_without_saying(self):
        bare = {"id": "1", "created": 1, "model": "m"}
        made = whole(
            {**bare, "choices": [{"delta": {"content": "a", "tool_calls": None}}]},
            {**bare, "choices": [{"delta": None, "finish_reason": "stop"}]},
            {**bare, "choices": None},
        )
        assert made.choices[0].to_dict() == {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "a"},
            "logprobs": None,
        }


class TestToolCalls:
    def test_pieces_are_told_apart_by_their_index(self):
        assert calls(
            {"index": 1, "id": "b", "type": "function", "function": {"name": "second", "arguments": ""}},
            {"index": 0, "id": "a", "type": "function", "function": {"name": "first", "arguments": "{"}},
            {"index": 1, "function": {"arguments": "[1"}},
            {"index": 0, "function": {"arguments": "}"}},
            {"index": 1, "function": {"arguments": "]"}},
        ) == [("a", "first", "{}"), ("b", "second", "[1]")]

    def test_id_name_and_type_may_come_again_and_again(self):
        piece = {"index": 0, "id": "a", "type": "function"}
        assert calls(
            {**piece, "function": {"name": "first", "arguments": "{"}},
            {**piece, "function": {"name": "first", "arguments": "}"}},
            {"index": 0, "id": "", "function": {"name": "", "arguments": " "}},
        ) == [("a", "first", "{} ")]

    def test_id_and_name_may_come_late(self):
        assert calls(
            {"index": 0, "function": {"arguments": "{"}},
            {"index": 0, "id": "a", "function": {"arguments": "}"}},
            {"index": 0, "function": {"name": "first"}},
        ) == [("a", "first", "{}")]

    def test_each_piece_may_have_an_id_of_its_own(self):
        assert calls(
            {"index": 0, "id": "a", "function": {"name": "first", "arguments": "{"}},
            {"index": 0, "id": "b", "function": {"arguments": "}"}},
        ) == [("a", "first", "{}")]

    def test_all_calls_may_have_one_index(self):
        assert calls(
            {"index": 0, "id": "a", "function": {"name": "first", "arguments": "{"}},
            {"index": 0, "function": {"arguments": "}"}},
            {"index": 0, "id": "b", "function": {"name": "second", "arguments": "[]"}},
        ) == [("a", "first", "{}"), ("b", "second", "[]")]

    def test_there_may_be_no_index(self):
        assert calls(
            {"id": "a", "function": {"name": "first", "arguments": "{"}},
            {"function": {"arguments": "}"}},
            {"id": "b", "function": {"name": "second"}},
        ) == [("a", "first", "{}"), ("b", "second", "")]

    def test_a_custom_tool_has_an_input(self):
        (call,) = message(
            {"tool_calls": [{"index": 0, "id": "a", "type": "custom", "custom": {"name": "note", "input": ""}}]},
            {"tool_calls": [{"index": 0, "custom": {"input": "as it "}}]},
            {"tool_calls": [{"index": 0, "custom": {"input": "comes"}}]},
        ).tool_calls
        assert (call.type, call.custom.name, call.custom.input) == ("custom", "note", "as it comes")

    def test_a_call_of_a_kind_that_nobody_knows_is_kept(self):
        (call,) = message(
            {"tool_calls": [{"index": 0, "id": "a", "type": "magic", "magic": {"word": "abra"}}]},
            {"tool_calls": [{"index": 0, "magic": {"word": "cadabra"}}]},
        ).tool_calls
        assert (call.type, call.magic) == ("magic", {"word": "abracadabra"})


TEXTS = st.text(max_size=12)
NAMES = st.text("abc_", min_size=1, max_size=6)


def tokens(texts):
    return [{"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": []} for text in texts]


@st.composite
def tool_calls(draw):
    kind, payload = draw(st.sampled_from([("function", "arguments"), ("custom", "input")]))
    return {"id": f"call_{draw(NAMES)}", "type": kind, kind: {"name": draw(NAMES), payload: draw(TEXTS)}}


@st.composite
def choices(draw, index):
    said = {"role": "assistant", "content": draw(st.none() | TEXTS)}
    said |= {name: draw(TEXTS) for name in draw(st.sets(st.sampled_from(["refusal", "reasoning_content"])))}
    if made := draw(st.lists(tool_calls(), max_size=3)):
        said["tool_calls"] = made
    if draw(st.booleans()):
        said["function_call"] = {"name": draw(NAMES), "arguments": draw(TEXTS)}
    logprobs = draw(st.none() | st.fixed_dictionaries({"content": st.none() | st.lists(NAMES, min_size=1).map(tokens)}))
    finish = draw(st.sampled_from(["stop", "length", "tool_calls"]))
    return {"index": index, "message": said, "logprobs": logprobs, "finish_reason": finish}


@st.composite
def completions(draw):
    usage = {"prompt_tokens": 1, "completion_tokens": draw(st.integers(0, 9)), "total_tokens": 9}
    made = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m"}
    made |= {"service_tier": draw(st.none() | st.just("flex")), "usage": draw(st.none() | st.just(usage))}
    return {**made, "choices": [draw(choices(index)) for index in range(draw(st.integers(1, 3)))]}


def mixed(random, lines):
    """Some lines as one, each in its order."""
    lines = [list(line) for line in lines if line]
    while lines:
        line = random.choice(lines)
        yield line.pop(0)
        lines = [each for each in lines if each]


def cut(random, items):
    """A text or a list in pieces, of which some may be empty."""
    places = sorted(random.randint(0, len(items)) for _ in range(random.randint(0, 4)))
    return [items[start:end] for start, end in zip([0, *places], [*places, len(items)], strict=True)]


def deltas(random, made):
    """The chunks that a choice is told in."""
    said = made["message"]
    lines = [
        [{"delta": {name: piece}} for piece in cut(random, said[name])]
        for name in ("content", "refusal", "reasoning_content")
        if said.get(name) is not None
    ]
    if "function_call" in said:
        name, arguments = said["function_call"]["name"], said["function_call"]["arguments"]
        pieces = cut(random, arguments)
        lines.append([{"delta": {"function_call": {"name": name, "arguments": pieces[0]}}}])
        lines[-1] += [{"delta": {"function_call": {"arguments": piece}}} for piece in pieces[1:]]
    for index, call in enumerate(said.get("tool_calls", ())):
        kind = call["type"]
        payload = "arguments" if kind == "function" else "input"
        first, *rest = cut(random, call[kind][payload])
        begun = {**call, "index": index, kind: {**call[kind], payload: first}}
        pieces = [begun, *({"index": index, kind: {payload: piece}} for piece in rest)]
        lines.append([{"delta": {"tool_calls": [piece]}} for piece in pieces])
    if made["logprobs"]:
        content = made["logprobs"]["content"]
        pieces = cut(random, content) if content else [None]
        lines.append([{"delta": {}, "logprobs": {"content": piece}} for piece in pieces])
    start = {"delta": {"role": "assistant", "content": None}, "finish_reason": None}
    return [start, *mixed(random, lines), {"delta": {}, "finish_reason": made["finish_reason"]}]


@given(completions(), st.randoms(use_true_random=False))
def test_a_completion_in_pieces_is_put_together_again(made, random):
    head = {**made, "object": "chat.completion.chunk", "usage": None, "choices": []}
    told = [[{"index": each["index"], **one} for one in deltas(random, each)] for each in made["choices"]]
    chunks = [{**head, "choices": [piece]} for piece in mixed(random, told)]
    chunks.append({**head, "usage": made["usage"]})

    assert completion([json.dumps(each).encode() for each in chunks]) == made


def many(number):
    """A long answer: text, the arguments of a call, and probabilities, piece by piece."""
    logprobs = {"content": tokens(["a"]), "refusal": None}
    call = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "x" * 50}}]}
    piece = json.dumps(chunk({"content": "y" * 50, **call}, logprobs=logprobs)).encode()
    return [piece] * number


def test_four_times_the_chunks_take_four_times_the_calls():
    few, lots = (count_calls(partial(completion, many(number))) for number in (4_000, 16_000))
    assert 3.5 < lots / few < 4.5


def test_four_times_the_chunks_take_four_times_the_time():
    """What a text costs that is copied for each of its pieces shows in the time alone."""

    def seconds(chunks):
        started = time.process_time()
        completion(chunks)
        return time.process_time() - started

    few, lots = many(4_000), many(16_000)
    quickest = [seconds(few), seconds(lots)]
    gc.disable()
    try:
        # What else the machine does makes it slower at times, never faster.
        for _ in range(60):
            if quickest[1] < 4.5 * quickest[0]:
                break
            quickest = [min(quickest[0], seconds(few)), min(quickest[1], seconds(lots))]
    finally:
        gc.enable()
    assert quickest[1] < 4.5 * quickest[0]
