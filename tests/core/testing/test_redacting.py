"""Answers and requests without secrets: nothing of them is left, and all else is."""

from __future__ import annotations

import json

import pytest

from openai_core.testing.redacting import Redactor

KEY = "hunter2-HUNTER2-hunter2"
REDACTOR = Redactor([KEY])


def redacted(content: bytes, name: str = "") -> bytes:
    for start, end, new in reversed(REDACTOR.edits(content, name)):
        content = content[:start] + new + content[end:]
    return content


def as_events(*values: object) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(value).encode() for value in values) + b"data: [DONE]\n\n"


def read(content: bytes) -> list:
    return [
        json.loads(line.removeprefix("data: ")) for line in content.decode().splitlines() if line.startswith("data: {")
    ]


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (
            {"authorization": "abc", "headers": {"X-Team": "abc"}},
            {"authorization": "***", "headers": {"X-Team": "***"}},
        ),
        ({"headers": None, "max_tokens": 5, "api_key_id": "key_1"}, None),
        ({"client_secret": {"value": "abc", "expires_at": 1}}, {"client_secret": {"value": "***", "expires_at": 1}}),
        (
            {"api_key": {"object": "project.api_key", "id": "key_1", "name": "mine", "value": "abc"}},
            {"api_key": {"object": "project.api_key", "id": "key_1", "name": "mine", "value": "***"}},
        ),
        (
            {"domain_secrets": [{"domain": "a.org", "name": "token", "value": "abc"}], "secrets": ["abc"]},
            {"domain_secrets": [{"domain": "a.org", "name": "token", "value": "***"}], "secrets": ["***"]},
        ),
        (
            {"object": "organization.admin_api_key", "id": "key_1", "value": "abc"},
            {"object": "organization.admin_api_key", "id": "key_1", "value": "***"},
        ),
        ({"text": f"my {KEY}, or sk-proj-abcd"}, {"text": "my ***, or sk-***"}),
        ({"url": "https://me:pass@a.org/x?api_key=abc&n=1"}, {"url": "https://me:***@a.org/x?api_key=***&n=1"}),
        ({"token": "Hi", "logprob": -0.5, "bytes": [72, 105]}, None),
        ({"author": "me", "authors": ["me"], "value": "v"}, None),
        (
            {"properties": {"api_key": {"type": "string", "description": "of the shop"}}},
            None,
        ),
    ],
    ids=str,
)
def test_data_is_left_without_secrets(value, left):
    left = value if left is None else left
    before = json.dumps(value)
    assert REDACTOR.data(value) == left
    assert json.dumps(value) == before
    assert json.loads(redacted(before.encode())) == left


def test_what_asks_for_a_secret_is_answered_with_one():
    answer = b'{"value": "abc", "expires_at": 1, "session": {"type": "realtime"}}'
    assert json.loads(redacted(answer, "client_secrets")) == {
        "value": "***",
        "expires_at": 1,
        "session": {"type": "realtime"},
    }
    assert redacted(answer, "files") == answer


def test_what_holds_no_secret_stays_byte_for_byte():
    for content in (b'{"a" :  1.50, "b": "\\u00e9"}', as_events({"a": 1}), b"", b"\xff\x00", b"plain text, task-list"):
        assert redacted(content) == content


@pytest.mark.parametrize("size", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("secret", [KEY, "sk-proj-abcdefgh"])
def test_a_secret_in_pieces_is_gone_from_all_events(secret, size):
    text = f"Your key {secret} is safe."
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    chat = [{"id": "x", "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    other = {"id": "x", "choices": [{"index": 1, "delta": {"content": "between"}}]}
    mixed = [each for event in chat for each in (event, other)]
    found = read(redacted(as_events(*mixed)))
    assert len(found) == len(mixed)
    texts = [event["choices"][0]["delta"]["content"] for event in found]
    shown = "sk-***" if secret.startswith("sk-") else "***"
    assert "".join(texts[0::2]) == f"Your key {shown} is safe."
    assert set(texts[1::2]) == {"between"}


def test_tokens_tell_nothing_either():
    tokens = [
        {"token": piece, "bytes": [1], "logprob": -0.1, "top_logprobs": [{"token": piece, "logprob": -0.1}]}
        for piece in ("key ", KEY[:9], KEY[9:], " ends")
    ]
    answer = {"choices": [{"logprobs": {"content": tokens}}]}
    left = json.loads(redacted(json.dumps(answer).encode()))["choices"][0]["logprobs"]["content"]
    assert [each["token"] for each in left] == ["key ", "***", "", " ends"]
    assert left[0] == tokens[0]
    assert left[1] == {"token": "***", "bytes": None, "logprob": -0.1, "top_logprobs": []}


def test_lines_of_json_and_texts_are_looked_into_too():
    assert redacted(b'{"id": 1, "password": "abc"}\n{"id": 2}\n') == b'{"id":1,"password":"***"}\n{"id": 2}\n'
    assert redacted(f"é {KEY} é".encode()) == "é *** é".encode()
    assert redacted(b": " + KEY.encode() + b'\n\ndata: {"a": 1}\n\n') == b': ***\n\ndata: {"a": 1}\n\n'


def test_bytes_keep_their_length():
    content = b"\xff\x00" + KEY.encode() + b"\xfe"
    assert redacted(content) == b"\xff\x00" + b"*" * len(KEY) + b"\xfe"


@pytest.mark.parametrize("word", ["ollama", "lm-studio", "not-needed", "Placeholder", "TESTING"])
def test_a_key_that_is_a_word_stays_one(word):
    data = {"model": f"{word}/qwen", "input": f"hi {word}"}
    assert Redactor([word]).data(data) == data


@pytest.mark.parametrize(
    "key", ["my-short-key", "staging_key", "a.b.c.d-e", "k3y-1", "ab12", "Tr0ub4dor", "key with blank"]
)
def test_any_other_key_is_gone_wherever_it_stands(key):
    redactor = Redactor([key])
    data = {
        "text": f"my {key}, ({key}) and '{key}'",
        "metadata": {"k": key, key: "v", "deep": [{f"{key}/x": [key]}]},
        "content": f'{{"key": "{key}"}}\n',
    }
    assert key not in json.dumps(redactor.data(data))
    for content in (
        json.dumps(data).encode(),
        b"plain " + key.encode() + b"\n",
        as_events({"text": f"a {key} b"}, {key: 1}),
        b"\xff\x00 " + key.encode() + b" \xff",
        json.dumps({"n": key}).encode() + b"\n" + json.dumps({key: 2}).encode() + b"\n",
    ):
        edited = content
        for start, end, new in reversed(redactor.edits(content)):
            edited = edited[:start] + new + edited[end:]
        assert key.encode() not in edited


def test_a_short_key_is_no_piece_of_another_word():
    redactor = Redactor(["ab12", "k1", "2024"])
    assert redactor.text("ab12 xab12 ab123 k1, 2024-10-21, ab12.") == "*** xab12 ab123 k1, 2024-10-21, ***."


def test_deep_data_is_taken_as_text():
    deep = b"[" * 100_000
    assert redacted(deep) == deep


def test_a_secret_that_was_cut_short_is_none_either():
    assert redacted(b'{"text": "my hunter2-HUN"}') == b'{"text":"my ***"}'
    in_pieces = redacted(as_events({"text": "my hunt"}, {"text": "er2-H"}))
    assert [event["text"] for event in read(in_pieces)] == ["my ***", ""]
    for word in ("the hunt", "the hunter2"):
        assert redacted(json.dumps({"text": word}).encode()) == json.dumps({"text": word}).encode()
    assert Redactor(["ollama-cloud-3f9a"]).text("for ollama-cloud") == "for ollama-cloud"
