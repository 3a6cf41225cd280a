"""A request in the terms of the libraries that carry it: URLs, headers, timeouts."""

from __future__ import annotations

import math

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core.encoding import Multipart
from openai_core.options import Timeout
from openai_core.retrying import Deadline
from openai_core.transport.exchange import Phases, Translated, Upload, phases_of, raw_headers
from openai_core.transport.httpcore_exchange import httpcore_request, is_replaced, place
from openai_core.transport.httpx_exchange import httpx_request
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut, Request

URL = "https://api.example.invalid/v1/things"


def request(method="POST", url=URL, content=b"{}", **more):
    return Request(method, url, {"X-Name": "value"}, content, more.pop("timeout", Timeout()), **more)


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

        found, host = place(url)

        assert (found.scheme, found.host, found.port) == (expected.raw_scheme, expected.raw_host, expected.port)
        assert found.target == expected.raw_path
        assert host == expected.netloc

    @given(st.text('abAB09/.?&=%-_~:@[]!#+ äé\\"', max_size=20))
    def test_also_for_any_path(self, path):
        url = f"{URL}/{path}"

        found, _ = place(url)

        assert found.target == httpx.URL(url).raw_path

    def test_one_that_makes_no_sense_is_a_failure(self):
        with pytest.raises(ConnectionFailed, match="port"):
            place("https://api.example.invalid:port/v1")


class TestHeaders:
    def framing(self, **given):
        return [pair for pair in raw_headers(request(**given)) if pair[0] in {b"Content-Length", b"Transfer-Encoding"}]

    @pytest.mark.parametrize(
        ("method", "content", "expected"),
        [
            ("POST", b"body", [(b"Content-Length", b"4")]),
            ("POST", None, [(b"Content-Length", b"0")]),
            ("GET", None, []),
            ("DELETE", None, []),
            ("DELETE", b"{}", [(b"Content-Length", b"2")]),
        ],
    )
    def test_the_length_of_a_body_is_told(self, method, content, expected):
        assert self.framing(method=method, content=content) == expected

    def test_that_of_parts_too_where_it_is_known(self):
        content = Multipart({"name": "value"}, ())

        assert self.framing(content=content) == [(b"Content-Length", b"%d" % len(b"".join(content)))]

    def test_both_libraries_send_the_same(self):
        own = httpcore_request(request(content=b"body"), phases_of(request()), awaited=False)
        other = httpx_request(request(content=b"body"), phases_of(request()), Upload, httpx)

        assert own.headers == other.headers.raw
        assert dict(own.headers)[b"Host"] == b"api.example.invalid"
        assert (own.method, own.url.target) == (b"POST", b"/v1/things")

    @pytest.mark.parametrize("content", [b"body", b"", None])
    async def test_a_body_is_one_piece_or_none(self, content):
        """An empty one would be a piece as well, and cost as much as one that isn't."""
        pieces = [content] if content else []

        given = request(content=content)
        awaited = httpcore_request(given, phases_of(given), awaited=True)

        assert list(httpcore_request(given, phases_of(given), awaited=False).stream) == pieces
        assert [piece async for piece in awaited.stream] == pieces


class TestPhases:
    def test_infinity_is_no_limit(self):
        phases = phases_of(request(timeout=Timeout(connect=1, read=math.inf)))

        assert (phases.get("connect"), phases.get("read")) == (1, None)

    def test_none_is_beyond_the_deadline(self):
        phases = phases_of(request(timeout=Timeout(connect=1, read=math.inf), deadline=Deadline(60)))

        assert phases.get("connect") == 1
        assert 59 < phases.get("read") <= 60

    def test_sockets_of_ours_are_told_both(self):
        phases = phases_of(request(timeout=Timeout(connect=1, read=math.inf), deadline=Deadline(60)), Phases)

        assert (phases.get("connect"), phases.get("read")) == (1, None)
        assert 59 < phases.deadline.left() <= 60

    def test_a_deadline_that_is_over_leaves_a_moment(self):
        """Nothing at all would mean not to wait, and so not to connect."""
        assert phases_of(request(deadline=Deadline(0))).get("connect") == pytest.approx(0.001)


def test_failures_are_told_in_the_protocols_terms():
    translated = Translated((TimeoutError,), (OSError,))

    with pytest.raises(PhaseTimedOut, match="late"), translated:
        raise TimeoutError("late")
    with pytest.raises(ConnectionFailed, match="ConnectionResetError"), translated:
        raise ConnectionResetError
    with pytest.raises(ValueError, match="else"), translated:
        raise ValueError("something else")


def test_what_others_have_put_in_is_seen(monkeypatch):
    kind = httpcore.ConnectionPool
    assert not is_replaced(kind.handle_request, httpcore)

    for other in (lambda self, request: None, print, httpx.HTTPTransport.handle_request):
        monkeypatch.setattr(kind, "handle_request", other)
        assert is_replaced(kind.handle_request, httpcore)
