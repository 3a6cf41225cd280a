"""Runs a scenario in either colour, over any transport, and notes all that came of it."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import shutil
import subprocess
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from unittest import mock

from lab.calls import CALLS, CONTENT, FILES, Place
from lab.leftovers import Held, Stopwatch, left_behind, tasks_left_behind
from openai_core import AsyncClient, Client, OpenAIError, RetryPolicy
from openai_core.plugins import transports
from openai_core_emulator import Emulator
from openai_core_emulator.faults import Fault, FaultServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.scenarios import Scenario

Colour = Literal["sync", "async"]
COLOURS: Final[tuple[Colour, ...]] = ("sync", "async")
_AWAY: Final = "api.example.invalid"
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_KEY: Final = "sk-lab-0123456789abcdef"
# In the name of a file that isn't complete.
_RANDOM: Final = re.compile(r"\.[0-9a-f]{8}(?=\.part$)")
_AT_ONCE: Final = RetryPolicy(initial=0, maximum=0)


@dataclass
class Found:
    """What came of a scenario.

    Args:
        error: what the caller saw, if it was an error.
        came: how much the call gave.
        partial: how many events the error holds.
        outcome: of the stream.
        requests: that reached the server.
        attempts: that the client made.
        seconds: it took.
        left: what was left behind.
    """

    error: BaseException | None = None
    came: int | None = None
    partial: int = 0
    outcome: str | None = None
    requests: int = 0
    attempts: int = 0
    seconds: float = 0.0
    left: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The error's class, or nothing."""
        return type(self.error).__name__ if self.error else ""


class Lab:
    """The servers that scenarios are run against; a context manager.

    Args:
        emulator: gives the good answers.
    """

    def __init__(self, emulator: Emulator | None = None) -> None:
        self._stack = ExitStack()
        self._emulator = emulator

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        # Whatever stands between this machine and others has no part in this.
        kept = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
        enter(mock.patch.dict(os.environ, kept, clear=True))
        self.folder = Path(enter(tempfile.TemporaryDirectory()))
        emulator = self._emulator or enter(Emulator())
        emulator.reset()
        self._stack.callback(gc.unfreeze)
        self.server = enter(FaultServer(emulator, tls=_certificate(self.folder)))
        self.elsewhere = enter(FaultServer(emulator))
        with Client(base_url=emulator.base_url, api_key=_KEY) as client:
            for number in range(FILES):
                name = f"{number}.txt"
                self.file_id = client.files.create(file=(name, CONTENT), purpose="evals").id
            # What is made of a type when it is first read isn't a scenario's time.
            for call, _ in CALLS.values():
                call(client, Place(self.folder, self.file_id))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, scenario: Scenario, colour: Colour, transport: str = "httpx") -> Found:
        """Run a scenario; once more if it took too long, which on a busy machine says nothing about it."""
        found = self._run(scenario, colour, transport)
        return found if found.seconds <= scenario.seconds else self._run(scenario, colour, transport)

    def _run(self, scenario: Scenario, colour: Colour, transport: str) -> Found:
        for server in (self.server, self.elsewhere):
            server.reset()
            server.settle(connections=0)
        *first, last = scenario.faults or (None,)
        for fault in first:
            self.server.play(self._fault(fault))
        self.server.play(self._fault(last), times=None)
        # What is there already is nobody's leftover, and needn't be looked through time and again.
        gc.collect()
        gc.freeze()
        found = Found()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder, self._surroundings(scenario):
            before = Held.now()
            if "down" in scenario.setup:
                self.server.down()
            place = Place(Path(folder), self.file_id)
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                if colour == "sync":
                    self._sync(scenario, self._settings(scenario, found, transport), place, found)
                else:
                    asyncio.run(self._async(scenario, self._settings(scenario, found, transport), place, found))
                gc.collect()
            self.server.up()
            found.left += left_behind(before)
            found.left += [str(warning.message) for warning in warned]
            found.left += [f"file {_RANDOM.sub('', path.name)}" for path in Path(folder).iterdir()]
        found.outcome = place.outcome
        found.requests = len(self.server.requests)
        partial = getattr(found.error, "partial", None)
        found.partial = len(partial) if isinstance(partial, tuple) else 0
        if any(_KEY in str(request) for request in self.elsewhere.requests):
            found.left.append("the key at another host")
        return found

    def _fault(self, text: str | None) -> Fault | None:
        return Fault.parse(text.format(elsewhere=self.elsewhere.origin)) if text else None

    def _settings(self, scenario: Scenario, found: Found, transport: str) -> dict[str, Any]:
        def note(_: object) -> None:
            found.attempts += 1
            if "returns" in scenario.setup:
                self.server.up()

        url = self.server.base_url
        if "tls" in scenario.setup:
            url = url.replace("http:", "https:")
        if "proxy" in scenario.setup:
            url = f"http://{_AWAY}/v1"
        if "tunnel" in scenario.setup:
            url = f"https://{_AWAY}/v1"
        given = {"retry": _AT_ONCE, "transport": transport, **scenario.options}
        return {"base_url": url, "api_key": _KEY, "on_attempt": note, **given}

    @contextmanager
    def _surroundings(self, scenario: Scenario) -> Iterator[None]:
        if not {"proxy", "tunnel"} & set(scenario.setup.split()):
            yield
            return
        with mock.patch.dict(os.environ, {"HTTP_PROXY": self.server.origin, "HTTPS_PROXY": self.server.origin}):
            yield

    def _pause(self, scenario: Scenario) -> None:
        if "idle" in scenario.setup:
            self.server.settle(connections=0)

    def _sync(self, scenario: Scenario, settings: dict[str, Any], place: Place, found: Found) -> None:
        call = CALLS[scenario.call][0]
        with Client(**settings) as client, Stopwatch() as watch:
            try:
                for _ in range(scenario.calls):
                    found.came = call(client, place)
                    self._pause(scenario)
            except OpenAIError as error:
                found.error = forgetting(error)
        found.seconds = watch.seconds

    async def _async(self, scenario: Scenario, settings: dict[str, Any], place: Place, found: Found) -> None:
        call = CALLS[scenario.call][1]
        async with AsyncClient(**settings) as client:
            with Stopwatch() as watch:
                try:
                    for _ in range(scenario.calls):
                        found.came = await call(client, place)
                        self._pause(scenario)
                except OpenAIError as error:
                    found.error = forgetting(error)
        found.seconds = watch.seconds
        found.left += await tasks_left_behind()


def colours_of(transport: str) -> tuple[Colour, ...]:
    """The colours that a transport has.

    Raises:
        OpenAIError: if there is no such transport.
    """
    if transport == "httpx":
        return COLOURS
    there = transports.get(transport)
    return tuple(colour for colour, kind in zip(COLOURS, there, strict=True) if kind is not None)


def forgetting(error: BaseException) -> BaseException:
    """An error without the frames that it, and those that led to it, have come through: they hold what was in use."""
    left, seen = [error], set[int]()
    while left:
        each = left.pop()
        each.__traceback__ = None
        seen.add(id(each))
        left += [other for other in (each.__cause__, each.__context__) if other and id(other) not in seen]
    return error


def _certificate(folder: Path) -> tuple[str, str] | None:
    """A certificate that nobody trusts, and its key; `None` where there is nothing to make one with."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(  # noqa: S603 - of the lines above
        [*command.split(), "-out", files[0], "-keyout", files[1]], check=True, capture_output=True
    )
    return files
