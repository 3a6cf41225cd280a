"""Bodies of requests that are sent as they are, and what of them can't stand in JSON."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from pydantic import BaseModel

from openai_core.encoding import Multipart, children
from openai_core.errors import InvalidRequestError
from openai_core.files import FileSource, file_source
from openai_core.operation import Endpoint, Operation

if TYPE_CHECKING:
    from openai_core.options import RequestOptions

ContentInput: TypeAlias = "bytes | str | os.PathLike[str] | IO[bytes] | Iterable[bytes] | FileSource"
"""Bytes, a text, a path, a file opened in binary mode, pieces of bytes, or a `FileSource`, such as `tracked` gives."""

_BYTES: Final = "application/octet-stream"
_PARAM: Final = "content"
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


class Content(Multipart):
    """A body that is sent as it is. To a transport it is what a form is: pieces, and perhaps their length.

    Args:
        given: see `ContentInput`.

    Attributes:
        length: size in bytes, `None` if it isn't known before.
        replayable: whether it can be sent again: neither an iterator can, nor a file that can't seek.

    Raises:
        InvalidRequestError: if it is none of what can be sent, or its file can't be read.
    """

    content_type = _BYTES

    def __init__(self, given: ContentInput) -> None:
        self._parts = []
        self._pieces: Iterable[Any]
        if isinstance(given, str):
            given = given.encode()
        if isinstance(given, (bytes, bytearray, memoryview)):
            self.whole = bytes(given)
            self._pieces, self.length, self.replayable = (self.whole,), len(self.whole), True
        elif isinstance(given, os.PathLike) or hasattr(given, "read") or hasattr(given, "pieces"):
            source = file_source(given, _PARAM)
            self._pieces, self.length, self.replayable = _Pieces(source), source.size, source.replayable
        elif isinstance(given, (list, tuple)):
            self._pieces = [_piece(each) for each in given]
            self.length, self.replayable = sum(map(len, self._pieces)), True
        elif isinstance(given, Iterable) and not isinstance(given, Mapping):
            self._pieces, self.length, self.replayable = given, None, False
        else:
            hint = "; give its pieces in a plain one" if isinstance(given, AsyncIterable) else ""
            hint = "; pass what is to be written as JSON as body=" if isinstance(given, Mapping) else hint
            raise InvalidRequestError(
                "content must be bytes, a text, a path, a file opened in binary mode, or an iterable of bytes, "
                f"not a {type(given).__name__}{hint}",
                param=_PARAM,
            )

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._pieces)
        while True:
            try:
                piece = next(pieces, None)
            except InvalidRequestError:
                raise
            except Exception as error:
                # As it is, some transports would take it for a failure of the connection, and try again.
                raise InvalidRequestError(
                    f"content can't be sent to its end: {type(error).__name__}: {error}", param=_PARAM
                ) from error
            if piece is None:
                return
            if written := _piece(piece):
                yield written

    def __repr__(self) -> str:
        return "<bytes in pieces>" if self.length is None else f"<{self.length} bytes>"


class _Pieces:
    """The bytes of a file, from its start each time."""

    def __init__(self, source: FileSource) -> None:
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        return self._source.pieces()


def _piece(given: object) -> bytes:
    if isinstance(given, bytes):
        return given
    if isinstance(given, (bytearray, memoryview)):
        return bytes(given)
    hint = "; encode() it" if isinstance(given, str) else ""
    raise InvalidRequestError(f"content is bytes in pieces, and one is a {type(given).__name__}{hint}", param=_PARAM)


def request_operation(  # noqa: PLR0917 - what `request` was given
    method: str,
    path: str,
    body: object,
    content: ContentInput | None,
    query: Mapping[str, Any] | None,
    options: RequestOptions | None,
) -> Operation[Any]:
    """The operation that `Client.request` sends.

    Raises:
        InvalidRequestError: if the body, or the content, can't be sent.
        TypeError: if there are both.
    """
    endpoint: Endpoint[Any] = Endpoint(method, path, None)
    if content is None:
        refuse_raw(body)
        return Operation(endpoint, (), query, body, None, options)
    if body is not None:
        raise TypeError("a request has one body: pass body=, which is written as JSON, or content=, which isn't")
    sent = Content(content)
    return Operation(endpoint, (), query, sent, {"Content-Type": sent.content_type}, options)


def refuse_raw(body: object) -> None:
    """Refuse what JSON would hide: bytes as text, a path as its name, an open file as its lines.

    Raises:
        InvalidRequestError: if there is any in a body. Models say themselves how they are written.
    """
    left: list[tuple[str, object]] = [("body", body)]
    seen: set[int] = set()
    while left:
        place, value = left.pop()
        if what := _raw(value):
            raise InvalidRequestError(
                f"{place} is {what}, which JSON doesn't have; pass content=... for raw bytes, "
                "Endpoint(..., multipart=...).operation(body=...) for a form with files, a text or base64 for JSON",
                param=place,
            )
        if id(value) not in seen and not isinstance(value, BaseModel) and not _writes_itself(value):
            seen.add(id(value))
            left += [(f"{place}.{name}", inner) for name, inner in children(value) if type(inner) not in _SCALARS]


def _raw(value: object) -> str | None:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "bytes"
    if isinstance(value, os.PathLike):
        return "a path"
    if isinstance(value, (type, BaseModel, Mapping, Sequence)):
        return None
    if callable(getattr(value, "read", None)) or callable(getattr(value, "pieces", None)):
        return "a file"
    return "an iterator" if isinstance(value, Iterator) else None


def _writes_itself(value: object) -> bool:
    return is_dataclass(value) and hasattr(value, "__pydantic_serializer__")
