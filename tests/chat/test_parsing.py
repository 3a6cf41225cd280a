"""Completions that are read as a type of the caller's."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import pytest
from pydantic import BaseModel

from openai_core import (
    OMIT,
    AccumulatingStream,
    AnswerError,
    AnswerRefusedError,
    AnswerTruncatedError,
    AnswerValidationError,
    BadRequestError,
    Client,
    InvalidRequestError,
    StreamError,
    StreamTruncatedError,
)
from openai_core.structured import OutputFormat
from openai_core_chat.answers import ParsedChatCompletion
from openai_core_chat.types import ChatCompletion

MODEL = "gpt-5-mini"
ASKED = [{"role": "user", "content": "Plan a trip to Paris"}]


class Trip(BaseModel):
    city: str
    days: int = 3


@dataclass
class Place:
    street: str


class Open(BaseModel):
    prices: dict[str, float]


def completion(content: str | None = None, finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "logprobs": None,
                "message": {"role": "assistant", "content": content, "refusal": None, **message},
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 7, "total_tokens": 8},
    }


@pytest.fixture
def parse(client, settled):
    async def call(returns: Any = Trip, /, **request: Any) -> Any:
        return await settled(client.chat.completions.parse(returns, model=MODEL, messages=ASKED, **request))

    return call


@pytest.fixture
def answered(router):
    """Makes the server answer once with something."""
    return lambda body: router.post(path__regex="/chat/completions$").mock(
        return_value=httpx.Response(200, json=body, headers={"x-request-id": "req-1"})
    )


async def test_an_answer_is_of_the_type_and_the_completion_is_there(parse, openai_emulator):
    answer = await parse()
    assert isinstance(answer, ParsedChatCompletion)
    assert isinstance(answer.parsed, Trip)
    assert answer.parsed.city == "Paris"
    assert isinstance(answer.completion, ChatCompletion)
    assert Trip(**json.loads(answer.completion.choices[0].message.content)) == answer.parsed
    sent = openai_emulator.requests[-1].json()
    assert sent["response_format"] == OutputFormat(Trip).for_chat()
    assert sent["messages"] == ASKED


@pytest.mark.parametrize(
    ("returns", "kind"),
    [(list[Trip], list), (Literal["a", "b"], str), (Trip | Place, (Trip, Place)), (Place, Place), (int, int)],
)
async def test_any_type_that_pydantic_can_describe_will_do(parse, returns, kind):
    assert isinstance((await parse(returns)).parsed, kind)


async def test_other_parameters_are_sent_and_the_format_can_say_more(parse, openai_emulator):
    wanted = OutputFormat(Open, name="prices", description="What it costs", strict=False)
    await parse(wanted, temperature=0, seed=1, options={"headers": {"X-Mine": "yes"}})
    sent = openai_emulator.requests[-1]
    assert (sent.json()["temperature"], sent.json()["seed"], sent.headers["x-mine"]) == (0, 1, "yes")
    assert sent.json()["response_format"]["json_schema"] == {
        "name": "prices",
        "description": "What it costs",
        "strict": False,
        "schema": wanted.schema,
    }


async def test_what_strict_mode_cannot_express_is_not_sent(parse, openai_emulator):
    with pytest.raises(InvalidRequestError, match=r"Open\.prices takes any keys") as caught:
        await parse(Open)
    assert caught.value.param == "prices"
    assert openai_emulator.requests == []


async def test_an_answer_that_was_cut_off_is_an_error_that_has_it(parse):
    with pytest.raises(AnswerTruncatedError, match="was cut off after 3 tokens") as caught:
        await parse(max_completion_tokens=3)
    error = caught.value
    assert error.text == error.answer.choices[0].message.content
    assert error.text
    assert error.status == 200
    assert error.request_id
    assert len(error.attempts) == 1
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(again), str(again), again.text, again.answer) == (
            AnswerTruncatedError,
            str(error),
            error.text,
            error.answer,
        )


async def test_a_refusal_is_an_error_that_tells_it(parse, answered):
    answered(completion(None, refusal="I can't help with that."))
    with pytest.raises(AnswerRefusedError, match="the model refused: I can't help with that") as caught:
        await parse()
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.refusal == caught.value.refusal == "I can't help with that."
    assert caught.value.request_id == "req-1"


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (completion('{"city": "Par', "length"), AnswerTruncatedError, "was cut off after 7 tokens"),
        (completion('{"city"', "content_filter"), AnswerRefusedError, "a filter held the answer back"),
        (completion("Sure! Paris it is."), AnswerValidationError, "isn't a Trip: it is no JSON .*Sure"),
        (completion('{"town": "Paris"}'), AnswerValidationError, "isn't a Trip: city: Field required"),
        (completion(""), AnswerError, "has no text"),
        ({**completion(), "choices": []}, AnswerError, "choices is empty"),
        (
            completion(
                None,
                "tool_calls",
                tool_calls=[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            ),
            AnswerError,
            "calls tools and gives no answer yet",
        ),
    ],
)
async def test_what_is_no_answer_is_an_error_that_has_it(parse, answered, body, kind, why):
    answered(body)
    with pytest.raises(kind, match=why) as caught:
        await parse()
    assert type(caught.value) is kind
    assert caught.value.answer.id == "chatcmpl-1"
    if body["choices"]:
        assert caught.value.text == body["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    "text", ['{"city": "Paris", "days": null}', '{"city": "Paris"}', '```json\n{"city": "Paris", "more": 1}\n```']
)
async def test_a_server_that_knows_no_strict_mode_is_understood(parse, answered, text):
    answered(completion(text))
    answer = await parse()
    assert answer.parsed == Trip(city="Paris", days=3)
    assert answer._request_id == answer.completion._request_id


@pytest.mark.parametrize("leaves_out", [{"finish_reason": None}, {}])
def test_a_server_that_leaves_things_out_is_understood(openai_emulator, answered, leaves_out):
    choice = {"index": 0, "message": {"role": "assistant", "content": '{"city": "Paris"}'}, **leaves_out}
    answered({"id": "1", "object": "chat.completion", "choices": [choice]})
    with Client(api_key="k", base_url=openai_emulator.base_url) as client:
        assert client.chat.completions.parse(Trip, model=MODEL, messages=ASKED).parsed == Trip(city="Paris")


async def test_what_parse_makes_itself_is_not_taken(parse, openai_emulator):
    with pytest.raises(TypeError, match="makes response_format of the type"):
        await parse(response_format={"type": "text"})
    with pytest.raises(TypeError, match="stream"):
        await parse(stream=True)
    with pytest.raises(InvalidRequestError, match="n=2 asks for more"):
        await parse(n=2)
    with pytest.raises(TypeError, match="temprature"):
        await parse(temprature=1)
    assert openai_emulator.requests == []


async def test_what_is_omitted_is_not_there(parse):
    assert (await parse(n=OMIT, response_format=OMIT, temperature=OMIT)).parsed.city == "Paris"


async def test_an_error_of_the_api_is_as_ever(parse):
    with pytest.raises(BadRequestError):
        await parse(temperature=7)


def chunks(*deltas: dict[str, Any], finish: str | None = "stop") -> list[dict[str, Any]]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    told = [{"index": 0, "delta": delta, "finish_reason": None} for delta in ({"role": "assistant"}, *deltas)]
    told += [{"index": 0, "delta": {}, "finish_reason": finish}] if finish else []
    return [{**head, "choices": [choice]} for choice in told]


@pytest.fixture
def streamed(router):
    """Makes the server stream something, with or without the protocol's end."""

    def answer(events: list[Any], end: str = "data: [DONE]\n\n") -> None:
        text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + end
        headers = {"content-type": "text/event-stream", "x-request-id": "req-1"}
        answered = httpx.Response(200, text=text, headers=headers)
        router.post(path__regex="/chat/completions$").mock(return_value=answered)

    return answer


class TestStream:
    @pytest.fixture
    def parse_stream(self, client):
        def call(returns: Any = Trip, /, **request: Any) -> Any:
            return client.chat.completions.parse_stream(returns, model=MODEL, messages=ASKED, **request)

        return call

    async def test_its_end_is_what_parse_gives(self, parse, parse_stream, settled, openai_emulator):
        stream = parse_stream(temperature=0, options={"headers": {"X-Mine": "yes"}})
        answer = await settled(stream.final())
        assert isinstance(answer, ParsedChatCompletion)
        assert answer.parsed == (await parse(temperature=0)).parsed
        assert isinstance(answer.completion, ChatCompletion)
        assert await settled(stream.final()) is answer
        assert (stream.outcome, stream.response.status) == ("complete", 200)
        sent, parsed = openai_emulator.requests
        assert sent.json() == {**parsed.json(), "stream": True}
        assert sent.headers["x-mine"] == "yes"

    async def test_its_chunks_are_those_of_any_stream(self, client, parse_stream, each):
        body = OutputFormat(Trip).for_chat()
        plain = client.chat.completions.create_stream(model=MODEL, messages=ASKED, response_format=body)
        deltas = [chunk.choices[0].delta.content for chunk in await each(plain) if chunk.choices]
        stream = parse_stream()
        told = await each(stream)
        assert [chunk.choices[0].delta.content for chunk in told if chunk.choices] == deltas
        assert not isinstance(stream, AccumulatingStream)

    async def test_what_has_come_is_there_before_its_end(self, parse_stream, each, settled):
        stream = parse_stream(list[Trip])
        seen = await each(stream, lambda _: (stream.partial(), stream.snapshot().choices[0].message.content))
        answer = await settled(stream.final())
        assert seen[0] == (None, "")
        assert stream.partial() == [trip.model_dump() for trip in answer.parsed]
        assert stream.snapshot() is answer.completion
        grown = [partial for partial, _ in seen if partial]
        assert len(grown) > 5
        assert all(isinstance(partial, list) for partial in grown)
        assert any(len(partial[0]) == 1 for partial in grown if partial)

    async def test_a_snapshot_that_is_complete_is_read_before_the_end(self, parse_stream, streamed, each, settled):
        streamed(chunks({"content": '{"city": '}, {"content": '"Paris"}'}))
        stream, seen = parse_stream(), []

        def look(chunk):
            if chunk.choices[0].finish_reason:
                seen.append((stream.read(stream.snapshot()).parsed, stream.outcome))

        await each(stream, look)
        assert seen == [(Trip(city="Paris"), None)]
        assert (await settled(stream.final())).parsed == Trip(city="Paris")

    async def test_an_answer_that_was_cut_off_is_an_error_that_has_it(self, parse_stream, settled):
        stream = parse_stream(max_completion_tokens=5)
        for _ in range(2):
            with pytest.raises(AnswerTruncatedError, match="was cut off") as caught:
                await settled(stream.final())
        assert caught.value.text == stream.snapshot().choices[0].message.content
        assert (caught.value.status, caught.value.answer) == (200, stream.snapshot())
        assert caught.value.request_id
        assert stream.outcome == "complete"
        assert isinstance(stream.partial(), dict)

    @pytest.mark.parametrize(
        ("events", "kind", "why"),
        [
            (chunks({"refusal": "I can't "}, {"refusal": "help."}), AnswerRefusedError, "refused: I can't help"),
            (chunks({"content": '{"city"'}, finish="content_filter"), AnswerRefusedError, "a filter"),
            (chunks({"content": "Sure! Paris"}), AnswerValidationError, "isn't a Trip: it is no JSON"),
            (chunks({"content": '{"town": '}, {"content": '"Paris"}'}), AnswerValidationError, "city: Field required"),
            (chunks(), AnswerError, "has no text"),
        ],
    )
    async def test_what_is_no_answer_is_the_error_of_parse(self, *, parse_stream, settled, streamed, events, kind, why):
        streamed(events)
        with pytest.raises(kind, match=why) as caught:
            await settled(parse_stream().final())
        assert type(caught.value) is kind
        assert (caught.value.answer.id, caught.value.request_id) == ("chatcmpl-1", "req-1")

    async def test_a_stream_that_broke_off_is_no_answer_and_what_came_is_there(self, parse_stream, settled, streamed):
        streamed(chunks({"content": '{"city": "Par'}, finish=None), end="")
        stream = parse_stream()
        with pytest.raises(StreamTruncatedError):
            await settled(stream.final())
        assert stream.partial() == {"city": "Par"}
        assert stream.snapshot().choices[0].finish_reason is None

    async def test_an_answer_without_a_choice_has_no_part(self, parse_stream, settled, streamed, each):
        streamed([{**each_chunk, "choices": []} for each_chunk in chunks()])
        stream = parse_stream()
        await each(stream, lambda _: stream.partial() is None or pytest.fail("there is nothing yet"))
        with pytest.raises(AnswerError, match="choices is empty"):
            await settled(stream.final())

    async def test_nothing_is_there_before_it_is_read(self, parse_stream, openai_emulator, settled):
        stream = parse_stream()
        with pytest.raises(StreamError, match="isn't open yet"):
            stream.partial()
        assert openai_emulator.requests == []
        assert "ParsedStream not open yet" in repr(stream)
        await settled(stream.close())

    async def test_what_it_makes_itself_is_not_taken(self, parse_stream, openai_emulator):
        with pytest.raises(TypeError, match=r"^parse_stream\(\) makes response_format of the type"):
            parse_stream(response_format={"type": "text"})
        with pytest.raises(InvalidRequestError, match="n=2 asks for more"):
            parse_stream(n=2)
        with pytest.raises(InvalidRequestError, match=r"Open\.prices takes any keys"):
            parse_stream(Open)
        with pytest.raises(TypeError, match=r"^parse_stream\(\) sends stream=True in any case; leave it out$"):
            parse_stream(stream=True)
        assert openai_emulator.requests == []

    def test_it_says_what_it_gives(self, client):
        colour = "Async" if hasattr(client, "aclose") else ""
        gives = inspect.signature(client.chat.completions.parse_stream).return_annotation
        assert gives == f"{colour}ParsedStream[ChatCompletionChunk, ChatCompletion, ParsedChatCompletion[T]]"


WRONG = [
    ("parse", (Trip,), "parse_stream"),
    ("parse_stream", (Trip,), None),
    ("run_tools", ([len],), "create_stream"),
]


@pytest.mark.parametrize(("name", "args", "streaming"), WRONG)
async def test_a_misspelt_argument_is_said_of_what_was_called(client, settled, name, args, streaming):
    method = getattr(client.chat.completions, name)
    for wrong, advice in (
        (
            {"messages": ASKED, "temprature": 1},
            r"unexpected keyword argument 'temprature'.*[Dd]id you mean 'temperature'\?",
        ),
        (
            {"messages": ASKED, "timeout": 1},
            r"unexpected keyword argument 'timeout'.*; pass options={'timeout': \.\.\.}",
        ),
        ({}, "missing 1 required keyword-only argument: 'messages'"),
    ):
        with pytest.raises(TypeError, match=rf"^{name}\(\) .*{advice}"):
            await settled(method(*args, model=MODEL, **wrong))
    if streaming:
        with pytest.raises(TypeError, match=rf"^{name}\(\) doesn't stream; call {streaming}\(\) instead$"):
            await settled(method(*args, model=MODEL, messages=ASKED, stream=True))
