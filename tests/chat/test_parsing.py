"""Completions that are read as a type of the caller's."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import pytest
import respx
from pydantic import BaseModel

from openai_core import (
    OMIT,
    AnswerError,
    AnswerRefusedError,
    AnswerTruncatedError,
    AnswerValidationError,
    BadRequestError,
    Client,
    InvalidRequestError,
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
def answered():
    """Makes the server answer once with something."""
    with respx.mock() as router:
        yield lambda body: router.post(path__regex="/chat/completions$").mock(
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
    assert (await parse()).parsed == Trip(city="Paris", days=3)


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
