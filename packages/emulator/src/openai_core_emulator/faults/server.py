"""The server of faults as users hold it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from openai_core_emulator.server import Emulator, listen

from .fault import Fault
from .front import Front
from .log import Log
from .plan import Plan, Planned

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core_emulator.received import ReceivedRequest

    from .chaos import Chaos


class FaultServer:
    """A server in front of an emulator, which passes requests on to it, or plays faults.

    It plays what `play` has planned. A request can ask for a fault of its own with the header `X-Emulator-Fault:
    cut_stream event=2`. Whoever has only HTTP plans with `POST /_faults` and `{"fault": "cut_stream", "event": 2,
    "times": 1, "path": "/v1/chat/*"}`; `GET` tells what there is, what is planned and what was played, and `DELETE`
    forgets.

    Args:
        emulator: gives the good answers; one of its own if not given. If it isn't running, it is started and stopped
            along.
        chaos: draws faults for all other requests.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        tls: files of a certificate and its key, with which it also speaks TLS, on the same port.
    """

    def __init__(
        self,
        emulator: Emulator | None = None,
        *,
        chaos: Chaos | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: tuple[str, str] | None = None,
    ) -> None:
        self.emulator = emulator or Emulator()
        self._own = not self.emulator.is_running
        self._plan = Plan(chaos)
        self._log = Log()
        self._host = host
        self._port = port
        self._tls = tls
        self._front: Front | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def api_key(self) -> str:
        """A key that is accepted."""
        return self.emulator.api_key

    @property
    def requests(self) -> list[ReceivedRequest]:
        """What has arrived since the start or the last reset, with a fault or without, in its order."""
        return self._log.requests

    @property
    def played(self) -> list[Fault]:
        """What was played since then, in its order."""
        return self._log.played

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{self._host}:{self._running.port}"

    @property
    def base_url(self) -> str:
        """Where clients reach it, with `/v1`.

        Raises:
            RuntimeError: it isn't started.
        """
        return f"{self.origin}/v1"

    @property
    def _running(self) -> Front:
        if self._front is None:
            raise RuntimeError("the server of faults isn't running; call start() or use it in a with statement")
        return self._front

    def start(self) -> Self:
        """Listen, in a thread of its own.

        Raises:
            OSError: the port is taken.
            RuntimeError: it runs already.
        """
        if self._front is not None:
            raise RuntimeError(f"the server of faults is running already, at {self.base_url}")
        if self._own:
            self.emulator.start()
        inner = urlsplit(self.emulator.base_url)
        listening = listen(self._host, self._port)
        self._front = Front(
            listening,
            (inner.hostname or "", inner.port or 0),
            self._plan,
            self._log,
            self._tls,
        )
        self._loop = asyncio.new_event_loop()
        arguments = (self._loop, self._front)
        self._thread = threading.Thread(target=self._serve, args=arguments, name="openai-faults", daemon=True)
        self._thread.start()
        return self

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop, front: Front) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(front.serve())

    def stop(self) -> None:
        """End all connections and wait for the thread to end; does nothing when it isn't running."""
        if self._front is None or self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._front.stopping.set)
        self._thread.join()
        self._front = self._thread = self._loop = None
        if self._own:
            self.emulator.stop()

    def wait(self) -> None:
        """Block until the server ends."""
        if self._thread is not None:
            self._thread.join()

    def play(self, *faults: Fault | str | None, times: int | None = 1, path: str = "*") -> Self:
        """Plan faults for the next requests.

        Args:
            faults: one after the other, as values or as text (`"cut_stream event=2"`); `None` is a good answer.
            times: for how many requests each, 1 or more; `None` for all that are still to come.
            path: only for requests of this path, with `*` and `?` as in names of files.

        Raises:
            ValueError: if there is no such fault, or it is to come less than once.
        """
        wanted = [Fault.parse(fault) if isinstance(fault, str) else fault for fault in faults]
        self._plan.add([Planned(fault, times, path) for fault in wanted])
        return self

    def down(self) -> None:
        """Refuse all connections and reset those that there are, until `up()`."""
        self._run(Front.down)

    def up(self) -> None:
        """Listen again."""
        self._run(Front.up)

    def _run(self, function: Callable[[Front], None]) -> None:
        front = self._running

        async def call() -> None:
            function(front)

        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._log.connections

    @property
    def under_way(self) -> int:
        """How many requests have come whose answer, or fault, hasn't come to its end."""
        return self._log.under_way

    def settle(
        self,
        *,
        connections: int | None = None,
        under_way: int | None = None,
        requests: int = 0,
        seconds: float = 10.0,
    ) -> bool:
        """Wait until it has come to something; whether it has.

        Args:
            connections: how many are to be open.
            under_way: how many requests are to be under way.
            requests: how many are to have arrived, at least.
            seconds: how long to wait.
        """

        def settled() -> bool:
            return (
                connections in {None, self.connections}
                and under_way in {None, self.under_way}
                and len(self.requests) >= requests
            )

        return self._log.wait_for(settled, seconds)

    def reset(self) -> None:
        """Listen, and forget plans and requests; the emulator's memory stays."""
        self.up()
        self._plan.reset()
        self._log.reset()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()
