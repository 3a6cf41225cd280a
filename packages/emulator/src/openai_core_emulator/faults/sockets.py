"""Faults of websockets, at each step of their protocol.

What refuses the handshake with an answer over HTTP is in `answers`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from .exchange import HOW
from .kinds import kind

if TYPE_CHECKING:
    from .exchange import Exchange, How

_TEXT: Final = 0x81
_CLOSE: Final = 0x88
_SHORT: Final = 126
_LONG: Final = 127
_PIECE: Final = 2**16
_DATA: Final = 3  # the highest opcode of one that carries data


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """The next frame of the server's, as it stands on the wire."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length >= _SHORT:
        more = await reader.readexactly(8 if length == _LONG else 2)
        head, length = head + more, int.from_bytes(more)
    return head + await reader.readexactly(length)


async def _until(exchange: Exchange, event: int) -> None:
    """A session as it should be, until the server has sent some events."""
    reader, writer = await exchange.connect()
    sending = asyncio.ensure_future(_copy(exchange.connection.reader, writer))
    try:
        await exchange.send(await reader.readuntil(b"\r\n\r\n"))
        left = event
        while left > 0:
            frame = await _frame(reader)
            await exchange.send(frame)
            left -= frame[0] & 0x0F < _DATA
    finally:
        sending.cancel()
        await asyncio.wait([sending])
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()


def _text(payload: bytes, *, kind: int = _TEXT) -> bytes:
    return bytes([kind, _SHORT]) + len(payload).to_bytes(2) + payload


async def _say(exchange: Exchange, frame: bytes) -> None:
    """Send a last frame, and leave what comes of it to the client."""
    await exchange.send(frame)
    await exchange.connection.end("silence")


@kind("socket")
async def wrong_accept(exchange: Exchange) -> None:
    """The handshake is answered as though for another one."""
    upgrade = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": "bm90IHlvdXJzLCBubyEhISEhIQ=="}
    await exchange.begin(101, upgrade)
    await exchange.connection.end("silence")


@kind("socket", how=HOW)
async def cut_socket(exchange: Exchange, *, event: int = 1, how: How = "reset") -> None:
    """After some events of the server's the connection ends without a closing handshake."""
    await _until(exchange, event)
    await exchange.connection.end(how)


@kind("socket")
async def half_frame(exchange: Exchange, *, event: int = 1) -> None:
    """After some events comes the beginning of another, and a reset."""
    await _until(exchange, event)
    await exchange.send(_text(b'{"type": "response.created"}')[:12])
    await exchange.connection.end("hang_up")


@kind("socket")
async def close_socket(exchange: Exchange, *, event: int = 1, code: int = 1011, reason: str = "") -> None:
    """After some events the server closes with a code."""
    await _until(exchange, event)
    payload = (b"" if code == 1005 else code.to_bytes(2)) + reason.encode()  # noqa: PLR2004 - stands for no code
    await _say(exchange, bytes([_CLOSE, len(payload)]) + payload)


@kind("socket", form=("nonsense", "masked", "reserved", "bytes"))
async def bad_frame(exchange: Exchange, *, event: int = 1, form: str = "nonsense") -> None:
    """After some events comes what is no frame of a server's, or text that isn't UTF-8."""
    await _until(exchange, event)
    forms = {
        "nonsense": b"\xff\xff\xff\xff nonsense",
        "masked": b"\x81\x82abcd\x1a\x1f",
        "reserved": _text(b"{}", kind=0x83),
        "bytes": _text(b"\xff\xfe"),
    }
    await _say(exchange, forms[form])


@kind("socket")
async def bad_event(exchange: Exchange, *, event: int = 1, text: str = "not JSON") -> None:
    """After some events comes a text that is no event; the session goes on in silence."""
    await _until(exchange, event)
    await _say(exchange, _text(text.encode()))
