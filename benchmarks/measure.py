"""One measurement, in an interpreter of its own: `python -m benchmarks.measure SUBJECT CASE SERVER`.

Prints the figures of the case as JSON; nothing if the subject doesn't do the job, or fails, which it says on standard
error. A result is checked before it counts.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from benchmarks.subjects import make_subject
from benchmarks.subjects.subject import figures_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.subjects.subject import Subject

    Figures = dict[str, float]
    Make = Callable[[str], Subject]
    """Makes the subject; given what stands before `/v1` in the server's paths."""

ROUNDS: Final = 3
_MANY_CALLS: Final = 100_000


def check(result: object, expected: object) -> None:
    """A wrong result is no result."""
    if result != expected:
        raise SystemExit(f"wrong result: {str(result)[:200]!r}, not {str(expected)[:200]!r}")


def cpu(times: int, job: Callable[[], Any], expected: object, seen: Callable[[Any], object] = lambda it: it) -> Figures:
    """CPU seconds of this process for a job: the least of some rounds, after a first call that doesn't count.

    Args:
        times: how often to do it in a round.
        job: what to do.
        expected: what has to come of it.
        seen: makes a result comparable; its time doesn't count.
    """
    result = job()
    check(seen(result), expected)
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(times):
            result = job()
        best = min(best, (time.process_time() - started) / times)
        check(seen(result), expected)
    return {"cpu": best}


def cpu_async(made: Subject, times: int, job: Callable[[], Awaitable[Any]], expected: object) -> Figures:
    """As `cpu`, for a job that is awaited."""

    async def run() -> Figures:
        await made.open()
        result = await job()
        check(result, expected)
        best = float("inf")
        for _ in range(ROUNDS):
            started = time.process_time()
            for _ in range(times):
                result = await job()
            best = min(best, (time.process_time() - started) / times)
            check(result, expected)
        await made.close()
        return {"cpu": best}

    import asyncio

    return asyncio.run(run())


def chat(make: Make, count: int, times: int, parts: int = 0, *, awaited: bool = False) -> Figures:
    """A call with so many messages."""
    from benchmarks import answers

    made, messages = make(""), answers.messages(count, parts)
    if awaited:
        return cpu_async(made, times, lambda: made.chat_async(messages), answers.TEXT)
    return cpu(times, lambda: made.chat(messages), answers.TEXT)


def response(make: Make, *, awaited: bool = False) -> Figures:
    """A response."""
    from benchmarks import answers

    made = make("")
    return cpu_async(made, 150, made.response_async, answers.TEXT) if awaited else cpu(150, made.response, answers.TEXT)


def models(make: Make, *, awaited: bool = False) -> Figures:
    """A list of models."""
    from benchmarks import answers

    made, expected = make(""), [*answers.MODELS]
    return cpu_async(made, 150, made.models_async, expected) if awaited else cpu(150, made.models, expected)


def stream(make: Make, job: str, *, awaited: bool = False) -> Figures:
    """A piece of a stream."""
    from benchmarks import answers

    made, expected = make(""), answers.streamed_text()
    found = (
        cpu_async(made, 4, getattr(made, f"{job}_async"), expected) if awaited else cpu(4, getattr(made, job), expected)
    )
    return {"cpu": found["cpu"] / answers.CHUNKS}


def accumulated(make: Make, *, awaited: bool = False) -> Figures:
    """A piece of a long stream that is put together."""
    from benchmarks import answers

    made, expected = make("/long"), answers.streamed_text(answers.MANY_CHUNKS)
    found = cpu_async(made, 1, made.accumulated_async, expected) if awaited else cpu(1, made.accumulated, expected)
    return {"cpu": found["cpu"] / answers.MANY_CHUNKS}


def proxied(make: Make, *, awaited: bool = False) -> Figures:
    """A stream that is handed on as it comes."""
    from benchmarks import answers

    made, expected = make(""), len(answers.chat_stream())
    return cpu_async(made, 20, made.proxied_async, expected) if awaited else cpu(20, made.proxied, expected)


def embeddings(make: Make, job: str) -> Figures:
    """A call that brings many vectors."""
    from benchmarks import answers

    made = make("")
    texts = ["text"] * answers.TEXTS
    expected = [answers.vector(index) for index in range(answers.TEXTS)]
    if job == "embeddings_async":
        return cpu_async(made, 3, lambda: made.embeddings_async(texts), expected)
    return cpu(
        3, lambda: getattr(made, job)(texts), expected, lambda vectors: [list(map(float, one)) for one in vectors]
    )


def at_once(make: Make, many: int) -> Figures:
    """Calls with so many in flight, which all take some time to be answered."""
    from benchmarks.at_once import at_once

    return at_once(make("/slow"), many)


def quick_at_once(make: Make) -> Figures:
    """Calls with many in flight, which are answered at once."""
    from benchmarks.at_once import at_once

    return at_once(make(""), 100)


def transfer(make: Make, which: str) -> Figures:
    """By how much memory grows over a large transfer."""
    from benchmarks.memory import transfer

    return {"bytes": transfer(make(""), which)}


def growth(make: Make, *, awaited: bool = False) -> Figures:
    """By how much memory grows over many calls."""
    from benchmarks.memory import growth, growth_async

    return {"bytes": (growth_async if awaited else growth)(make(""), _MANY_CALLS)}


MEASUREMENTS: Final[dict[str, Callable[[Make], Figures]]] = {
    "chat": lambda make: chat(make, 1, 150),
    "responses": response,
    "models list": models,
    "chat, async": lambda make: chat(make, 1, 150, awaited=True),
    "responses, async": lambda make: response(make, awaited=True),
    "models list, async": lambda make: models(make, awaited=True),
    "chat, 400 messages": lambda make: chat(make, 400, 30),
    "chat, 400 messages, async": lambda make: chat(make, 400, 30, awaited=True),
    "chat, 200 messages of 10 parts": lambda make: chat(make, 200, 3, 10),
    "chat, 200 messages of 10 parts, async": lambda make: chat(make, 200, 3, 10, awaited=True),
    "chat chunk": lambda make: stream(make, "chat_stream"),
    "responses event": lambda make: stream(make, "responses_stream"),
    "chat chunk, async": lambda make: stream(make, "chat_stream", awaited=True),
    "responses event, async": lambda make: stream(make, "responses_stream", awaited=True),
    "chat chunk, 16 000 accumulated": accumulated,
    "chat chunk, 16 000 accumulated, async": lambda make: accumulated(make, awaited=True),
    "stream passed on unchanged": proxied,
    "stream passed on unchanged, async": lambda make: proxied(make, awaited=True),
    "embeddings, lists": lambda make: embeddings(make, "embeddings"),
    "embeddings, arrays": lambda make: embeddings(make, "embedding_arrays"),
    "embeddings, lists, async": lambda make: embeddings(make, "embeddings_async"),
    "100 at once": quick_at_once,
    "20 at once, thinking": lambda make: at_once(make, 20),
    "100 at once, thinking": lambda make: at_once(make, 100),
    "200 at once, thinking": lambda make: at_once(make, 200),
    "800 at once, thinking": lambda make: at_once(make, 800),
    "upload 512 MB": lambda make: transfer(make, "upload"),
    "download 512 MB": lambda make: transfer(make, "download"),
    "memory over 100 000 calls": growth,
    "memory over 100 000 calls, async": lambda make: growth(make, awaited=True),
}


def main() -> None:
    """Measure one thing."""
    name, case, server = sys.argv[1:]
    with figures_of(name, case):
        print(json.dumps(MEASUREMENTS[case](lambda prefix: make_subject(name, f"{server}{prefix}/v1"))))


if __name__ == "__main__":
    main()
