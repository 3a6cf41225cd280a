"""A transport on aiohttp, for async clients alone. Install it with `openai-core[aiohttp]`."""

from __future__ import annotations

import asyncio
import math
import socket
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from openai_core.encoding import Multipart
from openai_core.errors import ConfigurationError, OpenAIError
from openai_core.hookspecs import hookimpl
from openai_core.transport.environment import KEPT, SOCKET_OPTIONS, Proxies, tls_context
from openai_core.transport.exchange import ENCODINGS, WRITES, Translated, asks_for_encodings, decoder_of, until
from openai_core.transport.limits import Limit, wait_until
from openai_core.transport.loops import ByLoop
from openai_core.transport.network import readable
from openai_core.transport.protocol import Headers

try:
    import aiohttp
    from yarl import URL
except ImportError as error:
    raise ConfigurationError(
        f"the transport 'aiohttp' can't be loaded ({error}); install openai-core[aiohttp]"
    ) from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from openai_core.hookspecs import RegisterTransport
    from openai_core.options import Timeout
    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import Request

# What a socket takes without being asked to wait: a longer body is sent in pieces, each of which may take its time.
_PIECE: Final = 64 * 1024
_LONGEST_LINE: Final = 64 * 1024
_MOST_HEADERS: Final = 1000
# The request says all that there is to say.
_NOTHING_BY_ITSELF: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

# Parsed once: what differs between the calls of a client are a few paths.
_url: Final = lru_cache(maxsize=512)(lambda url: URL(url, encoded=True))
_translated: Final = Translated((TimeoutError,), (aiohttp.ClientError, OSError))


@hookimpl
def register_transports(register: RegisterTransport) -> None:
    """Register this transport."""
    register("aiohttp", None, AsyncAiohttpTransport)


@lru_cache(maxsize=64)
def _timeouts(connect: float, read: float) -> aiohttp.ClientTimeout:
    seconds = None if connect == math.inf else connect
    return aiohttp.ClientTimeout(None, seconds, None if read == math.inf else read, seconds)


def _socket(address: Any) -> socket.socket:
    family, kind, protocol, *_ = address
    own = socket.socket(family, kind, protocol)
    for option in SOCKET_OPTIONS:
        own.setsockopt(*option)
    return own


class _Upload:
    """The pieces of a body, each of which renews the limit. Files are read in a thread."""

    def __init__(self, content: Multipart | bytes, timeout: Timeout, limit: Limit) -> None:
        self.error: OpenAIError | None = None
        """Why there are no more pieces, which aiohttp takes for a failure of the connection."""
        self._content = content
        self._timeout = timeout
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._content
        if isinstance(content, bytes):
            for start in range(0, len(content), _PIECE):
                self._limit.renew(self._timeout.write)
                yield content[start : start + _PIECE]
        else:
            pieces: Iterator[bytes] = iter(content)
            while (piece := await self._next(pieces)) is not None:
                self._limit.renew(self._timeout.write)
                yield piece
        self._limit.renew(self._timeout.read)

    async def _next(self, pieces: Iterator[bytes]) -> bytes | None:
        try:
            return await asyncio.to_thread(next, pieces, None)
        except OpenAIError as error:
            self.error = error
            raise


class AsyncAiohttpReply:
    """See `AsyncReply`."""

    __slots__ = ("_closed", "_owner", "_response", "_timeout", "deadline", "headers", "status")

    def __init__(self, request: Request, response: aiohttp.ClientResponse, owner: object) -> None:
        self.status = response.status
        self.headers = Headers.of(response.raw_headers)
        self.deadline = request.deadline
        self._response = response
        self._timeout = request.timeout
        # A reply that is being read keeps its transport, with which its connection would end.
        self._owner = owner
        connection = response.connection
        if connection is not None and connection.protocol is not None:
            # From here on each wait is limited where it is awaited, by what counts for that body.
            connection.protocol.read_timeout = None
            connection.protocol.start_timeout()
        self._closed = None if connection is None or connection.protocol is None else connection.protocol.closed
        if self._closed is not None:
            self._closed.add_done_callback(self._cut_off)

    def _cut_off(self, closed: asyncio.Future[None]) -> None:
        """Tell the body that its connection has ended: aiohttp doesn't, when what came for it is no HTTP."""
        content = self._response.content
        why = None if closed.cancelled() else closed.exception()
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError(f"the body came to no end: {why or 'it makes no sense'}"))

    async def read(self) -> bytes:
        try:
            return b"".join([piece async for piece in self._pieces(self._timeout.read)])
        finally:
            await self.close()

    def chunks(self) -> AsyncGenerator[bytes]:
        return self._pieces(self._timeout.idle)

    async def _pieces(self, pause: float) -> AsyncGenerator[bytes]:
        content = self._response.content
        decoder = decoder_of(self.headers)
        with _translated:
            while not content.at_eof():
                try:
                    async with asyncio.timeout(_left(self.deadline, pause)):
                        piece = await content.readany()
                except aiohttp.ClientError:
                    # It hands out nothing any more, not even what had come before.
                    if came := content._read_nowait(-1):  # noqa: SLF001 - there is no other way to it
                        yield decoder.decode(came) if decoder else came
                    raise
                if decoder is not None:
                    piece = decoder.decode(piece)
                if piece:
                    yield piece
            if decoder is not None and (rest := decoder.end()):
                yield rest

    async def close(self) -> None:
        # What was read to its end has given its connection back already.
        self._response.close()
        if self._closed is not None:
            self._closed.remove_done_callback(self._cut_off)


def _left(deadline: Deadline | None, seconds: float) -> float | None:
    if deadline is not None:
        seconds = min(max(deadline.left(), 0), seconds)
    return None if seconds == math.inf else seconds


class _Connector(aiohttp.TCPConnector):
    """Looks at a connection before it is used again: aiohttp hears that one has ended when its loop next turns."""

    async def _get(self, key: Any, traces: Any) -> Any:
        take: Any = super()._get
        while (found := await take(key, traces)) is not None:
            # Neither may an answer be there that nobody has asked for: it would be taken for the next one's.
            if not (found.protocol.should_close or readable(found.transport.get_extra_info("socket"))()):
                return found
            found.close()
        return None


def _session() -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=_Connector(limit=0, keepalive_timeout=KEPT, socket_factory=_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=_NOTHING_BY_ITSELF,
        auto_decompress=False,
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
        max_headers=_MOST_HEADERS,
    )
    # Attempts are counted, waited between and told of by whoever calls this.
    session._retry_connection = False  # noqa: SLF001 - as aiohttp's own tests switch it off
    return session


def _disown(session: aiohttp.ClientSession) -> None:
    """Let a session that is dropped think that it has ended: else it would end what belongs to a parent process."""
    if session.connector is not None:
        session.connector._closed = True  # noqa: SLF001 - nothing else is asked


class AsyncAiohttpTransport:
    """Sends through aiohttp; each event loop has connections of its own."""

    def __init__(self) -> None:
        self._sessions: ByLoop[aiohttp.ClientSession] = ByLoop(_session, aiohttp.ClientSession.close, _disown)
        self._proxies = Proxies()

    async def send(self, request: Request) -> AsyncAiohttpReply:
        session = await self._sessions.get()
        with _translated:
            if request.deadline is None:
                return await self._send(session, request)
            async with until(request.deadline):
                return await self._send(session, request)

    async def _send(self, session: aiohttp.ClientSession, request: Request) -> AsyncAiohttpReply:
        secure, proxy = self._proxies.route(request.url)
        if proxy is not None and not proxy.startswith("http"):
            raise ConfigurationError(
                f"the transport 'aiohttp' knows no proxy like {proxy.partition(':')[0]}; for SOCKS use 'pyreqwest', or "
                "'httpx' with the package socksio"
            )
        headers: dict[str, str] = {**request.headers}
        if not asks_for_encodings(request):
            headers["Accept-Encoding"] = ENCODINGS
        content = request.content
        timeout = request.timeout
        data: Any = content
        limit: Limit | None = None
        if isinstance(content, Multipart) or (content is not None and len(content) > _PIECE):
            limit = Limit(timeout.connect + timeout.write, request.deadline)
            data = _Upload(content, timeout, limit)
            length = content.length if isinstance(content, Multipart) else len(content)
            if length is not None:
                headers["Content-Length"] = str(length)
        elif content is None and request.method in WRITES:
            headers["Content-Length"] = "0"
        sending = session.request(
            request.method,
            _url(request.url),
            data=data,
            headers=headers,
            allow_redirects=False,
            timeout=_timeouts(timeout.connect, timeout.read if limit is None else math.inf),
            proxy=proxy,
            ssl=tls_context() if secure else True,
        )
        try:
            response = await (sending if limit is None else wait_until(_awaited(sending), limit))
        except aiohttp.ClientError:
            if isinstance(data, _Upload) and data.error is not None:
                raise data.error from None
            raise
        return AsyncAiohttpReply(request, response, self)

    async def close(self) -> None:
        await self._sessions.close()


async def _awaited(sending: Any) -> Any:
    return await sending
