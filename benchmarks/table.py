"""Figures as tables: for each case a block that shows all, and one table of ratios."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.subjects import OFFICIAL, OURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case, Metric, Target

    Figures = dict[str, float]


class Results:
    """The figures of one case, round by round.

    Args:
        case: what was measured.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self._rounds: dict[str, list[Figures | None]] = {}

    def add(self, subject: str, figures: Figures | None) -> None:
        """Take in the figures of a subject in one more round; `None` if there are none."""
        self._rounds.setdefault(subject, []).append(figures)

    @property
    def subjects(self) -> list[str]:
        """Those that there are figures of."""
        return [subject for subject, rounds in self._rounds.items() if any(rounds)]

    def value(self, subject: str, metric: Metric) -> float:
        """The median over the rounds, in the metric's unit."""
        return median(figures[metric.name] for figures in self._rounds[subject] if figures) * metric.factor

    def ratios(self, subject: str, metric: Metric, other: str = OFFICIAL) -> list[float]:
        """The ratios to another subject in the same round, the lowest first; none where there are no figures."""
        pairs = zip(self._rounds.get(subject, ()), self._rounds.get(other, ()), strict=False)
        return sorted(one[metric.name] / two[metric.name] for one, two in pairs if one and two and two[metric.name] > 0)


def _reached(results: Results, subject: str, metric: Metric, target: Target) -> float | None:
    if target.of is None:
        return results.value(subject, metric)
    ratios = results.ratios(subject, metric, target.of)
    return median(ratios) if ratios else None


def _verdict(results: Results, subject: str, metric: Metric) -> str:
    """The target of a subject of ours, marked where it is missed."""
    target = metric.default if subject == OURS else metric.fastest if subject == _fastest(results, metric) else None
    reached = None if target is None else _reached(results, subject, metric, target)
    if target is None or reached is None:
        return ""
    met = reached >= target.bound if target.more else reached <= target.bound
    shown = f"  {reached:.2f}" if target.of not in {None, OFFICIAL} else ""
    return f"{shown}  wanted {target}{'' if met else ' (missed)'}"


def _fastest(results: Results, metric: Metric) -> str | None:
    """Our fastest transport that is an extra."""
    extras = [subject for subject in results.subjects if subject.startswith(f"{OURS} on ")]
    best = max if metric.unit == "calls/s" else min
    return best(extras, key=lambda subject: results.value(subject, metric), default=None)


def block(results: Results) -> str:
    """All figures of a case: the median, its ratio to the official library's and from where to where that went."""
    lines = [""]
    for metric in results.case.metrics:
        lines.append(f"{results.case.name}, {metric.unit}")
        for subject in results.subjects:
            ratios = results.ratios(subject, metric)
            spread = f"{median(ratios):10.3f}  ({ratios[0]:.3f}-{ratios[-1]:.3f})" if ratios else ""
            line = f"  {subject:22}{results.value(subject, metric):12.1f}{spread:28}"
            lines.append((line + _verdict(results, subject, metric)).rstrip())
    return "\n".join(lines)


def markdown(found: Sequence[Results], subjects: Sequence[str]) -> str:
    """The ratios to the official library, its own figures, and what has no ratio in brackets, as one table."""
    others = [subject for subject in subjects if subject != OFFICIAL]
    lines = [
        "| " + " | ".join(["", OFFICIAL, *others]) + " |",
        "| --- |" + " ---: |" * len(subjects),
    ]
    for results in found:
        for metric in results.case.metrics:
            cells = [f"{results.case.name}, {metric.unit}", _cell(results, OFFICIAL, metric)]
            cells += [_ratio_cell(results, subject, metric) for subject in others]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(results: Results, subject: str, metric: Metric) -> str:
    if subject not in results.subjects:
        return ""
    value = results.value(subject, metric)
    return f"{value:,.{0 if value >= 100 else 1}f}".replace(",", " ")


def _ratio_cell(results: Results, subject: str, metric: Metric) -> str:
    ratios = results.ratios(subject, metric)
    # To what has grown by nothing there is no ratio.
    if not ratios or "more" in metric.unit:
        own = _cell(results, subject, metric)
        return f"({own})" if own else ""
    spread = f" ({ratios[0]:.2g}-{ratios[-1]:.2g})" if subject.startswith(OURS) else ""
    return f"{median(ratios):.2g}{spread}"
