"""A figure of an endurance run, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Args:
        what: was done.
        times: how often.
        value: what came of it, for people.
        problems: what isn't as promised.
    """

    what: str
    times: int
    value: str
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        state = "; ".join(self.problems[:3]) or "as promised"
        return f"{self.what:62} {self.times:>9,}  {self.value:44} {state}"
