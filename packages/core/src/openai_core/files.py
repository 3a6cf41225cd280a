"""Files as inputs: where their bytes come from, what they are called, and whether they can be read again."""

from __future__ import annotations

import os
from inspect import iscoroutinefunction
from io import SEEK_END, TextIOBase
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from openai_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FileContent: TypeAlias = "bytes | os.PathLike[str] | IO[bytes]"
FileInput: TypeAlias = "FileContent | tuple[str, FileContent] | tuple[str, FileContent, str] | FileSource"
"""A path, bytes, a file opened in binary mode, `(name, content)` or `(name, content, media type)` with one of these, or
a `FileSource`, such as `tracked` gives.

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
    (b"\xff\xf3", "mp3"),
    (b"\xff\xf2", "mp3"),
    (b"\xff\xf1", "aac"),
    (b"\xff\xf9", "aac"),
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
    ".aac": "audio/aac",
    ".webm": "video/webm",
    ".zip": "application/zip",
}


class FileSource(Protocol):
    """A file that is about to be sent. Whatever has these attributes can be sent as a file.

    Attributes:
        name: what the file is called.
        media_type: such as `text/plain`.
        size: in bytes, `None` if it isn't known.
        replayable: whether `pieces` can be called again, for another attempt.
    """

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
        return self.slice(0, len(self._content))

    def slice(self, start: int, length: int) -> Iterator[bytes]:
        end = start + length
        for position in range(start, end, PIECE):
            yield self._content[position : min(end, position + PIECE)]


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
        return self.slice(0, self.size or 0)

    def slice(self, start: int, length: int) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                yield from _measured(file.read, length, str(self._path))
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
        self._lock = Lock()
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
            yield from self.slice(0, self.size)
            return
        while piece := self._file.read(PIECE):
            if not isinstance(piece, bytes):
                raise _text_mode(self.name)
            yield piece

    def slice(self, start: int, length: int) -> Iterator[bytes]:
        position = self._start + start

        def read(size: int) -> bytes:
            # Other slices of the same file may be read at the same time, and it stands at one place.
            nonlocal position
            with self._lock:
                self._file.seek(position)
                piece = self._file.read(size)
            position += len(piece)
            return piece

        return _measured(read, length, self.name)


_Whole: TypeAlias = "_Bytes | _Path | _Open"


class _Slice:
    replayable = True

    def __init__(self, whole: _Whole, start: int, length: int) -> None:
        self.name = whole.name
        self.media_type = whole.media_type
        self.size: int | None = length
        self._whole = whole
        self._start = start

    def pieces(self) -> Iterator[bytes]:
        return self._whole.slice(self._start, self.size or 0)

    def __repr__(self) -> str:
        return f"<{self.size} bytes of {self.name!r} from byte {self._start} on>"


class _Tracked:
    def __init__(self, source: FileSource, on_progress: Callable[[int, int | None], None]) -> None:
        self.name = source.name
        self.media_type = source.media_type
        self.size = source.size
        self.replayable = source.replayable
        self._source = source
        self._on_progress = on_progress

    def pieces(self) -> Iterator[bytes]:
        sent = 0
        self._on_progress(sent, self.size)
        for piece in self._source.pieces():
            yield piece
            # The next piece is asked for when this one is on its way.
            sent += len(piece)
            self._on_progress(sent, self.size)

    def __repr__(self) -> str:
        return f"<{self.name!r}, tracked>"


def tracked(file: FileInput, on_progress: Callable[[int, int | None], None]) -> FileSource:
    """The same file, the sending of which is told: `client.files.create(file=tracked(path, show), ...)`.

    Args:
        file: what is sent.
        on_progress: called with how many bytes are sent, and how many there are (`None` if that isn't known). It begins
            with 0, and again with 0 when an attempt is repeated. An async client calls it in another thread, one call
            at a time.

    Raises:
        InvalidRequestError: if the file can't be read.
    """
    if iscoroutinefunction(on_progress):
        raise TypeError("on_progress is called between pieces of a file, and can't be awaited; pass a plain function")
    return _Tracked(file_source(file, "file"), on_progress)


def parts_of(file: FileInput, size: int) -> list[FileSource]:
    """A file in parts that can be sent at the same time, none of which is in memory.

    Args:
        file: a path, bytes, or an open file that can seek, with a name and a media type or without.
        size: of each part in bytes, 1 or more; the last one may be smaller.

    Returns:
        The parts in order; none of an empty file.

    Raises:
        InvalidRequestError: if the file can't be read, or not from the middle.
    """
    whole = file_source(file, "file")
    if not isinstance(whole, (_Bytes, _Path, _Open)) or whole.size is None:
        raise InvalidRequestError(
            f"{whole.name!r} can't be read from the middle; pass a path, bytes, or an open file that can seek",
            param="file",
        )
    return [_Slice(whole, start, min(size, whole.size - start)) for start in range(0, whole.size, size)]


def _measured(read: Callable[[int], bytes], size: int, name: str) -> Iterator[bytes]:
    """As many bytes of a file as its size was when the length of the request was reckoned."""
    left = size
    while left and (piece := read(min(PIECE, left))):
        left -= len(piece)
        yield piece
    if left:
        raise InvalidRequestError(
            f"the file {name!r} became {left} bytes shorter while it was sent; call again when nothing writes to it"
        )


def _text_mode(name: str | None) -> InvalidRequestError:
    what = f"the file {name!r} is" if name else "a file that is given is"
    return InvalidRequestError(f"{what} open in text mode; open it with mode 'rb', or pass bytes")


def is_file(value: object) -> bool:
    """Whether a value is one file, rather than a sequence of them."""
    if isinstance(value, tuple):
        return len(value) in {2, 3} and isinstance(value[0], str)
    in_memory_or_on_disk = isinstance(value, (bytes, bytearray, memoryview, os.PathLike))
    return in_memory_or_on_disk or hasattr(value, "read") or hasattr(value, "pieces")


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
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _Bytes(name, bytes(value), media_type)
    if isinstance(value, os.PathLike):
        return _Path(name, Path(value), media_type)
    if getattr(value, "closed", False) is True:
        raise InvalidRequestError(f"{param} is a file that was closed before it was sent; open it again", param=param)
    if hasattr(value, "read"):
        return _Open(name, cast("IO[bytes]", value), media_type)
    if hasattr(value, "pieces") and name is None:
        return cast("FileSource", value)
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
    import mimetypes

    extension = Path(name).suffix.lower()
    return _MEDIA_TYPES.get(extension) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _extension(content: bytes) -> str:
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12], "bin")
    if content[4:8] == b"ftyp":
        return "m4a" if content[8:11] == b"M4A" else "mp4"
    return next((extension for beginning, extension in _BEGINNINGS if content.startswith(beginning)), "bin")
