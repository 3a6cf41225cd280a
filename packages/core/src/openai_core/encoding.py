"""Operations as bytes on the wire: query strings, JSON, multipart. Pure, but for reading the files that are sent."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, SchemaSerializer, core_schema

from openai_core.errors import InvalidRequestError
from openai_core.files import FileSource, file_source, is_file
from openai_core.model import SENDING, ApiModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai_core.operation import AnyOperation

_UNKNOWN: Final = "nothing is known about how to write it"
_TRACES: Final = (b"NaN", b'None":')
_FEW: Final = 256
_SERIALIZER: Final = SchemaSerializer(core_schema.any_schema(), {"ser_json_inf_nan": "constants"})


def json_bytes(value: object) -> bytes:
    """A value as JSON.

    Mappings, sequences, sets, models, dataclasses, dates, enums, UUIDs and paths are written, at any depth. A model of
    the caller's own is written as its `model_config` says, which for a NaN is `null` unless it says otherwise.

    Raises:
        InvalidRequestError: for a number that JSON doesn't have, bytes that are no text, a key that is no string, or an
            object that nothing is known about.
    """
    try:
        written = _SERIALIZER.to_json(
            value, by_alias=True, serialize_as_any=True, warnings=False, context=SENDING, fallback=_plain
        )
    except (PydanticSerializationError, UnicodeError) as error:
        raise InvalidRequestError(f"the body can't be written as JSON: {_reason(value, 'body', error)}") from error
    # Three things come out wrong without an error. Their traces are looked for in the text, which is fast, and
    # only when there is one, in the values.
    if _may_be_impossible(written):
        _refuse_impossible(value, "body")
    return written


def _may_be_impossible(written: bytes) -> bool:
    """Whether there is a trace of a NaN, an infinity, or of `None` as a key.

    A letter is found at the speed of memory, a word takes longer than to write a long body. So letters are looked for,
    as long as there are few of them. And `find` it is, for `in` makes an error of its own before it looks for bytes.
    """
    at = written.find(b"N")
    few = _FEW
    while at >= 0 and few:
        if written.startswith(_TRACES, at):
            return True
        at = written.find(b"N", at + 1)
        few -= 1
    if at >= 0 and any(written.find(trace, at) >= 0 for trace in _TRACES):
        return True
    return written.find(b"Infinity") >= 0


def plain(value: object, name: str = "body") -> Any:
    """A value as what JSON has: dicts, lists, strings, numbers, booleans and `None`.

    Args:
        value: what `json_bytes` takes.
        name: what it is, for messages.

    Raises:
        InvalidRequestError: as `json_bytes`.
    """
    try:
        written = _SERIALIZER.to_python(
            value, mode="json", by_alias=True, serialize_as_any=True, warnings=False, context=SENDING, fallback=_plain
        )
    except (PydanticSerializationError, UnicodeError, TypeError) as error:
        raise InvalidRequestError(f"{name} can't be sent: {_reason(value, name, error)}", param=name) from error
    _refuse_impossible(value, name)
    return written


def fields_of(body: object) -> Mapping[str, Any]:
    """The fields of a body that isn't only a mapping: a model's or a dataclass's, their values as they are."""
    if body is None or isinstance(body, Mapping):
        return body or {}
    if isinstance(body, BaseModel):
        known = type(body).model_fields
        sent = [name for name, _ in body if not isinstance(body, ApiModel) or name in body.model_fields_set]
        return {
            known[name].serialization_alias or name if name in known else name: getattr(body, name) for name in sent
        }
    if is_dataclass(body) and not isinstance(body, type):
        return {field.name: getattr(body, field.name) for field in fields(body)}
    raise InvalidRequestError(f"a body that fields are added to has fields itself; a {type(body).__name__} has none")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (Sequence, AbstractSet)):
        return list(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(_UNKNOWN)


def _reason(value: object, name: str, error: Exception) -> str:
    place = next(_binary(value, name), None) if "utf-8" in str(error) else None
    if place:
        return f"{place} holds bytes that are no text; encode them with base64"
    if _UNKNOWN in str(error):
        place, odd = next(_foreign(value, name))
        if isinstance(odd, type):
            return f"{place} is the type {odd.__name__}, and no value; parse({odd.__name__}, ...) asks for one of it"
        return f"{place} is a {type(odd).__module__}.{type(odd).__qualname__}, of which nothing is known"
    return str(error).removeprefix("Error serializing to JSON: ").removeprefix("TypeError: ")


def _binary(value: object, place: str) -> Iterator[str]:
    if isinstance(value, (bytes, bytearray)):
        try:
            value.decode()
        except UnicodeDecodeError:
            yield place
    for name, inner in children(value):
        yield from _binary(inner, f"{place}.{name}")


def _foreign(value: object, place: str) -> Iterator[tuple[str, object]]:
    """What nothing is known about, and where it is."""
    inner = None
    for name, inner in children(value):
        yield from _foreign(inner, f"{place}.{name}")
    if inner is None:
        try:
            _SERIALIZER.to_python(value, mode="json", fallback=_plain)
        except (PydanticSerializationError, TypeError):
            yield place, value
        except UnicodeError:
            pass


def _refuse_impossible(value: object, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidRequestError(f"{place} is {value}, a number that JSON doesn't have", param=place)
    if isinstance(value, Mapping) and None in value:
        raise InvalidRequestError(f"{place} has None as a key; keys are strings", param=place)
    for name, inner in children(value):
        _refuse_impossible(inner, f"{place}.{name}")


def children(value: object) -> Iterator[tuple[object, object]]:
    """What is directly inside a mapping, a sequence, a set, a model or a dataclass, and where."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, BaseModel):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (str, bytes, bytearray)):
        yield from enumerate(value)


def query_string(query: Mapping[str, Any] | None) -> str:
    """A query as text: arrays as `name[]=a&name[]=b`, objects as `name[key]=value`."""
    if not query:
        return ""
    pairs = [pair for name, value in query.items() for pair in _pairs(name, plain(value, name))]
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs)


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The fields of a form or a query that a value is spread over; `None` is left out, as neither can say it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]", inner)
    elif isinstance(value, list):
        name = name if name.endswith("[]") else f"{name}[]"
        for inner in value:
            yield from _pairs(name, inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)


class Multipart:
    """A `multipart/form-data` body, whose files are read while it is sent.

    Attributes:
        content_type: value of the header, with the boundary.
        length: size in bytes, `None` if a file doesn't tell its own.
        replayable: whether it can be sent again.
        whole: all of it, where it is in one piece already.
    """

    whole: bytes | None = None

    def __init__(
        self,
        body: Mapping[str, Any],
        files: Sequence[str],
        parts: Mapping[str, str] | None = None,
        boundary: str | None = None,
    ) -> None:
        self._boundary = boundary or os.urandom(16).hex()
        self.content_type = f"multipart/form-data; boundary={self._boundary}"
        self._parts: list[tuple[bytes, bytes | FileSource]] = []
        for name, value in body.items():
            # A field for a file may also take an object that names one.
            if name in files and value is not None and not isinstance(value, (Mapping, BaseModel)):
                self._add_files(name, value)
            elif parts and name in parts:
                content = value.encode() if isinstance(value, str) else json_bytes(value)
                self._parts.append((self._head(name, kind=parts[name]), content))
            else:
                for field, text in _pairs(name, plain(value, name)):
                    self._parts.append((self._head(field), text.encode()))
        sources = [source for _, source in self._parts if not isinstance(source, bytes)]
        self.replayable = all(source.replayable for source in sources)
        self.length = self._measure() if all(source.size is not None for source in sources) else None

    def _add_files(self, name: str, value: Any) -> None:
        many = not is_file(value) and isinstance(value, Sequence) and not isinstance(value, str)
        field = f"{name}[]" if many else name
        for single in value if many else (value,):
            source = file_source(single, name)
            self._parts.append((self._head(field, source.name, source.media_type), source))

    def _head(self, field: str, file: str | None = None, kind: str | None = None) -> bytes:
        disposition = f'form-data; name="{_quoted(field)}"'
        if file is not None:
            disposition += f'; filename="{_quoted(file)}"'
        media_type = f"Content-Type: {_one_line(kind)}\r\n" if kind else ""
        return f"--{self._boundary}\r\nContent-Disposition: {disposition}\r\n{media_type}\r\n".encode()

    def _tail(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()

    def _measure(self) -> int:
        sizes = (len(head) + (len(s) if isinstance(s, bytes) else s.size or 0) + 2 for head, s in self._parts)
        return sum(sizes) + len(self._tail())

    def __iter__(self) -> Iterator[bytes]:
        for head, source in self._parts:
            yield head
            if isinstance(source, bytes):
                yield source
            else:
                yield from source.pieces()
            yield b"\r\n"
        yield self._tail()


def _quoted(text: str) -> str:
    # What browsers do, as the HTML standard has it: percent-encode the three characters that would end the value.
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _one_line(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise InvalidRequestError(f"a media type is one line, not {text!r}")
    return text


def encoded_body(operation: AnyOperation, extra: Mapping[str, Any] | None) -> bytes | Multipart | None:
    """The body of an operation, written once for all attempts."""
    body = operation.body
    if extra:
        body = {**fields_of(body), **extra}
    if isinstance(body, Multipart):
        # One that is sent as it is, and at once if it is there.
        return body if body.whole is None else body.whole
    if operation.endpoint.is_form:
        return Multipart(fields_of(body), operation.endpoint.multipart, operation.endpoint.parts)
    return None if body is None else json_bytes(body)


def hashable(value: object) -> object:
    """What stands for a value in a hash: equal for equal values, whatever the order of their fields."""
    if isinstance(value, Mapping):
        return frozenset((key, hashable(inner)) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(hashable, value))
    if isinstance(value, AbstractSet):
        return frozenset(value)
    if isinstance(value, bytearray):
        return bytes(value)
    try:
        hash(value)
    except TypeError:
        # A model or a dataclass, equal to others of its type alone.
        return type(value), *((name, hashable(inner)) for name, inner in children(value))
    return value
