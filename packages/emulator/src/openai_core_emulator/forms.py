"""Queries and multipart forms as nested values: `a[b]=1` is an object, `a[]=1` or a repeated `a` an array."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME: Final = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<key>[^\[\]]*)\])?")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a form."""

    filename: str
    content: bytes
    content_type: str | None = None


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The values under their names, in the order of arrival."""
    values: dict[str, Any] = {}
    for raw, value in pairs:
        match = _NAME.fullmatch(raw)
        name, key = (match["name"], match["key"]) if match else (raw, None)
        if key:
            members = values.setdefault(name, {})
            if isinstance(members, dict):
                members[key] = value
        elif key == "" or name in values:
            before = values.get(name, [])
            values[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            values[name] = value
    return values
