"""Responses that are read as a type of the caller's."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any, Literal

import httpx
import pytest
from pydantic import BaseModel

from openai_core import (
    AnswerError,
    AnswerRefusedError,
    AnswerTruncatedError,
    AnswerValidationError,
    Client,
    InternalServerError,
    InvalidRequestError,
    RateLimitError,
    StreamTruncatedError,
)
from openai_core.structured import OutputFormat
from openai_core_responses.answers import ParsedResponse
from openai_core_responses.types import Response

MODEL = "gpt-5-mini"


class Trip(BaseModel):
    city: str
    days: int = 3


class Open(BaseModel):
    prices: dict[str, float]


def message(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": list(parts)}


def said(text: str) -> dict[str, Any]:
    return message({"type": "output_text", "text": text, "annotations": [], "logprobs": []})


def response(*output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": MODEL,
        "output": list(output),
        "parallel_tool_calls": True,
        "temperature": 1,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1,
        **more,
    }


@pytest.fixture
def parse(client, settled):
    async def call(returns: Any = Trip, /, **request: Any) -> Any:
        return await settled(client.responses.parse(returns, **{"model": MODEL, "input": "A trip to Paris", **request}))

    return call


@pytest.fixture
def answered(router):
    """Makes the server answer with something."""
    return lambda body: router.post(path__regex="/responses$").mock(
        return_value=httpx.Response(200, json=body, headers={"x-request-id": "req-1"})
    )


async def test_an_answer_is_of_the_type_and_the_response_is_there(parse, openai_emulator):
    answer = await parse()
    assert isinstance(answer, ParsedResponse)
    assert isinstance(answer.parsed, Trip)
    assert answer.parsed.city == "Paris"
    assert isinstance(answer.response, Response)
    assert Trip(**json.loads(answer.response.output_text)) == answer.parsed
    assert openai_emulator.requests[-1].json()["text"] == {"format": OutputFormat(Trip).for_responses()}


@pytest.mark.parametrize(("returns", "kind"), [(list[Trip], list), (Literal["a", "b"], str), (float, float)])
async def test_any_type_that_pydantic_can_describe_will_do(parse, returns, kind):
    assert isinstance((await parse(returns)).parsed, kind)


async def test_other_parameters_are_sent_and_the_format_can_say_more(parse, openai_emulator):
    wanted = OutputFormat(Open, name="prices", description="What it costs", strict=False)
    await parse(wanted, text={"verbosity": "low"}, temperature=0, options={"headers": {"X-Mine": "yes"}})
    sent = openai_emulator.requests[-1]
    assert (sent.json()["temperature"], sent.headers["x-mine"]) == (0, "yes")
    assert sent.json()["text"] == {"verbosity": "low", "format": wanted.for_responses()}
    assert sent.json()["text"]["format"]["strict"] is False


async def test_what_strict_mode_cannot_express_is_not_sent(parse, openai_emulator):
    with pytest.raises(InvalidRequestError, match=r"Open\.prices takes any keys") as caught:
        await parse(Open)
    assert caught.value.param == "prices"
    assert openai_emulator.requests == []


async def test_an_answer_that_was_cut_off_is_an_error_that_has_it(parse):
    with pytest.raises(AnswerTruncatedError, match="cut off after 16 tokens; raise max_output_tokens") as caught:
        await parse(list[Trip], max_output_tokens=16)
    error = caught.value
    assert error.text == error.answer.output_text != ""
    assert error.request_id
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(again), str(again), again.text) == (AnswerTruncatedError, str(error), error.text)
        assert again.answer == error.answer


async def test_a_refusal_is_an_error_that_tells_it(parse, answered):
    answered(response(message({"type": "refusal", "refusal": "I can't help with that."})))
    with pytest.raises(AnswerRefusedError, match="the model refused: I can't help with that") as caught:
        await parse()
    assert pickle.loads(pickle.dumps(caught.value)).refusal == "I can't help with that."
    assert caught.value.request_id == "req-1"


CALL = {"id": "fc_1", "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "status": "completed"}


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (
            response(said('{"city'), status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            AnswerTruncatedError,
            "was cut off; raise max_output_tokens",
        ),
        (
            response(said('{"city'), status="incomplete", incomplete_details={"reason": "content_filter"}),
            AnswerRefusedError,
            "a filter held the answer back",
        ),
        (response(said("Sure!")), AnswerValidationError, "isn't a Trip: it is no JSON .*Sure"),
        (response(said('{"days": 1}')), AnswerValidationError, "isn't a Trip: city: Field required"),
        (response(CALL), AnswerError, "calls tools and gives no answer yet"),
        (response(), AnswerError, "has no text; its status is 'completed'"),
    ],
)
async def test_what_is_no_answer_is_an_error_that_has_it(parse, answered, body, kind, why):
    answered(body)
    with pytest.raises(kind, match=why) as caught:
        await parse()
    assert type(caught.value) is kind
    assert caught.value.answer.id == "resp_1"
    assert caught.value.text == caught.value.answer.output_text


@pytest.mark.parametrize(
    ("code", "kind"), [("server_error", InternalServerError), ("rate_limit_exceeded", RateLimitError)]
)
async def test_a_response_that_failed_is_an_error_of_its_code(parse, answered, code, kind):
    answered(response(status="failed", error={"code": code, "message": "Oh no"}))
    with pytest.raises(kind, match="Oh no") as caught:
        await parse()
    assert (caught.value.code, caught.value.request_id) == (code, "req-1")


@pytest.mark.parametrize("text", ['{"city": "Paris", "days": null}', '```json\n{"city": "Paris", "more": 1}\n```'])
async def test_a_server_that_knows_no_strict_mode_is_understood(parse, answered, text):
    answered(response(said(text)))
    assert (await parse()).parsed == Trip(city="Paris", days=3)


def test_a_server_that_leaves_things_out_is_understood(openai_emulator, answered):
    answered({"id": "1", "object": "response", "output": [said('{"city": "Paris"}')]})
    with Client(api_key="k", base_url=openai_emulator.base_url) as client:
        assert client.responses.parse(Trip, model=MODEL, input="").parsed == Trip(city="Paris")
        answered({"id": "1", "object": "response", "output": None})
        with pytest.raises(AnswerError, match="has no text"):
            client.responses.parse(Trip, model=MODEL, input="")


async def test_what_parse_makes_itself_is_not_taken(parse, openai_emulator):
    with pytest.raises(TypeError, match="makes text's format of the type"):
        await parse(text={"format": {"type": "text"}})
    with pytest.raises(TypeError, match="stream"):
        await parse(stream=True)
    with pytest.raises(InvalidRequestError, match="background=True gives none"):
        await parse(background=True)
    assert openai_emulator.requests == []


@pytest.fixture
def streamed(router):
    """Makes the server stream something."""

    def answer(*events: dict[str, Any]) -> None:
        text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        headers = {"content-type": "text/event-stream", "x-request-id": "req-1"}
        answered = httpx.Response(200, text=text, headers=headers)
        router.post(path__regex="/responses$").mock(return_value=answered)

    return answer


BEGUN = {"type": "response.created", "sequence_number": 0, "response": response(status="in_progress")}


def ended(status: str, *output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": f"response.{status}", "sequence_number": 9, "response": response(*output, status=status, **more)}


class TestStream:
    @pytest.fixture
    def parse_stream(self, client):
        def call(returns: Any = Trip, /, **request: Any) -> Any:
            return client.responses.parse_stream(returns, **{"model": MODEL, "input": "A trip to Paris", **request})

        return call

    async def test_its_end_is_what_parse_gives(self, parse, parse_stream, settled, openai_emulator):
        stream = parse_stream(text={"verbosity": "low"}, options={"headers": {"X-Mine": "yes"}})
        answer = await settled(stream.final())
        assert isinstance(answer, ParsedResponse)
        assert answer.parsed == (await parse()).parsed
        assert isinstance(answer.response, Response)
        assert await settled(stream.final()) is answer
        sent = openai_emulator.requests[0]
        assert sent.json()["text"] == {"verbosity": "low", "format": OutputFormat(Trip).for_responses()}
        assert (sent.json()["stream"], sent.headers["x-mine"]) == (True, "yes")

    async def test_what_has_come_is_there_before_its_end(self, parse_stream, each, settled):
        stream = parse_stream(reasoning={"effort": "low", "summary": "auto"})
        told = await each(stream, lambda event: (event.type, stream.partial(), stream.snapshot().output_text))
        answer = await settled(stream.final())
        text = answer.response.output_text
        assert all(text.startswith(so_far) for _, _, so_far in told)
        assert told[0] == ("response.created", None, "")
        assert stream.partial() == json.loads(text)
        grown = [partial for _, partial, _ in told if partial]
        assert all(partial.keys() <= {"city", "days"} for partial in grown)
        assert [len(partial) for partial in grown] == sorted(len(partial) for partial in grown)
        assert stream.snapshot() is answer.response

    async def test_one_in_the_background_is_streamed_to_its_end(self, parse_stream, settled):
        assert (await settled(parse_stream(background=True).final())).parsed.city == "Paris"

    async def test_an_answer_that_was_cut_off_is_an_error_that_has_it(self, parse_stream, settled):
        stream = parse_stream(list[Trip], max_output_tokens=16)
        for _ in range(2):
            with pytest.raises(
                AnswerTruncatedError, match="cut off after 16 tokens; raise max_output_tokens"
            ) as caught:
                await settled(stream.final())
        assert caught.value.text == caught.value.answer.output_text == stream.snapshot().output_text != ""
        assert caught.value.request_id

    @pytest.mark.parametrize(
        ("end", "kind", "why"),
        [
            (ended("completed", message({"type": "refusal", "refusal": "No."})), AnswerRefusedError, "refused: No"),
            (ended("completed", said("Sure!")), AnswerValidationError, "isn't a Trip: it is no JSON .*Sure"),
            (ended("completed", CALL), AnswerError, "calls tools and gives no answer yet"),
            (ended("failed", error={"code": "rate_limit_exceeded", "message": "Oh no"}), RateLimitError, "Oh no"),
        ],
    )
    async def test_what_is_no_answer_is_the_error_of_parse(self, *, parse_stream, settled, streamed, end, kind, why):
        streamed(BEGUN, end)
        with pytest.raises(kind, match=why) as caught:
            await settled(parse_stream().final())
        assert type(caught.value) is kind
        assert caught.value.request_id == "req-1"

    async def test_a_stream_that_broke_off_is_no_answer_and_what_came_is_there(self, parse_stream, settled, streamed):
        at = {"output_index": 0, "item_id": "msg_1", "sequence_number": 1}
        opened = {"type": "response.output_item.added", **at, "item": message()}
        delta = {"type": "response.output_text.delta", **at, "content_index": 0, "logprobs": []}
        streamed(BEGUN, opened, {**delta, "delta": '{"city": '}, {**delta, "delta": '"Par'})
        stream = parse_stream()
        with pytest.raises(StreamTruncatedError):
            await settled(stream.final())
        assert stream.partial() == {"city": "Par"}

    async def test_what_it_makes_itself_is_not_taken(self, parse_stream, openai_emulator):
        with pytest.raises(TypeError, match=r"^parse_stream\(\) makes text's format of the type"):
            parse_stream(text={"format": {"type": "text"}})
        with pytest.raises(InvalidRequestError, match=r"Open\.prices takes any keys"):
            parse_stream(Open)
        assert openai_emulator.requests == []


WRONG = [
    ("parse", (Trip,), "parse_stream"),
    ("parse_stream", (Trip,), None),
    ("run_tools", ([len],), "create_stream"),
    ("create_and_wait", (), "create_stream"),
]


@pytest.mark.parametrize(("name", "args", "streaming"), WRONG)
async def test_a_misspelt_argument_is_said_of_what_was_called(client, settled, name, args, streaming):
    method = getattr(client.responses, name)
    for wrong, advice in (
        ({"temprature": 1}, r"unexpected keyword argument 'temprature'.*[Dd]id you mean 'temperature'\?"),
        ({"headers": {}}, r"unexpected keyword argument 'headers'.*; pass options={'headers': \.\.\.}"),
    ):
        with pytest.raises(TypeError, match=rf"^{name}\(\) .*{advice}"):
            await settled(method(*args, model=MODEL, **wrong))
    if streaming:
        with pytest.raises(TypeError, match=rf"^{name}\(\) doesn't stream; call {streaming}\(\) instead$"):
            await settled(method(*args, model=MODEL, stream=True))
