"""Recorded streams, cut anew at random: the events are the same wherever the bytes are cut."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given
from hypothesis import strategies as st

from lab.calls import MESSAGES
from lab.figures import Figure
from lab.often import often
from openai_core import Client
from openai_core.decoding import decoder
from openai_core.response import ResponseInfo
from openai_core.streaming import EventReader
from openai_core.transport.protocol import Headers
from openai_core_chat.types import ChatCompletionChunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai_core_emulator import Emulator

_TEXT: Final = "Zähle: 1 → eins, 2 → zwei, 3 → drei 🎉 \u2028 \u0085"
_BOM: Final = b"\xef\xbb\xbf"
_RESPONSE: Final = ResponseInfo(200, "http://lab", Headers({"content-type": "text/event-stream"}), ())
_VARIATIONS: Final = st.fixed_dictionaries(
    {
        "end": st.sampled_from([b"\n", b"\r", b"\r\n"]),
        "bom": st.booleans(),
        "filled": st.booleans(),
        "spread": st.booleans(),
    }
)
_PLACES: Final = st.one_of(st.lists(st.integers(0, 2**20), max_size=60), st.integers(1, 9))


def recorded(emulator: Emulator) -> list[tuple[bytes, bool]]:
    """Streams of the emulator as bytes, and whether their events have names."""
    asked: Any = {"model": "gpt-5-mini", "stream": True}
    with Client(base_url=emulator.base_url, api_key=emulator.api_key) as client:
        chat = client.request(
            "POST", "/chat/completions", body={**asked, "messages": [*MESSAGES, {"role": "user", "content": _TEXT}]},
            into=bytes,
        )  # fmt: skip
        response = client.request("POST", "/responses", body={**asked, "input": _TEXT}, into=bytes)
    return [(chat, False), (response, True)]


def varied(stream: bytes, *, end: bytes, bom: bool, filled: bool, spread: bool) -> bytes:
    """A stream with other line ends, a byte order mark, blocks that are no events, and data over several lines."""
    if filled:
        stream = b": hello\n\nretry: 3000\n\n" + stream.replace(b"\n\n", b"\n\n: keep-alive\n\nid: 7\n\n")
    if spread:
        stream = b"\n".join(map(_spread, stream.split(b"\n")))
    return (_BOM if bom else b"") + stream.replace(b"\n", end)


def _spread(line: bytes) -> bytes:
    """A line of data as several, which stand for the same document."""
    if not line.startswith(b"data: {"):
        return line
    document = json.dumps(json.loads(line.removeprefix(b"data: ")), ensure_ascii=False, indent=1)
    return b"\n".join(b"data: " + each.encode() for each in document.split("\n"))


def events(chunks: Sequence[bytes], *, named: bool) -> list[object]:
    """What a stream's reader makes of bytes."""
    ends = ("response.completed",) if named else ()
    reader: EventReader[Any] = EventReader(
        decoder(dict if named else ChatCompletionChunk), ends, end_required=True, on_drift=lambda _: None
    )
    found = [event for chunk in chunks for event in reader.read(_RESPONSE, chunk)]
    reader.finish(_RESPONSE)
    return found


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The data in pieces, some of them empty."""
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def rechunkings(emulator: Emulator, times: int) -> Figure:
    """Cut recorded streams anew, so many times."""
    streams = recorded(emulator)
    wanted = {stream: events([stream], named=named) for stream, named in streams}
    counted = 0

    @often(times)
    @given(st.sampled_from(streams), _VARIATIONS, _PLACES)
    def check(stream: tuple[bytes, bool], variation: dict[str, Any], places: list[int] | int) -> None:
        nonlocal counted
        data = varied(stream[0], **variation)
        marks = range(0, len(data), places) if isinstance(places, int) else places
        assert events(cut(data, marks), named=stream[1]) == wanted[stream[0]]  # noqa: S101 - hypothesis asks for it
        counted += 1

    problems = []
    try:
        check()
    except AssertionError as error:
        problems.append(f"other events: {str(error)[:200]}")
    return Figure("re-chunkings of recorded streams give identical events", counted, "0 differences", problems)
