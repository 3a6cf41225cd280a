"""The async half of `pyreqwest`, by which the sync one sends, too."""

from __future__ import annotations

import asyncio
import atexit
import math
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from openai_core.encoding import Multipart
from openai_core.errors import ConfigurationError
from openai_core.transport.environment import KEPT, Proxies
from openai_core.transport.exchange import WRITES, Translated, until
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.limits import Limit, wait_until
from openai_core.transport.protocol import ConnectionFailed, Headers

try:
    from pyreqwest.client import ClientBuilder
    from pyreqwest.exceptions import DetailedPyreqwestError, PyreqwestError
    from pyreqwest.proxy import ProxyBuilder
except ImportError as error:
    raise ConfigurationError(
        f"the transport 'pyreqwest' can't be loaded ({error}); install openai-core[pyreqwest]"
    ) from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from pyreqwest.client import Client
    from pyreqwest.request import StreamRequest
    from pyreqwest.response import Response

    from openai_core.options import Timeout
    from openai_core.transport.protocol import Request

# How many clients, and so pools, there are at most: each pair of connect and read timeouts needs its own.
_MAX_CLIENTS: Final = 8
_NEVER: Final = timedelta(days=365)


class _Exit:
    """Lets the interpreter's exit wait for threads outside Python that have just been at work.

    One that lets go of the interpreter while that ends would abort the process: before Python 3.14 they can't know.
    """

    _MOMENT: Final = 0.02

    def __init__(self) -> None:
        self._last = -math.inf
        atexit.register(self._wait)

    def expect(self) -> None:
        """Note that something has just ended, of which a thread may not know yet."""
        self._last = time.monotonic()

    def _wait(self) -> None:
        left = self._last + self._MOMENT - time.monotonic()
        if left > 0:
            time.sleep(left)


_exit: Final = _Exit()


class _Translated(Translated):
    """Raises what pyreqwest raises as what the protocol knows."""

    __slots__ = ()

    def reason(self, error: BaseException) -> str:
        if not isinstance(error, DetailedPyreqwestError):
            return super().reason(error)
        causes = error.details["causes"]
        # The last is the first cause; those before it name the URL, which may hold a secret.
        return f"{error.message}: {causes[-1]['message']}" if causes else error.message

    def cause(self, error: BaseException) -> None:  # noqa: ARG002 - it names the URL, as above
        return None


_translated: Final = _Translated((TimeoutError,), (PyreqwestError,))


class _Clients:
    """pyreqwest's clients: its proxy, and its timeouts for connecting and reading are a client's, not a request's."""

    def __init__(self) -> None:
        self._proxies = Proxies()
        self._clients: dict[tuple[float, float, str | None], Client] = {}

    def get(self, request: Request) -> Client:
        timeout = request.timeout
        # Its read timeout runs while a body is sent, too, so an upload has none. It is what ends given-up requests.
        read = math.inf if isinstance(request.content, Multipart) else max(timeout.read, timeout.idle)
        key = (timeout.connect, read, self._proxies.route(request.url)[1])
        client = self._clients.pop(key, None) or self._make(*key)
        self._clients[key] = client
        while len(self._clients) > _MAX_CLIENTS:
            # The least recently used; what is under way in it goes on.
            del self._clients[next(iter(self._clients))]
        return client

    @staticmethod
    def _make(connect: float, read: float, proxy: str | None) -> Client:
        try:
            builder = (
                ClientBuilder()
                .follow_redirects(enable=False)
                .referer(enable=False)
                .connect_timeout(_seconds(connect))
                .pool_idle_timeout(_seconds(KEPT))
                .tcp_keepalive(timedelta(seconds=60))
                .tcp_keepalive_interval(timedelta(seconds=15))
                .tcp_keepalive_retries(4)
            )
            builder = builder.no_proxy() if proxy is None else builder.proxy(ProxyBuilder.all(proxy))
            if read != math.inf:
                builder = builder.read_timeout(_seconds(read))
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


def _at_most(seconds: float) -> asyncio.Timeout:
    return asyncio.timeout(None if seconds == math.inf else max(seconds, 0))


class _Upload:
    """The pieces of a body. They are taken in a thread of pyreqwest's; each renews the limit of the exchange."""

    def __init__(self, content: Multipart, timeout: Timeout, limit: Limit) -> None:
        self._content = content
        self._timeout = timeout
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._content:
            self._limit.renew(self._timeout.write)
            if piece:
                yield piece
        self._limit.renew(self._timeout.read)


def _exchange(client: Client, request: Request, limit: Limit) -> StreamRequest:
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
    elif request.method in WRITES:
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
            with _translated:
                if not self._in_one:
                    return b"".join([chunk async for chunk in self._chunks(self._timeout.read)])
                if self.deadline is None:
                    return (await self._reader.bytes()).to_bytes()
                async with until(self.deadline):
                    return (await self._reader.bytes()).to_bytes()
        finally:
            await self.close()

    def chunks(self) -> AsyncGenerator[bytes]:
        return self._chunks(self._timeout.idle)

    async def _chunks(self, pause: float) -> AsyncGenerator[bytes]:
        with _translated:
            while True:
                async with _at_most(Limit(pause, self.deadline).left()):
                    chunk = await self._reader.read_chunk()
                if chunk is None:
                    return
                yield chunk.to_bytes()

    @property
    def is_open(self) -> bool:
        """Whether there is something to close."""
        return self._exchange is not None

    async def close(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            _exit.expect()
            await exchange.__aexit__(None, None, None)


class AsyncPyreqwestTransport:
    """As `PyreqwestTransport`. Its connections belong to no event loop."""

    def __init__(self) -> None:
        self._clients = _Clients()
        forget_after_fork(self)

    async def send(self, request: Request) -> AsyncPyreqwestReply:
        limit = Limit(request.timeout.read, request.deadline)
        exchange = _exchange(self._clients.get(request), request, limit)
        try:
            with _translated:
                if isinstance(request.content, Multipart):
                    response = await wait_until(exchange.__aenter__(), limit)
                else:
                    async with _at_most(limit.left()):
                        response = await exchange.__aenter__()
        finally:
            _exit.expect()
        return AsyncPyreqwestReply(request, exchange, response)

    async def close(self) -> None:
        for client in self._clients.take_all():
            await client.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        self._clients = _Clients()
