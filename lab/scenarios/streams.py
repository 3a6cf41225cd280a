"""What goes wrong with streams of events."""

from __future__ import annotations

from typing import Any, Final

from lab.scenarios.scenario import BOUNDED, CHUNKS, DEADLINE, EVENTS, SHORT, Scenario
from openai_core_emulator.faults.streams import FILLERS

_TRUNCATED: Final[dict[str, Any]] = {
    "raises": "StreamTruncatedError", "says": "broke off after", "outcome": "truncated",
}  # fmt: skip
_FAILED: Final[dict[str, Any]] = {"raises": "InternalServerError", "says": "It broke", "outcome": "failed"}
_WHOLE: Final[dict[str, Any]] = {"came": CHUNKS, "outcome": "complete"}
_TOLD: Final = {
    "event_error": ("InternalServerError", "It broke"),
    "event_flat": ("InternalServerError", "It broke"),
    "event_detail": ("StreamError", "It broke"),
    "flat": ("InternalServerError", "It broke"),
    "error": ("InternalServerError", "It broke"),
    "error_text": ("StreamError", "It broke"),
    "number": ("InternalServerError", "It broke"),
    "list": ("InternalServerError", "It broke"),
    "object": ("InternalServerError", "It broke"),
    "event_text": ("StreamError", "upstream connect error"),
    "text": ("StreamError", "upstream connect error"),
    "string": ("StreamError", "It broke"),
}
_CODES: Final = {
    "rate_limit_exceeded": "RateLimitError",
    "insufficient_quota": "RateLimitError",
    "invalid_api_key": "AuthenticationError",
}


def _cut(call: str, how: str, event: int) -> Scenario:
    what = {"stream": "stream", "response": "response's stream"}[call]
    return Scenario(
        f"{what} {how} after {event}", call, (f"cut_stream event={event} how={how}",), partial=event, **_TRUNCATED,
    )  # fmt: skip


def _told(call: str, form: str, kind: str, says: str) -> Scenario:
    what = {"stream": "error in a stream", "response": "error in a response's stream"}[call]
    fault = f"error_in_stream event=3 form={form} last=false"
    return Scenario(f"{what}: {form}", call, (fault,), kind, says, partial=3, outcome="failed")


STREAMS: Final = (
    *[_cut("stream", "reset", event) for event in range(CHUNKS + 1)],
    *[_cut("response", "reset", event) for event in range(EVENTS)],
    *[_cut("stream", how, event) for how in ("hang_up", "end", "half") for event in (0, 1, 10, CHUNKS - 1)],
    *[_cut("response", how, event) for how in ("hang_up", "end", "half") for event in (0, 1, EVENTS - 1)],
    Scenario(
        "stream stops, idle timeout", "stream", ("cut_stream event=2 how=silence",), "APITimeoutError", "took too long",
        partial=2, outcome="truncated", seconds=0.3 + 1, options=SHORT,
    ),
    Scenario(
        "stream stops, deadline", "stream", ("cut_stream event=2 how=silence",), "DeadlineExceededError",
        "deadline of 0.5 s", partial=2, outcome="truncated", seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario(
        "stream drips, deadline", "stream", ("drip",), "DeadlineExceededError", "deadline of 0.5 s",
        outcome="truncated",
        seconds=DEADLINE + 1, options=BOUNDED,
    ),
    *[_told(call, form, *seen) for call in ("stream", "response") for form, seen in _TOLD.items()],
    *[
        Scenario(
            f"error in a stream: {code}", "stream", (f"error_in_stream event=1 code={code}",), kind, "It broke",
            partial=1,
            outcome="failed",
        )
        for code, kind in _CODES.items()
    ],
    Scenario("error in the place of a stream, by a proxy", "stream", ("error_in_stream event=0 form=line",), **_FAILED),
    Scenario(
        "error beside the events, by a proxy", "stream", ("error_in_stream event=3 form=line",), partial=3,
        **_TRUNCATED,
    ),
    Scenario(
        "error with status 200 for a stream", "stream", ("error_in_answer",), "InternalServerError", outcome="failed",
    ),
    Scenario("[DONE] is missing", "stream", ("done count=0",), partial=CHUNKS, **_TRUNCATED),
    Scenario(
        "[DONE] is missing, at a compatible server", "stream", ("done count=0",), options={"provider": "compatible"},
        **_WHOLE,
    ),
    Scenario("[DONE] comes twice", "stream", ("done count=2",), **_WHOLE),
    Scenario(
        "[DONE] comes, and the end doesn't", "stream", (f"cut_stream event={CHUNKS + 1} how=silence",), seconds=2.5,
        **_WHOLE,
    ),
    *[Scenario(f"between events: {form}", "stream", (f"filler form={form}",), **_WHOLE) for form in FILLERS],
    Scenario("byte by byte, CRLF, BOM", "stream", ("recut size=1 end=crlf bom=true",), seconds=15, **_WHOLE),
    Scenario("two bytes each, CR", "stream", ("recut size=2 end=cr",), seconds=15, **_WHOLE),
    Scenario(
        "HTML in the place of a stream", "stream", ("html",), "APIResponseValidationError",
        "no stream of events but text/html", outcome="failed",
    ),
    Scenario(
        "nothing in the place of a stream", "stream", ("empty",), "APIResponseValidationError", "no stream of events",
        outcome="failed",
    ),
    Scenario("stream refused at first", "stream", ("status status=503", "no_answer", None), requests=3, **_WHOLE),
    Scenario("stream of no gzip", "stream", ("bad_gzip",), **_TRUNCATED),
    Scenario("stream of cut gzip", "stream", ("cut_gzip",), partial=CHUNKS, **_TRUNCATED),
    # Later than the headers: aiohttp shows nothing of an answer that makes no sense in its first packet.
    Scenario("chunk of no size in a stream", "stream", ("bad_chunk seconds=0.05",), partial=9, **_TRUNCATED),
    Scenario(
        "an event of 128 MB", "stream", ("long_event",), "StreamError", "longer than", partial=1, outcome="failed",
        seconds=20,
    ),
)  # fmt: skip
"""A stream has begun, or should have."""
