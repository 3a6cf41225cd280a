from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core.rate_limits import Limits
from openai_core.transport.protocol import Headers


def test_all_headers_are_read():
    headers = Headers(
        {
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "59",
            "x-ratelimit-reset-requests": "1s",
            "x-ratelimit-limit-tokens": "150000",
            "x-ratelimit-remaining-tokens": "149984",
            "x-ratelimit-reset-tokens": "6m0s",
        }
    )
    assert Limits.from_headers(headers) == Limits(60, 59, 1.0, 150000, 149984, 360.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20ms", 0.02),
        ("1.5s", 1.5),
        ("2m59.56s", 179.56),
        ("1h0m1s", 3601.0),
        ("1d2h", 93600.0),
        ("", None),
        ("soon", None),
    ],
)
def test_durations(text, seconds):
    limits = Limits.from_headers({"x-ratelimit-reset-requests": text})
    assert limits.reset_requests == (None if seconds is None else pytest.approx(seconds))


def test_what_is_not_told_is_none():
    assert Limits.from_headers({}) == Limits()


@given(st.text())
def test_nothing_that_a_server_sends_raises(text):
    Limits.from_headers(dict.fromkeys(("x-ratelimit-limit-tokens", "x-ratelimit-reset-tokens"), text))
