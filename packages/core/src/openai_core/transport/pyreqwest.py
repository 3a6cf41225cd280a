"""A transport on pyreqwest, whose work is done outside Python. Install it with `openai-core[pyreqwest]`.

Both colours use its async client: its sync one knows no timeout between two pieces of a body, and can't be interrupted
while it waits. So a sync call awaits in an event loop that a thread of this transport runs.

Two things it can't do. A request that is cancelled before the headers of its answer are there stays open until the
server answers or the read timeout is over. And it doesn't work in a forked process, where it says so.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
import weakref
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from openai_core.encoding import Multipart
from openai_core.errors import ConfigurationError
from openai_core.hookspecs import hookimpl
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut

try:
    from pyreqwest.client import ClientBuilder
    from pyreqwest.exceptions import DetailedPyreqwestError, PyreqwestError
except ImportError as error:
    raise ConfigurationError(
        f"the transport 'pyreqwest' can't be loaded ({error}); install openai-core[pyreqwest]"
    ) from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterator

    from pyreqwest.bytes import Bytes
    from pyreqwest.client import Client
    from pyreqwest.request import StreamRequest
    from pyreqwest.response import Response

    from openai_core.hookspecs import RegisterTransport
    from openai_core.options import Timeout
    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import Request

T = TypeVar("T")

# How many clients, and so pools, there are at most: each pair of connect and read timeouts needs its own.
_MAX_CLIENTS: Final = 8
_NEVER: Final = timedelta(days=365)


@hookimpl
def register_transports(register: RegisterTransport) -> None:
    """Register this transport."""
    register("pyreqwest", PyreqwestTransport, AsyncPyreqwestTransport)


class _Limit:
    """Until when something may be waited for: some seconds, which can be renewed, and a deadline."""

    def __init__(self, seconds: float, deadline: Deadline | None) -> None:
        self._deadline = deadline
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        return left if self._deadline is None else min(left, self._deadline.left())


class _Loop:
    """An event loop in a thread of its own, for callers that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._serve, args=(self._loop,), name="openai-core-pyreqwest", daemon=True).start()
        weakref.finalize(self, self._loop.call_soon_threadsafe, self._loop.stop)

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine; an interrupted wait cancels it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


async def _wait(coroutine: Coroutine[Any, Any, Any], limit: _Limit) -> Any:
    """Await something until a limit, which may be renewed meanwhile."""
    task = asyncio.ensure_future(coroutine)
    try:
        while not task.done():
            left = limit.left()
            if left <= 0:
                raise TimeoutError("nothing came in time")
            await asyncio.wait({task}, timeout=None if left == math.inf else left)
        return task.result()
    finally:
        task.cancel()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise PhaseTimedOut(_reason(error)) from error
    except PyreqwestError as error:
        raise ConnectionFailed(_reason(error)) from error


def _reason(error: Exception) -> str:
    if not isinstance(error, DetailedPyreqwestError):
        return str(error)
    causes = error.details["causes"]
    # The last is the first cause; those before it name the URL, which may hold a secret.
    return f"{error.message}: {causes[-1]['message']}" if causes else error.message


class _Clients:
    """pyreqwest's clients: its timeouts for connecting and reading are a client's, not a request's."""

    def __init__(self) -> None:
        self._clients: dict[tuple[float, float], Client] = {}

    def get(self, request: Request) -> Client:
        timeout = request.timeout
        # Its read timeout runs while a body is sent, too, so an upload has none. It is what ends given-up requests.
        read = math.inf if isinstance(request.content, Multipart) else max(timeout.read, timeout.idle)
        key = (timeout.connect, read)
        client = self._clients.pop(key, None) or self._make(*key)
        self._clients[key] = client
        while len(self._clients) > _MAX_CLIENTS:
            # The least recently used; what is under way in it goes on.
            del self._clients[next(iter(self._clients))]
        return client

    @staticmethod
    def _make(connect: float, read: float) -> Client:
        builder = (
            ClientBuilder()
            .follow_redirects(enable=False)
            .referer(enable=False)
            .connect_timeout(_seconds(connect))
            .pool_idle_timeout(timedelta(seconds=60))
            .tcp_keepalive(timedelta(seconds=60))
            .tcp_keepalive_interval(timedelta(seconds=15))
            .tcp_keepalive_retries(4)
        )
        if read != math.inf:
            builder = builder.read_timeout(_seconds(read))
        try:
            return builder.build()
        except RuntimeError as error:
            raise ConfigurationError(
                "the transport 'pyreqwest' doesn't work in a forked process; start processes with 'spawn' or "
                "'forkserver', or use the transport 'httpx'"
            ) from error

    def take_all(self) -> list[Client]:
        clients, self._clients = self._clients, {}
        return list(clients.values())


def _seconds(seconds: float) -> timedelta:
    return _NEVER if seconds >= _NEVER.total_seconds() else timedelta(seconds=max(seconds, 0.001))


class _Upload:
    """The pieces of a body. They are taken in a thread of pyreqwest's; each renews the limit of the exchange."""

    def __init__(self, content: Multipart, timeout: Timeout, limit: _Limit) -> None:
        self._content = content
        self._timeout = timeout
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._content:
            self._limit.renew(self._timeout.write)
            if piece:
                yield piece
        self._limit.renew(self._timeout.read)


def _exchange(client: Client, request: Request, limit: _Limit) -> StreamRequest:
    try:
        # Without this it waits for the beginning of the body, which may be an event that is still to happen.
        builder = client.request(request.method, request.url).streamed_read_buffer_limit(0)
        builder = builder.headers(dict(request.headers))
    except ValueError as error:
        raise ConnectionFailed(str(error)) from error
    content = request.content
    if request.deadline is not None:
        builder = builder.timeout(_seconds(request.deadline.left()))
    if isinstance(content, Multipart):
        if content.length is not None:
            builder = builder.header("Content-Length", str(content.length))
        builder = builder.body_stream(_Upload(content, request.timeout, limit))
    elif content is not None:
        builder = builder.body_bytes(content)
    elif request.method not in {"GET", "HEAD", "DELETE"}:
        builder = builder.header("Content-Length", "0")
    return builder.build_streamed()


class AsyncPyreqwestReply:
    """See `AsyncReply`."""

    __slots__ = ("_exchange", "_in_one", "_reader", "_timeout", "deadline", "headers", "status")

    def __init__(self, request: Request, exchange: StreamRequest, response: Response) -> None:
        self.status = response.status
        self.headers = Headers()
        for name, value in response.headers.items():
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        self.deadline = request.deadline
        self._timeout = request.timeout
        self._exchange: StreamRequest | None = exchange
        self._reader = response.body_reader
        # Whether the client's own timeout is the one that counts between the pieces of a body that is read whole.
        self._in_one = request.timeout.read >= request.timeout.idle and not isinstance(request.content, Multipart)

    async def read(self) -> bytes:
        try:
            with _translated():
                if self._in_one:
                    content: Bytes = await _wait(self._reader.bytes(), _Limit(math.inf, self.deadline))
                    return content.to_bytes()
            return b"".join([chunk async for chunk in self._chunks(self._timeout.read)])
        finally:
            await self.close()

    def chunks(self) -> AsyncGenerator[bytes]:
        return self._chunks(self._timeout.idle)

    async def _chunks(self, pause: float) -> AsyncGenerator[bytes]:
        with _translated():
            while True:
                left = _Limit(pause, self.deadline).left()
                async with asyncio.timeout(None if left == math.inf else max(left, 0)):
                    chunk = await self._reader.read_chunk()
                if chunk is None:
                    return
                yield chunk.to_bytes()

    async def close(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            await exchange.__aexit__(None, None, None)


class PyreqwestReply:
    """See `Reply`."""

    __slots__ = ("_loop", "_reply")

    def __init__(self, loop: _Loop, reply: AsyncPyreqwestReply) -> None:
        self._loop = loop
        self._reply = reply

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> Headers:
        return self._reply.headers

    @property
    def deadline(self) -> Deadline | None:
        return self._reply.deadline

    @deadline.setter
    def deadline(self, deadline: Deadline | None) -> None:
        self._reply.deadline = deadline

    def read(self) -> bytes:
        return self._loop.run(self._reply.read())

    def chunks(self) -> Iterator[bytes]:
        chunks = self._reply.chunks()
        try:
            while (chunk := self._loop.run(_next(chunks))) is not None:
                yield chunk
        finally:
            self._loop.run(chunks.aclose())

    def close(self) -> None:
        self._loop.run(self._reply.close())


async def _next(chunks: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(chunks, None)


class AsyncPyreqwestTransport:
    """As `PyreqwestTransport`. Its connections belong to no event loop."""

    def __init__(self) -> None:
        self._clients = _Clients()
        forget_after_fork(self)

    async def send(self, request: Request) -> AsyncPyreqwestReply:
        limit = _Limit(request.timeout.read, request.deadline)
        exchange = _exchange(self._clients.get(request), request, limit)
        with _translated():
            response = await _wait(exchange.__aenter__(), limit)
        return AsyncPyreqwestReply(request, exchange, response)

    async def close(self) -> None:
        for client in self._clients.take_all():
            await client.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        self._clients = _Clients()


class PyreqwestTransport:
    """Sends through pyreqwest, from threads without an event loop."""

    _loop: _Loop | None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()
        forget_after_fork(self)

    def send(self, request: Request) -> PyreqwestReply:
        loop = self._running_loop()
        return PyreqwestReply(loop, loop.run(self._transport.send(request)))

    def _running_loop(self) -> _Loop:
        with self._lock:
            if self._loop is None:
                self._loop = _Loop()
            return self._loop

    def close(self) -> None:
        self._running_loop().run(self._transport.close())
        self._loop = None

    def forget(self) -> None:
        """See `Forgetful`."""
        self._loop = None
        self._transport = AsyncPyreqwestTransport()
