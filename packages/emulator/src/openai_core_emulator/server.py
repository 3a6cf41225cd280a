"""The emulator as users hold it."""

from __future__ import annotations

import socket
import sys
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from .sockets import Sockets
from .state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.applications import Starlette
    from starlette.middleware import Middleware

    from .received import ReceivedRequest
    from .serving import Server

_MAX_BODY: Final = 128 * 2**20


class Emulator:
    """A server on this machine that speaks the OpenAI API.

    Nothing runs before `start`. As a context manager it starts on entry and stops on exit.

    Args:
        seed: the same seed and the same requests give the same ids, texts and times.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        pace: seconds between two events of a stream.
        max_body: bytes that the body of a request may have; a larger one is refused with 413.
        middleware: ASGI middleware around all operations, outermost first. What it answers itself gets the usual
            headers too.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: float = 0.0,
        max_body: int = _MAX_BODY,
        middleware: Sequence[Middleware] = (),
    ) -> None:
        self.api_key: str = "sk-emulator"
        """A key that is accepted; so is every other one, save those that begin with `sk-invalid`."""
        self.requests: list[ReceivedRequest] = []
        """What was asked since the start or the last reset, in the order of arrival."""
        self.sockets = Sockets()
        """What goes over websockets, and how to make it go wrong."""
        self._state = State(seed)
        self._host = host
        self._port = port
        self._pace = pace
        self._max_body = max_body
        self._middleware = middleware
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @cached_property
    def app(self) -> Starlette:
        """The ASGI application, for a transport or a server of your own."""
        from .app import build

        return build(
            self._state,
            self.requests,
            self.sockets,
            pace=self._pace,
            max_body=self._max_body,
            middleware=self._middleware,
        )

    @property
    def base_url(self) -> str:
        """Where clients reach it, with `/v1`.

        Raises:
            RuntimeError: it isn't started.
        """
        if self._server is None:
            message = "the emulator isn't running; call start() or use it in a with statement"
            raise RuntimeError(message)
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.port}/v1"

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    def start(self) -> Self:
        """Listen, in a thread of its own.

        Raises:
            RuntimeError: it runs already.
            OSError: the port is taken.
        """
        from .serving import Server

        if self._server is not None:
            message = f"the emulator is running already, at {self.base_url}"
            raise RuntimeError(message)
        self._server = Server(self.app, listen(self._host, self._port))
        self._thread = threading.Thread(target=self._server.run_until_stopped, name="openai-emulator", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close all connections and wait for the thread to end; does nothing when it isn't running."""
        if self._server is None:
            return
        self._server.stop()
        self.wait()
        self._server = self._thread = None

    def wait(self) -> None:
        """Block until the server ends."""
        if self._thread is not None:
            self._thread.join()

    def reset(self) -> None:
        """Forget all files, responses, conversations, completions and requests, and begin counting ids anew."""
        self._state.reset()
        self.requests.clear()
        self.sockets.reset()

    def advance(self, seconds: int) -> None:
        """Move the emulator's clock on, as when files are to expire."""
        self._state.advance(seconds)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


def listen(host: str, port: int, *, backlog: int | None = 128) -> socket.socket:
    """A socket that listens already, so that clients may connect before a thread has got as far as answering.

    Args:
        host: the address.
        port: the port; 0 takes a free one.
        backlog: how many clients may wait; `None` has the port taken and nobody listen.

    Raises:
        OSError: the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio set TCP_NODELAY, without which an answer takes 40 ms more.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        if backlog is not None:
            listening.listen(backlog)
    except OSError:
        listening.close()
        raise
    return listening
