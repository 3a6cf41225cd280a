"""What both colours of the transport on pyreqwest have in common: all but the waiting."""

from __future__ import annotations

import atexit
import math
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from openai_core.encoding import Multipart
from openai_core.errors import ConfigurationError
from openai_core.transport.environment import KEPT, Proxies
from openai_core.transport.exchange import WRITES
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut

try:
    from pyreqwest.client import ClientBuilder
    from pyreqwest.exceptions import DetailedPyreqwestError, PyreqwestError
    from pyreqwest.http import Url
    from pyreqwest.proxy import ProxyBuilder
except ImportError as error:
    raise ConfigurationError(
        f"the transport 'pyreqwest' can't be loaded ({error}); install openai-core[pyreqwest]"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyreqwest.client import Client
    from pyreqwest.request import ConsumedRequest, RequestBuilder, StreamRequest
    from pyreqwest.response import Response

    from openai_core.options import Timeout
    from openai_core.transport.limits import Limit
    from openai_core.transport.protocol import Request

# How many clients, and so pools, there are at most: each pair of connect and read timeouts needs its own.
_MAX_CLIENTS: Final = 8
# How many URLs are kept as it reads them. Most calls go to a few.
_MAX_PLACES: Final = 64
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


at_exit: Final = _Exit()


FAILURES: Final = (TimeoutError, PyreqwestError)
"""What pyreqwest raises, and what waiting for it does."""


def failure(error: Exception) -> ConnectionFailed:
    """What the protocol has for one of `FAILURES`. Raise it from `None`: the error itself names the URL."""
    reason = str(error) or type(error).__name__
    if isinstance(error, DetailedPyreqwestError):
        causes = error.details["causes"]
        # The last is the first cause; those before it name the URL, which may hold a secret.
        reason = f"{error.message}: {causes[-1]['message']}" if causes else error.message
    return PhaseTimedOut(reason) if isinstance(error, TimeoutError) else ConnectionFailed(reason)


def in_one(request: Request) -> bool:
    """Whether there is one thing to wait for: pyreqwest reads the answer whole, and keeps to its read timeout.

    That runs while a body is sent, too, so an upload has none.
    """
    return request.whole and not isinstance(request.content, Multipart)


def keeps_time(request: Request) -> bool:
    """Whether pyreqwest's read timeout is the request's own, before the answer and between its pieces.

    It is one for all that is read: an answer that is read piece by piece may need a longer one between its pieces.
    """
    timeout = request.timeout
    return in_one(request) or (timeout.read >= timeout.idle and not isinstance(request.content, Multipart))


_Key = tuple[float, float, str | None]


class Clients:
    """pyreqwest's clients: its proxy, and its timeouts for connecting and reading are a client's, not a request's."""

    def __init__(self) -> None:
        self._proxies = Proxies()
        self._places: dict[str, tuple[Url, str | None]] = {}
        self._clients: dict[_Key, Client] = {}
        self._latest: tuple[_Key, Client] | None = None

    def begin(self, request: Request) -> RequestBuilder:
        """A request of pyreqwest's that is still without a body.

        Raises:
            ConnectionFailed: if its URL is none.
        """
        url = request.url
        target, proxy = self._places.get(url) or self._find(url)
        timeout = request.timeout
        # It is what ends given-up requests, also where something else ends the waiting for them.
        read = timeout.read if request.whole or timeout.read > timeout.idle else timeout.idle
        if isinstance(request.content, Multipart):
            read = math.inf
        key = (timeout.connect, read, proxy)
        latest = self._latest
        client = latest[1] if latest is not None and latest[0] == key else self._get(key)
        try:
            return client.request(request.method, target).headers(request.headers)
        except ValueError as error:
            raise ConnectionFailed(str(error)) from error

    def _find(self, url: str) -> tuple[Url, str | None]:
        try:
            place = Url(url), self._proxies.route(url)[1]
        except ValueError as error:
            raise ConnectionFailed(str(error)) from error
        if len(self._places) >= _MAX_PLACES:
            self._places.clear()
        self._places[url] = place
        return place

    def _get(self, key: _Key) -> Client:
        client = self._clients.pop(key, None) or self._make(*key)
        self._clients[key] = client
        self._latest = key, client
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
        """All clients, to be closed; there are none any more."""
        clients, self._clients, self._latest = self._clients, {}, None
        return list(clients.values())


def _seconds(seconds: float) -> timedelta:
    return _NEVER if seconds >= _NEVER.total_seconds() else timedelta(seconds=max(seconds, 0.001))


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


def whole_of(clients: Clients, request: Request) -> ConsumedRequest:
    """A request of pyreqwest's whose answer is read whole, to be sent."""
    return _with_body(clients.begin(request), request).build()


def exchange_of(clients: Clients, request: Request, limit: Limit) -> StreamRequest:
    """A request of pyreqwest's whose answer is read piece by piece, to be entered.

    Args:
        clients: of which one sends it.
        request: what to send.
        limit: of the waiting for its answer, renewed with each piece of an upload.
    """
    builder = _with_body(clients.begin(request), request)
    content = request.content
    if isinstance(content, Multipart):
        if content.length is not None:
            builder = builder.header("Content-Length", str(content.length))
        builder = builder.body_stream(_Upload(content, request.timeout, limit))
    # Without this it waits for the beginning of the body, which may be an event that is still to happen.
    return builder.streamed_read_buffer_limit(0).build_streamed()


def _with_body(builder: RequestBuilder, request: Request) -> RequestBuilder:
    if request.deadline is not None:
        builder = builder.timeout(_seconds(request.deadline.left()))
    if isinstance(request.content, bytes):
        return builder.body_bytes(request.content)
    if request.content is None and request.method in WRITES:
        return builder.header("Content-Length", "0")
    return builder


def headers_of(response: Response) -> Headers:
    """The headers of an answer; those that come several times as one, without those that are no ASCII."""
    received = response.headers
    try:
        found = received.dict_multi_value()
    except ValueError:
        found = {}
        for name in received:
            with suppress(ValueError):
                found[name] = received.getall(name)
    if len(found) == len(received):
        return Headers(found)  # type: ignore[arg-type]  # each came once
    return Headers({name: value if isinstance(value, str) else ", ".join(value) for name, value in found.items()})


def body_of(response: Response) -> bytes:
    """The body of an answer that was read whole: there is nothing to wait for."""
    try:
        response.bytes().send(None)
    except StopIteration as done:
        body: bytes = done.value.to_bytes()
        return body
    raise AssertionError("pyreqwest waits for a body that it has read")


class AnyReply:
    """A reply whose body is still to come.

    Args:
        request: what it is the reply to.
        exchange: the request as it was sent.
        response: the answer as far as it is there.
    """

    __slots__ = ("_exchange", "_in_one", "_reader", "_timeout", "deadline", "headers", "status")

    def __init__(self, request: Request, exchange: StreamRequest, response: Response) -> None:
        self.status = response.status
        self.headers = headers_of(response)
        self.deadline = request.deadline
        self._timeout = request.timeout
        self._reader = response.body_reader
        # What is left to end: nothing when the body was read to its end.
        self._exchange: StreamRequest | None = exchange
        # Whether the rest of the body can be waited for at once.
        self._in_one = keeps_time(request)


class AnyWhole:
    """A reply that is there with its body."""

    __slots__ = ("_body", "deadline", "headers", "status")

    def __init__(self, request: Request, response: Response) -> None:
        self.status = response.status
        self.headers = headers_of(response)
        self.deadline = request.deadline
        self._body = body_of(response)
