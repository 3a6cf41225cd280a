"""One request and its reply in httpcore's terms: what httpx would make of them, without httpx."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import httpcore

from openai_core.encoding import Multipart
from openai_core.transport.exchange import AsyncUpload, Translated, Upload, decoder_of, raw_headers
from openai_core.transport.protocol import ConnectionFailed, Headers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from openai_core.retrying import Deadline
    from openai_core.transport.exchange import Phases
    from openai_core.transport.protocol import Request

_CHARACTER: Final = r"(?:[\w!$&'()*+,\-.:;=@~]|%[\da-fA-F]{2})"
_PLAIN_URL: Final = re.compile(
    rf"(https?)://([\w.\-]+)(?::(\d+))?((?:/(?!\.){_CHARACTER}*)*(?:\?(?:{_CHARACTER}|[/?\[\]])*)?)", re.ASCII
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

translated: Final = Translated(
    (httpcore.TimeoutException, TimeoutError),
    (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, httpcore.UnsupportedProtocol),
)


class _URL(httpcore.URL):
    """One that works out its origin once."""

    @cached_property
    def origin(self) -> httpcore.Origin:  # pyright: ignore[reportIncompatibleMethodOverride]  # it is read the same
        return super().origin


# Read once: what differs between the calls of a client are a few paths.
@lru_cache(maxsize=512)
def place(url: str) -> tuple[httpcore.URL, bytes]:
    """A URL, and the header `Host` that goes with it."""
    plain = _PLAIN_URL.fullmatch(url)
    if plain is None:
        # There is more to be said about URLs than that, and httpx says it.
        import httpx

        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ConnectionFailed(str(error)) from error
        given = parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.raw_path
        return _URL(scheme=given[0], host=given[1], port=given[2], target=given[3]), parsed.netloc
    scheme, name, number, target = plain.groups()
    host = name.lower().encode()
    port = int(number) if number and int(number) != _DEFAULT_PORTS[scheme] else None
    if not target.startswith("/"):
        target = f"/{target}"
    found = _URL(scheme=scheme.encode(), host=host, port=port, target=target.encode())
    return found, host if port is None else b"%b:%d" % (host, port)


class _Request(httpcore.Request):
    """One that is made of what httpcore would make of it. To find that out, it would look at each header four times."""

    def __init__(
        self, method: bytes, url: httpcore.URL, headers: list[tuple[bytes, bytes]], body: Any, phases: Phases
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.stream = body
        self.extensions = {"timeout": phases}


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


def httpcore_request(request: Request, phases: Phases, *, awaited: bool) -> httpcore.Request:
    """A request in httpcore's terms.

    Args:
        request: what to send.
        phases: its timeouts.
        awaited: whether an asynchronous connection is to send it.
    """
    url, host = place(request.url)
    headers = raw_headers(request)
    headers.append((b"Host", host))
    content = request.content
    body: Any
    if isinstance(content, Multipart):
        body = AsyncUpload(content) if awaited else Upload(content)
    elif awaited:
        body = _Whole(content)
    else:
        body = (content,) if content else ()
    return _Request(request.method.encode("ascii"), url, headers, body, phases)


def is_replaced(method: Any, library: Any) -> bool:
    """Whether a method isn't what its library has defined: whoever mocks, records or traces it has put in another."""
    return type(method) is not FunctionType or not method.__code__.co_filename.startswith(library.__path__[0])


class _AnyReply:
    __slots__ = ("_owner", "_phases", "_response", "headers", "status")

    def __init__(self, response: httpcore.Response, phases: Phases, owner: object) -> None:
        self.status = response.status
        self.headers = Headers.of(response.headers)
        self._response: Any = response
        self._phases = phases
        # A reply that is being read keeps its transport, with which its connection would end.
        self._owner = owner

    @property
    def deadline(self) -> Deadline | None:
        """As `Reply.deadline`. The socket below looks at it for each read."""
        return self._phases.deadline

    @deadline.setter
    def deadline(self, deadline: Deadline | None) -> None:
        self._phases.deadline = deadline


class PlainReply(_AnyReply):
    """See `Reply`."""

    __slots__ = ()

    def read(self) -> bytes:
        try:
            with translated:
                body = b"".join(self._response.stream)
                decoder = decoder_of(self.headers)
                return decoder.decode(body) + decoder.end() if decoder else body
        finally:
            self._response.stream.close()

    def chunks(self) -> Iterator[bytes]:
        # httpcore looks this up when it begins with the body.
        self._phases["read"] = self._phases["idle"]
        decoder = decoder_of(self.headers)
        with translated:
            if decoder is None:
                yield from self._response.stream
                return
            for piece in self._response.stream:
                if decoded := decoder.decode(piece):
                    yield decoded
            if rest := decoder.end():
                yield rest

    def close(self) -> None:
        self._response.stream.close()


class AsyncPlainReply(_AnyReply):
    """See `AsyncReply`."""

    __slots__ = ()

    async def read(self) -> bytes:
        try:
            with translated:
                body = b"".join([piece async for piece in self._response.stream])
                decoder = decoder_of(self.headers)
                return decoder.decode(body) + decoder.end() if decoder else body
        finally:
            await self._response.stream.aclose()

    async def chunks(self) -> AsyncGenerator[bytes]:
        self._phases["read"] = self._phases["idle"]
        decoder = decoder_of(self.headers)
        with translated:
            async for piece in self._response.stream:
                if decoder is None:
                    yield piece
                elif decoded := decoder.decode(piece):
                    yield decoded
            if decoder is not None and (rest := decoder.end()):
                yield rest

    async def close(self) -> None:
        await self._response.stream.aclose()
