"""Faults of connections: those that end while nobody uses them, and encryption that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .exchange import HOW
from .kinds import kind

if TYPE_CHECKING:
    from .exchange import Connection, Exchange, How


@kind("request", how=("reset", "hang_up"))
async def close_idle(exchange: Exchange, *, how: How = "hang_up") -> None:
    """A good answer, after which the connection ends, though nothing was said about it."""
    await _whole(exchange)
    await exchange.connection.end(how)


@kind("request")
async def close_on_next(exchange: Exchange) -> None:
    """A good answer on a connection that is reset when the next request comes on it."""
    await _whole(exchange)
    exchange.connection.breaks_next = True


async def _whole(exchange: Exchange) -> None:
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "content-length": len(answer.body)})
    await exchange.send(answer.body)


@kind("tls", how=("alert", "http", *HOW))
async def tls(connection: Connection, *, how: str = "alert") -> None:
    """The handshake fails, with an alert, or with what is no answer to it."""
    if how == "alert":
        # A fatal one: handshake_failure.
        await connection.send(b"\x15\x03\x03\x00\x02\x02\x28")
    elif how == "http":
        await connection.send(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
    await connection.end("silence" if how == "silence" else "reset" if how == "reset" else "hang_up")
