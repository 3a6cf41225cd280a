"""What goes wrong by the book of HTTP: a status says so, or a page stands where JSON should be."""

from __future__ import annotations

from typing import Final

from lab.scenarios.scenario import UNHURRIED, Scenario

_ASKED_FOR: Final = "fault that was asked for"
_WAITS: Final = {"seconds": 0.2, "milliseconds": 0.2, "date": 1, "both": 0.2, "past": 0}
_SAID_IN: Final = {
    "api": "Check the API key",
    "text": _ASKED_FOR,
    "string": _ASKED_FOR,
    "error_text": _ASKED_FOR,
    "detail": _ASKED_FOR,
    "list": _ASKED_FOR,
    "html": _ASKED_FOR,
    "empty": "was answered 401",
}
_BURSTS: Final = (408, 409, 500, 502, 503, 504, 529)
_REFUSED: Final = {
    400: "BadRequestError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    413: "APIStatusError",
    422: "UnprocessableEntityError",
}

ANSWERS: Final = (
    *[
        Scenario(
            f"429, Retry-After as {form}", "chat", (f"rate_limit form={form} seconds={seconds}", None), came=1,
            requests=2, seconds=seconds + 2, options=UNHURRIED,
        )
        for form, seconds in _WAITS.items()
    ],
    *[
        Scenario(f"429, Retry-After {form}", "chat", (f"rate_limit form={form}", None), came=1, requests=2)
        for form in ("nonsense", "negative", "infinite", "none")
    ],
    Scenario(
        "429, to wait an hour", "chat", ("rate_limit seconds=3600",), "RateLimitError", "Rate limit", options=UNHURRIED,
    ),
    Scenario(
        "429, to wait beyond the deadline", "chat", ("rate_limit seconds=60",), "DeadlineExceededError",
        "Rate limit reached", options={**UNHURRIED, "deadline": 30},
    ),
    Scenario("quota used up", "chat", ("quota",), "RateLimitError", "waiting doesn't help"),
    *[
        Scenario(f"{status} twice", "chat", (f"status status={status}",) * 2 + (None,), came=1, requests=3)
        for status in _BURSTS
    ],
    Scenario("503 for minutes", "chat", ("status status=503",), "InternalServerError", "3 attempts", requests=3),
    Scenario(
        "503 for minutes, deadline", "chat", ("status status=503",), "DeadlineExceededError", "deadline of 0.5 s",
        options={**UNHURRIED, "deadline": 0.5},
    ),
    Scenario("503, not to be repeated", "chat", ("status status=503 should_retry=false",), "InternalServerError"),
    Scenario("400, to be repeated", "chat", ("status status=400 should_retry=true", None), came=1, requests=2),
    *[
        Scenario(f"{status}", "chat", (f"status status={status}",), kind, _ASKED_FOR)
        for status, kind in _REFUSED.items()
    ],
    *[
        Scenario(f"401, body as {form}", "chat", (f"status status=401 form={form}",), "AuthenticationError", says)
        for form, says in _SAID_IN.items()
    ],
    Scenario("error with status 200", "chat", ("error_in_answer",), "InternalServerError", "asked for"),
    Scenario(
        "rate limit with status 200", "chat", ("error_in_answer code=rate_limit_exceeded",), "RateLimitError",
        "asked for",
    ),
    Scenario("HTML with status 200", "chat", ("html",), "APIResponseValidationError", "no JSON but text/html"),
    Scenario("HTML with status 404", "chat", ("html status=404",), "NotFoundError", "does it need /v1"),
    Scenario("a write is redirected", "chat", ("redirect to={elsewhere}/v1/x",), "APIStatusError", "has moved to"),
    Scenario(
        "a read is redirected to another host", "read", ("redirect to={elsewhere}/v1/models",), "AuthenticationError",
        attempts=2,
    ),
    Scenario(
        "a read is redirected for ever", "read", ("redirect to=/v1/models",), "APIStatusError", "has moved", requests=6,
    ),
)  # fmt: skip
"""Somebody answers, and not as was hoped."""
