"""A connection: one request at a time goes out on a socket of ours, and a reader reads the answer that comes.

httpcore's does the same. It asks h11 about each line that goes out, too, and traces each step for those who look on:
that takes as long again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_core.transport.network import SocketStream, WriteFailed
from openai_core.transport.protocol import ConnectionFailed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from openai_core.transport.exchange import Phases
    from openai_core.transport.http1 import Place, Sent
    from openai_core.transport.network_async import AsyncSocketStream
    from openai_core.transport.reading import Reader


class _AnyConnection:
    """A connection to a server, which is made when the first request is to be sent.

    Args:
        url: where to.
        tls: how to encrypt, where the URL wants that.
        read: makes what reads its answers.
        stream: its socket.
    """

    __slots__ = ("_host", "_port", "_read", "_reader", "_tls", "_whole", "stream")

    stream: Any

    def __init__(self, url: Place, tls: ssl.SSLContext | None, read: Callable[[], Reader], stream: Any) -> None:
        secure = url.scheme == b"https"
        self.stream = stream
        self._host = url.host
        self._port = url.port if url.port is not None else 443 if secure else 80
        self._read = read
        self._reader: Reader | None = None
        self._tls = tls if secure else None
        self._whole = False

    def has_expired(self) -> bool:
        """Whether the server has ended it meanwhile."""
        readable: bool = self.stream.is_readable()
        return readable

    def is_idle(self) -> bool:
        """Whether it can take another request: the last one has gone out, and its answer has come, to their ends."""
        reader = self._reader
        return reader is not None and self._whole and reader.ended and reader.reusable


class Connection(_AnyConnection):
    """See `_AnyConnection`."""

    __slots__ = ()

    stream: SocketStream

    def __init__(self, url: Place, tls: ssl.SSLContext | None, read: Callable[[], Reader]) -> None:
        super().__init__(url, tls, read, SocketStream())

    def handle_request(self, request: Sent) -> Answer:
        """Send a request, and give the answer when its headers are there.

        Raises:
            ConnectionFailed: if that fails, or takes too long.
        """
        stream = self.stream
        stream.phases = request.phases
        reader = self._reader or self._connect()
        reader.begin(request.method)
        self._whole = False
        try:
            stream.write(request.head)
            for piece in request.body:
                stream.write(piece)
            stream.flush()
            self._whole = True
        except WriteFailed:
            # The server may have answered, and hung up, before it had heard everything.
            pass
        while not reader.status:
            if reader.failure is not None:
                raise reader.failure
            reader.feed(stream.read())
        return Answer(stream, reader, request.phases)

    def _connect(self) -> Reader:
        self.stream.connect(self._host, self._port)
        if self._tls is not None:
            self.stream.start_tls(self._tls, self._host.decode("ascii"))
        self._reader = reader = self._read()
        return reader

    def close(self) -> None:
        """End it."""
        self.stream.close()


class _AnyAnswer:
    """An answer of which the headers are there.

    Attributes:
        phases: how long the rest may take.
    """

    __slots__ = ("_reader", "_stream", "headers", "phases", "status")

    _stream: Any

    def __init__(self, stream: Any, reader: Reader, phases: Phases) -> None:
        self.status = reader.status
        self.headers = reader.headers
        self.phases = phases
        self._stream = stream
        self._reader: Reader | None = reader

    def _unread(self) -> Reader:
        """What reads the rest, which must not be read any more once the connection is in other hands."""
        if self._reader is None:
            raise ConnectionFailed("the answer is closed")
        if self._reader.failure is not None and not self._reader.pieces:
            raise self._reader.failure
        return self._reader

    def end(self) -> None:
        """Leave the connection."""
        self._reader = None


def _taken(reader: Reader) -> bytes:
    pieces, reader.pieces = reader.pieces, []
    return b"".join(pieces)


class Answer(_AnyAnswer):
    """See `_AnyAnswer`. What is iterated over are the pieces of the body as they come."""

    __slots__ = ()

    _stream: SocketStream

    def read(self) -> bytes:
        """The whole body."""
        while not (reader := self._unread()).ended:
            if reader.failure is not None:
                raise reader.failure
            reader.feed(self._stream.read())
        return _taken(reader)

    def __iter__(self) -> Answer:
        return self

    def __next__(self) -> bytes:
        while not (reader := self._unread()).pieces:
            if reader.ended:
                raise StopIteration
            reader.feed(self._stream.read())
        return _taken(reader)


class AsyncConnection(_AnyConnection):
    """As `Connection`, in the running event loop."""

    __slots__ = ()

    stream: AsyncSocketStream

    def __init__(self, url: Place, tls: ssl.SSLContext | None, read: Callable[[], Reader]) -> None:
        from openai_core.transport.network_async import AsyncSocketStream

        super().__init__(url, tls, read, AsyncSocketStream())

    async def handle_async_request(self, request: Sent) -> AsyncAnswer:
        """As `Connection.handle_request`."""
        stream = self.stream
        stream.phases = request.phases
        reader = self._reader or await self._connect()
        reader.begin(request.method)
        self._whole = False
        try:
            await stream.write(request.head)
            async for piece in request.body:
                await stream.write(piece)
            await stream.flush()
            self._whole = True
        except WriteFailed:
            pass
        while not reader.status:
            if reader.failure is not None:
                raise reader.failure
            reader.feed(await stream.read())
        return AsyncAnswer(stream, reader, request.phases)

    async def _connect(self) -> Reader:
        host = self._host.decode("ascii")
        await self.stream.connect(host, self._port)
        if self._tls is not None:
            await self.stream.start_tls(self._tls, host)
        self._reader = reader = self._read()
        return reader

    async def aclose(self) -> None:
        """End it."""
        self.stream.abort()


class AsyncAnswer(_AnyAnswer):
    """As `Answer`."""

    __slots__ = ()

    _stream: AsyncSocketStream

    async def read(self) -> bytes:
        """As `Answer.read`."""
        while not (reader := self._unread()).ended:
            if reader.failure is not None:
                raise reader.failure
            reader.feed(await self._stream.read())
        return _taken(reader)

    def __aiter__(self) -> AsyncAnswer:
        return self

    async def __anext__(self) -> bytes:
        while not (reader := self._unread()).pieces:
            if reader.ended:
                raise StopAsyncIteration
            reader.feed(await self._stream.read())
        return _taken(reader)
