"""The course of a session over a websocket: what to connect to, what an event is, when to connect anew. Pure.

Sessions of both colours are driven by it, as clients are by `Call`, which it uses for the handshake.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import urljoin, urlsplit

from pydantic_core import from_json

from openai_core import logs
from openai_core.call import Call
from openai_core.decoding import decoder
from openai_core.encoding import fields_of, json_bytes
from openai_core.errors import (
    APIError,
    InvalidRequestError,
    StreamError,
    WebSocketClosedError,
    error_in_stream,
    status_class,
)
from openai_core.lenient import build
from openai_core.model import UnknownModel
from openai_core.options import merged
from openai_core.outbox import Outbox
from openai_core.response import ResponseInfo
from openai_core.sockets import Reconnect
from openai_core.transport.protocol import ConnectionFailed, Headers, PhaseTimedOut
from openai_core.websocket_library import Answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from openai_core.call import Settings
    from openai_core.decoding import Decoder
    from openai_core.retrying import Deadline
    from openai_core.sockets import Socket

In = TypeVar("In")
Out = TypeVar("Out")

_REGULAR: Final = 1000
_BROKEN: Final = 1006
# The server goes away, restarts, is too busy or has failed; or the connection broke without a word.
# https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
_PASSING: Final = frozenset({1001, 1005, _BROKEN, 1011, 1012, 1013, 1015})
_SWITCHED: Final = 101
# A connection that brought no more than this many events is as good as one that was never made: servers greet.
_GREETING: Final = 1

# The library logs the headers of the handshake, the key among them, for whoever wants to see debug messages.
_library_log: Final = logging.Logger("openai_core.websocket", logging.INFO)  # noqa: LOG001 - nobody can turn it up
_library_log.parent = logs.logger()


class Line(Generic[In, Out]):
    """One session.

    Args:
        settings: the client's.
        socket: what to connect to.
        answered: as in `Outbox`.
    """

    def __init__(self, settings: Settings, socket: Socket[In, Out], answered: Callable[[Any], bool]) -> None:
        self.operation = socket.operation
        self.outbox: Outbox[In] = Outbox(socket.settings.max_queue, answered)
        self.closed = False
        self._socket = socket
        self._settings = settings
        self._decoder: Decoder[Out] = decoder(socket.returns)  # type: ignore[arg-type]  # a type is hashable
        self._answer: ResponseInfo | None = None
        self._failure: APIError | None = None
        self._unconfirmed: tuple[In, ...] = ()
        # Attempts in a row, and when the next one is due, if that is known already.
        self._tries = 0
        # Events that this connection has brought.
        self._heard = 0
        self._connected = 0.0
        self._due: float | None = None
        self._call: Call

    @property
    def answer(self) -> ResponseInfo:
        """The server's to the last handshake."""
        if self._answer is None:
            raise StreamError("the session isn't open yet: use it in a `with` block, or call open()")
        return self._answer

    def check(self, *, opened: bool = False) -> None:
        """Refuse what can't be done.

        Raises:
            WebSocketClosedError: if the session is over.
            StreamError: if it is to be open and was never opened.
        """
        if self.closed:
            failure = self._failure
            code = getattr(failure, "close_code", _BROKEN) if failure else _REGULAR
            raise WebSocketClosedError(
                "the session is closed", close_code=code, unsent=self.outbox.unsent, unconfirmed=self._unconfirmed
            ) from failure
        if opened:
            _ = self.answer

    def written(self, event: In) -> str:
        """An event as text.

        Raises:
            InvalidRequestError: if it has no type, or can't be written.
        """
        if isinstance(event, (str, bytes)):
            raise InvalidRequestError(
                f"an event is a mapping, such as {{'type': 'session.update', ...}}, not a {type(event).__name__}"
            )
        kind = fields_of(event).get("type")
        if not isinstance(kind, str):
            raise InvalidRequestError(f"an event has a type, such as 'session.update', not {kind!r}", param="type")
        return json_bytes(event).decode()

    @staticmethod
    def as_given(data: str | bytes) -> str | bytes:
        """What is sent as it is.

        Raises:
            InvalidRequestError: if it is neither a text nor bytes.
        """
        if not isinstance(data, (str, bytes)):
            raise InvalidRequestError(f"what is sent raw is a text or bytes, not a {type(data).__name__}; send() it")
        return data

    def begin(self) -> None:
        """Begin to connect, for the first time or anew, unless somebody has who then didn't want to wait so long."""
        if self._due is None:
            # As many as there were in a row: fewer than retries would look as though some had never begun.
            before = self._call.attempts[-1 - self._tries :] if self._answer else []
            deadline = self._call.deadline if self._answer and self._tries else None
            if deadline:
                # It bounds attempts and the waits between them, not how long a connection holds.
                deadline.put_off(time.monotonic() - self._connected)
            self._call = Call(self._settings, self.operation, "*/*", deadline)
            self._call.attempts = before

    def attempt(self, auth: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """The address of the next attempt, and arguments for the library."""
        self._due = None
        request = self._call.request(auth)
        settings = self._socket.settings
        seconds = min(settings.open_timeout, request.timeout.read)
        if request.deadline:
            seconds = min(seconds, request.deadline.left())
        headers = dict(request.headers)
        arguments: dict[str, Any] = {
            "additional_headers": headers,
            "user_agent_header": headers.pop("User-Agent", None),
            "open_timeout": seconds,
            "close_timeout": settings.close_timeout,
            "ping_interval": settings.ping_interval,
            "ping_timeout": settings.ping_timeout,
            "max_size": settings.max_event,
            "max_queue": settings.max_unread,
            "compression": None,
            "logger": _library_log,
        }
        if request.url.startswith("https"):
            arguments["ssl"] = settings.tls or _tls()
        return f"ws{request.url.removeprefix('http')}", arguments

    def opened(self, response: Any) -> None:
        """Note that there is a connection."""
        headers = _headers(response)
        self._tries = 0 if self._answer is None else self._tries + 1
        self._heard = 0
        self._connected = time.monotonic()
        self._answer = ResponseInfo(_SWITCHED, self._call.url, headers, self._call.answered(_SWITCHED, headers))

    def failed(self, error: Exception) -> APIError | None:
        """The error that a failed attempt means; `None` to try at once at another place, where a redirect leads."""
        call = self._call
        if isinstance(error, Answered):
            status, headers = error.response.status_code, _headers(error.response)
            here = call._target  # noqa: SLF001 - of this package
            there = urlsplit(urljoin(here, headers.get("location", here)))
            same = (there.scheme, there.netloc) == urlsplit(here)[:2]
            if same and call.redirect(status, headers):
                return None
            self._tries += 1
            return call.status_error(status, headers, bytes(error.response.body or b""))
        self._tries += 1
        kind = PhaseTimedOut if isinstance(error, TimeoutError) else ConnectionFailed
        return call.connection_error(kind(str(error) or type(error).__name__))

    def lost(self, error: Any) -> APIError:
        """The error that the end of a connection means, if there is to be another.

        Args:
            error: the library's.

        Raises:
            WebSocketClosedError: if the session is over.
        """
        self.check()
        close = error.rcvd or error.sent
        code, reason = (close.code, close.reason) if close else (_BROKEN, "")
        self._unconfirmed = self.outbox.unconfirmed
        failure = WebSocketClosedError(
            f"the connection to {self._call.url} {'was closed' if close else 'broke'}: {code}"
            + (f", {reason!r}" if reason else ""),
            close_code=code,
            unsent=self.outbox.unsent,
            unconfirmed=self._unconfirmed,
            request_id=self.answer.request_id,
            headers=self.answer.headers,
            attempts=self.answer.attempts,
        )
        if code not in _PASSING:
            self._end(failure)
            raise failure
        return failure

    def wait(self, error: APIError, deadline: Deadline | None) -> tuple[float, bool]:
        """Seconds to wait before the next attempt, and whether it is its time then.

        Args:
            error: what went wrong.
            deadline: of who waits.

        Raises:
            APIError: the same error, if there is no further attempt.
        """
        if self._due is None:
            # After a loss, the first attempt is a repetition already.
            number = self._tries + (self._answer is not None)
            wait = self._call.wait_before_retry(error, number)
            if wait is None or (self._answer and not self._goes_on(error, number)):
                raise error
            self._due = time.monotonic() + wait
        wait = max(0.0, self._due - time.monotonic())
        if deadline and deadline.left() < wait:
            return max(0.0, deadline.left()), False
        return wait, True

    def _goes_on(self, error: APIError, number: int) -> bool:
        told = self._socket.on_reconnect
        if told is None:
            lost = len(self._unconfirmed)
            logs.warning("reconnecting %s; %d events may not have arrived", self.operation.endpoint, lost)
            return True
        said = told(Reconnect(number, error, self.outbox.unsent, self._unconfirmed))
        if said is False:
            return False
        if said and said is not True:
            before, self.operation.options = self._call, merged(self.operation.options, said)
            self._call = Call(self._settings, self.operation, "*/*", before.deadline)
            self._call.attempts = before.attempts
        return True

    @contextmanager
    def ending_with_failures(self) -> Iterator[None]:
        """Around the attempts to connect anew: when they fail for good, the session is over."""
        try:
            yield
        except APIError as error:
            if self._answer:
                self._end(error)
            raise

    def _end(self, failure: APIError) -> None:
        self.closed = True
        self._failure = failure

    def heard(self) -> None:
        """Note that something came."""
        self._heard += 1
        if self._heard > _GREETING:
            self._tries = 0

    def read(self, data: str | bytes) -> Out:
        """An event.

        Raises:
            APIError: what an event of type `error` means, if that is wanted.
            APIResponseValidationError: if it can't be read and the client is strict. The session goes on.
            StreamError: before the session is open.
        """
        if isinstance(data, str):
            data = data.encode()
        answer = self.answer
        try:
            event: Out = self._decoder.read(answer, data, self._settings.report_drift)
        except APIError as error:
            if self._settings.strict:
                raise
            logs.warning("an event of %s can't be read as one: %s", self.operation.endpoint, error.message)
            event = _as_it_is(data)
        if self._socket.raise_errors and getattr(event, "type", None) == "error":
            raise self._reported(from_json(data))
        return event

    def _reported(self, body: Any) -> APIError:
        status = body.get("status")
        known = isinstance(status, int)
        kind = status_class(status) if known else StreamError
        error = error_in_stream(body, kind, request_id=self.answer.request_id, headers=self.answer.headers)
        if known:
            error.status = status
        return error


def _as_it_is(data: bytes) -> Any:
    try:
        value = from_json(data)
    except ValueError:
        value = data.decode(errors="replace")
    return build(UnknownModel, value if isinstance(value, dict) else {"data": value})[0]


def _headers(response: Any) -> Headers:
    return Headers({name.lower(): value for name, value in response.headers.raw_items()})


def _tls() -> Any:
    from openai_core.transport import environment

    return environment.tls_context()
