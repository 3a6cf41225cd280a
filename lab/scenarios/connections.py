"""What goes wrong with connections: they aren't made, they break, they end unseen, they can't be encrypted."""

from __future__ import annotations

from typing import Final

from lab.scenarios.scenario import BOUNDED, DEADLINE, SHORT, UNHURRIED, Scenario
from openai_core import Timeout

_FAILED: Final = "failed: .*Is the base URL right"
_TLS: Final = ("alert", "http", "reset", "hang_up")

CONNECTIONS: Final = (
    Scenario("nobody listens", "chat", (), "APIConnectionError", _FAILED, requests=0, attempts=3, setup="down"),
    Scenario("nobody listens at first", "chat", (), came=1, attempts=2, setup="down returns"),
    Scenario(
        "nobody listens for minutes, deadline", "chat", (), "DeadlineExceededError", _FAILED, requests=0, attempts=1,
        options={**BOUNDED, **UNHURRIED}, setup="down",
    ),
    Scenario("reset before the headers", "chat", ("no_answer how=reset",), "APIConnectionError", _FAILED, requests=3),
    Scenario("ended before the headers", "chat", ("no_answer how=hang_up",), "APIConnectionError", _FAILED, requests=3),
    Scenario("reset before the headers, once", "chat", ("no_answer how=reset", None), came=1, requests=2),
    Scenario(
        "never an answer, timeout", "chat", ("no_answer how=silence",), "APITimeoutError", "took too long",
        requests=3, seconds=0.9 + 1, options=SHORT,
    ),
    Scenario(
        "never an answer, deadline", "chat", ("no_answer how=silence",), "DeadlineExceededError", "deadline of 0.5 s",
        seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario("no HTTP", "chat", ("no_http",), "APIConnectionError", _FAILED, requests=3),
    Scenario("closed while idle", "chat", ("close_idle",), came=1, requests=3, calls=3, setup="idle"),
    Scenario("reset while idle", "chat", ("close_idle how=reset",), came=1, requests=3, calls=3, setup="idle"),
    Scenario("closed as the next request comes", "chat", ("close_on_next",), came=1, requests=3, calls=2),
    Scenario("a header of a megabyte", "chat", ("long_header",), "APIConnectionError", _FAILED, requests=3, seconds=3),
    Scenario("100 000 headers", "chat", ("many_headers",), "APIConnectionError", _FAILED, requests=3, seconds=3),
    *[
        Scenario(
            f"TLS: {how}", "chat", (f"tls how={how}",), "APIConnectionError", _FAILED, requests=0, attempts=3,
            setup="tls",
        )
        for how in _TLS
    ],
    Scenario(
        "TLS: silence", "chat", ("tls how=silence",), "APITimeoutError", "took too long", requests=0, attempts=3,
        seconds=0.9 + 1, options={"timeout": Timeout(connect=0.3)}, setup="tls",
    ),
    Scenario(
        "TLS: silence, deadline", "chat", ("tls how=silence",), "DeadlineExceededError", "deadline of 0.5 s",
        requests=0,
        attempts=1, seconds=DEADLINE + 1, options=BOUNDED, setup="tls",
    ),
    Scenario(
        "TLS: nobody trusts the certificate", "chat", (), "APIConnectionError", _FAILED, requests=0, attempts=3,
        setup="tls",
    ),
    Scenario("a proxy answers 407", "chat", ("proxy_denied",), "APIStatusError", "was answered 407", setup="proxy"),
    Scenario(
        "a proxy refuses a tunnel with 407", "chat", ("proxy_denied",), "APIConnectionError",
        "407|authorization required", requests=3, setup="tunnel",
    ),
)  # fmt: skip
"""Nobody listens, nobody answers, nobody can be trusted."""
