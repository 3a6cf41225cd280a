"""A request in the terms of the libraries that carry it: URLs, headers, timeouts."""

from __future__ import annotations

import math

import pytest

from openai_core.encoding import Multipart
from openai_core.options import Timeout
from openai_core.retrying import Deadline
from openai_core.transport.exchange import Phases, Translated, phases_of, raw_headers
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut, Request

URL = "https://api.example.invalid/v1/things"


def request(method="POST", url=URL, content=b"{}", **more):
    return Request(method, url, {"X-Name": "value"}, content, more.pop("timeout", Timeout()), **more)


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
