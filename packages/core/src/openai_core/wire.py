"""A client's way to the wire: the transport that it shares with its copies, and replies that fail as calls do."""

from __future__ import annotations

import inspect
from contextlib import aclosing
from threading import Lock
from typing import TYPE_CHECKING, Any

from openai_core.errors import ConfigurationError
from openai_core.logs import redacted
from openai_core.plugins import transports
from openai_core.transport.protocol import ConnectionFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from openai_core.call import Call
    from openai_core.operation import AnyOperation
    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import AsyncReply, Reply
    from openai_core.websocket_library import Library


def _check(http_client: Any, colour: int) -> None:
    if http_client is None:
        return
    if not callable(getattr(http_client, "send", None)):
        raise ConfigurationError(f"http_client is a client of httpx, or of the same interface, not {http_client!r}")
    if not colour and inspect.iscoroutinefunction(http_client.send):
        raise ConfigurationError("the http_client of a Client is a sync one; an async one is for AsyncClient")
    if colour and hasattr(http_client, "close") and not hasattr(http_client, "aclose"):
        raise ConfigurationError("the http_client of an AsyncClient is an async one; a sync one is for Client")


class Carrier:
    """The transport of a client and all its copies, made for the first call.

    Args:
        transport: a transport, or the name of one.
        http_client: a client to send through in the place of a transport.
        colour: 0 for a sync client, 1 for an async one.

    Raises:
        ConfigurationError: if there is no such transport of this colour, or both are given.
    """

    def __init__(self, transport: Any, http_client: Any, colour: int) -> None:
        if http_client is not None and transport != "httpx":
            raise ConfigurationError("pass either transport= or http_client=")
        if not isinstance(transport, str) and not callable(getattr(transport, "send", None)):
            raise ConfigurationError(
                f"transport is the name of one, such as 'httpx', or an object with send() and close(), not "
                f"{redacted(transport)!r:.80}; leave it out for the default"
            )
        _check(http_client, colour)
        self._transport: Any = None if isinstance(transport, str) else transport
        self._name = transport
        self._http_client = http_client
        self._colour = colour
        self._lock = Lock()
        if isinstance(transport, str) and transport != "httpx" and transports.get(transport)[colour] is None:
            own, other = ("AsyncClient", "a Client") if colour else ("Client", "an AsyncClient")
            raise ConfigurationError(
                f"the transport {transport!r} is for {other}; leave transport= out of this {own}, or name another"
            )

    def get(self) -> Any:
        """The transport."""
        return self._transport or self._make()

    def _make(self) -> Any:
        # Two threads that call first at the same time must not make one each: the loser's would never be closed.
        with self._lock:
            if self._transport is None:
                if self._name == "httpx":
                    from openai_core.transport import httpx

                    self._transport = httpx.make(self._colour, self._http_client)
                else:
                    self._transport = transports.get(self._name)[self._colour]()
            return self._transport

    def library(self, operation: AnyOperation) -> Library | None:
        """What a session connects with, if the transport brings it along: one that is a test's does."""
        brought: Callable[[AnyOperation], Library] | None = getattr(self._transport, "websockets", None)
        return brought(operation) if brought else None

    def take(self) -> Any:
        """The transport, if one was made; the next call makes another."""
        transport = self._transport
        if isinstance(self._name, str):
            self._transport = None
        return transport


class _AnyGuarded:
    __slots__ = ("_call", "_reply")

    def __init__(self, reply: Any, call: Call) -> None:
        self._reply = reply
        self._call = call

    @property
    def deadline(self) -> Deadline | None:
        """As `Reply.deadline`."""
        deadline: Deadline | None = self._reply.deadline
        return deadline

    @deadline.setter
    def deadline(self, deadline: Deadline | None) -> None:
        self._reply.deadline = deadline


class GuardedReply(_AnyGuarded):
    """A reply whose failures are errors of this library, and whose reading ends with the call's deadline."""

    __slots__ = ()
    _reply: Reply

    def chunks(self) -> Iterator[bytes]:
        """The body, piece by piece as it comes in."""
        deadline = self._call.deadline
        try:
            for chunk in self._reply.chunks():
                if deadline:
                    deadline.check()
                yield chunk
        except ConnectionFailed as error:
            raise self._call.broken(error) from error
        finally:
            self._reply.close()

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks())

    def close(self) -> None:
        """As `Reply.close`."""
        self._reply.close()


class AsyncGuardedReply(_AnyGuarded):
    """As `GuardedReply`."""

    __slots__ = ()
    _reply: AsyncReply

    async def chunks(self) -> AsyncGenerator[bytes]:
        """As `GuardedReply.chunks`."""
        deadline = self._call.deadline
        try:
            async with aclosing(self._reply.chunks()) as chunks:
                async for chunk in chunks:
                    if deadline:
                        deadline.check()
                    yield chunk
        except ConnectionFailed as error:
            raise self._call.broken(error) from error
        finally:
            await self._reply.close()

    async def read(self) -> bytes:
        """As `GuardedReply.read`."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def close(self) -> None:
        """As `GuardedReply.close`."""
        await self._reply.close()
