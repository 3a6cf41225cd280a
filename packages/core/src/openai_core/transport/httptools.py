"""A transport that reads answers with httptools, which is written in C. Install it with `openai-core[httptools]`.

In all else it is the default one, which httpx helps with proxies, and over which those who mock, record or trace httpx
see every request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_core.errors import ConfigurationError
from openai_core.hookspecs import hookimpl
from openai_core.transport.httpx import AsyncHttpxTransport, HttpxTransport
from openai_core.transport.protocol import ConnectionFailed
from openai_core.transport.reading import ENDLESS_HEAD, LONGEST, NO_ANSWER

try:
    from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
except ImportError as error:
    raise ConfigurationError(
        f"the transport 'httptools' can't be loaded ({error}); install openai-core[httptools]"
    ) from error

if TYPE_CHECKING:
    from openai_core.hookspecs import RegisterTransport


_ENCODING: Final = b"transfer-encoding"
_LENGTH: Final = len(_ENCODING)
_FRAMES: Final = {b"content-length", _ENCODING}
_FIRST: Final = 100
_SWITCHING: Final = 101
_FINAL: Final = 200


@hookimpl
def register_transports(register: RegisterTransport) -> None:
    """Register this transport."""
    register("httptools", HttptoolsTransport, AsyncHttptoolsTransport)


class HttptoolsReader:
    """A `Reader`. Its parser calls the methods that begin with `on_`."""

    __slots__ = (
        "_bare",
        "_fruitless",
        "_headed",
        "_parser",
        "ended",
        "failure",
        "headers",
        "pieces",
        "reusable",
        "status",
    )

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._bare = False

    def begin(self, method: str) -> None:
        if self._bare:
            # It still waits for the body that its last answer has told of.
            self._parser = HttpResponseParser(self)
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes | bytearray] = []
        self.ended = self.reusable = self._headed = False
        self.failure: ConnectionFailed | None = None
        # The parser knows nothing of requests, and so not that such an answer has no body.
        self._bare = method == "HEAD"
        # Bytes since something came of them.
        self._fruitless = 0

    def feed(self, data: bytes) -> None:
        if not data:
            self._finish()
            return
        self._fruitless += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.reusable = False
            self._fail(f"the server sent what is no HTTP: {error}", error)
        if self._fruitless > LONGEST:
            self._fail(ENDLESS_HEAD)

    def _finish(self) -> None:
        """Read the end of the connection, with which a body may end that has told neither length nor chunks."""
        names = {name.lower() for name, _ in self.headers}
        if not self._headed:
            self._fail(NO_ANSWER)
        elif names & _FRAMES:
            self._fail("the server ended the connection before the end of its answer")
        else:
            self.ended = True

    def _fail(self, message: str, cause: Exception | None = None) -> None:
        # What is wrong behind the end of an answer is nothing of that answer.
        if not self.ended and self.failure is None:
            self.failure = ConnectionFailed(message)
            self.failure.__cause__ = cause

    def on_message_begin(self) -> None:
        """One that nobody has asked for would be taken for the next answer."""
        self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Those behind the body, or of another answer, are passed over."""
        if not self._headed:
            self.headers.append((name, value))
            if len(name) == _LENGTH and name.lower() == _ENCODING and value.lower() != b"chunked":
                self._fail(f"the server sent a body of the transfer encoding {value.decode('latin-1')!r}")

    def on_headers_complete(self) -> None:
        """What says that an answer will come, and perhaps how, isn't the answer."""
        status: int = self._parser.get_status_code()
        if self._headed or self.failure is not None:
            return
        if status == _SWITCHING:
            self._fail("the server switches to another protocol, which nobody has asked for")
        if status < _FIRST:
            self._fail(f"the server sent what is no HTTP: there is no status {status}")
        if status < _FINAL:
            self.headers.clear()
            return
        self._headed = True
        self.status = status
        if self._bare:
            self.ended = True
            self.reusable = self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        """A piece of it."""
        if self.ended:
            # Where there is none, it would be taken for the next answer.
            self.reusable = False
        # Nor has what announces an answer one, whatever it says.
        elif self._headed:
            self._fruitless = 0
            self.pieces.append(data)

    def on_message_complete(self) -> None:
        """The end of an answer, or of what announces one."""
        if self._headed and not self.ended:
            self.ended = True
            self.reusable = self._parser.should_keep_alive()


class HttptoolsTransport(HttpxTransport):
    """See `HttpxTransport`."""

    _read = HttptoolsReader


class AsyncHttptoolsTransport(AsyncHttpxTransport):
    """See `AsyncHttpxTransport`."""

    _read = HttptoolsReader
