"""Server-sent events as the API writes them."""

from __future__ import annotations

import json
from typing import Any, Final

DONE: Final = b"data: [DONE]\n\n"
"""How streams without typed events end."""


def data(document: dict[str, Any]) -> bytes:
    """An event without a name."""
    return b"data: " + encode(document) + b"\n\n"


def event(document: dict[str, Any]) -> bytes:
    """An event named after the document's `type`."""
    return b"event: " + str(document["type"]).encode() + b"\n" + data(document)


def encode(document: object) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
