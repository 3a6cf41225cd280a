from __future__ import annotations

import pytest

from openai_core.testing import SentRequest, UnexpectedRequestError
from openai_core.testing.comparing import compared, tell_again, unexpected


def request(body=None, path="/v1/chat/completions", **query):
    return SentRequest("POST", path, query, body)


def talk(*texts):
    return [{"role": "user", "content": text} for text in texts]


@pytest.mark.parametrize(
    ("sent", "known", "lines"),
    [
        (talk("a", "b", "x"), talk("a", "b", "y"), ["body[2].content is 'x', and not 'y'"]),
        (
            talk(*"abcx"),
            talk(*"abc"),
            [
                "body has 4 items, and not 3; too much is body[3], {'role': 'user', 'content': 'x'}",
            ],
        ),
        (["a"], ["b", "c"], ["body[0] is 'a', and not 'b'", "body has 1 item, and not 2; missing is body[1], 'c'"]),
        ({"a": 1}, {"b": 2}, ["body.a is 1, and not absent", "body.b is absent, and not 2"]),
        ("word " * 100 + "one", "word " * 100 + "two", [f"body is '…{'word ' * 4}one', and not '…{'word ' * 4}two'"]),
        ({"api_key": "one"}, {"api_key": "two"}, ["body.api_key is '***', and not '***'"]),
        ("my key is sk-hunter2hunter2", "none", ["body is 'my key is sk-***', and not 'none'"]),
        ("my key is sk-hunter2", "my key is ***", []),
        ("say ***", "say ***", []),
        ("your key", "my ***", ["body is 'your key', and not 'my ***'"]),
        (1, True, []),
    ],
    ids=str,
)
def test_values_differ_at_places(sent, known, lines):
    assert list(compared("body", sent, known)) == lines


def test_what_is_for_another_path_is_only_named():
    known = [request(path="/v1/responses"), request(path="/v1/responses"), request(path="/v1/files")]
    assert str(unexpected(request(path="/v1/models"), known)).splitlines() == [
        "POST /v1/models isn't expected",
        "what is expected is POST /v1/responses, POST /v1/files",
    ]


def test_what_is_used_up_is_said_to_be():
    known = [request(path="/v1/responses")]
    assert str(unexpected(request("x"), known, [request("x"), request("y")], "do this")).splitlines() == [
        "POST /v1/chat/completions isn't expected",
        "what there was for it is used up: 2 answers",
        "do this",
    ]
    assert str(unexpected(request("x"), known, [request("y")])).splitlines()[1:] == [
        "what there was for it is used up: 1 answer",
        "and what comes closest of that differs:",
        "  body is 'x', and not 'y'",
    ]


def test_of_many_differences_the_first_are_shown():
    sent, known = (dict.fromkeys("abcdefghij", number) for number in (1, 2))
    lines = str(unexpected(request(sent), [request(known)])).splitlines()
    assert lines[2] == "  body.a is 1, and not 2"
    assert lines[-1] == "  … and 4 more differences"


def test_what_was_caught_is_told_again():
    missed = [unexpected(request(), []), unexpected(request(), [])]
    with pytest.raises(UnexpectedRequestError) as error:
        tell_again(missed, None)
    assert str(error.value).count("isn't expected") == 1
    other = ValueError("something else")
    tell_again(missed, other)
    assert "POST /v1/chat/completions isn't expected" in other.__notes__[0]


def test_what_was_not_caught_is_told_once():
    missed = unexpected(request(), [])
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = ExceptionGroup("several", [missed])
    for error in (missed, wrapped):
        tell_again([missed], error)
        assert not hasattr(error, "__notes__")
    tell_again([], None)
