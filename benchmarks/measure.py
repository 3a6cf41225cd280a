"""One measurement, in an interpreter of its own: `python -m benchmarks.measure SUBJECT WHAT BASE_URL`.

Prints a number as JSON. Every result is checked before it counts.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.subjects import Subject


def peak_memory() -> int:
    """The most memory that this process has had so far, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def messages(count: int) -> list[Any]:
    """A conversation of some length."""
    roles = ("user", "assistant")
    return [{"role": roles[number % 2], "content": f"This is message {number}. " * 8} for number in range(count)]


def cpu(
    times: int, job: Callable[[], object], expected: object, seen: Callable[[Any], object] = lambda it: it
) -> float:
    """Seconds of this process for a job: the least of three rounds, after a first one that doesn't count.

    Args:
        times: how often to do it in a round.
        job: what to do.
        expected: what has to come of it.
        seen: makes a result comparable; its time doesn't count.
    """
    result = job()
    check(seen(result), expected)
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for _ in range(times):
            result = job()
        best = min(best, (time.process_time() - started) / times)
        check(seen(result), expected)
    return best


def check(result: object, expected: object) -> None:
    """A wrong result is no result."""
    if result != expected:
        raise SystemExit(f"wrong result: {str(result)[:200]!r}")


def first_chat(subject: Callable[[], Subject]) -> float:
    """The memory of a process that has just done its first call, in bytes."""
    from benchmarks import answers

    check(subject().chat(messages(1)), answers.TEXT)
    return peak_memory()


def chat(subject: Subject, count: int, times: int) -> float:
    """Seconds of CPU for a call with so many messages."""
    from benchmarks import answers

    conversation = messages(count)
    return cpu(times, lambda: subject.chat(conversation), answers.TEXT)


def stream(subject: Subject, which: str) -> float:
    """Seconds of CPU for a piece of a stream."""
    from benchmarks import answers

    return cpu(4, getattr(subject, which), answers.streamed_text()) / answers.CHUNKS


def embeddings(subject: Subject, which: str) -> float:
    """Seconds of CPU for a call that brings 256 vectors of 1536 numbers."""
    from benchmarks import answers

    texts = ["text"] * answers.TEXTS
    expected = [answers.vector(index) for index in range(answers.TEXTS)]
    return cpu(
        3,
        lambda: getattr(subject, which)(texts),
        expected,
        lambda vectors: [list(map(float, vector)) for vector in vectors],
    )


def at_once(subject: Subject, many: int) -> float:
    """Calls a second with so many in flight."""
    from benchmarks import answers

    subject.chats_at_once(many, many)
    calls = 1000
    started = time.perf_counter()
    check(subject.chats_at_once(calls, many), [answers.TEXT] * calls)
    return calls / (time.perf_counter() - started)


def memory(subject: Subject, which: str) -> float:
    """By how much memory grows over a transfer of 512 MB, in bytes."""
    from benchmarks import answers

    size = answers.MEGABYTES * 1024 * 1024
    subject.chat(messages(1))
    with TemporaryDirectory() as folder:
        path = Path(folder, "big.bin")
        if which == "upload":
            with path.open("wb") as file:
                file.truncate(size)
            before = peak_memory()
            if subject.upload(path) < size:
                raise SystemExit("the upload is too short")
        else:
            before = peak_memory()
            subject.download(path)
            check(path.stat().st_size, size)
    return peak_memory() - before


MEASUREMENTS: dict[str, Callable[[Subject], float]] = {
    "chat": lambda subject: chat(subject, 1, 150),
    "chat, 400 messages": lambda subject: chat(subject, 400, 30),
    "chat chunk": lambda subject: stream(subject, "chat_stream"),
    "responses event": lambda subject: stream(subject, "responses_stream"),
    "embeddings, lists": lambda subject: embeddings(subject, "embeddings"),
    "embeddings, arrays": lambda subject: embeddings(subject, "embedding_arrays"),
    "100 at once": lambda subject: at_once(subject, 100),
    "200 at once": lambda subject: at_once(subject, 200),
    "upload 512 MB": lambda subject: memory(subject, "upload"),
    "download 512 MB": lambda subject: memory(subject, "download"),
}


if __name__ == "__main__":
    name, what, url = sys.argv[1:]
    if what == "first chat":
        print(json.dumps(first_chat(lambda: SUBJECTS[name](url))))
    else:
        print(json.dumps(MEASUREMENTS[what](SUBJECTS[name](url))))
