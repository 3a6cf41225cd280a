"""`hatch run bench`: one table of ratios to the official library. All subjects take turns in one run."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024 * 1024
ROUNDS = 3
IMPORTS = {"official": "openai", "ours": "openai_core", "httpx": "httpx"}


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Args:
        what: is measured.
        unit: and how to show it: the factor that turns seconds, bytes or calls into it.
        target: of the ratio to the official library, or of the value itself where `absolute`.
        more: whether more is better.
    """

    what: str
    unit: str
    factor: float
    target: float | None
    absolute: bool = False
    more: bool = False


ROWS = (
    Row("import, over bare Python", "ms", 1e3, 40, absolute=True),
    Row("process start to first chat", "ms", 1e3, 0.40),
    Row("memory after first chat", "MiB", 1 / MIB, 0.70),
    Row("chat", "µs CPU", 1e6, 0.22),
    Row("chat, 400 messages", "µs CPU", 1e6, 0.04),
    Row("chat chunk", "µs CPU", 1e6, 0.13),
    Row("responses event", "µs CPU", 1e6, 0.16),
    Row("embeddings, lists", "ms CPU", 1e3, 0.65),
    Row("embeddings, arrays", "ms CPU", 1e3, 0.25),
    Row("100 at once", "calls/s", 1, 2.5, more=True),
    Row("200 at once", "calls/s", 1, None, more=True),
    Row("upload 512 MB", "MiB more", 1 / MIB, 4, absolute=True),
    Row("download 512 MB", "MiB more", 1 / MIB, 4, absolute=True),
)


@contextmanager
def server() -> Iterator[str]:
    """The benchmark's server, in a process of its own; gives its base URL."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.stdin.close()


def run(*arguments: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}:\n{done.stderr}")
    return done.stdout


def seconds(*arguments: str) -> float:
    """How long a fresh interpreter takes."""
    started = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - started


def measured(row: Row, subject: str, url: str) -> float:
    """One measurement of one subject."""
    if row.what.startswith("import"):
        bare = min(seconds("-c", "pass") for _ in range(5))
        return min(seconds("-c", f"import {IMPORTS[subject]}") for _ in range(5)) - bare
    if row.what.startswith("process start"):
        return min(seconds("-m", "benchmarks.measure", subject, "first chat", url) for _ in range(2))
    what = "first chat" if row.what.startswith("memory") else row.what
    return float(json.loads(run("-m", "benchmarks.measure", subject, what, url)))


def table(rows: list[Row], subjects: list[str], url: str, rounds: int) -> list[str]:
    """Measure, and lay the figures out.

    Args:
        rows: what to measure.
        subjects: whom.
        url: of the server.
        rounds: how many times the subjects take turns; the median counts.
    """
    lines = [f"{'':30}" + "".join(f"{subject:>20}" for subject in subjects) + f"{'ratio':>10}{'target':>10}"]
    for row in rows:
        here = [subject for subject in subjects if not (row.what.startswith("import") and subject not in IMPORTS)]
        values: dict[str, list[float]] = {subject: [] for subject in here}
        for _ in range(rounds):
            for subject in here:
                values[subject].append(measured(row, subject, url))
        middle = {subject: median(found) for subject, found in values.items()}
        cells = [f"{middle[subject] * row.factor:.1f} {row.unit}" if subject in middle else "" for subject in subjects]
        ratio = middle["ours"] / middle["official"] if middle["official"] > 0 else float("nan")
        reached = middle["ours"] * row.factor if row.absolute else ratio
        met = row.target is None or (reached >= row.target if row.more else reached <= row.target)
        wanted = "" if row.target is None else f"{'≥' if row.more else '≤'} {row.target:g}{'' if met else ' !'}"
        lines.append(f"{row.what:30}" + "".join(f"{cell:>20}" for cell in cells) + f"{ratio:>10.3f}{wanted:>10}")
        print(lines[-1] if len(lines) > 2 else "\n".join(lines), flush=True)
    return lines


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__)
    parser.add_argument("--only", default="", help="measure only what contains this text")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how many times the subjects take turns")
    parser.add_argument("--all", action="store_true", help="measure the other transport, too")
    options = parser.parse_args()
    subjects = ["official", "ours", "httpx", *(["ours on pyreqwest"] if options.all else [])]
    with server() as url:
        table([row for row in ROWS if options.only in row.what], subjects, url, options.rounds)


if __name__ == "__main__":
    main()
