"""A server that does anything on the wire, and one way to drive both clients over each transport.

A scenario is written once, as for the sync client. `client` and `make_client` run it sync and async, over each
transport that has the colour.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from openai_core import AsyncClient, Client, RetryPolicy
from tests.transports import TRANSPORTS

PATIENCE = 10  # seconds after which something that has to happen hasn't


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, connection: socket.socket, number: int, head: bytes, body: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ")
        self.lines = lines[1:]
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in self.lines)}
        self.body = body
        self.connection = number
        """Which connection of the server it came on, 0 being the first."""
        self._socket = connection

    @property
    def json_body(self) -> Any:
        return json.loads(self.body)

    def send(self, data: bytes) -> None:
        with suppress(OSError):
            self._socket.sendall(data)

    def head(self, status: int = 200, **headers: object) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([f"HTTP/1.1 {status} Reason", *lines, "", ""]).encode("latin-1"))

    def answer(self, body: bytes = b"", status: int = 200, **headers: object) -> None:
        self.head(status, content_length=len(body), **headers)
        self.send(body)

    def json(self, value: object, status: int = 200, **headers: object) -> None:
        self.answer(json.dumps(value).encode(), status, content_type="application/json", **headers)

    def begin(self, **headers: object) -> None:
        """The head of a stream of events."""
        self.head(transfer_encoding="chunked", **{"content_type": "text/event-stream", **headers})

    def chunk(self, data: bytes) -> None:
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, value: object) -> None:
        data = value if isinstance(value, str) else json.dumps(value)
        self.chunk(f"data: {data}\n\n".encode())

    def end(self) -> None:
        self.send(b"0\r\n\r\n")

    def hang_up(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Only with its last holder gone is it closed: the thread that reads from it, which this ends.
        self._socket.close()
        raise EOFError

    def gone(self) -> bool:
        """Wait until the client has ended the connection; whether it has."""
        self._socket.settimeout(PATIENCE)
        try:
            return self._socket.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


Handler = Callable[[Exchange], object]


class Server:
    """Answers the n-th request with the n-th handler of its script, the last one over and over."""

    def __init__(self) -> None:
        self.requests: list[Exchange] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._script: list[Handler] = []
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._start(self._accept)

    def script(self, *handlers: Handler) -> None:
        self._script = list(handlers)

    def has(self, condition: Callable[[], bool]) -> bool:
        """Wait until something is so; whether it came to be."""
        with self._changed:
            return self._changed.wait_for(condition, PATIENCE)

    def has_open(self, connections: int) -> bool:
        return self.has(lambda: len(self._open) == connections)

    def has_received(self, requests: int) -> bool:
        return self.has(lambda: len(self.requests) == requests)

    def was_reached_over(self, connections: int, transport: str) -> bool:
        """Whether there were so many connections.

        pyreqwest takes one back in a thread of its own, so that a call that is quicker opens another: now and then.
        """
        if transport == "pyreqwest":
            return connections <= self.connections < len(self.requests)
        return self.connections == connections

    def stop(self) -> None:
        # Closing alone leaves its thread waiting for ever, and with it all that the test has made.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            left = list(self._open)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _start(target: Callable[..., None], *args: object) -> None:
        threading.Thread(target=target, args=args, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._open.add(connection)
                number, self.connections = self.connections, self.connections + 1
                self._changed.notify_all()
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = connection.makefile("rb")
        try:
            while connection.fileno() >= 0:
                head = _head(received)
                exchange = Exchange(connection, number, head, b"")
                exchange.body = _body(received, exchange.headers)
                with self._changed:
                    handler = self._script[min(len(self.requests), len(self._script) - 1)]
                    self.requests.append(exchange)
                    self._changed.notify_all()
                handler(exchange)
        except (OSError, ValueError, EOFError):
            pass  # The client has gone, or the handler has hung up.
        finally:
            received.close()
            connection.close()
            with self._changed:
                self._open.discard(connection)
                self._changed.notify_all()


def _head(received: Any) -> bytes:
    lines = []
    while (line := received.readline()) != b"\r\n":
        if not line:
            raise EOFError
        lines.append(line)
    return b"".join(lines).removesuffix(b"\r\n")


def _body(received: Any, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return _exactly(received, int(headers.get("content-length", 0)))
    body = b""
    while size := int(received.readline() or b"none", 16):
        body += _exactly(received, size)
        received.readline()
    received.readline()
    return body


def _exactly(received: Any, size: int) -> bytes:
    data: bytes = received.read(size)
    if len(data) < size:
        raise EOFError
    return data


class Driven:
    """An async object, used as its sync twin is."""

    def __init__(self, inner: Any, runner: asyncio.Runner) -> None:
        self.inner = inner
        self._runner = runner

    def _wrapped(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            return self._wrapped(self._run(value))
        ours = type(value).__module__.startswith("openai_core")
        if inspect.ismethod(value) or (ours and any(hasattr(value, name) for name in ("aclose", "_client"))):
            return Driven(value, self._runner)
        return value

    def _run(self, awaitable: Any) -> Any:
        async def wait() -> Any:
            return await awaitable

        return self._runner.run(wait())

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(getattr(self.inner, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._wrapped(self.inner(*args, **kwargs))

    def __iter__(self) -> Iterator[Any]:
        return self._items(aiter(self.inner))

    def _items(self, items: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._run(anext(items))
                except StopAsyncIteration:
                    return
        finally:
            # What is its own iterator is closed by whoever has opened it.
            if items is not self.inner:
                self._run(items.aclose())

    def __enter__(self) -> Any:
        return self._wrapped(self._run(self.inner.__aenter__()))

    def __exit__(self, *error: object) -> None:
        self._run(self.inner.__aexit__(*error))


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def make_client(
    server: Server, transport: str, colour: str, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """Makes clients of the server, whose retries come at once; both are used as `Client` is."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    made = []

    def make(**settings: Any) -> Any:
        defaults: dict[str, Any] = {"retry": RetryPolicy(initial=0, maximum=0)}
        if "provider" not in settings or isinstance(settings["provider"], str):
            defaults |= {"api_key": "sk-test", "base_url": server.url}
        if "http_client" not in settings:
            defaults["transport"] = transport
        settings = {**defaults, **settings}
        client = Client(**settings) if colour == "sync" else Driven(AsyncClient(**settings), runner)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    return make_client()
