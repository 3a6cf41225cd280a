"""The hot paths, run over a transport or a socket that costs nothing: `python -m benchmarks.hot_paths`, for valgrind.

First each path is run to warm up, and nothing is counted. Then counting is switched on, and each path runs N times and
2 N times. Calls of `os.getppid`, which nothing else makes, mark where each run begins and ends: valgrind, as
`benchmarks.instructions` starts it, writes its counters down there.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from benchmarks import answers
from benchmarks.in_memory import AsyncMemoryTransport, MemoryConnection, MemorySocket, MemoryTransport

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL: Final = "gpt-5-mini"
CHUNKS: Final = 100
TEXTS: Final = 16


@dataclass(frozen=True)
class HotPath:
    """One path to count.

    Args:
        what: is counted one of.
        times: how often the path is run: N.
        pieces: of these in one run: 1, or the events of a stream.
        run: does it so many times.
    """

    what: str
    times: int
    pieces: int
    run: Callable[[int], None]


def paths() -> list[HotPath]:
    """All paths, in a fixed order."""
    one, many = answers.messages(1), answers.messages(400)
    texts = ["text"] * TEXTS
    chat, stream = _client(answers.completion()), _client(answers.chat_stream(CHUNKS))
    responses, events = _client(answers.response()), _client(answers.response_stream(CHUNKS))
    vectors, models = _client(answers.embeddings(packed=True, texts=TEXTS)), _client(answers.models())
    async_chat, async_models = _async_client(answers.completion()), _async_client(answers.models())
    async_stream = _async_client(answers.chat_stream(CHUNKS))

    async def chunks() -> None:
        async for _ in async_stream.chat.completions.create_stream(model=MODEL, messages=one):
            pass

    return [
        _sync("chat", 16, lambda: chat.chat.completions.create(model=MODEL, messages=one)),
        _over_a_socket("chat, over a socket", "httpx", answers.completion()),
        _over_a_socket("chat, over a socket, by httptools", "httptools", answers.completion()),
        _sync("chat, 400 messages", 3, lambda: chat.chat.completions.create(model=MODEL, messages=many)),
        _sync("responses", 16, lambda: responses.responses.create(model=MODEL, input="a")),
        _sync("models list", 16, models.models.list),
        _sync("chat chunk", 1, lambda: list(stream.chat.completions.create_stream(model=MODEL, messages=one)), CHUNKS),
        _sync("responses event", 1, lambda: list(events.responses.create_stream(model=MODEL, input="a")), CHUNKS),
        _sync(
            "chat chunk, accumulated",
            1,
            lambda: stream.chat.completions.create_stream(model=MODEL, messages=one).final(),
            CHUNKS,
        ),
        _sync("embeddings, lists", 1, lambda: vectors.embeddings.create(model=MODEL, input=texts)),
        _sync("embeddings, arrays", 1, lambda: vectors.embeddings.create_arrays(model=MODEL, input=texts)),
        _async("chat, async", 16, lambda: async_chat.chat.completions.create(model=MODEL, messages=one)),
        _over_a_socket_async("chat, async, over a socket", "httpx", answers.completion()),
        _over_a_socket_async("chat, async, over a socket, by httptools", "httptools", answers.completion()),
        _async("models list, async", 16, async_models.models.list),
        _async("chat chunk, async", 1, chunks, CHUNKS),
    ]


def _client(content: bytes) -> Any:
    from openai_core import Client

    return Client(base_url="http://127.0.0.1/v1", api_key="key", transport=MemoryTransport(content))


def _async_client(content: bytes) -> Any:
    from openai_core import AsyncClient

    return AsyncClient(base_url="http://127.0.0.1/v1", api_key="key", transport=AsyncMemoryTransport(content))


def _over_a_socket(what: str, transport: str, content: bytes) -> HotPath:
    """A chat that is written and read, over a connection to nothing."""
    from openai_core import Client
    from openai_core.transport import network

    client = Client(base_url="http://127.0.0.1/v1", api_key="key", transport=transport)
    messages = answers.messages(1)

    def run(times: int) -> None:
        # In every run: by the next one it may have been idle for too long.
        with patch.object(network, "connected", lambda *_: MemorySocket(content)):
            for _ in range(times):
                client.chat.completions.create(model=MODEL, messages=messages)

    return HotPath(what, 16, 1, run)


def _over_a_socket_async(what: str, transport: str, content: bytes) -> HotPath:
    from openai_core import AsyncClient

    client = AsyncClient(base_url="http://127.0.0.1/v1", api_key="key", transport=transport)
    messages = answers.messages(1)

    async def connect(loop: Any, protocol: Callable[[], Any], *_: object, **__: object) -> tuple[Any, Any]:
        return MemoryConnection(content, loop, protocol()), None

    async def main(times: int) -> None:
        with patch.object(asyncio.BaseEventLoop, "create_connection", connect):
            for _ in range(times):
                await client.chat.completions.create(model=MODEL, messages=messages)

    return HotPath(what, 16, 1, lambda times: asyncio.run(main(times)))


def _sync(what: str, times: int, call: Callable[[], object], pieces: int = 1) -> HotPath:
    def run(times: int) -> None:
        for _ in range(times):
            call()

    return HotPath(what, times, pieces, run)


def _async(what: str, times: int, call: Callable[[], Any], pieces: int = 1) -> HotPath:
    async def main(times: int) -> None:
        for _ in range(times):
            await call()

    return HotPath(what, times, pieces, lambda times: asyncio.run(main(times)))


def mark() -> None:
    """A place where counters are written down."""
    os.getppid()


def count() -> None:
    """Have valgrind count from here on, which makes everything ten times slower still."""
    command = ["vgdb", f"--pid={os.getpid()}", "instrumentation", "on"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as told:
        # Busy, for valgrind listens only while this process does something.
        while told.poll() is None:
            pass
    if told.returncode:
        raise SystemExit("vgdb can't tell valgrind to count; is this run by benchmarks.instructions?")


def main() -> None:
    """Run all paths."""
    all_paths = paths()
    for path in all_paths:
        path.run(1)
    # What is there by now is never looked through again, whenever a collection comes.
    gc.collect()
    gc.freeze()
    count()
    for path in all_paths:
        # Once more: what is translated for the first time isn't counted.
        path.run(1)
        gc.collect()
        mark()
        path.run(path.times)
        mark()
        path.run(2 * path.times)
        mark()


if __name__ == "__main__":
    main()
