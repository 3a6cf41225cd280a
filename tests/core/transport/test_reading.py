"""What reads answers: by h11 and by httptools, which have to agree."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openai_core.transport.h11 import H11Reader
from openai_core.transport.httptools import HttptoolsReader
from openai_core.transport.protocol import ConnectionFailed
from openai_core.transport.reading import LONGEST

READERS = [H11Reader, HttptoolsReader]
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;note=1\r\ndy\r\n0\r\nX-Trailer: 1\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nbody"
NONE = b"HTTP/1.1 204 No Content\r\nX-Name: value\r\n\r\n"
OLD = b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"
EARLY = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\nother"
WHOLE = {
    "length": (LENGTH, 200, b"body", True),
    "chunks": (CHUNKS, 200, b"body", True),
    "no body": (NONE, 204, b"", True),
    "HTTP/1.0": (OLD, 200, b"body", False),
    "the last one": (LAST, 200, b"body", False),
    "announced": (EARLY + LENGTH, 200, b"body", True),
    "an unknown status": (b"HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", 599, b"", True),
}
BROKEN = {
    "another protocol": (SWITCHED, None),
    "another protocol that isn't named": (SWITCHED[: SWITCHED.index(b"Upgrade")] + b"\r\n" + LENGTH, None),
    "nothing": (b"", "without sending a response"),
    "half a head": (LENGTH[:20], "without sending a response"),
    "half a body": (LENGTH[:-2], None),
    "half a chunk": (CHUNKS[:-30], None),
    "no last chunk": (CHUNKS[: CHUNKS.index(b"0\r\n")], None),
    "no HTTP": (b"220 mail.example.invalid ESMTP\r\n", None),
    "no status": (b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nno" + LENGTH, None),
    "a chunk that says no length": (CHUNKS.replace(b"2\r\nbo", b"zz\r\nbo"), None),
    "a negative length": (LENGTH.replace(b": 4", b": -4"), None),
    "lengths that differ": (LENGTH.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n"), None),
    "a header without a name": (LENGTH.replace(b"Content-Type", b""), None),
    "a body that is packed for its way": (CHUNKS.replace(b"chunked", b"gzip, chunked"), None),
    "one that isn't even in chunks": (LENGTH.replace(b"Content-Length: 4", b"transfer-encoding: gzip"), None),
    "an endless head": (b"HTTP/1.1 200 OK\r\nX-Name: " + b"a" * (LONGEST + 65_536), None),
    "endless announcements": (EARLY * (LONGEST // len(EARLY) + 1), "more than"),
    "endless chunks of nothing": (CHUNKS[: CHUNKS.index(b"2\r\nbo")] + b"2;" + b"a" * (LONGEST + 65_536), None),
    "endless trailers": (CHUNKS[:-2] + b"X-Name: " + b"a" * (LONGEST + 65_536), None),
}


class Read:
    """An answer that a reader was fed with, in pieces, and the end of the connection after them where it is awaited."""

    def __init__(self, reader, data, cuts=(), method="POST"):
        reader.begin(method)
        self.body = b""
        self.reader = reader
        bounds = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts), *range(0, len(data), 65_536)})
        pieces = [data[start:end] for start, end in pairwise(bounds)]
        for piece in [*pieces, b""]:
            if reader.ended or reader.failure:
                break
            reader.feed(piece)
            self.body += b"".join(reader.pieces)
            reader.pieces.clear()

    @property
    def seen(self):
        reader = self.reader
        return reader.status, sorted(reader.headers), self.body, reader.ended, reader.reusable, bool(reader.failure)


@pytest.fixture(params=READERS)
def reader(request):
    return request.param()


@pytest.mark.parametrize(("data", "status", "body", "reusable"), WHOLE.values(), ids=WHOLE)
def test_an_answer_is_read_to_its_end(reader, data, status, body, reusable):
    read = Read(reader, data)

    assert (reader.status, read.body) == (status, body)
    assert reader.ended
    assert reader.failure is None
    assert reader.reusable is reusable


@pytest.mark.parametrize(("data", "said"), BROKEN.values(), ids=BROKEN)
def test_one_that_has_no_end_or_makes_no_sense_is_a_failure(reader, data, said):
    Read(reader, data)

    assert not reader.ended
    assert not reader.reusable
    assert isinstance(reader.failure, ConnectionFailed)
    assert (said or "") in str(reader.failure)
    assert len(str(reader.failure)) < 300


def test_one_that_tells_no_length_ends_with_the_connection(reader):
    read = Read(reader, TO_THE_END)

    assert reader.ended
    assert read.body == b"body"
    assert not reader.reusable


def test_what_has_come_before_a_failure_is_there(reader):
    read = Read(reader, CHUNKS.replace(b"2;note", b"zz;note"))

    assert read.body == b"bo"
    assert reader.failure


def test_answers_are_read_one_after_the_other(reader):
    for data, method in [(LENGTH, "GET"), (CHUNKS, "POST"), (EARLY + NONE, "DELETE"), (LENGTH, "GET")]:
        assert Read(reader, data, method=method).reader.reusable


def test_what_announces_an_answer_has_no_body(reader):
    """Whatever it says: what seems to be one is the answer."""
    early = b"HTTP/1.1 103 Early Hints\r\nContent-Length: %d\r\n\r\n" % len(LENGTH)

    assert Read(reader, early + LENGTH).body == b"body"


def test_one_to_a_question_for_the_headers_ends_with_them(reader):
    read = Read(reader, LENGTH[:-4], method="HEAD")

    assert reader.ended
    assert read.body == b""
    assert dict(reader.headers)[b"Content-Length"] == b"4"
    assert reader.reusable
    assert Read(reader, LENGTH).body == b"body"


def test_a_body_that_one_to_such_a_question_has_is_no_next_answer(reader):
    assert not Read(reader, LENGTH, method="HEAD").reader.reusable


@pytest.mark.parametrize("beyond", [LENGTH, b"HTTP/1.1 5", b"anything", b"\0", EARLY])
@pytest.mark.parametrize("data", [LENGTH, CHUNKS], ids=["length", "chunks"])
def test_what_comes_beyond_the_end_is_no_next_answer(reader, data, beyond):
    """Whoever smuggles it in would answer somebody else's question."""
    read = Read(reader, data + beyond)

    assert (reader.status, read.body) == (200, b"body")
    assert b"Link" not in dict(reader.headers)
    assert reader.ended
    assert not reader.reusable
    assert reader.failure is None


@given(st.sampled_from(list(WHOLE.values())), st.lists(st.integers(min_value=0), max_size=6))
def test_it_does_not_matter_where_it_is_cut(whole, cuts):
    data, status, body, reusable = whole

    for kind in READERS:
        read = Read(kind(), data, cuts)

        assert (read.reader.status, read.body, read.reader.ended) == (status, body, True)
        assert read.reader.reusable is reusable


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).filter(
    lambda name: name.lower() not in {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"}
)
VALUES = st.from_regex(r"([!-~]([ -~]{0,9}[!-~])?)?", fullmatch=True)


@st.composite
def answers(draw):
    """An answer as a server may write it."""
    headers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    pieces = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=4))
    body = b"".join(pieces)
    lines = [f"HTTP/1.1 {draw(st.integers(200, 203))} OK", *(f"{name}: {value}" for name, value in headers)]
    if draw(st.booleans()):
        lines.append(f"content-length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return "\r\n".join([*lines, "", ""]).encode() + body


@given(answers(), st.lists(st.integers(min_value=0), max_size=6))
def test_both_read_the_same(data, cuts):
    first, second = (Read(kind(), data, cuts) for kind in READERS)

    assert first.seen == second.seen
    assert first.reader.reusable


@given(
    st.sampled_from([LENGTH, CHUNKS, TO_THE_END, EARLY + NONE]),
    st.integers(min_value=0),
    st.integers(min_value=0, max_value=9),
    st.binary(max_size=9),
    st.lists(st.integers(min_value=0), max_size=4),
)
@example(LENGTH, 0, 0, b"", [])
def test_whatever_comes_ends_or_fails(data, start, length, noise, cuts):
    start %= len(data)
    data = data[:start] + noise + data[start + length :]

    for kind in READERS:
        reader = Read(kind(), data, cuts).reader

        assert reader.ended != bool(reader.failure)
        assert not reader.failure or isinstance(reader.failure, ConnectionFailed)


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=4))
def test_so_does_noise(data, cuts):
    for kind in READERS:
        reader = Read(kind(), data, cuts).reader

        assert reader.ended != bool(reader.failure)
