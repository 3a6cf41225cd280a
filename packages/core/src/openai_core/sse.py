"""Server-sent events out of bytes, by the rules of the HTML standard, however the bytes are cut.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

from typing import Final, TypeAlias

_BOM: Final = b"\xef\xbb\xbf"


ServerSentEvent: TypeAlias = tuple[str, bytes]
"""The name of the `event:` field, empty without one; and the data of the `data:` fields, joined by line feeds."""


class EventDecoder:
    """Takes bytes as they come and gives the events that they complete.

    Attributes:
        pending: how many bytes wait for the rest of their event.
    """

    __slots__ = ("_after_cr", "_pending", "_start", "pending")

    def __init__(self) -> None:
        self.pending = 0
        self._pending: list[bytes] = []
        self._after_cr = False
        self._start: bytes | None = b""

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that are complete with these bytes."""
        if self._start is not None:
            chunk = self._without_bom(chunk)
        if chunk and (self._after_cr or b"\r" in chunk):
            chunk = self._with_line_feeds(chunk)
        if not chunk:
            return []
        pending = self._pending
        # Only whole blocks are looked into: an event of many pieces is joined once.
        if b"\n\n" not in chunk and not (pending and pending[-1][-1:] == b"\n" and chunk[:1] == b"\n"):
            pending.append(chunk)
            self.pending += len(chunk)
            return []
        pending.append(chunk)
        *blocks, rest = b"".join(pending).split(b"\n\n")
        self._pending = [rest] if rest else []
        self.pending = len(rest)
        return [event for block in blocks if (event := _event(block))]

    def _without_bom(self, chunk: bytes) -> bytes:
        start = (self._start or b"") + chunk
        if len(start) < len(_BOM) and _BOM.startswith(start):
            self._start = start
            return b""
        self._start = None
        return start.removeprefix(_BOM)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        if self._after_cr:
            # A CR at the end of the last chunk has ended its line already: an LF now is the rest of CRLF.
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
            if not chunk:
                return chunk
        self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _event(block: bytes) -> ServerSentEvent | None:
    # `find`, as `in` makes an error of its own before it looks for bytes, which takes as long as the rest.
    if block[:6] == b"data: " and block.find(b"\n") < 0:
        return ("", block[6:]) if len(block) > len(b"data: ") else None
    name = b""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        if line[:6] == b"data: ":
            data.append(line[6:])
            continue
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value[1:] if value[:1] == b" " else value)
        elif field == b"event":
            name = value[1:] if value[:1] == b" " else value
    # A block without data (a comment, `retry:` alone) is no event; nor is one whose data is empty.
    joined = data[0] if len(data) == 1 else b"\n".join(data)
    return (name.decode(errors="replace"), joined) if joined else None
