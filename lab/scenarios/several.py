"""What goes wrong with calls that take several requests: pages, and waiting for what is done in the background."""

from __future__ import annotations

from typing import Final

from lab.calls import FILES
from lab.scenarios.scenario import BOUNDED, DEADLINE, UNHURRIED, Scenario

SEVERAL: Final = (
    Scenario(
        "the second page fails twice", "pages", (None, "status status=500", "no_answer", None), came=FILES,
        requests=FILES + 2,
    ),
    Scenario(
        "the second page never comes, deadline", "pages", (None, "no_answer how=silence"), "DeadlineExceededError",
        requests=2, seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario("the second page isn't there", "pages", (None, "status status=404"), "NotFoundError", requests=2),
    Scenario(
        "a look fails twice", "wait", (None, "status status=500", "no_answer", None), came=1, requests=5, seconds=4,
    ),
    Scenario(
        "a look is never answered, deadline", "wait", (None, "no_answer how=silence"), "DeadlineExceededError",
        requests=2, seconds=DEADLINE + 1, options=BOUNDED,
    ),
    Scenario(
        "every look fails, deadline", "wait", (None, "status status=503"), "DeadlineExceededError", requests=2,
        seconds=DEADLINE + 1, options={**BOUNDED, **UNHURRIED},
    ),
)  # fmt: skip
"""The first request is answered well."""
