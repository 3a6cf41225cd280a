"""An exchange on its way into a file: what is written is cut where it came in pieces."""

from __future__ import annotations

from base64 import b64decode

import pytest

from openai_core.logs import hide
from openai_core.options import Timeout
from openai_core.testing.recording import Take
from openai_core.transport.protocol import Headers, Request

KEY = "hunter2-HUNTER2-hunter2"


@pytest.fixture
def take() -> Take:
    hide(KEY)
    taken = Take(Request("GET", "https://api.openai.com/v1/files/f/content", {}, None, Timeout()))
    taken.answered(200, Headers({"content-type": "text/plain", "location": f"/x?key={KEY}", "set-cookie": "a"}))
    return taken


def written(take: Take, *chunks: bytes) -> list[bytes]:
    for chunk in chunks:
        take.note(chunk)
    texts = [text for _, text in take.written()["chunks"]]
    return [text.encode() if isinstance(text, str) else b64decode(text["base64"]) for text in texts]


def test_a_key_that_was_cut_is_where_it_began(take):
    first, second, third = KEY[:3], KEY[3:15], KEY[15:]
    pieces = [b"one ", f"two {first}".encode(), second.encode(), f"{third} four".encode(), b"five"]
    assert written(take, *pieces) == [b"one ", b"two ***", b"", b" four", b"five"]


def test_a_letter_that_was_cut_is_kept_in_bytes(take):
    data = f"é {KEY} é".encode()
    assert written(take, data[:1], data[1:-1], data[-1:]) == [b"\xc3", b"\xa9 *** \xc3", b"\xa9"]


def test_of_the_headers_what_answers_go_by_is_kept(take):
    assert take.written()["headers"] == {"content-type": "text/plain", "location": "/x?key=***"}
