"""What the library writes to its log, and what it never does."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import logging

LEVEL: Final = "OPENAI_LOG"
"""The environment variable that has the log shown, and from which level on: `debug` or `info`."""
_DEBUG: Final = 10

# Neither an author nor the id of a key is one.
_HIDDEN: Final = r"(?i)auth(?!ors?\b|or_)|api[-_]?key(?!_(id|last))|token$|secret|cookie|password|credential"
# What stands in a group is shown.
_BY_ITS_LOOK: Final = r"\b(sk-|Bearer\s+|ek_|whsec_)[\w\-.=+/]{4,}"
_IN_URL: Final = r"(://[^\s/?#@:]*:)[^\s/?#@]+(?=@)"
_IN_QUERY: Final = r"([?&]([^\s?&=#]+)=)[^\s&#\"']+"
# What is shorter may be a word as well.
_PIECE: Final = re.compile(r"[^\s=;,]{8,}")
# Of keys that are renewed all the time, the last are enough.
_MOST_KNOWN: Final = 256
_known: Final[dict[str, list[str]]] = {}
_lock: Final = Lock()
_MANY: Final = 6
_LONG: Final = 200


@cache
def logger() -> logging.Logger:
    """The library's logger."""
    import logging

    return logging.getLogger("openai_core")


def debug(message: str, *args: object) -> None:
    """Log each step, for a program that has imported `logging`: that takes its time, and others see warnings alone."""
    # Asked first, as most say no: that takes half as long as being told so by a method that logs.
    if "logging" in sys.modules and logger().isEnabledFor(_DEBUG):
        logger().debug(message, *args, stacklevel=2)


def info(message: str, *args: object) -> None:
    """Log what isn't as usual; see `debug`."""
    if "logging" in sys.modules:
        logger().info(message, *args, stacklevel=2)


def warning(message: str, *args: object) -> None:
    """Log what may have been lost."""
    logger().warning(message, *args, stacklevel=2)


def show_as_asked() -> None:
    """Show the log on the standard error stream if the environment asks for it, while the program shows none itself."""
    if os.environ.get(LEVEL):
        _show()


@cache
def _show() -> None:
    import logging

    level = os.environ[LEVEL].upper()
    own = logger()
    if level not in logging.getLevelNamesMapping():
        own.warning("%s is no level that %s can be: debug and info are", level.lower(), LEVEL)
        return
    handler = logging.StreamHandler()
    handler.name = LEVEL
    handler.setFormatter(logging.Formatter("[%(asctime)s %(name)s %(levelname)s] %(message)s"))
    # The program may get handlers at any time.
    handler.addFilter(lambda _: {each.name for each in (*own.handlers, *logging.getLogger().handlers)} == {LEVEL})
    own.addHandler(handler)
    if own.level == logging.NOTSET:
        own.setLevel(level)


def hide(value: str) -> None:
    """Remember what is sent as a secret: if a server repeats it in a message, it isn't shown.

    Args:
        value: of a header or a query parameter, such as `Bearer ...`.
    """
    if value in _known:
        return
    pieces = [value] if _PIECE.fullmatch(value) else _PIECE.findall(value)
    with _lock:
        _known[value] = pieces
        while len(_known) > _MOST_KNOWN:
            del _known[next(iter(_known))]


def is_secret(name: str) -> bool:
    """Whether what has this name is to be hidden."""
    return re.search(_HIDDEN, name) is not None


def known_secrets() -> list[str]:
    """What was sent as a secret by this process, of late."""
    return [piece for pieces in tuple(_known.values()) for piece in pieces]


def known_keys() -> list[str]:
    """As `known_secrets`, with those that are so short that in a message they might be words."""
    return [
        *known_secrets(),
        *(value for value, pieces in tuple(_known.items()) if not pieces and re.fullmatch(r"\S+", value)),
    ]


def secret_spans(text: str, known: Iterable[str]) -> list[tuple[int, int]]:
    """Where in a text there are secrets: from which character on, and up to which. They don't overlap.

    Args:
        text: in which to look for what looks like a secret.
        known: what is one besides.
    """
    found = [(match.end(1), match.end()) for match in re.finditer(_BY_ITS_LOOK, text)]
    if "://" in text:
        found += [(match.end(1), match.end()) for match in re.finditer(_IN_URL, text)]
    if "=" in text:
        found += [(match.end(1), match.end()) for match in re.finditer(_IN_QUERY, text) if is_secret(match[2])]
    for secret in known:
        kind = re.match(_BY_ITS_LOOK, secret)
        shown = kind.end(1) if kind else 0
        start = text.find(secret)
        while start >= 0:
            found.append((start + shown, start + len(secret)))
            start = text.find(secret, start + len(secret))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def without_secrets(text: str) -> str:
    """A text in which no key is shown: none that looks like one, and none that was sent."""
    for start, end in reversed(secret_spans(text, known_secrets())):
        text = f"{text[:start]}***{text[end:]}"
    return text


def redacted(value: object, name: str = "") -> Any:
    """A value fit for a log: without secrets, and short."""
    if isinstance(value, str):
        return "***" if name and is_secret(name) else _short(value)
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
    text = without_secrets(text)
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
