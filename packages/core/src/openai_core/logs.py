"""What the library writes to its log, and what it never does."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, Final

logger: Final = logging.getLogger("openai_core")
LEVEL: Final = "OPENAI_LOG"
"""The environment variable that has the log shown, and from which level on: `debug` or `info`."""
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}

_SECRET_NAME: Final = re.compile(r"auth|api[-_]?key|token$|secret|cookie|password|credential", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(r"\b(sk-|Bearer\s+|ek_|whsec_)[\w\-.=+/]{4,}")
_MANY: Final = 6
_LONG: Final = 200


def show_as_asked() -> None:
    """Show the log on the standard error stream if the environment asks for it, and the program doesn't show it."""
    level = _LEVELS.get(os.environ.get(LEVEL, "").lower())
    if level is None or logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("[%(asctime)s %(name)s %(levelname)s] %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False


def redacted(value: object, name: str = "") -> Any:
    """A value fit for a log: without secrets, and short."""
    if isinstance(value, str):
        return "***" if name and _SECRET_NAME.search(name) else _short(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    named = _named(value)
    if named is not None:
        return {key: redacted(inner, str(key)) for key, inner in named.items()}
    if isinstance(value, (Sequence, AbstractSet)):
        shown: list[Any] = [redacted(inner) for inner in islice(value, _MANY)]
        return shown if len(value) <= _MANY else [*shown, f"… {len(value) - _MANY} more"]
    return _short(str(value))


def _short(text: str) -> str:
    text = _SECRET_VALUE.sub(r"\1***", text)
    return text if len(text) <= _LONG else f"{text[:_LONG]}… ({len(text)} characters)"


def _named(value: Any) -> Mapping[Any, Any] | None:
    """The fields of a mapping, a model or a dataclass."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, type):
        return None
    if hasattr(value, "__pydantic_fields_set__"):
        return dict(value)
    return {field.name: getattr(value, field.name) for field in fields(value)} if is_dataclass(value) else None
