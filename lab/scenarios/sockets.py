"""What goes wrong with websockets, from the connection over the handshake to the last frame."""

from __future__ import annotations

from typing import Any, Final

from lab.scenarios.scenario import BOUNDED, DEADLINE, SESSION, SHORT, Scenario

_LOST: Final = "failed: .*Is the base URL right"


def _mended(what: str, fault: str, event: int = 2, **more: Any) -> Scenario:
    """The connection is made anew, and all that came before comes once more."""
    return Scenario(f"websocket: {what}, once", "session", (fault, None), came=SESSION + event, requests=2, **more)


SOCKETS: Final = (
    Scenario(
        "websocket: nobody listens", "session", (), "APIConnectionError", _LOST, requests=0, attempts=3, setup="down",
    ),
    Scenario("websocket: reset in the handshake", "session", ("no_answer",), "APIConnectionError", _LOST, requests=3),
    Scenario(
        "websocket: handshake ended", "session", ("no_answer how=hang_up",), "APIConnectionError", _LOST, requests=3,
    ),
    Scenario(
        "websocket: handshake never answered", "session", ("no_answer how=silence",), "APITimeoutError",
        "took too long",
        requests=3, seconds=0.9 + 1, options=SHORT,
    ),
    Scenario(
        "websocket: handshake never answered, deadline", "session", ("no_answer how=silence",), "DeadlineExceededError",
        "deadline of 0.5 s", seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario(
        "websocket: handshake answered 401", "session", ("status status=401",), "AuthenticationError", "asked for",
    ),
    Scenario("websocket: handshake answered 429, once", "session", ("rate_limit", None), came=SESSION, requests=2),
    Scenario("websocket: quota used up", "session", ("quota",), "RateLimitError", "waiting doesn't help"),
    Scenario(
        "websocket: handshake answered 503", "session", ("status status=503",), "InternalServerError", "asked for",
        requests=3,
    ),
    Scenario("websocket: handshake answered with HTML", "session", ("html",), "APIStatusError", "status 200"),
    Scenario(
        "websocket: handshake answered wrongly", "session", ("wrong_accept",), "APIConnectionError", _LOST, requests=3,
    ),
    Scenario(
        "websocket: handshake redirected", "session", ("redirect to={elsewhere}/v1/realtime",), "APIStatusError",
        "has moved",
    ),
    *[
        _mended(f"{how} after {event}", f"cut_socket event={event} how={how}", event)
        for how in ("reset", "hang_up")
        for event in (0, 1, 2, 5)
    ],
    Scenario("websocket: cut each time", "session", ("cut_socket event=0",), "WebSocketClosedError", "", requests=3),
    _mended("silence, found by a ping", "cut_socket event=2 how=silence", seconds=3),
    _mended("half a frame", "half_frame event=2"),
    *[_mended(f"closed with {code}", f"close_socket event=2 code={code}") for code in (1001, 1005, 1011, 1012, 1013)],
    *[
        Scenario(
            f"websocket: closed with {code}", "session", (f"close_socket event=2 code={code}",), "WebSocketClosedError",
            f"{code}",
        )
        for code in (1000, 1008, 3000)
    ],
    *[
        Scenario(
            f"websocket: a frame that is none: {form}", "session", (f"bad_frame event=2 form={form}",),
            "WebSocketClosedError", f"{code}",
        )
        for form, code in (("nonsense", 1002), ("masked", 1002), ("reserved", 1002))
    ],
    Scenario(
        "websocket: a text that is no event", "session", ("bad_event event=2", None), came=SESSION + 3, requests=2,
    ),
    Scenario(
        "websocket: text that isn't UTF-8", "session", ("bad_frame event=2 form=bytes", None), came=SESSION + 3,
        requests=2,
    ),
    Scenario(
        "websocket: silence in the closing handshake", "session", (f"cut_socket event={SESSION} how=silence",),
        came=SESSION, seconds=2,
    ),
    Scenario(
        "websocket: reset in the closing handshake", "session", (f"cut_socket event={SESSION} how=reset",),
        came=SESSION,
    ),
)  # fmt: skip
"""A session is asked for."""
