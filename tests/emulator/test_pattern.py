from __future__ import annotations

import re

import pytest

from openai_core_emulator.pattern import matching


@pytest.mark.parametrize(
    "pattern",
    [
        "abc",
        r"^\d{4}-\d{2}-\d{2}$",
        "^[A-Z]{2,3}$",
        "^[^a-z0-9]+$",
        r"^\+?[1-9]\d{1,14}$",
        r"^(red|green)-(?:light|dark)$",
        r"^(?P<year>\d+)\.(\w+)?$",
        r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
        r"^\[.*\]$",
        r"^a{0,3}b*?c+$",
        r"^[\]\-]x$",
        r"\bword\b",
    ],
)
def test_the_text_matches(pattern: str) -> None:
    assert re.search(pattern, matching(pattern))
