"""Requests as HTTP/1.1 writes them, and replies as a connection of ours has them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from openai_core.encoding import Multipart
from openai_core.errors import ConfigurationError
from openai_core.transport.exchange import AsyncUpload, Translated, all_headers, decoder_of
from openai_core.transport.protocol import ConnectionFailed, Headers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

    from openai_core.retrying import Deadline
    from openai_core.transport.connection import Answer, AsyncAnswer
    from openai_core.transport.exchange import Phases
    from openai_core.transport.pool import AsyncPool, Held, Pool
    from openai_core.transport.protocol import Request

_CHARACTER: Final = r"(?:[\w!$&'()*+,\-.:;=@~]|%[\da-fA-F]{2})"
_PLAIN_URL: Final = re.compile(
    rf"(https?)://([\w.\-]+)(?::(\d+))?((?:/(?!\.){_CHARACTER}*)*(?:\?(?:{_CHARACTER}|[/?\[\]])*)?)", re.ASCII
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LAST_PORT: Final = 65_535
# As anybody spells it. In lower case it would have to be looked for in each name of each request.
_HOST: Final = frozenset({"Host", "host", "HOST"})

translated: Final = Translated((TimeoutError,), ())
"""Sockets of ours raise what the protocol knows; what limits the whole of an asynchronous request does not."""


class Place:
    """Where a request goes: a URL, as httpcore has one.

    Attributes:
        host: its name, or its address without brackets.
        port: `None` for the scheme's own.
        target: path and query.
        netloc: value of the header `Host`.
    """

    __slots__ = ("host", "netloc", "port", "scheme", "target")

    def __init__(self, scheme: bytes, host: bytes, port: int | None, target: bytes, netloc: bytes) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target
        self.netloc = netloc


# Read once: what differs between the calls of a client are a few paths.
@lru_cache(maxsize=512)
def place(url: str) -> Place:
    """Where a URL leads."""
    found = _place(url)
    # Some systems would take another port for it.
    if found.port is not None and found.port > _LAST_PORT:
        raise ConnectionFailed(f"there is no port {found.port}, the last one is {_LAST_PORT}")
    return found


def _place(url: str) -> Place:
    plain = _PLAIN_URL.fullmatch(url)
    if plain is None:
        # There is more to be said about URLs than that, and httpx says it.
        import httpx

        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ConnectionFailed(str(error)) from error
        return Place(parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.raw_path, parsed.netloc)
    scheme, name, number, target = plain.groups()
    host = name.lower().encode()
    port = int(number) if number and int(number) != _DEFAULT_PORTS[scheme] else None
    if not target.startswith("/"):
        target = f"/{target}"
    return Place(scheme.encode(), host, port, target.encode(), host if port is None else b"%b:%d" % (host, port))


class Sent:
    """A request as it is sent.

    Attributes:
        method: in capitals.
        url: where to.
        head: its first lines.
        body: what follows them, piece by piece.
        phases: its timeouts.
    """

    __slots__ = ("body", "head", "method", "phases", "url")

    def __init__(self, method: str, url: Place, lines: list[str], body: Any, phases: Phases) -> None:
        self.method = method
        self.url = url
        self.head = _head(method, url, lines)
        self.body = body
        self.phases = phases


def _head(method: str, url: Place, lines: list[str]) -> bytes:
    text = "".join(lines)
    count = len(lines)
    # A line that is two would be a header, or a request, that nobody has meant.
    if method.isalpha() and text.count("\n") == text.count("\r") == count and "\0" not in text:
        try:
            return b"%b %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (
                method.encode("ascii"),
                url.target,
                url.netloc,
                text.encode("latin-1"),
            )
        except UnicodeEncodeError:
            pass
    raise ConfigurationError(
        f"a request to {url.netloc.decode()} can't be sent: its method must be one word, and each of its headers "
        "one line of Latin-1 text"
    )


def sent(request: Request, phases: Phases, *, awaited: bool) -> Sent:
    """A request, written down.

    Args:
        request: what to send.
        phases: its timeouts.
        awaited: whether an asynchronous connection is to send it.

    Raises:
        ConnectionFailed: if its URL makes no sense.
        ConfigurationError: if its headers don't.
    """
    if not _HOST.isdisjoint(request.headers):
        raise ConfigurationError("the header 'Host' can't be set: it is that of the URL; leave it out")
    lines = [f"{name}: {value}\r\n" for name, value in all_headers(request).items()]
    content = request.content
    body: Any
    if isinstance(content, Multipart):
        body = framed(content, content.length)
        if awaited:
            body = AsyncUpload(body)
    else:
        body = _Whole(content) if awaited else (content,) if content else ()
    return Sent(request.method, place(request.url), lines, body, phases)


class _Whole:
    """A body that is there. The event loop would keep a record of an asynchronous generator."""

    __slots__ = ("_left",)

    def __init__(self, content: bytes | None) -> None:
        self._left = content

    def __aiter__(self) -> _Whole:
        return self

    async def __anext__(self) -> bytes:
        content, self._left = self._left, None
        if not content:
            raise StopAsyncIteration
        return content


def framed(content: Iterable[bytes], length: int | None) -> Iterator[bytes]:
    """A body as it is sent.

    Args:
        content: its pieces.
        length: bytes that were told to come, or `None` for chunks that each say their own.

    Raises:
        ConnectionFailed: if another number of bytes comes.
    """
    if length is None:
        for piece in content:
            if piece:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"
        return
    count = 0
    for piece in content:
        count += len(piece)
        if count > length:
            break
        yield piece
    if count != length:
        raise ConnectionFailed(f"the body was to have {length} bytes, and {count} came")


class _AnyReply:
    __slots__ = ("_answer", "_held", "_owner", "_pool", "headers", "status")

    def __init__(self, answer: Any, held: Held, pool: Any, owner: object) -> None:
        self.status: int = answer.status
        self.headers = Headers.of(answer.headers)
        self._answer = answer
        self._held: Held | None = held
        self._pool = pool
        # A reply that is being read keeps its transport, with which its connection would end.
        self._owner = owner

    @property
    def deadline(self) -> Deadline | None:
        """As `Reply.deadline`. The socket below looks at it for each read."""
        deadline: Deadline | None = self._answer.phases.deadline
        return deadline

    @deadline.setter
    def deadline(self, deadline: Deadline | None) -> None:
        self._answer.phases.deadline = deadline

    def _begin(self) -> None:
        phases = self._answer.phases
        phases["read"] = phases["idle"]


class PlainReply(_AnyReply):
    """See `Reply`."""

    __slots__ = ()

    _answer: Answer
    _pool: Pool

    def read(self) -> bytes:
        try:
            body = self._answer.read()
            decoder = decoder_of(self.headers)
            return decoder.decode(body) + decoder.end() if decoder else body
        finally:
            self.close()

    def chunks(self) -> Iterator[bytes]:
        self._begin()
        decoder = decoder_of(self.headers)
        if decoder is None:
            yield from self._answer
            return
        for piece in self._answer:
            if decoded := decoder.decode(piece):
                yield decoded
        if rest := decoder.end():
            yield rest

    def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._answer.end()
            self._pool.finish(held)


class AsyncPlainReply(_AnyReply):
    """See `AsyncReply`."""

    __slots__ = ()

    _answer: AsyncAnswer
    _pool: AsyncPool

    async def read(self) -> bytes:
        try:
            body = await self._answer.read()
            decoder = decoder_of(self.headers)
            return decoder.decode(body) + decoder.end() if decoder else body
        finally:
            await self.close()

    async def chunks(self) -> AsyncGenerator[bytes]:
        self._begin()
        decoder = decoder_of(self.headers)
        async for piece in self._answer:
            if decoder is None:
                yield piece
            elif decoded := decoder.decode(piece):
                yield decoded
        if decoder is not None and (rest := decoder.end()):
            yield rest

    async def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._answer.end()
            await self._pool.finish(held)
