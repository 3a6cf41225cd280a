"""Files as inputs: where their bytes come from, what they are called, and whether they can be read again."""

from __future__ import annotations

import mimetypes
import os
from io import SEEK_END, TextIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from openai_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

FileContent: TypeAlias = "bytes | os.PathLike[str] | IO[bytes]"
FileInput: TypeAlias = "FileContent | tuple[str, FileContent] | tuple[str, FileContent, str]"
"""A path, bytes, a file opened in binary mode, or `(name, content)` or `(name, content, media type)` with one of these.

A path is read while it is sent, and again for each attempt; an open file from where it stands.
"""

PIECE: Final = 256 * 1024
"""How many bytes of a file are in memory at a time."""

# What the API goes by is the extension, so bytes without a name get one from how they begin.
_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"%PDF-", "pdf"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "webm"),
    (b"PK\x03\x04", "zip"),
)
_BEGINNING: Final = 12
_RIFF: Final = {b"WAVE": "wav", b"WEBP": "webp", b"AVI ": "avi"}
_MEDIA_TYPES: Final = {
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".webp": "image/webp",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".zip": "application/zip",
}


class FileSource(Protocol):
    """A file that is about to be sent."""

    name: str
    media_type: str
    size: int | None
    replayable: bool

    def pieces(self) -> Iterator[bytes]:
        """The bytes, from the start, at most `PIECE` at a time."""
        ...


class _Bytes:
    replayable = True

    def __init__(self, name: str | None, content: bytes, media_type: str | None) -> None:
        self.name = name or f"file.{_extension(content)}"
        self.media_type = media_type or guess_media_type(self.name)
        self.size: int | None = len(content)
        self._content = content

    def pieces(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), PIECE):
            yield self._content[start : start + PIECE]


class _Path:
    replayable = True

    def __init__(self, name: str | None, path: Path, media_type: str | None) -> None:
        self.name = name or path.name
        self.media_type = media_type or guess_media_type(self.name)
        self._path = path
        try:
            self.size: int | None = path.stat().st_size
            with path.open("rb"):
                pass
        except OSError as error:
            raise InvalidRequestError(f"can't read the file {str(path)!r}: {error.strerror}") from error

    def pieces(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                yield from _measured(file, self.size or 0, str(self._path))
        except OSError as error:
            raise InvalidRequestError(
                f"the file {str(self._path)!r} can't be read any more: {error.strerror}; "
                "keep it in place until the call is over"
            ) from error


class _Open:
    def __init__(self, name: str | None, file: IO[bytes], media_type: str | None) -> None:
        own = getattr(file, "name", None)
        name = name or (Path(own).name if isinstance(own, str) else None)
        if isinstance(file, TextIOBase) or getattr(file, "encoding", None):
            raise _text_mode(name)
        self._file = file
        self.replayable = file.seekable()
        self.size: int | None = None
        beginning = b""
        if self.replayable:
            self._start = file.tell()
            self.size = file.seek(0, SEEK_END) - self._start
            file.seek(self._start)
            if not name:
                beginning = file.read(_BEGINNING)
                file.seek(self._start)
        self.name = name or f"file.{_extension(beginning)}"
        self.media_type = media_type or guess_media_type(self.name)

    def pieces(self) -> Iterator[bytes]:
        if self.size is not None:
            self._file.seek(self._start)
            yield from _measured(self._file, self.size, self.name)
            return
        while piece := self._file.read(PIECE):
            if not isinstance(piece, bytes):
                raise _text_mode(self.name)
            yield piece


def _measured(file: IO[bytes], size: int, name: str) -> Iterator[bytes]:
    """As many bytes of a file as its size was when the length of the request was reckoned."""
    left = size
    while left and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece
    if left:
        raise InvalidRequestError(
            f"the file {name!r} became {left} bytes shorter while it was sent; call again when nothing writes to it"
        )


def _text_mode(name: str | None) -> InvalidRequestError:
    return InvalidRequestError(f"the file {name!r} is open in text mode; open it with mode 'rb'")


def is_file(value: object) -> bool:
    """Whether a value is one file, rather than a sequence of them."""
    if isinstance(value, tuple):
        return len(value) in {2, 3} and isinstance(value[0], str)
    return isinstance(value, (bytes, bytearray, os.PathLike)) or hasattr(value, "read")


def file_source(value: object, param: str) -> FileSource:
    """The source of a `FileInput`.

    Raises:
        InvalidRequestError: if the value is none, or its path can't be read.
    """
    name: str | None = None
    media_type: str | None = None
    if isinstance(value, tuple) and is_file(value):
        name, value, *rest = value
        media_type = rest[0] if rest else None
    if isinstance(value, (bytes, bytearray)):
        return _Bytes(name, bytes(value), media_type)
    if isinstance(value, os.PathLike):
        return _Path(name, Path(value), media_type)
    if hasattr(value, "read"):
        return _Open(name, cast("IO[bytes]", value), media_type)
    hint = ""
    if isinstance(value, str):
        hint = "; for a text, pass its .encode()" if name else "; for a path, pass pathlib.Path(...)"
    raise InvalidRequestError(
        f"{param} must be a path, bytes, a file opened in binary mode, or (name, content[, media type]), "
        f"not {type(value).__name__}{hint}",
        param=param,
    )


def guess_media_type(name: str) -> str:
    """The media type that goes with a file's name."""
    extension = Path(name).suffix.lower()
    return _MEDIA_TYPES.get(extension) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _extension(content: bytes) -> str:
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12], "bin")
    if content[4:8] == b"ftyp":
        return "m4a" if content[8:11] == b"M4A" else "mp4"
    return next((extension for beginning, extension in _BEGINNINGS if content.startswith(beginning)), "bin")
