"""A deadline ends whatever goes wrong, with every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.figures import Figure
from lab.scenarios import SCENARIOS, Scenario
from openai_core import RetryPolicy
from openai_core_emulator.faults import Fault, variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.run import Colour, Lab
    from openai_core_emulator.faults.kinds import Where

_DEADLINE: Final = 0.5
_GRACE: Final = 1.0
# Retries go on as long as the deadline allows.
_PATIENT: Final = {"deadline": _DEADLINE, "retry": RetryPolicy(10_000, initial=0.01, maximum=0.01)}
_CALLS: Final[dict[Where, tuple[str, ...]]] = {
    "request": ("chat", "stream", "pages", "wait", "download", "session"),
    "stream": ("stream", "response"),
    "tls": ("chat", "pages", "session"),
}
# Later on, a session has brought something, and is made anew for as long as it does.
_SOCKETS: Final = ("wrong_accept", "cut_socket event=0", "cut_socket event=0 how=hang_up")
_DRIPPING: Final = "drip where=headers"


def faults() -> list[tuple[Fault, str]]:
    """Each fault that can last, with each call that it can befall."""
    lasting = [Fault("status", status=503), Fault("rate_limit", seconds=60)]
    lasting += [each for each in variants(*_CALLS) if each.name not in {"status", "rate_limit"}]
    found = [(fault, call) for fault in lasting for call in _CALLS[fault.kind.where]]
    return found + [(Fault.parse(text), "session") for text in _SOCKETS]


def deadlines(lab: Lab, transport: str, colours: Sequence[Colour], *, every: int = 1) -> Iterator[Figure]:
    """Let each fault befall each call with a deadline.

    Args:
        lab: the servers.
        transport: over which.
        colours: of the clients.
        every: how many to take only one of.
    """
    for colour in colours:
        latest, problems, counted = 0.0, [], 0
        for fault, call in faults()[::every]:
            if str(fault) == _DRIPPING and _cannot(colour, transport):
                continue
            setup = "tls" if fault.kind.where == "tls" else ""
            scenario = Scenario(f"{fault}", call, (str(fault),), options=_PATIENT, setup=setup)
            found = lab.run(scenario, colour, transport)
            counted += 1
            latest = max(latest, found.seconds)
            if found.seconds > _DEADLINE + _GRACE:
                problems.append(f"{call}, {fault}: {found.seconds:.2f} s")
            if found.left:
                problems.append(f"{call}, {fault}: {found.left} left")
        what = f"a deadline of {_DEADLINE:g} s bounds every fault, {colour}"
        yield Figure(what, counted, f"{latest:.2f} s at the latest", problems)


def _cannot(colour: Colour, transport: str) -> bool:
    """Whether the table says that headers which drip aren't ended in time."""
    (row,) = (scenario for scenario in SCENARIOS if scenario.faults[:1] == (f"{_DRIPPING} seconds=0.005",))
    return f"{colour} {transport}" in row.but
