"""What a cassette holds, read from its file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = 1
"""Of the form in which it is written."""
_ANEW: Final = "delete it to have it recorded anew, or pass record=True"
_REQUEST: Final = {"method": str, "path": str, "query": dict}


def read(path: Path) -> list[dict[str, Any]]:
    """The exchanges in a file.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is no cassette of this version.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"there is no cassette {path}: record it once, with record=True or without record=, and keep the file"
        ) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no cassette, for it is no text: {error}; {_ANEW}") from None
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no cassette, for it is no JSON: {error}; {_ANEW}") from None
    if not isinstance(held, dict) or "version" not in held:
        raise ValueError(f"{path} is no cassette: it has no version; {_ANEW}")
    if held["version"] != VERSION:
        raise ValueError(
            f"{path} is a cassette of version {held['version']!r:.40}, and this openai-core reads version {VERSION}; "
            f"{_ANEW}"
        )
    exchanges = held.get("exchanges")
    if not isinstance(exchanges, list):
        raise ValueError(f"{path} is no cassette: it has no list of exchanges; {_ANEW}")  # noqa: TRY004 - of a file
    for number, exchange in enumerate(exchanges):
        if not _is_exchange(exchange):
            raise ValueError(f"{path} can't be played: exchanges[{number}] lacks something, or is changed; {_ANEW}")
    return exchanges


def _is_exchange(exchange: Any) -> bool:
    request = exchange.get("request") if isinstance(exchange, dict) else None
    return (
        isinstance(request, dict)
        and "body" in request
        and all(isinstance(request.get(name), kind) for name, kind in _REQUEST.items())
        and isinstance(exchange.get("status"), int)
        and isinstance(exchange.get("headers"), dict)
        and isinstance(exchange.get("chunks"), list)
        and all(map(_is_chunk, exchange["chunks"]))
    )


def _is_chunk(chunk: Any) -> bool:
    if not isinstance(chunk, list) or len(chunk) != 2 or not isinstance(chunk[0], (int, float)):  # noqa: PLR2004 - seconds, text
        return False
    return isinstance(chunk[1], str) or (isinstance(chunk[1], dict) and isinstance(chunk[1].get("base64"), str))
