"""Requests as they are sent: their URL, their first lines, their bodies."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core.encoding import Multipart
from openai_core.errors import ConfigurationError
from openai_core.options import Timeout
from openai_core.transport.exchange import Phases, Upload, phases_of
from openai_core.transport.http1 import framed, place, sent
from openai_core.transport.httpx_exchange import httpx_request
from openai_core.transport.protocol import ConnectionFailed, Request

URL = "https://api.example.invalid/v1/things"


def request(method="POST", url=URL, content=b"{}", headers=None):
    return Request(method, url, {"X-Name": "value"} if headers is None else headers, content, Timeout())


def written(given, *, awaited=False):
    return sent(given, phases_of(given, Phases), awaited=awaited)


class TestPlace:
    @pytest.mark.parametrize(
        "url",
        [
            URL,
            "http://127.0.0.1:8000/v1/things?limit=3&after=a%20b&include[]=x",
            "https://api.example.invalid",
            "https://api.example.invalid:443/v1",
            "http://API.Example.invalid:80/V1",
            "https://api.example.invalid?a=b",
            "https://api.example.invalid/v1/../things/./a",
            "https://api.example.invalid/v1/things with blanks/ä?q=ä",
            "https://bücher.example.invalid/v1",
            "https://[::1]:8000/v1",
            "https://user:password@api.example.invalid/v1",
            "https://api.example.invalid/v1?a=b#fragment",
        ],
    )
    def test_it_is_where_httpx_would_send_to(self, url):
        expected = httpx.URL(url)

        found = place(url)

        assert (found.scheme, found.host, found.port) == (expected.raw_scheme, expected.raw_host, expected.port)
        assert found.target == expected.raw_path
        assert found.netloc == expected.netloc

    @given(st.text('abAB09/.?&=%-_~:@[]!#+ äé\\"', max_size=20))
    def test_also_for_any_path(self, path):
        url = f"{URL}/{path}"

        found = place(url)

        assert found.target == httpx.URL(url).raw_path

    def test_one_that_makes_no_sense_is_a_failure(self):
        with pytest.raises(ConnectionFailed, match="port"):
            place("https://api.example.invalid:port/v1")

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
    def test_so_is_a_port_that_there_is_not(self, host):
        """Some systems count on from 0, to a port that somebody else listens at."""
        with pytest.raises(ConnectionFailed, match="there is no port 65536"):
            place(f"http://{host}:65536/v1")


class TestHead:
    @pytest.mark.parametrize("content", [b"body", b"", None, Multipart({"name": "value"}, ())])
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_it_says_what_httpx_would_say(self, method, content):
        given = request(method, f"{URL}?a=b", content)
        other = httpx_request(given, phases_of(given), Upload, httpx)

        line, *headers, empty, rest = written(given).head.split(b"\r\n")

        assert line == b"%b /v1/things?a=b HTTP/1.1" % method.encode()
        assert sorted(headers) == sorted(b"%b: %b" % pair for pair in other.headers.raw)
        assert (empty, rest) == (b"", b"")

    def test_a_body_of_unknown_length_comes_in_chunks(self, tmp_path):
        content = Multipart({"name": "value"}, ())
        content.length = None

        head = written(request(content=content)).head

        assert b"\r\nTransfer-Encoding: chunked\r\n" in head
        assert b"Content-Length" not in head

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Name": "value\r\nX-Other: value"},
            {"X-Name": "value\r\n\r\nGET / HTTP/1.1"},
            {"X-Name": "value\n"},
            {"X-Name": "value\r"},
            {"X-Name": "val\0ue"},
            {"X-Na\r\nme": "value"},
            {"X-Name": "\N{EURO SIGN}"},
        ],
    )
    def test_a_header_that_is_more_than_one_is_refused(self, headers):
        """Whoever has put it in: the transport is the last to see it."""
        with pytest.raises(ConfigurationError, match="each of its headers one line of Latin-1"):
            written(request(headers=headers))

    @pytest.mark.parametrize("name", ["Host", "host"])
    def test_it_names_one_host(self, name):
        """Of two each server takes another."""
        with pytest.raises(ConfigurationError, match="the header 'Host' can't be set"):
            written(request(headers={name: "other.example.invalid"}))

    @pytest.mark.parametrize("method", ["GET /other HTTP/1.1\r\nX-Name: value\r\n\r\nGET", "", "G\xc9T", "A B"])
    def test_so_is_a_method_that_is_no_word(self, method):
        with pytest.raises(ConfigurationError, match="its method must be one word"):
            written(request(method))

    @given(st.dictionaries(st.from_regex(r"[A-Za-z-]{1,9}", fullmatch=True), st.text(max_size=9), max_size=4))
    def test_any_headers_are_those_that_were_given_or_none(self, headers):
        try:
            head = written(request("GET", content=None, headers=headers)).head
        except ConfigurationError:
            return

        assert head.endswith(b"\r\n\r\n")
        assert head.count(b"\n") == len(headers) + 4


class TestBody:
    @pytest.mark.parametrize("content", [b"body", b"", None])
    async def test_one_that_is_there_is_one_piece_or_none(self, content):
        """An empty one would be a piece as well, and cost as much as one that isn't."""
        pieces = [content] if content else []

        assert list(written(request(content=content)).body) == pieces
        assert [piece async for piece in written(request(content=content), awaited=True).body] == pieces

    @pytest.mark.parametrize("length", [None, 7])
    async def test_both_colours_send_the_same_pieces(self, length):
        def content():
            given = Multipart({"name": "value"}, (), boundary="b")
            given.length = length and given.length
            return given

        pieces = list(written(request(content=content())).body)

        assert [piece async for piece in written(request(content=content()), awaited=True).body] == pieces

    def test_chunks_say_their_length_and_none_is_empty(self):
        """An empty one would be the last."""
        assert b"".join(framed([b"a" * 16, b"", b"bc"], None)) == b"10\r\n" + b"a" * 16 + b"\r\n2\r\nbc\r\n0\r\n\r\n"

    @given(st.lists(st.binary(max_size=9)))
    def test_what_has_the_length_that_was_told_comes_as_it_is(self, pieces):
        assert list(framed(pieces, len(b"".join(pieces)))) == pieces

    @pytest.mark.parametrize("pieces", [[b"abc"], [b"abc", b"def", b"g"], []])
    def test_another_length_than_was_told_is_a_failure(self, pieces):
        """Too few bytes would be waited for; too many would be the next request."""
        passed = []

        with pytest.raises(ConnectionFailed, match="to have 5 bytes, and"):
            passed.extend(framed(pieces, 5))

        assert len(b"".join(passed)) <= 5
