"""`hatch run bench`: this library beside others. All subjects take turns in one run, and ratios are what counts."""

from __future__ import annotations

import argparse
from fnmatch import fnmatch

from benchmarks.cases import CASES
from benchmarks.running import measured, server
from benchmarks.subjects import names
from benchmarks.table import Results, block, markdown

ROUNDS = 3


def chosen(available: list[str], patterns: list[str] | None) -> list[str]:
    """The names that one of the patterns fits, in the order of what is available.

    Raises:
        SystemExit: for a pattern that fits nothing.
    """
    for pattern in patterns or ():
        if not any(fnmatch(name, pattern) for name in available):
            raise SystemExit(f"nothing here is called {pattern!r}; there are: {'; '.join(available)}")
    return [name for name in available if patterns is None or any(fnmatch(name, each) for each in patterns)]


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__)
    parser.add_argument(
        "--cases", nargs="+", metavar="PATTERN", help="what to measure, as 'chat*'; all but the slow ones by default"
    )
    parser.add_argument("--subjects", nargs="+", metavar="PATTERN", help="whom, as 'ours*'; all by default")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how many times the subjects take turns")
    parser.add_argument("--markdown", action="store_true", help="print the ratios as a table of Markdown, too")
    parser.add_argument("--list", action="store_true", help="print what there is, and measure nothing")
    options = parser.parse_args()
    if options.list:
        print("Cases:", *(f"  {case.name}{' (only when asked for)' if case.once else ''}" for case in CASES), sep="\n")
        print("Subjects:", *(f"  {name}" for name in names()), sep="\n")
        return
    subjects = chosen(names(), options.subjects)
    wanted = chosen([case.name for case in CASES if options.cases or not case.once], options.cases)
    found: list[Results] = []
    with server() as url:
        for case in [case for case in CASES if case.name in wanted]:
            results = Results(case)
            for _ in range(1 if case.once else options.rounds):
                for subject in subjects:
                    results.add(subject, measured(case.name, subject, url))
            found.append(results)
            print(block(results), flush=True)
    if options.markdown:
        print(markdown(found, subjects))


if __name__ == "__main__":
    main()
