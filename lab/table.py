"""The table of what goes wrong: a line for each scenario in each colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.judge import wrong
from lab.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.run import Colour, Found, Lab
    from lab.scenarios import Scenario

_LINE: Final = "{:45} {:8} {:5} {:27} {:>7} {:>8} {:>7} {:>6}  {:16} {}"
_HEAD: Final = _LINE.format(
    "what goes wrong", "call", "", "what the caller sees", "partial", "requests", "seconds", "within", "left behind", ""
)  # fmt: skip
_LONGEST: Final = 110


def line(scenario: Scenario, colour: Colour, found: Found, problems: Sequence[str]) -> str:
    """A line of the table.

    Args:
        scenario: what went wrong.
        colour: of the client.
        found: what came of it.
        problems: what isn't as promised; if nothing, the line ends with the error's message.
    """
    saw = found.kind or f"{found.came} of {scenario.came}"
    asked = f"{found.requests}" if found.requests == found.attempts else f"{found.requests} of {found.attempts}"
    said = "; ".join(problems) or " ".join(str(found.error or "").split())
    return _LINE.format(
        scenario.name, scenario.call, colour, saw, found.partial or "", asked, f"{found.seconds:.2f}",
        f"{scenario.seconds:g}", ", ".join(found.left) or "nothing",
        said if problems or len(said) <= _LONGEST else f"{said[:_LONGEST]}…",
    ).rstrip()  # fmt: skip


def table(lab: Lab, transport: str, colours: Sequence[Colour], only: str = "") -> int:
    """Run and print the scenarios.

    Args:
        lab: the servers.
        transport: over which.
        colours: of the clients.
        only: what the names of the scenarios contain.

    Returns:
        How many aren't as promised.
    """
    bad = 0
    print(_HEAD.rstrip())
    for scenario in SCENARIOS:
        if only not in scenario.name:
            continue
        for colour in colours:
            found = lab.run(scenario, colour, transport)
            problems = wrong(scenario, found)
            known = scenario.but.get(f"{colour} {transport}")
            if known and problems:
                problems = [f"known: {known}"]
            else:
                bad += bool(problems)
            print(line(scenario, colour, found, problems), flush=True)
    return bad
