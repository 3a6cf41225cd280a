"""Random keys in every place that a key can have: they show up nowhere."""

from __future__ import annotations

import asyncio
import logging
import os
import string
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from lab.calls import CALLS, Place
from lab.figures import Figure
from lab.run import COLOURS
from openai_core import AsyncClient, Client, RetryPolicy
from openai_core.testing import Cassette
from openai_core_emulator.faults import Fault
from openai_core_webhooks import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lab.run import Colour
    from openai_core_emulator.faults import FaultServer

_SIGNS: Final = string.ascii_letters + string.digits
_ONCE_MORE: Final = RetryPolicy(1, initial=0, maximum=0)
_CALLS: Final = ("chat", "stream", "response", "read", "download", "upload", "session")


def _settings(key: str, server: FaultServer) -> dict[str, dict[str, Any]]:
    """Arguments of a client that has the key in each of the places for one."""
    other = {"api_key": "sk-of-nobody-in-here"}
    return {
        "api_key": {"api_key": key},
        "admin_key": {**other, "admin_key": key},
        "function": {"api_key": lambda: key},
        "authorization": {**other, "headers": {"Authorization": f"Bearer {key}"}},
        "api-key": {**other, "headers": {"api-key": key}},
        "x-api-key": {**other, "headers": {"X-Api-Key": key}},
        "cookie": {**other, "headers": {"Cookie": f"session={key}"}},
        "x-token": {**other, "headers": {"X-Gateway-Token": key}},
        "query": {**other, "query": {"api_key": key}},
        "base_url": {**other, "base_url": server.base_url.replace("://", f"://user:{key}@")},
        "x-amz-security-token": {**other, "headers": {"X-Amz-Security-Token": key}},
        "basic": {**other, "headers": {"Proxy-Authorization": f"Basic {key}"}},
        "azure": {"provider": "azure", "api_key": key, "base_url": server.base_url},
    }


def _faults(key: str, elsewhere: FaultServer) -> list[Fault | None]:
    """What may make somebody tell the key, the server included, which repeats it."""
    told = f"Incorrect API key provided: {key}. You can find yours at the usual place."
    return [
        None,
        Fault("status", status=401, message=told),
        Fault("status", status=401, form="text", message=told),
        Fault("status", status=400, form="html", message=told),
        Fault("status", status=200, form="text", message=told),
        Fault("status", status=200, message=told),
        Fault("error_in_stream", message=told),
        Fault("error_in_stream", message=told, form="event_flat"),
        Fault("no_answer"),
        Fault("cut_body"),
        Fault("html"),
        Fault("redirect", to=f"{elsewhere.base_url}/models"),
        Fault("redirect", to="/v1/models"),
    ]


class _Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # The emulator is in this process, and its websockets write down what they get.
        if record.name.startswith(("openai_core", "http", "websockets.client", "asyncio")):
            self.lines.append(self.format(record))


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What this library, and httpx below it, write to their logs."""
    recorder = _Recorder()
    loggers = [logging.getLogger(name) for name in ("openai_core", "openai_core.websocket", "httpx", "httpcore", "")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(recorder)
        logger.setLevel(logging.DEBUG)
    try:
        yield recorder.lines
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(recorder)
            logger.setLevel(level)


def keys(
    server: FaultServer,
    elsewhere: FaultServer,
    file_id: str,
    times: int,
    *,
    transport: str = "httpx",
    colours: Sequence[Colour] = COLOURS,
    seed: int = 0,
) -> Figure:
    """Put so many random keys into their places, let something go wrong, and look for them.

    Args:
        server: which goes wrong.
        elsewhere: another host.
        file_id: of a file at the server.
        times: how many keys.
        transport: over which.
        colours: of the clients.
        seed: of chance.
    """
    chance = Random(seed)  # noqa: S311 - these keys open nothing
    problems: list[str] = []
    places = list(_settings("", server))
    uses = (_use_sync, _record, _use_async) if "sync" in colours else (_use_async,)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            key = "".join(chance.choices(_SIGNS, k=chance.randint(16, 60)))
            where = places[number % len(places)]
            fault = chance.choice(_faults(key, elsewhere))
            call = chance.choice(_CALLS)
            place = Place(Path(folder), file_id)
            shown: dict[str, str] = {}
            server.reset()
            elsewhere.reset()
            server.play(fault, times=None)
            settings = {"base_url": server.base_url, "transport": transport, "retry": _ONCE_MORE}
            settings |= _settings(key, server)[where]
            with _listening() as lines:
                uses[number % len(uses)](settings, call, place, shown)
            shown["log"] = "\n".join(lines)
            shown["another host"] = str(elsewhere.requests)
            problems += [
                f"{what} shows a key in {where} ({call}, {fault})" for what, text in shown.items() if key in text
            ]
    problems += _secret_of_webhooks(chance)
    return Figure("random keys in every place show up nowhere", times, f"{len(places)} places", problems)


def _use_sync(settings: dict[str, Any], call: str, place: Place, shown: dict[str, str]) -> None:
    seen: list[object] = []

    def use() -> None:
        with Client(**settings, on_attempt=seen.append, on_drift=seen.append) as client:
            shown["repr"] = repr(client) + repr(client.provider)
            CALLS[call][0](client, place)

    _note(shown, use)
    shown["attempts"] = repr(seen)


def _record(settings: dict[str, Any], call: str, place: Place, shown: dict[str, str]) -> None:
    cassette = Cassette(place.folder / "cassette.json", record=True)

    def use() -> None:
        with cassette.client(**settings) as client:
            CALLS[call][0](client, place)

    _note(shown, use)
    # Whatever came of it, which a cassette in a `with` block wouldn't keep.
    cassette.save()
    shown["cassette"] = cassette.path.read_text("utf-8")
    cassette.path.unlink()


def _use_async(settings: dict[str, Any], call: str, place: Place, shown: dict[str, str]) -> None:
    seen: list[object] = []

    async def use() -> None:
        async with AsyncClient(**settings, on_attempt=seen.append, on_drift=seen.append) as client:
            shown["repr"] = repr(client) + repr(client.chat.completions)
            await CALLS[call][1](client, place)

    _note(shown, lambda: asyncio.run(use()))
    shown["attempts"] = repr(seen)


def _note(shown: dict[str, str], call: Callable[[], object]) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is shown to somebody
        shown["error"] = f"{error} {error!r}"
        shown["traceback"] = "".join(traceback.format_exception(error))


def _secret_of_webhooks(chance: Random) -> list[str]:
    shown: dict[str, str] = {}
    secret = "".join(chance.choices(_SIGNS, k=32))
    with mock.patch.dict(os.environ, {"OPENAI_WEBHOOK_SECRET": secret}):
        signed = {"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
        _note(shown, lambda: verify(b"{}", signed))
    _note(shown, lambda: verify(b"{}", signed, secret=f"whsec_{secret}!"))
    return [f"{what} shows the secret of webhooks" for what, text in shown.items() if secret in text]
