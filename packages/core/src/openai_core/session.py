"""What sessions of both colours have in common, and the functions that are called with their events. No I/O."""

from __future__ import annotations

import warnings
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

from openai_core.errors import StreamError
from openai_core.lazy import elsewhere
from openai_core.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from openai_core.response import ResponseInfo
    from openai_core.sockets import Socket

In = TypeVar("In")
Out = TypeVar("Out")
HandlerT = TypeVar("HandlerT", bound="Callable[..., Any]")

_LEFT_OPEN: Final = "a session was left open; use it in a `with` block, or close it"


class Handlers(Generic[Out]):
    """The functions that are called with events."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[tuple[Callable[[Out], Any], bool]]] = {}

    def add(self, kind: str, handler: Callable[[Out], Any], *, once: bool) -> None:
        """Call a function with events of a type."""
        if not callable(handler):
            raise TypeError(f"a handler is a function that takes an event, not {handler!r}")
        self._handlers.setdefault(kind, []).append((handler, once))

    def remove(self, kind: str, handler: Callable[[Out], Any]) -> None:
        """Call it no longer."""
        found = self._handlers.get(kind, [])
        kept = [entry for entry in found if entry[0] != handler]
        if len(kept) == len(found):
            raise ValueError(f"{handler!r} isn't called with events of type {kind!r}")
        self._handlers[kind] = kept

    def of(self, event: Out) -> Iterator[Callable[[Out], Any]]:
        """Those to call with an event, in the order in which they were named."""
        for kind in (getattr(event, "type", None), "*"):
            for handler, once in list(self._handlers.get(kind or "", ())):
                # One that was called may have taken away others.
                if (handler, once) in self._handlers[kind or ""]:
                    if once:
                        self._handlers[kind or ""].remove((handler, once))
                    yield handler


class _Reading:
    """One reader at a time."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise StreamError(
                "somebody waits for this session's next event already; let one reader hand the events on, or use "
                "on() and run()"
            )

    def __exit__(self, *error: object) -> None:
        self._lock.release()


@elsewhere(
    recv="receive()",
    recv_bytes="receive_raw()",
    parse_event="parse(data)",
    dispatch_events="run()",
    enter="open()",
    session="send({'type': 'session.update', ...})",
    conversation="send({'type': 'conversation.item.create', ...})",
    input_audio_buffer="send({'type': 'input_audio_buffer.append', ...})",
    output_audio_buffer="send({'type': 'output_audio_buffer.clear'})",
)
class AnySession(Generic[In, Out]):
    """A session over a websocket, but for what it does with it.

    Args:
        client: of either colour.
        socket: what to connect to.
        answered: as in `Outbox`.
    """

    def __init__(self, client: Any, socket: Socket[In, Out], answered: Callable[[Any], bool]) -> None:
        self._client = client
        self._line: Line[In, Out] = Line(client._settings, socket, answered)  # noqa: SLF001 - of this package
        self._connection: Any = None
        self._handlers: Handlers[Out] = Handlers()
        self._reading = _Reading()

    @property
    def response(self) -> ResponseInfo:
        """Status, headers and attempts of the handshake, the last one after a reconnection.

        Raises:
            StreamError: before the session is open.
        """
        return self._line.answer

    @property
    def unsent(self) -> tuple[In, ...]:
        """The events that wait for a connection, oldest first; after the end, those that never left."""
        return self._line.outbox.unsent

    @property
    def unconfirmed(self) -> tuple[In, ...]:
        """The events that went out over this connection and of which nobody knows yet that the server took them.

        It confirms them in batches, so that of the last ones some may have arrived.
        """
        return self._line.outbox.unconfirmed

    @overload
    def on(self, kind: str, handler: Callable[[Out], Any]) -> Self: ...
    @overload
    def on(self, kind: str) -> Callable[[HandlerT], HandlerT]: ...
    def on(self, kind: str, handler: Callable[[Out], Any] | None = None) -> Any:
        """Call a function with each event of a type, while `run` runs; as a decorator, too: `@session.on(kind)`.

        Args:
            kind: the type, such as `response.output_text.delta`; `*` for all.
            handler: the function. What it raises ends `run`, and not the session.

        Returns:
            The session; without a function, what takes one and gives it back.

        Raises:
            TypeError: if it isn't one.
        """
        return self._called(kind, handler, once=False)

    @overload
    def once(self, kind: str, handler: Callable[[Out], Any]) -> Self: ...
    @overload
    def once(self, kind: str) -> Callable[[HandlerT], HandlerT]: ...
    def once(self, kind: str, handler: Callable[[Out], Any] | None = None) -> Any:
        """As `on`, for the next such event alone."""
        return self._called(kind, handler, once=True)

    def _called(self, kind: str, handler: Callable[[Out], Any] | None, *, once: bool) -> Any:
        if callable(kind):
            raise TypeError("a handler is for a type of events: @session.on('*') is for all")

        def take(handler: Callable[[Out], Any]) -> Callable[[Out], Any]:
            self._handlers.add(kind, handler, once=once)
            return handler

        if handler is None:
            return take
        take(handler)
        return self

    def off(self, kind: str, handler: Callable[[Out], Any]) -> Self:
        """Call a function no longer.

        Returns:
            The session.

        Raises:
            ValueError: if it isn't called.
        """
        self._handlers.remove(kind, handler)
        return self

    def parse(self, data: str | bytes) -> Out:
        """Read what `receive_raw` gave, or was kept of it, as an event.

        Raises:
            APIError: as `receive`, for what an event says.
            StreamError: before the session is open.
        """
        return self._line.read(data)

    def _brought_along(self) -> Any:
        """What the client's transport has sessions connect with, in the place of the library `websockets`."""
        return self._client._carrier.library(self._line.operation)  # noqa: SLF001 - of this package

    @property
    def _is_open(self) -> bool:
        # Of the enumeration only the name: importing it would import the library.
        return self._connection is not None and self._connection.state.name == "OPEN"

    def __del__(self) -> None:
        line = self.__dict__.get("_line")
        if line is not None and self._connection is not None and not line.closed:
            warnings.warn(_LEFT_OPEN, ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        state = "closed" if self._line.closed else "open" if self._is_open else "not connected"
        return f"<{type(self).__name__} {self._line.operation.endpoint.path} {state}>"
