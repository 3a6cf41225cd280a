"""What goes wrong with bodies: they break off, don't come, or are no JSON."""

from __future__ import annotations

from typing import Final

from lab.calls import CONTENT
from lab.scenarios.scenario import BOUNDED, DEADLINE, SHORT, Scenario

_BROKE: Final = "The answer had begun to come"
_FIRST_READ: Final = "each read of the headers gets all the time that was left at first"

BODIES: Final = (
    Scenario("body cut by a reset", "chat", ("cut_body how=reset",), "APIConnectionError", "failed: ", requests=3),
    Scenario("body cut", "chat", ("cut_body how=hang_up",), "APIConnectionError", "failed: ", requests=3),
    Scenario("body cut once", "chat", ("cut_body how=hang_up", None), came=1, requests=2),
    Scenario(
        "body stops, timeout", "chat", ("cut_body how=silence",), "APITimeoutError", "took too long", requests=3,
        seconds=0.9 + 1, options=SHORT,
    ),
    Scenario(
        "body stops, deadline", "chat", ("cut_body how=silence",), "DeadlineExceededError", "deadline of 0.5 s",
        seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario(
        "body drips, deadline", "chat", ("drip",), "DeadlineExceededError", "deadline of 0.5 s", seconds=DEADLINE + 1,
        options=BOUNDED,
    ),
    Scenario(
        "headers drip, deadline", "chat", ("drip where=headers seconds=0.005",), "DeadlineExceededError",
        "deadline of 0.5 s", seconds=DEADLINE + 1, options=BOUNDED,
        but={"sync httpx2": f"httpcore2: {_FIRST_READ}"},
    ),
    Scenario("length too long", "chat", ("long_length",), "APIConnectionError", "failed: ", requests=3),
    # Later than the headers: aiohttp shows nothing of an answer that makes no sense in its first packet.
    Scenario(
        "length too short", "chat", ("short_length seconds=0.05",), "APIResponseValidationError", "no complete JSON",
    ),
    Scenario("something after the body", "chat", ("surplus", None), came=1, requests=2, calls=2),
    Scenario(
        "something after a proxy's body", "chat", ("surplus", None), came=1, requests=2, calls=2, setup="proxy",
    ),
    Scenario("a chunk of no size", "chat", ("bad_chunk",), "APIConnectionError", "failed: ", requests=3),
    Scenario("gzip cut off", "chat", ("cut_gzip",), "APIConnectionError", "failed: ", requests=3),
    Scenario("no gzip", "chat", ("bad_gzip",), "APIConnectionError", "failed: ", requests=3),
    Scenario("JSON of great depth", "chat", ("deep_json",), "APIResponseValidationError", "recursion limit"),
    Scenario("no body", "chat", ("empty",), "APIResponseValidationError", "is empty"),
    Scenario("download cut by a reset", "download", ("cut_body after=1000",), "APIConnectionError", _BROKE),
    Scenario("download cut", "download", ("cut_body after=1000 how=hang_up",), "APIConnectionError", _BROKE),
    Scenario("download of cut gzip", "download", ("cut_gzip",), "APIConnectionError", _BROKE),
    Scenario(
        "download stops, timeout", "download", ("cut_body after=1000 how=silence",), "APITimeoutError", "",
        seconds=0.3 + 1, options=SHORT,
    ),
    Scenario(
        "download stops, deadline", "download", ("cut_body after=1000 how=silence",), "DeadlineExceededError",
        "deadline of 0.5 s", seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario(
        "download drips, deadline", "download", ("drip",), "DeadlineExceededError", "deadline of 0.5 s",
        seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario("download fails at first", "download", ("status status=503", None), came=len(CONTENT), requests=2),
    Scenario(
        "saving breaks off", "save", ("cut_body after=1000 how=hang_up",), "FileSaveError", "1000 bytes",
        left=("saved.part",),
    ),
    Scenario(
        "saving stops, deadline", "save", ("cut_body after=1000 how=silence",), "FileSaveError", "1000 bytes",
        left=("saved.part",), seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario(
        "upload fails at first", "upload", ("status status=502", "no_answer", None), came=len(CONTENT), requests=3,
    ),
)  # fmt: skip
"""The answer begins well."""
