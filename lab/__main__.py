"""`hatch run lab`: the table of what goes wrong and what comes of it, and what is done very often, with figures."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING, Final

from lab.endurance import endurance
from lab.run import Lab, colours_of
from lab.scenarios import SCENARIOS
from lab.table import table
from openai_core import OpenAIError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLE: Final = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the process's exit status: whether anything isn't as promised."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.add_argument("--transport", default="httpx", help="the transport of the clients (default: %(default)s)")
    parser.add_argument("--sample", action="store_true", help="do only a hundredth of what is done very often")
    parser.add_argument("--table", action="store_true", help="the table alone")
    parser.add_argument("--figures", action="store_true", help="what is done very often alone")
    parser.add_argument("only", nargs="?", default="", help="run only the rows of the table whose name contains this")
    options = parser.parse_args(arguments)
    try:
        colours = colours_of(options.transport)
    except OpenAIError as error:
        parser.error(str(error))
    if not any(options.only in scenario.name for scenario in SCENARIOS):
        parser.error(f"no row's name contains {options.only!r}; lab/table.txt has them all")
    # What the libraries below have to say is judged, and not read.
    logging.getLogger().addHandler(logging.NullHandler())
    bad = 0
    with Lab() as lab:
        if not options.figures:
            bad += table(lab, options.transport, colours, options.only)
        if not options.table and not options.only:
            print()
            for figure in endurance(lab, options.transport, colours, part=_SAMPLE if options.sample else 1):
                print(figure, flush=True)
                bad += bool(figure.problems)
    print(f"\n{bad} not as promised" if bad else "\nall as promised")
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())
