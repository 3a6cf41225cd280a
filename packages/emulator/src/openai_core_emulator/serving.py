"""uvicorn in a thread: woken to stop instead of asking ten times a second whether it should."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket

    from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """A server on a socket that listens already.

    Args:
        app: what to serve.
        listening: the socket; it is closed at the end.
    """

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            access_log=False,
            # The Date header would come from the tick that `main_loop` does without.
            date_header=False,
            lifespan="off",
            log_config=None,
            loop="asyncio",
            server_header=False,
            timeout_graceful_shutdown=1,
            ws="websockets-sansio",
        )
        super().__init__(config)
        self.port: int = listening.getsockname()[1]
        self._listening = listening
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()

    def run_until_stopped(self) -> None:
        """Serve in this thread."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self.serve(sockets=[self._listening]))

    def stop(self) -> None:
        """Make `run_until_stopped` return soon; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Wait for `stop`, instead of uvicorn's own polling."""
        await self._stopping.wait()
