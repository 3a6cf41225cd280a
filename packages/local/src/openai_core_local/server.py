"""One server for each model, in a process of its own.

Not in this one: loading holds the interpreter's lock to its end, a failed assertion in llama.cpp ends the process that
it happens in, and its threads don't survive a fork.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import sys
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from secrets import token_urlsafe
from subprocess import PIPE, STDOUT, Popen
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final

from openai_core import ConfigurationError, logs

if TYPE_CHECKING:
    from openai_core_local.model import Model

READY: Final = "ready"

_lock = Lock()
_servers: dict[tuple[Model, int], Server] = {}


class Server:
    """A server that runs when it is needed, always at the same address.

    Args:
        model: what answers.
        context: tokens that the calls of one moment may hold together.
    """

    def __init__(self, model: Model, context: int) -> None:
        self._process: Popen[bytes] | None = None
        self._watcher = Thread()
        self._ready: Future[None] = Future()
        # Bound but not listening, it keeps the port for the server, which binds it a second time.
        self._reserved = socket.socket()
        shared = hasattr(socket, "SO_REUSEPORT")
        if shared:
            self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._reserved.bind(("127.0.0.1", 0))
        port = self._reserved.getsockname()[1]
        if not shared:
            self._reserved.close()
        self.url = f"http://127.0.0.1:{port}/v1"
        self.key = token_urlsafe()
        order = {"path": str(model.path), "sha256": model.sha256, "context": context, "port": port, "key": self.key}
        self._order = json.dumps(order).encode() + b"\n"

    def start(self) -> Future[None]:
        """Start it unless it runs. The result comes when it answers; it is a `ConfigurationError` if it can't."""
        with _lock:
            if self._process is None or self._process.poll() is not None:
                # Pipes without buffers have no lock that a fork could leave locked.
                command = [sys.executable, "-P", "-m", "openai_core_local"]
                self._process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, bufsize=0)  # noqa: S603 - ours
                self._ready = Future()
                # A caller who gives up must not cancel it for the others.
                self._ready.set_running_or_notify_cancel()
                self._watcher = Thread(target=_watch, args=(self._process, self._ready), daemon=True)
                self._watcher.start()
                # If the process has ended already, the watcher tells why. A command line, which others can read, is no
                # place for the key.
                with suppress(BrokenPipeError):
                    if self._process.stdin:
                        self._process.stdin.write(self._order)
            return self._ready

    def stop(self) -> None:
        """End it; the next call starts it again."""
        with _lock:
            if self._process:
                self._process.terminate()
                self._watcher.join()
                self._process = None

    def release(self) -> None:
        """Give up the address."""
        self._reserved.close()

    def disown(self) -> None:
        """Let go of it in a forked process: it belongs to the parent."""
        self.release()
        if self._process:
            self._process.returncode = 0
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()


def _watch(process: Popen[bytes], ready: Future[None]) -> None:
    last: deque[str] = deque(maxlen=4)
    with process:
        for line in process.stdout or ():
            text = line.decode(errors="replace").strip()
            if text == READY:
                ready.set_result(None)
            else:
                last.append(text)
                logs.debug("llama.cpp: %s", text)
    if not ready.done():
        reason = "; ".join(last) or f"its process ended with status {process.returncode}"
        ready.set_exception(ConfigurationError(f"the local model can't be run: {reason}"))


def server_for(model: Model, context: int) -> Server:
    """The server of a model in this process."""
    with _lock:
        if (model, context) not in _servers:
            _servers[model, context] = Server(model, context)
        return _servers[model, context]


def stop() -> None:
    """End the models of this process, as its end does too. The next call to one starts it again."""
    for server in list(_servers.values()):
        server.stop()


@atexit.register
def _stop_for_good() -> None:
    stop()
    for server in _servers.values():
        server.release()


def _disown_all() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it when the process was forked
    _lock = Lock()
    for server in _servers.values():
        server.disown()
    _servers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_all)
