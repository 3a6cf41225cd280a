"""What is measured, in which unit, and what it should come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from benchmarks.answers import THINK_TIME
from benchmarks.subjects import OFFICIAL

MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Target:
    """What a figure of ours should come to.

    Args:
        bound: of the ratio to another subject, or of the figure itself.
        of: the other subject; `None` for the figure itself, in its unit.
        more: whether more is better.
    """

    bound: float
    of: str | None = OFFICIAL
    more: bool = False

    def __str__(self) -> str:
        sign = "≥" if self.more else "≤"
        return f"{sign} {self.bound:g}" if self.of == OFFICIAL else f"{sign} {self.bound:g} {self.of or ''}".rstrip()


@dataclass(frozen=True)
class Metric:
    """One figure of a case.

    Args:
        name: what `benchmarks.measure` calls it.
        unit: it is shown in.
        factor: that turns seconds, bytes or calls into the unit.
        default: target of the default transport.
        fastest: target of the fastest one.
    """

    name: str
    unit: str
    factor: float
    default: Target | None = None
    fastest: Target | None = None


@dataclass(frozen=True)
class Case:
    """A job that is measured.

    Args:
        name: what `benchmarks.measure` calls it.
        metrics: what is seen of it.
        once: whether it takes so long that it is measured when it is asked for, and in one round.
    """

    name: str
    metrics: tuple[Metric, ...]
    once: bool = False


def _cpu(name: str, unit: str, default: float | None = None, fastest: float | None = None) -> Case:
    factor = {"µs": 1e6, "ms": 1e3}[unit]
    targets = [None if bound is None else Target(bound) for bound in (default, fastest)]
    return Case(name, (Metric("cpu", f"{unit} CPU", factor, *targets),))


def _at_once(name: str, rate: tuple[Target | None, Target | None], p99: Target | None = None) -> Case:
    metrics = (
        Metric("rate", "calls/s", 1, *rate),
        Metric("p50", "ms p50", 1e3),
        Metric("p99", "ms p99", 1e3, p99),
        Metric("cpu", "µs CPU", 1e6),
    )
    return Case(name, metrics)


_FOUR_TIMES: Final = Target(4 * THINK_TIME * 1e3, of=None)
_MOST_OF_AIOHTTP: Final = (None, Target(0.6, of="aiohttp", more=True))
_FLAT: Final = Metric("bytes", "MiB more", 1 / MIB, Target(1, of=None), Target(1, of=None))
CASES: Final = (
    Case("import", (Metric("seconds", "ms", 1e3, Target(40, of=None)),)),
    Case("process start to first chat", (Metric("seconds", "ms", 1e3, Target(0.35), Target(0.25)),)),
    Case("memory after first chat", (Metric("bytes", "MiB", 1 / MIB, Target(0.7)),)),
    _cpu("chat", "µs", 0.18, 0.10),
    _cpu("responses", "µs", 0.18, 0.10),
    _cpu("models list", "µs", 0.18, 0.10),
    _cpu("chat, async", "µs", 0.45, 0.12),
    _cpu("responses, async", "µs"),
    _cpu("models list, async", "µs"),
    _cpu("chat, 400 messages", "µs", 0.03, 0.02),
    _cpu("chat, 400 messages, async", "µs"),
    _cpu("chat, 200 messages of 10 parts", "µs"),
    _cpu("chat, 200 messages of 10 parts, async", "µs"),
    _cpu("chat chunk", "µs", 0.12, 0.07),
    _cpu("responses event", "µs", 0.15, 0.08),
    _cpu("chat chunk, async", "µs"),
    _cpu("responses event, async", "µs"),
    _cpu("chat chunk, 16 000 accumulated", "µs", 0.12),
    _cpu("chat chunk, 16 000 accumulated, async", "µs"),
    _cpu("stream passed on unchanged", "µs"),
    _cpu("stream passed on unchanged, async", "µs"),
    _cpu("embeddings, lists", "ms", 0.55),
    _cpu("embeddings, arrays", "ms", 0.20),
    _cpu("embeddings, lists, async", "ms"),
    _at_once("100 at once", (Target(5, more=True), Target(15, more=True))),
    _at_once("20 at once, thinking", (None, None)),
    _at_once("100 at once, thinking", (None, None)),
    _at_once("200 at once, thinking", _MOST_OF_AIOHTTP, _FOUR_TIMES),
    _at_once("800 at once, thinking", _MOST_OF_AIOHTTP),
    Case("upload 512 MB", (Metric("bytes", "MiB more", 1 / MIB, Target(4, of=None)),)),
    Case("download 512 MB", (Metric("bytes", "MiB more", 1 / MIB, Target(4, of=None)),)),
    Case("memory over 100 000 calls", (_FLAT,), once=True),
    Case("memory over 100 000 calls, async", (_FLAT,), once=True),
)
