"""What is known of an answer beside its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openai_core.lazy import elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openai_core.errors import Attempt
    from openai_core.rate_limits import Limits

T = TypeVar("T")


@elsewhere(
    status_code="status",
    http_response="headers, content and status",
    create="of a session, send({'type': 'response.create'})",
    cancel="of a session, send({'type': 'response.cancel'})",
)
class ResponseInfo:
    """Status, headers and attempts of an answer.

    Attributes:
        status: HTTP status.
        url: where it came from, without the query.
        headers: looked up in any case.
        attempts: every try that was made, the last one being this answer.
    """

    __slots__ = ("attempts", "headers", "status", "url")

    def __init__(self, status: int, url: str, headers: Mapping[str, str], attempts: tuple[Attempt, ...]) -> None:
        self.status = status
        self.url = url
        self.headers = headers
        self.attempts = attempts

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, to give to its support."""
        return self.headers.get("x-request-id")

    @property
    def limits(self) -> Limits:
        """The rate limits that the answer tells of."""
        from openai_core.rate_limits import Limits

        return Limits.from_headers(self.headers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status={self.status}, request_id={self.request_id!r})"


class OpenResponse(ResponseInfo):
    """An answer whose body is read later, piece by piece.

    Attributes:
        reply: what to read it from.
    """

    __slots__ = ("reply",)

    def __init__(
        self, status: int, url: str, headers: Mapping[str, str], attempts: tuple[Attempt, ...], reply: Any
    ) -> None:
        super().__init__(status, url, headers, attempts)
        self.reply = reply


class Response(ResponseInfo, Generic[T]):
    """A whole answer, not yet read as what it is.

    Attributes:
        content: the body's bytes.
    """

    __slots__ = ("_parse", "content")

    def __init__(
        self,
        status: int,
        url: str,
        headers: Mapping[str, str],
        attempts: tuple[Attempt, ...],
        content: bytes,
    ) -> None:
        ResponseInfo.__init__(self, status, url, headers, attempts)
        self.content = content
        self._parse: Callable[[Response[Any]], T] | None = None

    def parse(self) -> T:
        """Read the body as what the operation answers.

        Raises:
            APIResponseValidationError: if it can't be read.
        """
        if self._parse is None:
            raise TypeError("a response made by hand is parsed once a client has handed it out")
        return self._parse(self)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body as plain data.

        Raises:
            APIResponseValidationError: if it isn't JSON.
        """
        from openai_core.decoding import decoder

        return decoder(Any).read(self)
