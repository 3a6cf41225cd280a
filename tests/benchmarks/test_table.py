from __future__ import annotations

from benchmarks.cases import CASES, Case, Metric, Target
from benchmarks.table import Results, block, markdown

CPU = Metric("cpu", "µs CPU", 1e6, Target(0.2), Target(0.1))
RATE = Metric("rate", "calls/s", 1, fastest=Target(0.6, of="aiohttp", more=True))


def results(case, **rounds):
    found = Results(case)
    for subject, values in rounds.items():
        for value in values:
            found.add(subject.replace("_", " "), None if value is None else {case.metrics[0].name: value})
    return found


def test_ratios_are_those_of_one_round():
    """A round in which the machine was busy made all slower: what counts is who was, and by how much."""
    found = results(Case("chat", (CPU,)), official=[1e-3, 4e-3, 2e-3], ours=[2e-4, 6e-4, 4e-4])
    assert [round(ratio, 3) for ratio in found.ratios("ours", CPU)] == [0.15, 0.2, 0.2]
    assert round(found.value("ours", CPU)) == 400


def test_a_round_in_which_one_failed_has_no_ratio():
    found = results(Case("chat", (CPU,)), official=[None, 1e-3, 2e-3], ours=[5e-4, 1e-4, 4e-4])
    assert [round(ratio, 3) for ratio in found.ratios("ours", CPU)] == [0.1, 0.2]
    assert round(found.value("official", CPU)) == 1500


def test_a_block_shows_figures_ratios_spread_and_targets():
    lines = block(
        results(
            Case("chat", (CPU,)),
            official=[1e-3, 1e-3],
            ours=[2.5e-4, 3e-4],
            ours_on_a=[9e-5, 9e-5],
            ours_on_b=[5e-4, 5e-4],
            aiohttp=[None, None],
        )
    ).splitlines()
    assert lines[1] == "chat, µs CPU"
    assert lines[3].split() == ["ours", "275.0", "0.275", "(0.250-0.300)", "wanted", "≤", "0.2", "(missed)"]
    assert lines[4].split() == ["ours", "on", "a", "90.0", "0.090", "(0.090-0.090)", "wanted", "≤", "0.1"]
    # The target is that of the fastest extra, and a subject that doesn't do the job has no line.
    assert "wanted" not in lines[5]
    assert len(lines) == 6


def test_a_target_may_be_another_subject():
    text = block(results(Case("200", (RATE,)), official=[100], ours_on_a=[500], aiohttp=[1000]))
    assert "0.50  wanted ≥ 0.6 aiohttp (missed)" in text


def test_the_table_has_the_official_figures_and_the_ratios_of_the_others():
    found = results(Case("chat", (CPU,)), official=[1.2345678], ours=[0.1])
    assert markdown([found], ["official", "ours", "aiohttp"]).splitlines() == [
        "|  | official | ours | aiohttp |",
        "| --- | ---: | ---: | ---: |",
        "| chat, µs CPU | 1 234 568 | 0.081 (0.081-0.081) |  |",
    ]


def test_memory_is_to_be_flat_on_the_fastest_transport_as_well():
    metrics = [metric for case in CASES if case.name.startswith("memory over") for metric in case.metrics]
    assert [(metric.default, metric.fastest) for metric in metrics] == [(Target(1, of=None),) * 2] * 2
