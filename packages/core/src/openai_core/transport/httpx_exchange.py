"""One request and its reply in the terms of httpx, or of a library with its interface."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from openai_core.encoding import Multipart
from openai_core.transport.exchange import Translated, decoder_of, raw_headers, until
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from openai_core.retrying import Deadline
    from openai_core.transport.exchange import Phases
    from openai_core.transport.protocol import Request


# Parsed once: what differs between the calls of a client are a few paths.
@lru_cache(maxsize=512)
def _url(library: Any, url: str) -> Any:
    return library.URL(url)


def httpx_request(request: Request, phases: Phases, stream: type[Any], library: Any) -> Any:
    """A request in httpx's terms.

    Args:
        request: what to send.
        phases: its timeouts.
        stream: what a multipart body is sent as: an `Upload` that is a stream of the library's, too.
        library: httpx, or one with its interface.
    """
    url = _url(library, request.url)
    # A request with a stream of its own gets no headers from httpx, which would take as long as to send it.
    headers = [*raw_headers(request), (b"Host", url.netloc)]
    content = request.content
    body: Any = stream(content) if isinstance(content, Multipart) else library.ByteStream(content or b"")
    return library.Request(request.method, url, headers=headers, stream=body, extensions={"timeout": phases})


class _Translated(Translated):
    """Raises what httpx raises, or its successor, as what the protocol knows."""

    __slots__ = ()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        # Whose client a user has brought isn't known before it fails.
        for library in filter(None, map(sys.modules.get, ("httpx", "httpx2"))):
            if isinstance(error, library.TimeoutException):
                raise PhaseTimedOut(self.reason(error)) from error
            if isinstance(error, (library.RequestError, library.StreamError, library.InvalidURL)):
                raise ConnectionFailed(self.reason(error)) from error
        super().__exit__(kind, error, trace)


_INSIDE: Final = ("_httpcore_stream", "_stream", "_connection")


def _surplus(response: Any) -> Any:
    """The connection of an answer on which more has come: httpcore would take that for the answer to what comes next.

    No message tells of it, nor does anything that is public.
    """
    inside = response.stream
    while inside is not None and not hasattr(inside, "_h11_state"):
        inside = next((getattr(inside, name) for name in _INSIDE if hasattr(inside, name)), None)
    more = inside is not None and inside._h11_state.trailing_data[0]  # noqa: SLF001 - see above
    return response.extensions.get("network_stream") if more else None


translated: Final = _Translated((TimeoutError,), ())


class _Alarm:
    """Breaks a connection off when a deadline is over, from a thread of its own.

    Only that ends a body which comes in so slowly that no single piece of it is late.
    """

    def __init__(self, response: Any) -> None:
        self.rang = False
        self._response = response
        self._deadline: Deadline | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def set(self, deadline: Deadline | None) -> None:
        if deadline is self._deadline:
            return
        self.cancel()
        self._deadline = deadline
        if deadline is not None:
            self._timer = threading.Timer(max(deadline.left(), 0), self._ring)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        # Once this is over nothing rings: the connection may be in other hands.
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _ring(self) -> None:
        with self._lock:
            stream = self._response.extensions.get("network_stream")
            if self._timer is None or stream is None:
                return
            self.rang = True
            with suppress(OSError):
                # That of an SSLSocket would take its encryption away, under the eyes of whoever is reading.
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Translate what happens while the alarm may ring."""
        try:
            with translated:
                yield
        except ConnectionFailed as error:
            if self.rang:
                raise PhaseTimedOut("the deadline is over") from error
            raise
        finally:
            self.cancel()
        if self.rang:
            raise PhaseTimedOut("the deadline is over")


class _AnyReply:
    __slots__ = ("_owner", "_phases", "_response", "deadline", "headers", "status")

    def __init__(self, response: Any, phases: Phases, owner: object) -> None:
        self.status: int = response.status_code
        self.headers = Headers.of(response.headers.raw)
        self.deadline = phases.deadline
        self._response = response
        self._phases = phases
        # A reply that is being read keeps its transport, with which its connection would end.
        self._owner = owner

    def _begin(self) -> None:
        # httpcore looks this up when it begins with the body.
        self._phases["read"] = self._phases["idle"]


class HttpxReply(_AnyReply):
    """See `Reply`."""

    __slots__ = ("_alarm",)

    def __init__(self, response: Any, phases: Phases, owner: object) -> None:
        super().__init__(response, phases, owner)
        self._alarm = _Alarm(response)

    def read(self) -> bytes:
        try:
            if self.deadline is None:
                with translated:
                    return self._whole()
            self._alarm.set(self.deadline)
            with self._alarm.on():
                return self._whole()
        finally:
            self.close()

    def _whole(self) -> bytes:
        # httpx would take a compressed body that lacks its end for a whole one.
        body = b"".join(self._response.stream)
        decoder = decoder_of(self.headers)
        return decoder.decode(body) + decoder.end() if decoder else body

    def chunks(self) -> Iterator[bytes]:
        self._begin()
        decoder = decoder_of(self.headers)
        with self._alarm.on():
            self._alarm.set(self.deadline)
            for piece in self._response.stream:
                if chunk := decoder.decode(piece) if decoder else piece:
                    yield chunk
                self._alarm.set(self.deadline)
            if decoder and (rest := decoder.end()):
                yield rest

    def close(self) -> None:
        self._alarm.cancel()
        if connection := _surplus(self._response):
            connection.close()
        self._response.close()


class AsyncHttpxReply(_AnyReply):
    """See `AsyncReply`."""

    __slots__ = ()

    async def read(self) -> bytes:
        try:
            with translated:
                if self.deadline is None:
                    return await self._whole()
                async with until(self.deadline):
                    return await self._whole()
        finally:
            await self.close()

    async def _whole(self) -> bytes:
        body = b"".join([piece async for piece in self._response.stream])
        decoder = decoder_of(self.headers)
        return decoder.decode(body) + decoder.end() if decoder else body

    async def chunks(self) -> AsyncGenerator[bytes]:
        self._begin()
        decoder = decoder_of(self.headers)
        pieces = aiter(self._response.stream)
        with translated:
            while True:
                if self.deadline is None:
                    chunk = await anext(pieces, None)
                else:
                    async with until(self.deadline):
                        chunk = await anext(pieces, None)
                if chunk is None:
                    break
                if decoded := decoder.decode(chunk) if decoder else chunk:
                    yield decoded
            if decoder and (rest := decoder.end()):
                yield rest

    async def close(self) -> None:
        if connection := _surplus(self._response):
            await connection.aclose()
        await self._response.aclose()
