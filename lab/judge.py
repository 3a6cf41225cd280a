"""Compares what came of a scenario with what is promised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.run import Found
    from lab.scenarios import Scenario


def wrong(promised: Scenario, found: Found) -> list[str]:
    """What isn't as promised."""
    attempts = promised.requests if promised.attempts is None else promised.attempts
    came = None if promised.raises else promised.came
    pairs = {
        "error": (promised.raises, found.kind),
        "came": (came, None if promised.raises else found.came),
        "partial": (promised.partial, found.partial),
        "outcome": (promised.outcome, found.outcome),
        "requests": (promised.requests, found.requests),
        "attempts": (attempts, found.attempts),
        "left": ([f"file {name}" for name in promised.left], found.left),
    }
    problems = [
        f"{what}: {there!r} instead of {wanted!r}" for what, (wanted, there) in pairs.items() if wanted != there
    ]
    if found.error and not re.search(promised.says, str(found.error)):
        problems.append(f"message: {str(found.error)!r} lacks {promised.says!r}")
    if found.seconds > promised.seconds:
        problems.append(f"seconds: {found.seconds:.2f} instead of {promised.seconds:g}")
    return problems
