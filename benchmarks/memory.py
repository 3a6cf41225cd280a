"""How much memory a process has, and by how much it grows."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks import answers
from benchmarks.at_once import calls
from benchmarks.first_chat import peak

if TYPE_CHECKING:
    from benchmarks.subjects.subject import Subject

_STATM: Final = Path("/proc/self/statm")
_AT_ONCE: Final = 20


def now() -> int:
    """The memory that this process has, in bytes; where the system doesn't tell, the most that it has had."""
    gc.collect()
    return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") if _STATM.exists() else peak()


def transfer(made: Subject, which: str) -> int:
    """By how many bytes the peak grows over an upload or a download of 512 MB."""
    size = answers.MEGABYTES * 1024 * 1024
    made.chat(answers.messages(1))
    with TemporaryDirectory() as folder:
        path = Path(folder, "big.bin")
        if which == "upload":
            with path.open("wb") as file:
                file.truncate(size)
            before = peak()
            if made.upload(path) < size:
                raise SystemExit("the upload is too short")
        else:
            before = peak()
            made.download(path)
            if path.stat().st_size != size:
                raise SystemExit("the download has another size")
    return peak() - before


def growth(made: Subject, count: int) -> int:
    """By how many bytes the process grows over so many calls, after a tenth of them that don't count."""
    messages = answers.messages(1)
    for _ in range(count // 10):
        made.chat(messages)
    before = now()
    for _ in range(count):
        made.chat(messages)
    return now() - before


def growth_async(made: Subject, count: int) -> int:
    """As `growth`, some at once."""

    async def run() -> int:
        await made.open()
        await calls(made, _AT_ONCE, range(count // 10))
        before = now()
        for _ in range(10):
            # In parts, for the list of how long each took is memory, too.
            await calls(made, _AT_ONCE, range(count // 10))
        grown = now() - before
        await made.close()
        return grown

    return asyncio.run(run())
