"""Streams whose answer is read as a type, as a group of anybody's has them."""

from __future__ import annotations

import inspect
import json
from typing import TypeVar

import pytest

from openai_core import ApiGroup, AsyncApiGroup
from openai_core.errors import AnswerValidationError, StreamError, StreamTruncatedError
from openai_core.operation import AccumulatingEndpoint
from openai_core.parsing import AsyncParsedStreamMethod, ParsedStreamMethod, StreamParsing
from openai_core.structured import OutputFormat, output_format

T = TypeVar("T")


class Joined:
    """Joins texts."""

    def __init__(self):
        self.texts = []

    def add(self, data):
        self.texts.append(json.loads(data)["text"])

    def result(self):
        return {"text": "".join(self.texts)}


SAY = AccumulatingEndpoint("POST", "/say", "builtins:dict", whole="builtins:dict", accumulator=f"{__name__}:Joined")


@SAY.builder
def say(*, options=None):
    return SAY.operation(body={}, options=options)


def parse_say(returns: type[T], /, *, options=None) -> StreamParsing[dict, dict, tuple[T, int]]:
    """Say something, and read it."""
    wanted = output_format(returns)
    return StreamParsing(
        say(options=options),
        lambda whole, response: (wanted.read(whole["text"]), response.status),
        lambda whole: wanted.read_partial(whole["text"]),
    )


class Sayings(ApiGroup):
    parse_say = ParsedStreamMethod(parse_say)


class AsyncSayings(AsyncApiGroup):
    __module__ = "openai_core_sayings"  # As in the tests of methods.

    parse_say = AsyncParsedStreamMethod(parse_say)


@pytest.fixture
def sayings(client, colour):
    return client.api(Sayings if colour == "sync" else AsyncSayings)


def saying(*texts, end="[DONE]"):
    def handle(exchange):
        exchange.begin()
        for text in texts:
            exchange.event({"text": text})
        if end:
            exchange.event(end)
        exchange.end()

    return handle


PIECES = ('{"value": [1', ", 2", ", 3]}")


def test_its_end_is_what_was_read_once(sayings, server):
    server.script(saying(*PIECES))
    stream = sayings.parse_say(list[int])
    assert server.connections == 0

    assert stream.final() == ([1, 2, 3], 200)

    assert stream.final()[0] is stream.final()[0]
    assert stream.outcome == "complete"
    assert len(server.requests) == 1


def test_before_it_there_is_what_has_come(sayings, server):
    server.script(saying(*PIECES))
    stream = sayings.parse_say(list[int])

    seen = [(event["text"], stream.partial(), stream.snapshot()["text"]) for event in stream]

    assert seen == [
        (PIECES[0], [1], PIECES[0]),
        (PIECES[1], [1, 2], "".join(PIECES[:2])),
        (PIECES[2], [1, 2, 3], "".join(PIECES)),
    ]
    assert stream.final()[0] == [1, 2, 3]


def test_an_answer_of_another_type_is_an_error_each_time(sayings, server):
    server.script(saying('{"value": "one"}'))
    stream = sayings.parse_say(int)

    for _ in range(2):
        with pytest.raises(AnswerValidationError, match="isn't a int"):
            stream.final()

    assert stream.partial() == "one"


def test_a_stream_that_breaks_off_is_no_answer(sayings, server):
    server.script(saying(*PIECES[:2], end=None))
    stream = sayings.parse_say(list[int])

    with pytest.raises(StreamTruncatedError):
        stream.final()

    assert stream.partial() == [1, 2]


def test_it_is_entered_and_left_as_any_stream(sayings, server):
    server.script(saying(*PIECES))
    with sayings.parse_say(list[int]) as stream:
        for _ in stream:
            break

    with pytest.raises(StreamError, match="left before its end"):
        stream.final()


def test_the_nearer_options_win(client, colour, server):
    server.script(saying(*PIECES))
    group = client.api(Sayings if colour == "sync" else AsyncSayings).with_options(headers={"x-a": "1", "x-b": "1"})

    group.parse_say.with_options(headers={"x-b": "2", "x-c": "2"})(list[int], options={"headers": {"x-c": "3"}}).final()

    assert [server.requests[0].headers[f"x-{name}"] for name in "abc"] == ["1", "2", "3"]


def test_a_method_looks_like_its_function(sayings, colour):
    method = sayings.parse_say
    gives = inspect.signature(getattr(method, "inner", method)).return_annotation
    assert gives == f"{'Async' if colour == 'async' else ''}ParsedStream[dict, dict, tuple[T, int]]"
    assert method.__name__ == "parse_say"
    assert Sayings.parse_say is Sayings.__dict__["parse_say"]


@pytest.mark.parametrize(
    ("returns", "text", "partial"),
    [
        (dict[str, int], "", None),
        (dict[str, int], "I thi", None),
        (dict[str, int], '{"a', {}),
        (dict[str, int], '{"a": 1, "b": ', {"a": 1}),
        (dict[str, str], '{"a": "b', {"a": "b"}),
        (list[str], "{", None),
        (list[str], '{"value": ["a", "b', ["a", "b"]),
        (list[str], '["a", "b', ["a", "b"]),
        (dict[str, int], '```json\n{"a": 1', {"a": 1}),
        (dict[str, int], '```json\n{"a": 1}\n``', {"a": 1}),
        (dict[str, int], '```json\n{"a": 1}\n```\n', {"a": 1}),
    ],
)
def test_a_text_that_is_being_written_is_read_as_far_as_it_goes(returns, text, partial):
    assert OutputFormat(returns, strict=False).read_partial(text) == partial
