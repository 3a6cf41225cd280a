"""The library `websockets`, imported when the first session is opened, and tamed: it follows no redirect by itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from openai_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable


class Answered(Exception):  # noqa: N818 - an event between library and line, not an error that users see
    """The server answered the handshake with something else than a websocket.

    Args:
        response: its answer, as the library has it.
    """

    def __init__(self, response: Any) -> None:
        # Not the whole of it: a traceback would show its body, in which the server may repeat the key.
        super().__init__(f"status {response.status_code}")
        self.response = response


class Library(NamedTuple):
    """What sessions of one colour need of it."""

    connect: Callable[..., Any]
    Connection: type[Any]
    """The class of connections to give to `connect`."""
    ConnectionClosed: type[Exception]
    Failures: tuple[type[Exception], ...]
    """What `connect` raises."""


@cache
def sync() -> Library:
    """For threads.

    Raises:
        ConfigurationError: if it isn't installed.
    """
    try:
        from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
        from websockets.sync.client import ClientConnection, connect
    except ImportError as error:
        raise _missing(error) from error

    class Connection(ClientConnection):
        def handshake(self, *args: Any, **settings: Any) -> None:
            try:
                super().handshake(*args, **settings)
            except InvalidStatus as error:
                raise Answered(error.response) from None

    return Library(connect, Connection, ConnectionClosed, (Answered, OSError, WebSocketException))


@cache
def asynchronous() -> Library:
    """For event loops.

    Raises:
        ConfigurationError: if it isn't installed.
    """
    try:
        from websockets.asyncio.client import ClientConnection, connect
        from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
    except ImportError as error:
        raise _missing(error) from error

    class Connection(ClientConnection):
        async def handshake(self, *args: Any, **settings: Any) -> None:
            try:
                await super().handshake(*args, **settings)
            except InvalidStatus as error:
                raise Answered(error.response) from None

    return Library(connect, Connection, ConnectionClosed, (Answered, OSError, WebSocketException))


def _missing(error: ImportError) -> ConfigurationError:
    return ConfigurationError(
        f'sessions need the library websockets, which this Python doesn\'t have ({error}): pip install "websockets>=15"'
    )
