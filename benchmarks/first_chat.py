"""A program that does one call of chat: `main` with a subject and the address of the benchmark's server as arguments.

A user's program imports nothing else, so neither does this one: what another case needs is no cost of a start.
"""

from __future__ import annotations

import sys

from benchmarks.subjects import make_subject
from benchmarks.subjects.subject import ASKED, figures_of


def main() -> None:
    """Print the most memory that this process has had, in bytes, and the text of the answer."""
    name, server = sys.argv[1:]
    with figures_of(name, "a first chat"):
        text = make_subject(name, f"{server}/v1").chat([*ASKED])
        print(peak(), text)


def peak() -> int:
    """The most memory that this process has had so far, in bytes."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
