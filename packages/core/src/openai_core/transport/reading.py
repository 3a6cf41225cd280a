"""What reads the answers that come over a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from openai_core.transport.protocol import ConnectionFailed

LONGEST: Final = 100 * 1024
"""Bytes that a head, or a line between pieces of a body, may have."""
NO_ANSWER: Final = "Server disconnected without sending a response."
ENDLESS_HEAD: Final = f"the server sent more than {LONGEST} bytes of headers"


class Reader(Protocol):
    """Reads the answers that come over one connection, one after the other.

    Attributes:
        status: of the answer, 0 until its headers are there.
        headers: as they came.
        pieces: of the body, which have come and nobody has taken yet.
        ended: whether the answer is there to its end.
        reusable: whether another request may follow one that has ended.
        failure: what is wrong with what has come behind the pieces.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    pieces: list[bytes | bytearray]
    ended: bool
    reusable: bool
    failure: ConnectionFailed | None

    def begin(self, method: str) -> None:
        """Await the answer to a request."""
        ...

    def feed(self, data: bytes) -> None:
        """Read what has come; nothing is the end of the connection."""
        ...
