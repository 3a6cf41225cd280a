"""Bodies that are sent as they are, over each transport and in both colours."""

from __future__ import annotations

import array
import tracemalloc
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from openai_core import APIConnectionError, InternalServerError, InvalidRequestError, tracked
from openai_core.content import Content, refuse_raw
from openai_core.encoding import encoded_body
from openai_core.files import PIECE
from openai_core.operation import Endpoint, Operation
from openai_core.testing import Cassette, UnexpectedRequestError
from openai_core.testing.sent import SentRequest
from openai_core.transport.protocol import Request
from tests.core.conftest import Driven

RAW = b"raw \x00\xff"


class Pipe(BytesIO):
    """Can't go back."""

    def seekable(self):
        return False

    def seek(self, *place):
        raise OSError("not seekable")

    tell = seek


def say_ok(exchange):
    exchange.json({"name": "ok"})


def fail(exchange):
    exchange.json({"error": {"message": "busy"}}, 503)


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(RAW)
    return path


KINDS = {
    "bytes": lambda path: RAW,
    "bytearray": lambda path: bytearray(RAW),
    "memoryview": lambda path: memoryview(RAW),
    "list": lambda path: [RAW[:3], b"", memoryview(RAW)[3:]],
    "path": lambda path: path,
    "file": lambda path: BytesIO(RAW),
    "file from where it stands": lambda path: opened_at(b"before "),
    "tracked": lambda path: tracked(path, lambda sent, total: None),
    "iterator": lambda path: iter([RAW[:3], b"", RAW[3:]]),
    "generator": lambda path: (RAW[place : place + 1] for place in range(len(RAW))),
    "pipe": lambda path: Pipe(RAW),
}
ONCE = {"iterator", "generator", "pipe"}


def opened_at(before):
    file = BytesIO(before + RAW)
    file.seek(len(before))
    return file


class TestSending:
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_goes_out_as_it_is(self, client, server, path, kind):
        server.script(say_ok)

        answer = client.request("POST", "/x", content=KINDS[kind](path), query={"a": 1})

        assert answer == {"name": "ok"}
        (request,) = server.requests
        assert (request.method, request.target, request.body) == ("POST", "/v1/x?a=1", RAW)
        assert request.headers["content-type"] == "application/octet-stream"
        # Whose length isn't known goes in chunks.
        assert request.headers.get("content-length") == (None if kind in ONCE else str(len(RAW)))

    @pytest.mark.parametrize("kind", KINDS)
    def test_it_is_sent_again_if_it_can_be(self, client, server, path, kind):
        server.script(fail, say_ok)

        if kind in ONCE:
            with pytest.raises(InternalServerError):
                client.request("POST", "/x", content=KINDS[kind](path))
        else:
            assert client.request("POST", "/x", content=KINDS[kind](path)) == {"name": "ok"}

        assert [request.body for request in server.requests] == [RAW] * (1 if kind in ONCE else 2)

    def test_the_media_type_is_the_caller_s(self, client, server):
        server.script(say_ok)
        options = {"headers": {"content-type": "text/csv"}}

        for content in ("a,b\n1,é\n", iter([b"a,b\n", "1,é\n".encode()])):
            client.request("PUT", "/x", content=content, options=options)

        assert [request.body.decode() for request in server.requests] == ["a,b\n1,é\n"] * 2
        assert [request.headers["content-type"] for request in server.requests] == ["text/csv"] * 2

    @pytest.mark.parametrize("empty", [b"", "", [], iter(())])
    def test_nothing_is_a_body_too(self, client, server, empty):
        server.script(say_ok)

        client.request("POST", "/x", content=empty)

        assert server.requests[0].body == b""
        assert server.requests[0].headers["content-type"] == "application/octet-stream"

    def test_a_long_one_arrives_whole(self, client, server):
        piece, count = b"x" * PIECE, 64
        server.script(lambda exchange: exchange.json({"bytes": len(exchange.body)}))

        assert client.request("POST", "/x", content=(piece for _ in range(count)))["bytes"] == PIECE * count

    def test_a_connection_that_breaks_is_told_and_what_is_gone_not_sent_again(self, client, server):
        server.script(lambda exchange: exchange.hang_up())

        with pytest.raises(APIConnectionError):
            client.request("POST", "/x", content=iter([RAW]))

        assert len(server.requests) == 1

    def test_a_read_that_is_redirected_is_not_sent_again_if_it_can_t_be(self, client, server):
        server.script(lambda exchange: exchange.answer(status=307, location="/v1/y"), say_ok)

        assert client.request("GET", "/x", content=[RAW]) == {"name": "ok"}
        server.requests.clear()
        with pytest.raises(Exception, match="has moved"):
            client.request("GET", "/x", content=iter([RAW]))

    def test_what_its_iterator_raises_is_no_failure_of_the_connection(self, client, server):
        server.script(say_ok)

        def pieces():
            yield b"a"
            raise TimeoutError("the camera is off")

        with pytest.raises(InvalidRequestError, match="can't be sent to its end: TimeoutError: the camera is off"):
            client.request("POST", "/x", content=pieces())

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (lambda: ["text"], r"content is bytes in pieces, and one is a str; encode\(\) it"),
            (lambda: iter([RAW, 3]), "content is bytes in pieces, and one is a int$"),
            (lambda: 3, "content must be bytes, a text, a path, .*, not a int$"),
            (lambda: {"a": 1}, "not a dict; pass what is to be written as JSON as body="),
            (lambda: StringIO("text"), "is open in text mode; open it with mode 'rb'"),
            (lambda: Path("/nowhere/at/all"), "can't read the file '/nowhere/at/all'"),
        ],
    )
    def test_what_can_t_be_sent_is_refused(self, client, server, wrong, said):
        server.script(say_ok)
        with pytest.raises(InvalidRequestError, match=said):
            client.request("POST", "/x", content=wrong())

    def test_neither_fields_nor_a_second_body_are_added(self, client, server):
        with pytest.raises(TypeError, match=r"one body: pass body=.*, or content="):
            client.request("POST", "/x", content=RAW, body={})
        with pytest.raises(InvalidRequestError, match="a body that fields are added to has fields itself"):
            client.request("POST", "/x", content=RAW, options={"body": {"a": 1}})
        assert server.requests == []


async def no_pieces():
    yield b""


def test_pieces_that_are_awaited_are_refused():
    with pytest.raises(InvalidRequestError, match="not a async_generator; give its pieces in a plain one"):
        Content(no_pieces())


def test_bytes_are_one_piece_for_every_transport():
    operation = Operation(Endpoint("POST", "/x", None), (), None, Content("text"))
    assert encoded_body(operation, None) == b"text"
    assert repr(operation) == "Operation(POST /x, body='<4 bytes>')"
    assert repr(Content(iter(()))) == "<bytes in pieces>"


def test_a_file_is_read_piece_by_piece(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"x" * 40 * PIECE)
    content = Content(path)
    tracemalloc.start()
    assert sum(map(len, content)) == content.length == 40 * PIECE
    assert tracemalloc.get_traced_memory()[1] < 4 * PIECE
    tracemalloc.stop()


class Coded(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64")
    data: bytes


@dataclass
class Holder:
    data: object


class TestJson:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"raw text", r"body is bytes, which JSON doesn't have; pass content=\.\.\. for raw bytes"),
            (iter(["a"]), "body is an iterator"),
            ({"file": Path("a.txt")}, r"body\.file is a path, .*Endpoint\(\.\.\., multipart=\.\.\.\)"),
            ({"a": [{"b": BytesIO(b"x")}]}, r"body\.a\.0\.b is a file"),
            ({"a": (each for each in "abc")}, r"body\.a is an iterator"),
            ({"a": {"b": (1, bytearray(b"x"))}}, r"body\.a\.b\.1 is bytes"),
            ({"a": memoryview(b"x")}, r"body\.a is bytes"),
            (Holder(b"x"), r"body\.data is bytes"),
        ],
    )
    def test_what_json_would_hide_is_refused_and_where_it_is(self, client, server, body, said):
        with pytest.raises(InvalidRequestError, match=said):
            client.request("POST", "/x", body=body)
        assert server.requests == []

    def test_a_model_says_itself_how_it_is_written(self, client, server):
        server.script(say_ok)

        client.request("POST", "/x", body={"inner": Coded(data=RAW)})

        assert server.requests[0].json_body == {"inner": {"data": "cmF3IAD_"}}

    def test_what_contains_itself_is_looked_through_once(self):
        circle: list[object] = [array.array("i", [1])]
        circle.append(circle)
        refuse_raw(circle)
        refuse_raw({"type": Holder, "none": None})


class TestRecording:
    def test_what_was_sent_is_told_by_its_digest(self):
        request = Request("POST", "http://h/v1/x", {}, RAW, None)
        told = SentRequest.of(request).body
        assert told["bytes"] == len(RAW)
        request.content = Content([RAW[:2], RAW[2:]])
        assert SentRequest.of(request).body == told
        request.content = b'{"a":1}'
        assert SentRequest.of(request).body == {"a": 1}

    def test_a_cassette_keeps_it(self, server, tmp_path, colour, runner):
        server.script(say_ok)
        file = tmp_path / "cassette.json"

        def client_of(cassette):
            settings = {"api_key": "sk-test", "base_url": server.url}
            if colour == "sync":
                return cassette.client(**settings)
            return Driven(cassette.async_client(**settings), runner)

        with Cassette(file) as cassette, client_of(cassette) as client:
            client.request("POST", "/x", content=[RAW])
            with pytest.raises(InvalidRequestError, match="this can be read only once"):
                client.request("POST", "/x", content=iter([RAW]))
        assert [request.body for request in server.requests] == [RAW]
        with Cassette(file) as cassette, client_of(cassette) as client:
            assert client.request("POST", "/x", content=iter([RAW])) == {"name": "ok"}
        with pytest.raises(UnexpectedRequestError), Cassette(file) as cassette, client_of(cassette) as client:
            client.request("POST", "/x", content=b"other")
