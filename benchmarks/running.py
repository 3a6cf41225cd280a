"""Runs measurements, each in a fresh interpreter, beside a server in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

from benchmarks import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    Figures = dict[str, float]

_IMPORTS: Final = {
    "official": "openai",
    "ours": "openai_core",
    "httpcore": "httpcore",
    "httpx": "httpx",
    "httpx2": "httpx2",
    "aiohttp": "aiohttp",
    "pyreqwest": "pyreqwest.client",
    "sockets": "socket, json",
}
_FRESH: Final = ("process start to first chat", "memory after first chat")


def with_bytecode() -> dict[str, str]:
    """An environment in which Python keeps the bytecode of what it imports: users have it from when they installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def server() -> Iterator[str]:
    """The benchmark's server; gives its address, to which paths are added."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


def measured(case: str, subject: str, url: str) -> Figures | None:
    """The figures of one measurement; `None` if the subject doesn't do the job, or fails."""
    if case == "import":
        return _imported(_IMPORTS[subject]) if subject in _IMPORTS else None
    if case in _FRESH:
        return _first_chat(subject, url)
    said = _run("-m", "benchmarks.measure", subject, case, url)
    figures: Figures | None = json.loads(said) if said else None
    return figures


def _first_chat(subject: str, url: str) -> Figures | None:
    """How long a program takes that does one call, and the most memory that it has."""
    program = ("-c", "from benchmarks.first_chat import main; main()", subject, url)
    _compile(*program)
    started = time.perf_counter()
    said = _run(*program)
    seconds = time.perf_counter() - started
    if not said:
        return None
    most, _, text = said.rstrip("\n").partition(" ")
    if text != answers.TEXT:
        raise SystemExit(f"wrong answer: {text!r}")
    return {"seconds": seconds, "bytes": int(most)}


@cache
def _compile(*arguments: str) -> None:
    """Run something once that isn't measured: whoever comes first has to compile what all import."""
    _run(*arguments)


def _imported(modules: str) -> Figures:
    """How long an import takes, over bare Python: the least of some tries."""
    with_it = min(_seconds("-c", f"import {modules}") for _ in range(3))
    return {"seconds": max(with_it - min(_seconds("-c", "pass") for _ in range(3)), 0.0)}


def _seconds(*arguments: str) -> float:
    started = time.perf_counter()
    _run(*arguments)
    return time.perf_counter() - started


def _run(*arguments: str) -> str:
    """What a fresh interpreter prints. Its errors are shown as they come."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=with_bytecode(), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} has failed")
    return done.stdout
