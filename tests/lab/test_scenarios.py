"""The table of what goes wrong: what `hatch run lab` prints is asserted here."""

from __future__ import annotations

import pytest

from lab.judge import wrong
from lab.run import COLOURS, Found, colours_of
from lab.scenarios import SCENARIOS, Scenario
from openai_core import MissingPluginError


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_is_promised_comes_of_it(lab, transport, scenario, colour, request):
    """What the caller sees, how many requests are sent, in which time, and that nothing is left behind."""
    if colour not in colours_of(transport):
        pytest.skip(f"{transport} isn't {colour}")
    if known := scenario.but.get(f"{colour} {transport}"):
        request.applymarker(pytest.mark.xfail(strict=True, reason=known))
    assert wrong(scenario, lab.run(scenario, colour, transport)) == []


def test_names_are_unique():
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names))


def test_whatever_is_not_as_promised_is_told():
    promised = Scenario("it rains", "chat", raises="APIConnectionError", says="umbrella", seconds=1, left=("a.part",))
    found = Found(came=1, partial=2, outcome="failed", requests=2, attempts=3, seconds=1.5, left=["1 sockets"])

    assert [problem.partition(":")[0] for problem in wrong(promised, found)] == [
        "error",
        "partial",
        "outcome",
        "requests",
        "attempts",
        "left",
        "seconds",
    ]
    assert "lacks 'umbrella'" in wrong(promised, Found(error=ValueError("it snows")))[-1]


def test_a_transport_that_there_is_not_is_told_of():
    with pytest.raises(MissingPluginError, match="carrier-pigeon"):
        colours_of("carrier-pigeon")
