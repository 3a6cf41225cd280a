"""What something costs, in calls: the same on any machine."""

from __future__ import annotations

import sys
from collections.abc import Callable


def count_calls(job: Callable[[], object]) -> int:
    """How many calls of functions a job takes, those made of C included."""
    counted = 0

    def tally(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(tally)
    try:
        job()
    finally:
        sys.setprofile(None)
    return counted
