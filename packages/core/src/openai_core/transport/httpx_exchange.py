"""One request and its reply in httpx's terms."""

from __future__ import annotations

import math
import socket
import threading
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import httpx

from openai_core.encoding import Multipart
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import Request

# Parsed once: what differs between the calls of a client are a few paths.
_url: Final = lru_cache(maxsize=512)(httpx.URL)


_WRITES: Final = frozenset({"POST", "PUT", "PATCH"})


class Phases(dict[str, float | None]):
    """The timeouts of a request's phases, none beyond the deadline. httpcore looks each up when it begins."""

    __slots__ = ("deadline",)

    deadline: Deadline | None

    def get(self, phase: str, default: Any = None) -> float | None:
        seconds: float | None = super().get(phase, default)
        if self.deadline is None:
            return seconds
        left = max(self.deadline.left(), 0.001)
        return left if seconds is None else min(seconds, left)


def phases_of(request: Request) -> Phases:
    """The timeouts of a request."""
    timeout = request.timeout
    phases = Phases(
        connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool, idle=timeout.idle
    )
    for name, seconds in phases.items():
        if seconds == math.inf:
            phases[name] = None
    phases.deadline = request.deadline
    return phases


def httpx_request(request: Request, phases: Phases, stream: type[Any]) -> httpx.Request:
    """A request in httpx's terms.

    Args:
        request: what to send.
        phases: its timeouts.
        stream: what a multipart body is sent as, `Upload` or `AsyncUpload`.
    """
    extensions = {"timeout": phases}
    headers: dict[str, Any] = {**request.headers, "Accept-Encoding": "gzip, deflate"}
    for name, value in request.headers.items():
        if not value.isascii():
            headers[name] = value.encode("latin-1")
    url = _url(request.url)
    content = request.content
    # A request with a stream of its own gets no headers from httpx, which would take as long as to send it.
    headers["Host"] = url.netloc.decode("ascii")
    if isinstance(content, Multipart):
        body: Any = stream(content)
        if content.length is None:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(content.length)
    else:
        body = httpx.ByteStream(content or b"")
        if content is not None or request.method in _WRITES:
            headers["Content-Length"] = str(len(content or b""))
    return httpx.Request(request.method, url, headers=headers, stream=body, extensions=extensions)


class _Translated:
    """Raises what httpx raises as what the protocol knows. A class, as a generator would cost more in every call."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, (httpx.TimeoutException, TimeoutError)):
            raise PhaseTimedOut(str(error) or type(error).__name__) from error
        if isinstance(error, (httpx.RequestError, httpx.StreamError, httpx.InvalidURL)):
            raise ConnectionFailed(str(error) or type(error).__name__) from error


translated: Final = _Translated()


class Upload(httpx.SyncByteStream):
    """A multipart body that is being sent."""

    def __init__(self, content: Multipart) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content)


class AsyncUpload(httpx.AsyncByteStream):
    """A multipart body that is being sent. Files are read in a thread: a slow disk doesn't hold up the loop."""

    def __init__(self, content: Multipart) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import asyncio

        pieces = iter(self._content)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


class _Alarm:
    """Breaks a connection off when a deadline is over, from a thread of its own.

    Only that ends a body which comes in so slowly that no single piece of it is late.
    """

    def __init__(self, response: httpx.Response) -> None:
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
    __slots__ = ("_done", "_phases", "_response", "deadline", "headers", "status")

    def __init__(self, response: Any, phases: Phases, done: Callable[[], None]) -> None:
        self.status: int = response.status_code
        self.headers = Headers()
        for name, value in response.headers.raw:
            key = name.lower().decode("latin-1")
            text = value.decode("latin-1")
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text
        self.deadline = phases.deadline
        self._response = response
        self._phases = phases
        self._done: Callable[[], None] | None = done

    @property
    def _is_encoded(self) -> bool:
        return "content-encoding" in self.headers

    def _begin(self) -> bool:
        """Whether the body is encoded."""
        # httpcore looks this up when it begins with the body.
        self._phases["read"] = self._phases["idle"]
        return self._is_encoded

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done()


class HttpxReply(_AnyReply):
    """See `Reply`."""

    __slots__ = ("_alarm",)

    def __init__(self, response: Any, phases: Phases, done: Callable[[], None]) -> None:
        super().__init__(response, phases, done)
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
        # What isn't encoded needs none of what httpx does to decode it.
        content: bytes = self._response.read() if self._is_encoded else b"".join(self._response.stream)
        return content

    def chunks(self) -> Iterator[bytes]:
        pieces = self._response.iter_bytes() if self._begin() else self._response.stream
        with self._alarm.on():
            self._alarm.set(self.deadline)
            for chunk in pieces:
                yield chunk
                self._alarm.set(self.deadline)

    def close(self) -> None:
        self._alarm.cancel()
        try:
            self._response.close()
        finally:
            self._finish()


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
        if self._is_encoded:
            content: bytes = await self._response.aread()
            return content
        return b"".join([piece async for piece in self._response.stream])

    async def chunks(self) -> AsyncGenerator[bytes]:
        pieces = aiter(self._response.aiter_bytes() if self._begin() else self._response.stream)
        with translated:
            while True:
                if self.deadline is None:
                    chunk = await anext(pieces, None)
                else:
                    async with until(self.deadline):
                        chunk = await anext(pieces, None)
                if chunk is None:
                    return
                yield chunk

    async def close(self) -> None:
        try:
            await self._response.aclose()
        finally:
            self._finish()


def until(deadline: Deadline | None) -> asyncio.Timeout:
    """Ends what is awaited within when a deadline is over, if there is one."""
    import asyncio

    return asyncio.timeout(None if deadline is None else max(deadline.left(), 0))


def foreign_request(client: Any, request: Request, phases: Phases, stream: type[Any]) -> Any:
    """The request, built by the user's client, whose library may be another one with httpx's interface."""
    own = httpx_request(request, phases, stream)
    content = stream(request.content) if isinstance(request.content, Multipart) else request.content
    headers = [(name, value) for name, value in own.headers.raw if name.lower() != b"host"]
    return client.build_request(
        request.method, request.url, headers=headers, content=content, extensions={"timeout": phases}
    )
