"""Faults of streams of events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from .exchange import HOW
from .kinds import kind

if TYPE_CHECKING:
    from .exchange import Exchange

_DONE: Final = b"data: [DONE]"
_TEXT: Final = "upstream connect error or disconnect/reset before headers"
FILLERS: Final = {
    "comment": b": keep-alive\n\n",
    "retry": b"retry: 3000\n\n",
    "id": b"id: 7\n\n",
    "ping": b'event: ping\ndata: {"type": "ping"}\n\n',
    "name": b"event: lost\n\n",
    "empty": b"data:\n\n",
    "lines": b"\n\n\n",
}
"""What may stand between events without being one."""


def error_forms(code: str = "server_error", message: str = "It broke.") -> dict[str, bytes]:
    """The shapes in which servers tell an error in the middle of a stream whose status was 200."""
    error = {"message": message, "type": None, "param": None, "code": code}
    documents: dict[str, tuple[str, Any]] = {
        "event_error": ("error", {"error": error}),
        "event_flat": ("error", {"type": "error", "code": code, "message": message, "param": None}),
        "event_detail": ("error", {"detail": message}),
        "flat": ("", {"type": "error", "code": code, "message": message, "param": None}),
        "error": ("", {"error": error}),
        "error_text": ("", {"error": message}),
        "number": ("", {"error": {"code": 503, "message": message, "type": "unavailable_error"}}),
        "list": ("", [{"error": error}]),
        "object": ("", {"object": "error", "message": message, "type": "InternalServerError", "code": 500}),
        "string": ("", message),
    }
    forms = {
        form: (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(document).encode() + b"\n\n"
        for form, (name, document) in documents.items()
    }
    forms["event_text"] = f"event: error\ndata: {_TEXT}\n\n".encode()
    forms["text"] = f"data: {_TEXT}\n\n".encode()
    # By whoever stands in between and doesn't know that this is a stream.
    forms["line"] = json.dumps({"error": error}).encode() + b"\n\n"
    return forms


async def _events(exchange: Exchange) -> list[bytes]:
    """The blocks of the good answer, its head sent already."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "transfer-encoding": "chunked"})
    return [block + b"\n\n" for block in answer.body.split(b"\n\n") if block]


@kind("stream", how=(*HOW, "end", "half"))
async def cut_stream(exchange: Exchange, *, event: int = 1, how: str = "reset") -> None:
    """After some events, or the next half of one, the stream breaks off, or the body ends."""
    events = await _events(exchange)
    for each in events[:event]:
        await exchange.chunk(each)
    for each in events[event : event + 1] if how == "half" else ():
        await exchange.chunk(each[: len(each) // 2])
    if how in {"half", "end"}:
        await exchange.chunk(b"")
    elif how in {"reset", "hang_up", "silence"}:
        await exchange.connection.end(how)  # type: ignore[arg-type]  # as was just seen


@kind("stream", form=tuple(error_forms()))
async def error_in_stream(
    exchange: Exchange,
    *,
    event: int = 1,
    form: str = "error",
    code: str = "server_error",
    message: str = "It broke.",
    last: bool = True,
) -> None:
    """After some events comes an error, in one of the forms seen in the wild; without `last`, the others follow."""
    events = await _events(exchange)
    for each in events[:event]:
        await exchange.chunk(each)
    await exchange.chunk(error_forms(code, message)[form])
    for each in () if last else events[event:]:
        await exchange.chunk(each)
    await exchange.chunk(b"")


@kind("stream")
async def done(exchange: Exchange, *, count: int = 0) -> None:
    """`[DONE]` is missing, or comes several times."""
    for each in await _events(exchange):
        if not each.startswith(_DONE):
            await exchange.chunk(each)
    for _ in range(count):
        await exchange.chunk(_DONE + b"\n\n")
    await exchange.chunk(b"")


@kind("stream", form=tuple(FILLERS))
async def filler(exchange: Exchange, *, form: str = "comment") -> None:
    """Before each event stands something that is none."""
    for each in await _events(exchange):
        await exchange.chunk(FILLERS[form] + each)
    await exchange.chunk(b"")


@kind("stream", end=("lf", "cr", "crlf"))
async def recut(exchange: Exchange, *, size: int = 1, end: str = "lf", bom: bool = False) -> None:
    """The same events in pieces of some bytes, with other ends of lines."""
    whole = b"".join(await _events(exchange)).replace(b"\n", {"lf": b"\n", "cr": b"\r", "crlf": b"\r\n"}[end])
    whole = b"\xef\xbb\xbf" + whole if bom else whole
    for place in range(0, len(whole), size):
        await exchange.chunk(whole[place : place + size])
    await exchange.chunk(b"")


@kind("stream")
async def long_event(exchange: Exchange, *, size: int = 2**27) -> None:
    """An event that doesn't end."""
    for each in (await _events(exchange))[:1]:
        await exchange.chunk(each)
    await exchange.chunk(b"data: ")
    piece = b"x" * 2**18
    for _ in range(0, size, len(piece)):
        await exchange.chunk(piece)
    await exchange.chunk(b"\n\n")
    await exchange.chunk(b"")


@kind("stream")
async def flood(exchange: Exchange, *, events: int = 10_000) -> None:
    """The second event, very often, before the others."""
    first, again, *others = await _events(exchange)
    await exchange.chunk(first)
    many = 100
    for sent in range(0, events, many):
        await exchange.chunk(again * min(many, events - sent))
    await exchange.chunk(b"".join(others))
    await exchange.chunk(b"")
