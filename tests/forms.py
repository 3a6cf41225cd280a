"""Multipart forms as they went over the wire."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import NamedTuple


class Part(NamedTuple):
    """One field of a form; `filename` is None where it is no file."""

    name: str
    filename: str | None
    content: bytes


def parts(request) -> list[Part]:
    """The fields of a form that the emulator was sent, in order."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return [
        Part(part.get_param("name", header="content-disposition"), part.get_filename(), part.get_payload(decode=True))
        for part in message.iter_parts()
    ]


def texts(request) -> list[tuple[str, str]]:
    """The fields of a form that are no files."""
    return [(part.name, part.content.decode()) for part in parts(request) if part.filename is None]


def files(request) -> list[Part]:
    """The fields of a form that are files."""
    return [part for part in parts(request) if part.filename is not None]
