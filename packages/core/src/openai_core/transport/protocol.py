"""What a transport is: five methods, in one colour or the other.

A transport sends one request and returns as soon as the headers of the answer are there. It decodes the content
encoding, follows no redirect, and raises `ConnectionFailed` and `PhaseTimedOut` for whatever its HTTP library raises.
Nothing that it waits for lasts longer than its phase of the request's timeout, or beyond the request's deadline.

Sessions over websockets are no matter of a transport, unless it has a method `websockets(operation)` that gives a
`websocket_library.Library` to connect with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping

    from openai_core.encoding import Multipart
    from openai_core.options import Timeout
    from openai_core.retrying import Deadline


class ConnectionFailed(Exception):  # noqa: N818 - an event between transport and call, not an error that users see
    """The connection failed, or broke."""


class PhaseTimedOut(ConnectionFailed):
    """A phase of the exchange took longer than its timeout."""


class Headers(dict[str, str]):
    """Headers by their names in lower case; looked up in any case."""

    @classmethod
    def of(cls, raw: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Headers as they came; those that come several times as one."""
        headers: dict[str, str] = {}
        for name, value in raw:
            key = name.lower().decode("latin-1")
            text = value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return cls(headers)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name.lower() if isinstance(name, str) else name)

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The value of a header."""
        return dict.get(self, name.lower(), default)


class Request:
    """One HTTP request, as it goes out.

    Attributes:
        url: absolute, with the query.
        headers: all but `Host` and `Content-Length`, which the transport adds.
        content: the body: bytes, or a `Multipart` whose pieces are iterated while it is sent.
        timeout: how long each phase may take.
        deadline: when everything has to be over, the reading of the answer included.
        whole: whether the answer will be read whole, and at once: a transport may wait for all of it in one.
    """

    __slots__ = ("content", "deadline", "headers", "method", "timeout", "url", "whole")

    def __init__(  # noqa: PLR0917 - made for every attempt; keywords would cost
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | Multipart | None,
        timeout: Timeout,
        deadline: Deadline | None = None,
        whole: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
        self.timeout = timeout
        self.deadline = deadline
        self.whole = whole

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url.partition('?')[0]})"


class Reply(Protocol):
    """The answer to a request, its body not yet read.

    Attributes:
        deadline: when reading has to be over: the request's at first, and whatever it is set to while it is read.
    """

    status: int
    headers: Headers
    deadline: Deadline | None

    def read(self) -> bytes:
        """The whole body; closes the reply."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The body, piece by piece as it comes in; each may be up to `Timeout.idle` away."""
        ...

    def close(self) -> None:
        """Give the connection back, or end it when the body isn't read to its end."""
        ...


class Transport(Protocol):
    """Sends requests."""

    def send(self, request: Request) -> Reply:
        """Send a request and wait for the headers of its answer."""
        ...

    def close(self) -> None:
        """End all connections."""
        ...


class AsyncReply(Protocol):
    """As `Reply`."""

    status: int
    headers: Headers
    deadline: Deadline | None

    async def read(self) -> bytes:
        """As `Reply.read`."""
        ...

    def chunks(self) -> AsyncGenerator[bytes]:
        """As `Reply.chunks`."""
        ...

    async def close(self) -> None:
        """As `Reply.close`."""
        ...


class AsyncTransport(Protocol):
    """As `Transport`."""

    async def send(self, request: Request) -> AsyncReply:
        """As `Transport.send`."""
        ...

    async def close(self) -> None:
        """As `Transport.close`."""
        ...
