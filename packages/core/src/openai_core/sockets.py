"""Websockets as values, bound to a client: what to connect to, and how a session goes. Nothing here does I/O.

A function makes a `Socket`; `SocketMethod` and `AsyncSocketMethod` make it a method of a group, which gives a session:

    def connect(*, model: str, options: RequestOptions | None = None) -> Socket[ClientEventParam, ServerEvent]:
        return Socket("/realtime", "my_package.types:ServerEvent", query={"model": model}, options=options)
"""

# A docstring is no override of the property `__doc__`, as pyright would have it.
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeAlias, TypeVar, overload

from openai_core.errors import ConfigurationError
from openai_core.method import BoundFunction, Descriptor
from openai_core.operation import Endpoint, Operation, given
from openai_core.options import merged

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from typing import Self

    from openai_core.errors import APIError
    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.options import RequestOptions
    from openai_core.websocket import AsyncWebSocketSession, WebSocketSession

P = ParamSpec("P")
In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class SocketSettings:
    """How a session treats its connection.

    Args:
        open_timeout: seconds until the server has accepted it; the `read` timeout and a deadline may be shorter.
        close_timeout: seconds for the server to answer that it closes the connection, too.
        ping_interval: seconds between two pings, by which a dead connection is noticed; `None` sends none.
        ping_timeout: seconds for the answer to a ping; `None` waits for ever.
        max_queue: characters of events that may wait while there is no connection.
        max_event: bytes of the longest event that is received.
        max_unread: parts of events that may wait to be read; then the server is made to wait.
        tls: the context of encrypted connections, in the place of the one that all clients share.
    """

    open_timeout: float = 10.0
    close_timeout: float = 10.0
    ping_interval: float | None = 20.0
    ping_timeout: float | None = 20.0
    max_queue: int = 2**20
    max_event: int = 64 * 2**20
    max_unread: int = 1024
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, (int, float)) and not value > 0:
                raise ConfigurationError(f"{field.name} must be above 0, not {value!r}")


@dataclass(frozen=True, slots=True)
class Reconnect:
    """A connection that was lost and is about to be made anew. What the server knew of the session is forgotten.

    Args:
        attempt: 1 for the first after the loss.
        error: what went wrong last.
        unsent: events that wait, and go out as soon as there is a connection.
        unconfirmed: events that went out and may or may not have arrived. They aren't sent again, unless you do it.
    """

    attempt: int
    error: APIError
    unsent: tuple[Any, ...]
    unconfirmed: tuple[Any, ...]


OnReconnect: TypeAlias = "Callable[[Reconnect], RequestOptions | bool | None]"
"""Called before each attempt to connect anew: `False` gives up; options, such as `headers` and `query`, are added."""


class Socket(Generic[In, Out]):
    """A websocket of the API, as a value: sends `In`, brings `Out`.

    Args:
        path: below the base URL.
        returns: what to read an event as: `module:Name`, or a type.
        id: what the operation is called.
        query: query parameters, among which `OMIT` stands for what isn't sent.
        headers: of the handshake, with `OMIT` as in `query`; those in `options` win.
        on_reconnect: see `OnReconnect`.
        raise_errors: whether an event of type `error` is raised instead of given.
        settings: see `SocketSettings`.
        options: of the handshake. `max_retries` counts attempts to connect in a row, among them those of which no more
            than a first event came; `deadline` bounds them all.
    """

    def __init__(
        self,
        path: str,
        returns: str | type[Out],
        *,
        id: str = "",  # noqa: A002 - as in Endpoint
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        on_reconnect: OnReconnect | None = None,
        raise_errors: bool = False,
        settings: SocketSettings | None = None,
        options: RequestOptions | None = None,
    ) -> None:
        if settings is not None and not isinstance(settings, SocketSettings):
            raise ConfigurationError(
                f"settings is a SocketSettings, not a {type(settings).__name__}; "
                "pass SocketSettings(ping_interval=...), from openai_core"
            )
        if on_reconnect is not None and not callable(on_reconnect):
            raise ConfigurationError(f"on_reconnect is a function that is given a Reconnect, not {on_reconnect!r:.80}")
        endpoint: Endpoint[Any] = Endpoint("GET", path, None, id=id)
        self.operation: Operation[Any] = Operation(
            endpoint, (), given(query), None, given(headers), merged(None, options)
        )
        self.returns = returns
        self.on_reconnect = on_reconnect
        self.raise_errors = raise_errors
        self.settings = settings or SocketSettings()

    def __repr__(self) -> str:
        return f"Socket({self.operation!r})"


class BoundSocketMethod(BoundFunction[P, Socket[In, Out]]):
    """Gives a session, which is connected when it is entered or opened."""

    __slots__ = ()

    returns = "WebSocketSession[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> WebSocketSession[In, Out]:
        from openai_core.websocket import WebSocketSession

        return WebSocketSession(self._client, _with(self._built(*args, **kwargs), self._options))


class BoundAsyncSocketMethod(BoundFunction[P, Socket[In, Out]]):
    """Gives a session, which is connected when it is entered or opened."""

    __slots__ = ()

    returns = "AsyncWebSocketSession[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AsyncWebSocketSession[In, Out]:
        from openai_core.websocket import AsyncWebSocketSession

        return AsyncWebSocketSession(self._client, _with(self._built(*args, **kwargs), self._options))


def _with(socket: Socket[In, Out], options: RequestOptions | None) -> Socket[In, Out]:
    socket.operation.options = merged(options, socket.operation.options)
    return socket


class SocketMethod(Descriptor[P, Socket[In, Out]]):
    """A call that gives a session."""

    __slots__ = ()
    bound = BoundSocketMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: ApiGroup, owner: type) -> BoundSocketMethod[P, In, Out]: ...
    def __get__(self, group: ApiGroup | None, owner: type) -> Self | BoundSocketMethod[P, In, Out]:
        return self._bind(group)  # type: ignore[no-any-return]


class AsyncSocketMethod(Descriptor[P, Socket[In, Out]]):
    """A call that gives a session."""

    __slots__ = ()
    bound = BoundAsyncSocketMethod

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: AsyncApiGroup, owner: type) -> BoundAsyncSocketMethod[P, In, Out]: ...
    def __get__(self, group: AsyncApiGroup | None, owner: type) -> Self | BoundAsyncSocketMethod[P, In, Out]:
        return self._bind(group)  # type: ignore[no-any-return]
