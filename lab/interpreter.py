"""Programs that run in a fresh interpreter, in which every warning is an error."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openai_core_emulator.faults import FaultServer

_BEGINNING: Final = """
import asyncio, gc, os, sys, threading
from openai_core import AsyncClient, Client, ConfigurationError

url, key, transport, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
asked = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Count to three."}]}
settings = {"base_url": url, "api_key": key, "transport": transport}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def call(client):
    await client.chat.completions.create(**asked)
    async for _ in client.chat.completions.create_stream(**asked):
        pass

"""
_LONG: Final = 3600.0


def run(server: FaultServer, source: str, transport: str, count: int) -> tuple[str, list[str]]:
    """Run a program, which finds a client's `settings`, what is `asked`, and its `count`.

    Returns:
        What it has printed, and what was wrong: that it failed, or had anything else to say.
    """
    server.reset()
    script = _BEGINNING + textwrap.dedent(source)
    command = [sys.executable, "-W", "error", "-c", script, server.base_url, server.api_key, transport, str(count)]
    # What a thread keeps of memory for itself is nobody's growth.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(  # noqa: S603 - of this module
        command, capture_output=True, text=True, env=environment, timeout=_LONG, check=False
    )
    problems = [f"exit {done.returncode}"] if done.returncode else []
    if done.stderr:
        problems.append(done.stderr.strip().splitlines()[-1])
    return done.stdout.strip(), problems
