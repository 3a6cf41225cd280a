"""Searching files: their text cut into passages, which are ranked by the words that they share with the query."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from .errors import bad
from .text import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_WORD: Final = re.compile(r"\w+")
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
    "in": lambda one, others: one in others,
    "nin": lambda one, others: one not in others,
}


def readable(content: bytes) -> str | None:
    """The text of a file, `None` if it is no text."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def passages(text: str, longest: int, overlap: int) -> Iterator[str]:
    """A text in passages.

    Args:
        text: to be cut.
        longest: how many tokens a passage has at most.
        overlap: how many of them the next one begins with.
    """
    pieces = tokens(text)
    for start in range(0, max(1, len(pieces) - overlap), longest - overlap):
        yield "".join(pieces[start : start + longest])


def score(passage: str, queries: Sequence[str]) -> float:
    """How well a passage fits the best fitting of several queries: the cosine of their words, from 0 to 1."""
    words = Counter(_words(passage))
    return max((_cosine(words, Counter(_words(query))) for query in queries), default=0.0)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    shared = sum(times * other[word] for word, times in one.items())
    lengths = math.sqrt(sum(times**2 for times in one.values()) * sum(times**2 for times in other.values()))
    return min(1.0, round(shared / lengths, 6)) if shared else 0.0


def fits(attributes: Mapping[str, Any] | None, wanted: Mapping[str, Any], where: str = "filters") -> bool:
    """Whether the attributes of a file pass a filter.

    Args:
        attributes: of the file.
        wanted: the filter.
        where: it stands in the request, to name the parameter at fault.
    """
    kind: Any = wanted.get("type")
    inner = wanted.get("filters")
    if kind in {"and", "or"} and isinstance(inner, list):
        passed = [fits(attributes, each, f"{where}.filters[{number}]") for number, each in enumerate(inner)]
        return all(passed) if kind == "and" else any(passed)
    if kind not in _COMPARISONS or not isinstance(wanted.get("key"), str) or "value" not in wanted:
        raise bad(
            f"Invalid '{where}': expected 'and' or 'or' with 'filters', or a comparison with 'key' and 'value'.",
            param=where,
        )
    given = (attributes or {}).get(wanted["key"])
    if given is None:
        return kind in {"ne", "nin"}
    try:
        return _COMPARISONS[kind](given, wanted["value"])
    except TypeError:
        # What can't be compared isn't a match, as for any database.
        return False
