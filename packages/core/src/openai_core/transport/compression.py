"""Bodies that a server has compressed, read piece by piece. httpx could do that, but it would have to be loaded."""

from __future__ import annotations

import zlib
from typing import Any, Final

from openai_core.transport.protocol import ConnectionFailed

_ENCODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
_MEMBER: Final = b"\x1f\x8b"


def _window(encoding: str, first: int, second: int) -> int:
    """What zlib has to be told about a body of which two bytes are known."""
    if encoding != "deflate":
        return zlib.MAX_WBITS | 16
    # Some servers leave out the frame that the standard wants, which RFC 1950 makes known by its first two bytes.
    framed = first & 15 == zlib.DEFLATED and (first << 8 | second) % 31 == 0
    return zlib.MAX_WBITS if framed else -zlib.MAX_WBITS


class _Step:
    """One encoding."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._held = b""
        self._inflater: Any = None

    def decode(self, data: bytes) -> bytes:
        if self._inflater is None:
            self._held = data = self._held + data
            if len(data) < 2:  # noqa: PLR2004 - see `_window`
                return b""
            self._inflater = zlib.decompressobj(_window(self._name, data[0], data[1]))
        try:
            decoded: bytes = self._inflater.decompress(data)
            # Several of gzip's members may follow each other; deflate has none. What else may follow is nobody's.
            while self._name != "deflate" and self._inflater.unused_data.startswith(_MEMBER):
                data = self._inflater.unused_data
                self._inflater = zlib.decompressobj(_window(self._name, data[0], data[1]))
                decoded += self._inflater.decompress(data)
        except zlib.error as error:
            raise ConnectionFailed(f"the body isn't {self._name}, as its headers say: {error}") from error
        return decoded

    def end(self) -> bytes:
        if self._inflater is None and not self._held:
            return b""
        if self._inflater is None or not self._inflater.eof:
            raise ConnectionFailed(f"the {self._name} of the body ends too early")
        rest: bytes = self._inflater.flush()
        return rest


class Decoder:
    """Undoes what a server has done to a body.

    Args:
        encodings: the header `Content-Encoding`. What isn't asked for, and so isn't known, is left as it is.

    Raises:
        ConnectionFailed: if the body isn't what the header says, or breaks off.
    """

    def __init__(self, encodings: str) -> None:
        names = [name.strip().lower() for name in encodings.split(",")]
        self._steps = [_Step(name) for name in reversed(names) if name in _ENCODINGS]

    def decode(self, data: bytes) -> bytes:
        """What a piece brings, which may be nothing yet."""
        for step in self._steps:
            data = step.decode(data)
        return data

    def end(self) -> bytes:
        """What is left when there are no more pieces."""
        data = b""
        for step in self._steps:
            data = step.decode(data) + step.end() if data else step.end()
        return data
