"""What the library writes to its log, and what it never does."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

logger: Final = logging.getLogger("openai_core")

_SECRET_NAME: Final = re.compile(r"auth|api[-_]?key|token$|secret|cookie|password|credential", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(r"\b(sk-|Bearer\s+|ek_|whsec_)[\w\-.=+/]{4,}")
_MANY: Final = 6
_LONG: Final = 200


def redacted(value: object, name: str = "") -> Any:
    """A value fit for a log: without secrets, and short."""
    if name and isinstance(value, str) and _SECRET_NAME.search(name):
        return "***"
    if isinstance(value, str):
        text = _SECRET_VALUE.sub(r"\1***", value)
        return text if len(text) <= _LONG else f"{text[:_LONG]}… ({len(text)} characters)"
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        return {key: redacted(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, Sequence):
        shown: list[Any] = [redacted(inner) for inner in value[:_MANY]]
        return shown if len(value) <= _MANY else [*shown, f"… {len(value) - _MANY} more"]
    return value
