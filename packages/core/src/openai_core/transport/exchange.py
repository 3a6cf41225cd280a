"""One request and its reply, whichever library carries them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from openai_core.encoding import Multipart
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterable, Iterator

    from openai_core.retrying import Deadline
    from openai_core.transport.compression import Decoder
    from openai_core.transport.protocol import Headers, Request

ENCODINGS: Final = "gzip, deflate"
_ENCODINGS_ASKED_FOR: Final = frozenset({"Accept-Encoding", "accept-encoding"})
WRITES: Final = frozenset({"POST", "PUT", "PATCH"})
"""The methods whose request says that it has no body, when it has none."""


def asks_for_encodings(request: Request) -> bool:
    """Whether a request says itself in which encodings its answer may come."""
    return not _ENCODINGS_ASKED_FOR.isdisjoint(request.headers)


def all_headers(request: Request) -> dict[str, str]:
    """The headers of a request, with those that a transport adds, all but `Host`."""
    headers = {**request.headers}
    if not asks_for_encodings(request):
        headers["Accept-Encoding"] = ENCODINGS
    content = request.content
    if isinstance(content, Multipart):
        if content.length is None:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(content.length)
    elif content is not None or request.method in WRITES:
        headers["Content-Length"] = str(len(content or b""))
    return headers


def raw_headers(request: Request) -> list[tuple[bytes, bytes]]:
    """As `all_headers`, in bytes."""
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in all_headers(request).items()]


class Phases(dict[str, float | None]):
    """The timeouts of a request's phases, beside its deadline, for sockets that look at both."""

    __slots__ = ("deadline",)

    deadline: Deadline | None


class LimitedPhases(Phases):
    """The timeouts of a request's phases, none beyond the deadline. httpcore looks each up when it begins."""

    __slots__ = ()

    def get(self, phase: str, default: Any = None) -> float | None:
        seconds: float | None = super().get(phase, default)
        if self.deadline is None:
            return seconds
        left = max(self.deadline.left(), 0.001)
        return left if seconds is None else min(seconds, left)


def phases_of(request: Request, kind: type[Phases] = LimitedPhases) -> Phases:
    """The timeouts of a request.

    Args:
        request: which one.
        kind: `Phases` if the sockets look at the deadline themselves.
    """
    timeout = request.timeout
    phases = kind(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool, idle=timeout.idle)
    if math.inf in phases.values():
        phases.update({name: None for name, seconds in phases.items() if seconds == math.inf})
    phases.deadline = request.deadline
    return phases


class Translated:
    """Raises what a library raises as what the protocol knows. A generator would cost more in every call.

    Args:
        timeouts: what it raises when something takes too long.
        failures: what it raises when something else fails.
    """

    __slots__ = ("failures", "timeouts")

    def __init__(self, timeouts: tuple[type[Exception], ...], failures: tuple[type[Exception], ...]) -> None:
        self.timeouts = timeouts
        self.failures = failures

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, self.timeouts):
            raise PhaseTimedOut(self.reason(error)) from self.cause(error)
        if isinstance(error, self.failures):
            raise ConnectionFailed(self.reason(error)) from self.cause(error)

    def reason(self, error: BaseException) -> str:
        """What to say about an error."""
        return str(error) or type(error).__name__

    def cause(self, error: BaseException) -> BaseException | None:
        """What a traceback is to show of an error: the error itself, unless that may hold a secret."""
        return error


def decoder_of(headers: Headers) -> Decoder | None:
    """What undoes the encoding of a body, if it has one."""
    encodings = dict.get(headers, "content-encoding")
    if not encodings:
        return None
    from openai_core.transport.compression import Decoder

    return Decoder(encodings)


class Upload:
    """A multipart body that is being sent."""

    def __init__(self, content: Multipart) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content)


class AsyncUpload:
    """A multipart body that is being sent. Files are read in a thread: a slow disk doesn't hold up the loop."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import asyncio

        pieces = iter(self._content)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


def until(deadline: Deadline | None) -> asyncio.Timeout:
    """Ends what is awaited within when a deadline is over, if there is one."""
    import asyncio

    return asyncio.timeout(None if deadline is None else max(deadline.left(), 0))
