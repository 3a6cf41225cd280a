"""Sessions over websockets that follow a script, in both colours: what stands in for a connection of `websockets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import from_json

from openai_core.websocket_library import Answered, Library

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from openai_core.testing.replies import Told

_REGULAR: Final = 1000
_SWITCHED: Final = 101


class Close(NamedTuple):
    """How a server ends a connection."""

    code: int
    reason: str


class ConnectionClosed(Exception):  # noqa: N818 - as the library calls it
    """The connection has ended.

    Args:
        rcvd: how the server has ended it; `None` if it broke.
    """

    def __init__(self, rcvd: Close | None) -> None:
        super().__init__(rcvd)
        self.rcvd = rcvd
        self.sent: Close | None = None


class _State(NamedTuple):
    name: str


class _Headers(dict[str, str]):
    def raw_items(self) -> Any:
        return self.items()


class _Response(NamedTuple):
    """The answer to a handshake."""

    status_code: int
    headers: _Headers
    body: bytes = b""


class _AnyConnection:
    """A connection on which the server says what a script has, and then ends it.

    Args:
        told: what it says, event by event.
        sent: where to put what it is sent.
    """

    def __init__(self, told: Told, sent: list[Any]) -> None:
        self.response = _Response(_SWITCHED, _Headers(told.headers))
        self.state = _State("OPEN")
        self._left = iter(told.chunks)
        self._breaks = told.breaks
        self._sent = sent

    def _next(self) -> bytes:
        chunk = next(self._left, None) if self.state.name == "OPEN" else None
        if chunk is None:
            self._end()
            raise ConnectionClosed(None if self._breaks else Close(_REGULAR, ""))
        return chunk[1]

    def _take(self, text: str | bytes) -> None:
        try:
            self._sent.append(from_json(text))
        except ValueError:
            # Sent as it is.
            self._sent.append(text)

    def _end(self) -> None:
        self.state = _State("CLOSED")


class Connection(_AnyConnection):
    """For threads."""

    def __enter__(self) -> Self:
        return self

    def recv(self, timeout: float | None = None, *, decode: bool = True) -> bytes:  # noqa: ARG002 - as the library's
        """What comes next."""
        return self._next()

    def send(self, text: str | bytes) -> None:
        """Send an event."""
        self._take(text)

    def ping(self) -> Any:
        """Ask whether all that was sent has arrived: it has."""
        from threading import Event

        pong = Event()
        pong.set()
        return pong

    def close(self) -> None:
        """End it."""
        self._end()


class AsyncConnection(_AnyConnection):
    """For event loops."""

    async def recv(self, *, decode: bool = True) -> bytes:  # noqa: ARG002 - as the library's
        """What comes next."""
        return self._next()

    async def send(self, text: str | bytes) -> None:
        """Send an event."""
        self._take(text)

    async def ping(self) -> Any:
        """Ask whether all that was sent has arrived: it has."""
        import asyncio

        pong = asyncio.get_running_loop().create_future()
        pong.set_result(0.0)
        return pong

    async def close(self) -> None:
        """End it."""
        self._end()


def library(connect: Callable[[str], tuple[Told, list[Any]]], colour: int) -> Library:
    """What takes the place of `websockets`.

    Args:
        connect: gives the script for an address, and where to put what is sent.
        colour: 0 for sync clients, 1 for async ones.
    """

    def connected(url: str, **_settings: Any) -> Any:
        told, sent = connect(url)
        if told.status != _SWITCHED:
            content = b"".join(chunk for _, chunk in told.chunks)
            raise Answered(_Response(told.status, _Headers(told.headers), content))
        return (AsyncConnection if colour else Connection)(told, sent)

    async def connected_async(url: str, **settings: Any) -> Any:
        return connected(url, **settings)

    kind = AsyncConnection if colour else Connection
    return Library(connected_async if colour else connected, kind, ConnectionClosed, (Answered, OSError))
