"""Compressed bodies, in pieces of any size."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core.operation import BinaryEndpoint, Endpoint
from openai_core.transport.compression import Decoder
from openai_core.transport.protocol import ConnectionFailed

WRITE = Endpoint("POST", "/things", "builtins:dict")
DOWNLOAD = BinaryEndpoint("GET", "/content", None)
BODY = b'{"name": "ok", "more": "' + b"abc " * 500 + b'"}'


def bare(data):
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODED = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "Deflate": bare, "br": lambda it: it}


def decoded(encodings, pieces):
    decoder = Decoder(encodings)
    return b"".join([decoder.decode(piece) for piece in pieces]) + decoder.end()


@pytest.mark.parametrize("encoding", CODED)
@given(st.sets(st.integers(0, 100)))
def test_any_pieces_make_the_body(encoding, cuts):
    data = CODED[encoding](BODY)
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]

    assert decoded(encoding, pieces) == BODY


def test_several_encodings_are_undone_in_their_order():
    assert decoded("deflate, gzip", [gzip.compress(zlib.compress(BODY))]) == BODY
    assert decoded("identity", [BODY]) == BODY


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_gzip_may_come_in_several_members(size):
    data = gzip.compress(BODY) + gzip.compress(b"") + gzip.compress(b"more")
    pieces = [data[start : start + size] for start in range(0, len(data), size)]

    assert decoded("gzip", pieces) == BODY + b"more"
    with pytest.raises(ConnectionFailed, match="the gzip of the body ends too early"):
        decoded("gzip", [data[:-9]])


def test_what_follows_it_and_is_none_is_passed_over():
    assert decoded("gzip", [gzip.compress(BODY) + b"\0" * 9, b"\x1f"]) == BODY


def test_no_body_is_none():
    """As the answers are that have no body at all."""
    assert decoded("gzip", []) == decoded("gzip", [b""]) == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_one_that_breaks_off_is_a_failure(encoding):
    with pytest.raises(ConnectionFailed, match=f"the {encoding} of the body ends too early"):
        decoded(encoding, [CODED[encoding](BODY)[:-9]])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_so_is_what_isnt_compressed(encoding):
    with pytest.raises(ConnectionFailed, match=f"isn't {encoding}, as its headers say"):
        decoded(encoding, [BODY])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_call_reads_it(client, server, encoding):
    server.script(lambda exchange: exchange.answer(CODED[encoding](BODY), content_encoding=encoding))

    assert client.send(WRITE.operation())["name"] == "ok"
    assert client.send(DOWNLOAD.operation()).read() == BODY
    assert b"".join(client.send(DOWNLOAD.operation())) == BODY


@pytest.mark.parametrize("name", ["Accept-Encoding", "accept-encoding"])
def test_a_caller_may_say_what_may_come(client, server, name):
    server.script(lambda exchange: exchange.json({"name": "ok"}))

    assert client.send(WRITE.operation(options={"headers": {name: "identity"}})) == {"name": "ok"}
    client.send(WRITE.operation())

    chosen, ours = (
        [line for line in each.lines if line.lower().startswith("accept-encoding")] for each in server.requests
    )
    assert [line.partition(": ")[2] for line in chosen] == ["identity"]
    assert "gzip" in ours[0]
