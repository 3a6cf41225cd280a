"""A text that a regular expression matches, for the expressions that people write into JSON schemas."""

from __future__ import annotations

import re
from typing import Final

_CLASSES: Final = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "t": "\t", "n": "\n"}
_CANDIDATES: Final = "a0A-_ .:/@#+"


def matching(pattern: str) -> str:
    """A short text that the pattern matches.

    Literals, classes, groups, alternatives and quantifiers are understood; what isn't (such as look-around) gives a
    text that may not match.
    """
    return _Reader(pattern).alternatives()


class _Reader:
    """Walks along a pattern and collects the shortest text for it."""

    def __init__(self, pattern: str) -> None:
        self._rest = pattern

    def alternatives(self) -> str:
        first = self._sequence()
        while self._rest.startswith("|"):
            self._take(1)
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while self._rest and self._rest[0] not in "|)":
            atom = self._atom()
            text += atom * self._quantity()
        return text

    def _atom(self) -> str:
        sign = self._take(1)
        if sign in "^$":
            return ""
        if sign == ".":
            return "a"
        if sign == "\\":
            escaped = self._take(1)
            return "" if escaped in "bBAZz" else _CLASSES.get(escaped, escaped)
        if sign == "[":
            return self._character_class()
        if sign == "(":
            if prefix := re.match(r"\?(?::|P?<\w+>)", self._rest):
                self._take(prefix.end())
            text = self.alternatives()
            self._take(1)
            return text
        return sign

    def _character_class(self) -> str:
        inside = re.match(r"\^?\]?(?:\\.|[^\]\\])*", self._rest)
        body = inside[0] if inside else ""
        self._take(len(body) + 1)
        allowed = re.compile(f"[{body}]")
        others = (chr(code) for code in range(32, 0x250))
        return next((sign for sign in (*_CANDIDATES, *others) if allowed.fullmatch(sign)), "")

    def _quantity(self) -> int:
        found = re.match(r"(?:([*+?])|\{(\d+)(?:,\d*)?\})[?+]?", self._rest)
        if found is None:
            return 1
        self._take(found.end())
        if found[1]:
            return 1 if found[1] == "+" else 0
        return int(found[2])

    def _take(self, length: int) -> str:
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken
