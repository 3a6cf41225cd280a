"""`hatch run instructions`: how many instructions the hot paths take, counted by valgrind, and their ceilings.

They are the same on any machine and however busy it is, so that a path that becomes slower is noticed in the commit
that makes it so. They depend on the interpreter, on pydantic and on what reads answers: ceilings hold for the versions
they were made with. Only what this library does itself is counted, for the transport answers from memory; in the paths
whose socket answers from memory, what h11 or httptools does as well, and of `start`, which is a whole process, Python
and pydantic are the most.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.running import with_bytecode

if TYPE_CHECKING:
    from collections.abc import Mapping

CEILINGS: Final = Path(__file__).with_name("ceilings.toml")
MARGIN: Final = 1.04
"""What a ceiling leaves above the count, for where an address or a hash falls; a count varies by less than 1 %."""
LOW: Final = 0.9
"""A count below this part of its ceiling is a gain that the ceiling doesn't keep yet."""


def pinned() -> dict[str, str]:
    """What counts depend on."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": platform.machine(),
        "pydantic-core": version("pydantic-core"),
        "h11": version("h11"),
        "httptools": version("httptools"),
    }


def totals(folder: Path) -> list[int]:
    """The counters that callgrind wrote down in a folder, one file at each mark, in their order.

    Raises:
        ValueError: for a file that has no counter.
    """
    parts = [path for path in folder.iterdir() if path.suffix.removeprefix(".").isdecimal()]
    return [_total(path) for path in sorted(parts, key=lambda path: int(path.suffix[1:]))]


def _total(path: Path) -> int:
    for line in path.read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == "totals":
            return int(value)
    raise ValueError(f"{path.name} has no line `totals:`; is it callgrind's?")


def counts(written: list[int], paths: list[tuple[str, int]]) -> dict[str, int]:
    """The instructions of one run of each path.

    Args:
        written: three counters for each path: at its beginning, after N runs, and after 2 N more.
        paths: names, and how many runs N are, times the pieces of one.

    Raises:
        ValueError: if there are more counters, or fewer.
    """
    if len(written) != 3 * len(paths):
        raise ValueError(f"{len(paths)} paths were run, and {len(written)} counters written, not {3 * len(paths)}")
    # What N and 2 N runs have in common, such as an event loop, is nothing that a run costs.
    return {
        name: round((written[3 * number + 2] - written[3 * number + 1]) / times)
        for number, (name, times) in enumerate(paths)
    }


def counted() -> dict[str, int]:
    """Count all hot paths, and the start of a program up to its first answer.

    Raises:
        SystemExit: if valgrind fails, or is still not done after ten minutes.
    """
    from benchmarks.hot_paths import paths

    with TemporaryDirectory() as folder:
        _valgrind("benchmarks.hot_paths", Path(folder), "--instr-atstart=no", "--dump-before=getppid")
        found = counts(totals(Path(folder)), [(path.what, path.times * path.pieces) for path in paths()])
    return found | {"start": _start()}


def _start() -> int:
    # What has been imported before is there as bytecode, as it is on a user's machine.
    subprocess.run([sys.executable, "-m", "benchmarks.start"], env=_environment(), check=True)
    with TemporaryDirectory() as folder:
        return _total(_valgrind("benchmarks.start", Path(folder)))


def _environment() -> dict[str, str]:
    return {**with_bytecode(), "PYTHONHASHSEED": "0"}


def _valgrind(module: str, folder: Path, *options: str) -> Path:
    """Run a module under valgrind; gives the file of its counters."""
    counters = folder / "counters"
    command = ["valgrind", "--tool=callgrind", *options, f"--callgrind-out-file={counters}"]
    command += [sys.executable, "-m", module]
    try:
        done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False, timeout=600)
    except subprocess.TimeoutExpired as error:
        raise SystemExit("valgrind isn't done after ten minutes") from error
    if done.returncode:
        raise SystemExit(f"valgrind failed:\n{done.stderr[-2000:]}")
    return counters


def judged(found: Mapping[str, int], ceilings: Mapping[str, int]) -> tuple[list[str], bool]:
    """The counts beside their ceilings, and whether none is above."""
    lines, good = [], True
    for name in sorted({*found, *ceilings}):
        count, ceiling = found.get(name), ceilings.get(name)
        if count is None or ceiling is None:
            verdict, good = "  has no ceiling" if ceiling is None else "  isn't measured any more", False
        elif count > ceiling:
            verdict, good = f"  {count / ceiling - 1:.1%} above", False
        else:
            verdict = "  a ceiling to lower" if count < LOW * ceiling else ""
        lines.append(f"{name:41}{count or 0:12,}{ceiling or 0:12,}{verdict}")
    return lines, good


def written_down(found: Mapping[str, int]) -> str:
    """The file of ceilings for some counts."""
    lines = ["# Made by `hatch run instructions --write`: instructions of one call, or of one event of a stream.", ""]
    lines += ["[pinned]", *(f'{name} = "{value}"' for name, value in pinned().items()), "", "[ceilings]"]
    lines += [f'"{name}" = {int(round(count * MARGIN, -2))}' for name, count in found.items()]
    return "\n".join([*lines, ""])


def main() -> None:
    """Count, and compare or write down."""
    parser = argparse.ArgumentParser(prog="hatch run instructions", description=__doc__)
    parser.add_argument("--write", action="store_true", help="make the ceilings anew from what is counted now")
    options = parser.parse_args()
    if not (shutil.which("valgrind") and shutil.which("vgdb")):
        print("skipped: instructions are counted by valgrind, which isn't here; Debian's package is called valgrind")
        return
    committed = tomllib.loads(CEILINGS.read_text("utf-8")) if CEILINGS.exists() else {}
    if not options.write and committed["pinned"] != pinned():
        print(f"skipped: the ceilings hold for {committed['pinned']}, and this is {pinned()}")
        return
    found = counted()
    if options.write:
        CEILINGS.write_text(written_down(found), "utf-8")
        print(f"wrote {CEILINGS.name}; look at what has changed, and why, before you commit it")
        return
    lines, good = judged(found, committed["ceilings"])
    print(f"{'instructions':41}{'counted':>12}{'ceiling':>12}", *lines, sep="\n")
    if not good:
        raise SystemExit(
            "a hot path has become slower: make it as fast as it was, or say in the commit why it can't be, "
            "and run `hatch run instructions --write`"
        )


if __name__ == "__main__":
    main()
