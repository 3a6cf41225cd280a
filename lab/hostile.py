"""What callers and servers may try: to leave a path, a line, a folder."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from lab.figures import Figure
from openai_core import AsyncClient, Client, ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lab.run import Colour
    from openai_core_emulator.faults import FaultServer

    Settle = Callable[[Any], Any]

_ENDS: Final = ("\r\n", "\n", "\r", "\0", "\x0b", "\u2028", "\x7f")
_SEGMENTS: Final = (
    "..", ".", "../admin", "a/../../b", "%2e%2e", "..%2f", "..\\", "./x", "", "a/b", "a?b=c", "a#b", "a b", "é",
)  # fmt: skip
_NAMES: Final = ("../../escaped.txt", "/tmp/escaped.txt", "..\\escaped.txt", "con", "a/b/c")  # noqa: S108 - never made


def hostile(
    server: FaultServer, file_id: str, times: int, transport: str, colours: Sequence[Colour], *, seed: int = 0
) -> Iterator[Figure]:
    """Try each so many times.

    Args:
        server: that nothing may arrive at which wasn't meant.
        file_id: of a file at the server.
        times: how often.
        transport: over which.
        colours: of the clients.
        seed: of chance.
    """
    for colour in colours:
        chance = Random(seed)  # noqa: S311 - not for secrets
        settings: Any = {"base_url": server.base_url, "api_key": server.api_key, "max_retries": 0}
        with _client(colour, transport=transport, **settings) as (client, settle):
            tried: dict[str, Callable[[], str | None]] = {
                "path segments": partial(_path, client, settle, chance),
                "header lines": partial(_header, client, settle, chance),
                "names of parts": partial(_part, client, settle, chance),
            }
            for what, call in tried.items():
                yield _tried(server, f"hostile {what}, {colour}", times, call)
            problems = _saved(server, client, settle, file_id, times)
            yield Figure(f"hostile names of downloads, {colour}", times, "1 file, where it was wanted", problems)


@contextmanager
def _client(colour: Colour, **settings: Any) -> Iterator[tuple[Any, Settle]]:
    """A client of either colour, and what makes of what it returns what that stands for."""
    if colour == "sync":
        with Client(**settings) as own:
            yield own, lambda value: value
        return
    with asyncio.Runner() as runner:

        async def settled(value: Any) -> Any:
            return await value

        # A method that refuses at once raises as it is called; all else, when it is awaited.
        client = AsyncClient(**settings)
        try:
            yield client, lambda value: runner.run(settled(value))
        finally:
            runner.run(client.close())


def _tried(server: FaultServer, what: str, times: int, call: Callable[[], str | None]) -> Figure:
    refused, problems = 0, []
    for _ in range(times):
        server.reset()
        try:
            wanted = call()
        except (InvalidRequestError, ConfigurationError):
            refused += 1
            if server.requests:
                problems.append("refused after it was sent")
            continue
        problems += [
            f"{request.method} {request.path} {request.query}"
            for request in server.requests
            if "injected" in request.headers or (wanted is not None and request.path != wanted)
        ]
    return Figure(what, times, f"{refused:,} refused, none gets through", problems)


def _path(client: Any, settle: Settle, chance: Random) -> str:
    segment = chance.choice(_SEGMENTS) + chance.choice(("", "", chance.choice(_ENDS), chance.choice(_SEGMENTS)))
    retrieve = client.files.retrieve.with_options(headers={"X-Emulator-Fault": "status status=200"})
    settle(retrieve.raw(segment))
    # To the server it is one segment, below the place for it.
    return f"/v1/files/{quote(segment, safe='')}"


def _header(client: Any, settle: Settle, chance: Random) -> None:
    value = f"a{chance.choice(_ENDS)}Injected: yes"
    options: list[Any] = [
        {"headers": {"X-Mine": value}},
        {"headers": {value: "x"}},
        {"idempotency_key": value},
        {"query": {value: value}},
    ]
    settle(client.request("GET", "/models", options=chance.choice(options)))


def _part(client: Any, settle: Settle, chance: Random) -> None:
    name = f'a"{chance.choice(_ENDS)}Injected: yes{chance.choice(_ENDS)}'
    kind = chance.choice([None, f"text/plain{chance.choice(_ENDS)}Injected: yes"])
    file: Any = (name, b"content") if kind is None else (name, b"content", kind)
    settle(client.files.create(file=file, purpose="user_data"))


def _saved(server: FaultServer, client: Any, settle: Settle, file_id: str, times: int) -> list[str]:
    """A download is where the caller wants it, whatever the server calls it. Nothing that it brings is unpacked."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        outside, wanted = Path(folder), Path(folder, "a", "b", "named", "c.txt")
        for number in range(times):
            server.reset()
            options = {"headers": {"X-Emulator-Fault": f"bad_name name={_NAMES[number % len(_NAMES)]}"}}
            saved = settle(settle(client.files.content(file_id, options=options)).save(wanted))
            found = [path for path in outside.rglob("*") if path.is_file()]
            if found != [saved] or saved != wanted:
                problems.append(f"{found}")
    return problems
