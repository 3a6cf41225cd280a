"""Sessions over websockets: connected, read, and connected anew when the connection breaks.

`Line` decides all there is to decide; the two sessions around it only do I/O, with the library `websockets`, which is
imported when the first session is opened.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from openai_core.errors import APIError, APITimeoutError, WebSocketClosedError
from openai_core.retrying import Deadline
from openai_core.session import AnySession

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from openai_core.sockets import Socket

In = TypeVar("In")
Out = TypeVar("Out")


class WebSocketSession(AnySession[In, Out]):
    """A session over a websocket: events go out with `send`, and come in with a `for` loop, `receive` or `run`.

    It is connected when it is entered (`with`) or opened. Any thread may send; one at a time reads. Who reads also
    connects anew when the connection was lost, so somebody has to: what is sent meanwhile waits.
    """

    def __init__(self, client: Any, socket: Socket[In, Out]) -> None:
        super().__init__(client, socket, threading.Event.is_set)
        self._sending = threading.Lock()
        self._leaving = threading.Event()

    @cached_property
    def _library(self) -> Any:
        from openai_core import websocket_library

        return self._brought_along() or websocket_library.sync()

    def open(self) -> Self:
        """Connect, unless that is done.

        Raises:
            APIError: if the server doesn't accept it, of the same class as for any other request.
            ConfigurationError: if the library `websockets` isn't installed.
        """
        if self._connection is None:
            self._line.check()
            self._connect(None, None)
        return self

    def send(self, event: In) -> None:
        """Send an event. While there is no connection it waits for the next one.

        Raises:
            InvalidRequestError: if it can't be written as JSON, or has no type.
            WebSocketQueueFullError: if it would have to wait and too much does already.
            WebSocketClosedError: if the session is over.
        """
        self._put(event, self._line.written(event))

    def send_raw(self, data: str | bytes) -> None:
        """Send a text, or bytes, as it is; in turn with what `send` sends.

        Args:
            data: an event as JSON. In `unsent` and `unconfirmed` it stands as it is given here.

        Raises:
            InvalidRequestError: if it is neither.
            WebSocketQueueFullError: as `send`.
            WebSocketClosedError: as `send`.
        """
        self._put(cast("In", data), self._line.as_given(data))

    def _put(self, event: In, text: str | bytes) -> None:
        with self._sending:
            self._line.check(opened=True)
            self._line.outbox.put(event, text, connected=self._is_open)
            self._flush()

    def receive(self, timeout: float | None = None) -> Out:
        """Wait for the next event.

        Args:
            timeout: seconds; for ever if not given. An attempt to connect anew that is under way isn't broken off.

        Raises:
            APITimeoutError: if none comes in time; the session goes on.
            StreamError: if somebody else waits for it.
            WebSocketClosedError: if the session is over.
            APIError: if the connection was lost and can't be made anew, or what an event of type `error` means if the
                session was told to raise it.
        """
        return self._line.read(self.receive_raw(timeout))

    def receive_raw(self, timeout: float | None = None) -> bytes:
        """As `receive`, but what came is given as it came, and no error that it may tell of is raised; see `parse`."""
        try:
            return self._receive(None if timeout is None else Deadline(timeout))
        except TimeoutError:
            raise _too_late(timeout) from None

    def _receive(self, deadline: Deadline | None) -> bytes:
        with self._reading:
            return self._next(deadline)

    def _next(self, deadline: Deadline | None) -> bytes:
        while True:
            self._line.check(opened=True)
            if self._line.outbox.waits and self._is_open:
                with self._sending:
                    self._flush()
            try:
                data: bytes = self._connection.recv(deadline and max(0.0, deadline.left()), decode=False)
            except self._library.ConnectionClosed as error:
                with self._sending:
                    lost = self._line.lost(error)
                self._connect(lost, deadline)
            else:
                self._line.heard()
                return data

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Out:
        try:
            return self._line.read(self._receive(None))
        except WebSocketClosedError as error:
            if error.is_regular:
                raise StopIteration from None
            raise

    def run(self) -> None:
        """Hand all events to the functions that `on` and `once` named, until the session ends."""
        for event in self:
            for handler in self._handlers.of(event):
                handler(event)

    def close(self) -> None:
        """End the session. What waits unsent never leaves; `unsent` shows it."""
        self._line.closed = True
        self._leaving.set()
        if self._connection is not None:
            self._connection.close()

    def _connect(self, error: APIError | None, deadline: Deadline | None) -> None:
        """Connect; again and again, after a failure or when the connection was lost, as the policy has it."""
        line = self._line
        line.begin()
        with line.ending_with_failures():
            while True:
                if error is not None:
                    seconds, due = line.wait(error, deadline)
                    self._leaving.wait(seconds)
                    line.check()
                    if not due:
                        raise TimeoutError
                try:
                    connection = self._attempt()
                    break
                except APIError as failure:
                    error = failure
        with self._sending:
            self._connection = connection
            line.outbox.reconnected()
        if line.closed:
            connection.close()

    def _attempt(self) -> Any:
        library, line, provider = self._library, self._line, self._client.provider
        provider.prepare(line.operation)
        while True:
            url, settings = line.attempt(provider.auth(line.operation))
            try:
                connection = library.connect(url, create_connection=library.Connection, **settings)
            except library.Failures as error:
                if failure := line.failed(error):
                    raise failure from error
            else:
                # Used by hand, a connection warns about a change to come.
                connection.__enter__()
                line.opened(connection.response)
                return connection

    def _flush(self) -> None:
        outbox = self._line.outbox
        with suppress(self._library.ConnectionClosed):
            while self._is_open and (text := outbox.next()) is not None:
                self._connection.send(text)
                if outbox.wants_ping:
                    outbox.pinged(self._connection.ping())

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncWebSocketSession(AnySession[In, Out]):
    """As `WebSocketSession`, for an event loop: any task may send, one at a time reads."""

    def __init__(self, client: Any, socket: Socket[In, Out]) -> None:
        import asyncio

        super().__init__(client, socket, _is_answered)
        self._sending = asyncio.Lock()
        self._leaving = asyncio.Event()

    @cached_property
    def _library(self) -> Any:
        from openai_core import websocket_library

        return self._brought_along() or websocket_library.asynchronous()

    async def open(self) -> Self:
        """As `WebSocketSession.open`."""
        if self._connection is None:
            self._line.check()
            await self._connect(None, None)
        return self

    async def send(self, event: In) -> None:
        """As `WebSocketSession.send`."""
        await self._put(event, self._line.written(event))

    async def send_raw(self, data: str | bytes) -> None:
        """As `WebSocketSession.send_raw`."""
        await self._put(cast("In", data), self._line.as_given(data))

    async def _put(self, event: In, text: str | bytes) -> None:
        async with self._sending:
            self._line.check(opened=True)
            self._line.outbox.put(event, text, connected=self._is_open)
            await self._flush()

    async def receive(self, timeout: float | None = None) -> Out:  # noqa: ASYNC109 - the same in both colours
        """As `WebSocketSession.receive`. Cancelling it loses no event."""
        return self._line.read(await self.receive_raw(timeout))

    async def receive_raw(self, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        """As `WebSocketSession.receive_raw`. Cancelling it loses nothing."""
        try:
            return await self._receive(None if timeout is None else Deadline(timeout))
        except TimeoutError:
            raise _too_late(timeout) from None

    async def _receive(self, deadline: Deadline | None) -> bytes:
        with self._reading:
            return await self._next(deadline)

    async def _next(self, deadline: Deadline | None) -> bytes:
        while True:
            self._line.check(opened=True)
            if self._line.outbox.waits and self._is_open:
                async with self._sending:
                    await self._flush()
            try:
                data: bytes
                if deadline is None:
                    data = await self._connection.recv(decode=False)
                else:
                    import asyncio

                    async with asyncio.timeout(deadline.left()):
                        data = await self._connection.recv(decode=False)
            except self._library.ConnectionClosed as error:
                async with self._sending:
                    lost = self._line.lost(error)
                await self._connect(lost, deadline)
            else:
                self._line.heard()
                return data

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Out:
        try:
            return self._line.read(await self._receive(None))
        except WebSocketClosedError as error:
            if error.is_regular:
                raise StopAsyncIteration from None
            raise

    async def run(self) -> None:
        """As `WebSocketSession.run`; functions may be async."""
        import inspect

        async for event in self:
            for handler in self._handlers.of(event):
                done = handler(event)
                if inspect.isawaitable(done):
                    await done

    async def close(self) -> None:
        """As `WebSocketSession.close`."""
        self._line.closed = True
        self._leaving.set()
        if self._connection is not None:
            await self._connection.close()

    aclose = close

    async def _connect(self, error: APIError | None, deadline: Deadline | None) -> None:
        import asyncio

        line = self._line
        line.begin()
        with line.ending_with_failures():
            while True:
                if error is not None:
                    seconds, due = line.wait(error, deadline)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._leaving.wait(), seconds)
                    line.check()
                    if not due:
                        raise TimeoutError
                try:
                    connection = await self._attempt()
                    break
                except APIError as failure:
                    error = failure
        # Nothing is awaited in between: a connection that nobody holds would never be closed.
        self._connection = connection
        line.outbox.reconnected()
        if line.closed:
            await connection.close()

    async def _attempt(self) -> Any:
        library, line, provider = self._library, self._line, self._client.provider
        await provider.prepare_async(line.operation)
        while True:
            url, settings = line.attempt(await provider.auth_async(line.operation))
            try:
                connection = await library.connect(url, create_connection=library.Connection, **settings)
            except library.Failures as error:
                if failure := line.failed(error):
                    raise failure from error
            else:
                line.opened(connection.response)
                return connection

    async def _flush(self) -> None:
        outbox = self._line.outbox
        with suppress(self._library.ConnectionClosed):
            while self._is_open and (text := outbox.next()) is not None:
                await self._connection.send(text)
                if outbox.wants_ping:
                    outbox.pinged(await self._connection.ping())

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _too_late(seconds: float | None) -> APITimeoutError:
    return APITimeoutError(f"no event came within {seconds:g} s; the session goes on")


def _is_answered(pong: Any) -> bool:
    return pong.done() and not pong.cancelled() and pong.exception() is None
