"""Everything that this library raises of its own.

OpenAIError
├── ConfigurationError             the client can't be used as it is set up
├── InvalidRequestError            the request can't be written; nothing was sent
├── MissingPluginError             an API group or provider isn't installed
├── FileSaveError                  an answer can't be written to a file
├── WebSocketQueueFullError        too many events wait for a connection
└── APIError
    ├── APIConnectionError         no answer, or none to its end
    │   ├── APITimeoutError
    │   │   └── DeadlineExceededError
    │   └── WebSocketClosedError   a session's connection was closed or broke
    ├── APIStatusError             an answer that isn't 2xx; one class per status
    ├── APIResponseValidationError an answer that can't be read
    ├── AnswerError                a model's answer that isn't what was asked for
    │   ├── AnswerTruncatedError   it was cut off
    │   ├── AnswerRefusedError     the model refused, or a filter held it back
    │   ├── AnswerValidationError  it isn't of the type that was asked for
    │   └── ToolRoundsError        it still calls tools after all rounds
    └── StreamError                an error in a stream that has no class of its own
        └── StreamTruncatedError   a stream that ended before its end
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openai_core.lazy import elsewhere
from openai_core.logs import redacted, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, init=False)
class Attempt:
    """One try to get an answer.

    Args:
        number: 1 for the first.
        seconds: how long it took until the headers of the answer were there, or until it failed.
        status: HTTP status, when there was an answer.
        request_id: the server's name for the request, to give to its support.
        error: class of what went wrong, when something did.
        wait: seconds waited afterwards, before the next attempt.
    """

    number: int
    seconds: float
    status: int | None = None
    request_id: str | None = None
    error: str | None = None
    wait: float | None = None

    def __init__(  # noqa: PLR0917 - the fields in their order
        self,
        number: int,
        seconds: float,
        status: int | None = None,
        request_id: str | None = None,
        error: str | None = None,
        wait: float | None = None,
    ) -> None:
        # One is made for every call: what a frozen dataclass brings along takes more than twice as long.
        fields = self.__dict__
        fields["number"] = number
        fields["seconds"] = seconds
        fields["status"] = status
        fields["request_id"] = request_id
        fields["error"] = error
        fields["wait"] = wait


class OpenAIError(Exception):
    """The root of all errors of this library."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[Callable[..., OpenAIError], tuple[type[OpenAIError], str, dict[str, Any]]]:
        return _rebuild, (type(self), self.message, self.__dict__)


def _rebuild(kind: type[OpenAIError], message: str, state: dict[str, Any]) -> OpenAIError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class ConfigurationError(OpenAIError):
    """The client can't be used as it is set up. Nothing was sent."""


class InvalidRequestError(OpenAIError, ValueError):
    """The request can't be written down: a value is impossible where it stands. Nothing was sent."""

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class MissingPluginError(OpenAIError, AttributeError):
    """An API group, provider or transport that isn't installed.

    It is an `AttributeError` too, so that `hasattr` and `getattr` with a default behave.
    """

    def __init__(self, message: str, *, name: str | None = None) -> None:
        OpenAIError.__init__(self, message)
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        # The name is AttributeError's own and not among the attributes.
        kind, arguments = super().__reduce__()
        return kind, arguments, {"name": self.name}


class FileSaveError(OpenAIError):
    """What was received can't be written to a file.

    Attributes:
        partial: the file that holds what was written, `None` if there is none.
    """

    def __init__(self, message: str, *, partial: str | None = None) -> None:
        super().__init__(message)
        self.partial = partial


class WebSocketQueueFullError(OpenAIError):
    """An event would have to wait until there is a connection again, and too many do already. It isn't sent."""


@elsewhere(status_code="status", response="headers, body and status")
class APIError(OpenAIError):
    """Something went wrong between here and the answer.

    Attributes:
        status: HTTP status, `None` without an answer.
        code: the API's code of the error, such as `rate_limit_exceeded`.
        type: the API's type of the error, such as `invalid_request_error`.
        param: the parameter that the API objects to.
        request_id: the server's name for the request.
        attempts: every try that was made.
        headers: headers of the answer.
        body: body of the answer, decoded where it is JSON, else its text.
        partial: what had come of a stream before it failed: its events, the last 4096 at most.
    """

    advice = ""
    partial: tuple[Any, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the API calls it so
        param: str | None = None,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.type = type
        self.param = param
        self.request_id = request_id
        self.attempts = attempts
        self.headers = headers
        self.body = body

    def __str__(self) -> str:
        facts = [f"status {self.status}"] if self.status else []
        facts += [f"{name} {value}" for name in ("code", "param", "request_id") if (value := getattr(self, name))]
        if len(self.attempts) > 1:
            facts.append(f"{len(self.attempts)} attempts")
        text = f"{self.message} ({', '.join(facts)})" if facts else self.message
        advice = _ADVICE.get(self.code or "", self.advice)
        return f"{text}. {advice}" if advice else text


class APIConnectionError(APIError):
    """No connection, or one that broke before the answer was complete."""


class APITimeoutError(APIConnectionError):
    """A phase of the call took longer than its timeout."""


class DeadlineExceededError(APITimeoutError):
    """The call's deadline is over, or would be before the next attempt.

    Attributes:
        last: where several calls were made, what the last one answered: a video that isn't finished, for example, to go
            on with its `id`.
    """

    last: Any = None


class APIResponseValidationError(APIError):
    """An answer of status 2xx that can't be read as what it should be."""


class AnswerError(APIError):
    """A model's answer came, but isn't what was asked for.

    Attributes:
        answer: the whole of it, such as a `ChatCompletion` or a `Response`; `None` where only its text was read.
        text: what came of its text, or of a tool's arguments.
        partial: of a tool loop the conversation so far, to go on with.
    """

    def __init__(
        self, message: str, *, answer: Any = None, text: str | None = None, partial: tuple[Any, ...] = (), **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.answer = answer
        self.text = text
        self.partial = partial


class AnswerTruncatedError(AnswerError):
    """The answer was cut off, mostly by a limit of tokens. Nothing is made of the part that came."""


class AnswerRefusedError(AnswerError):
    """The model refused to answer, or a filter held the answer back.

    Attributes:
        refusal: what the model said to it, `None` if it was a filter.
    """

    def __init__(self, message: str, *, refusal: str | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.refusal = refusal


class AnswerValidationError(AnswerError, APIResponseValidationError):
    """The answer's text isn't of the type that was asked for, or isn't JSON."""


class ToolRoundsError(AnswerError):
    """After all rounds that it may take, the model still calls tools."""


class WebSocketClosedError(APIConnectionError):
    """A session's connection was closed or broke.

    Attributes:
        close_code: why, as the protocol has it: 1000 for a regular end, 1006 where nobody said why, ….
        unsent: events that never left.
        unconfirmed: events that went out and may not have arrived.
    """

    def __init__(
        self,
        message: str,
        *,
        close_code: int = 1006,
        unsent: tuple[Any, ...] = (),
        unconfirmed: tuple[Any, ...] = (),
        **facts: Any,
    ) -> None:
        super().__init__(message, **facts)
        self.close_code = close_code
        self.unsent = unsent
        self.unconfirmed = unconfirmed

    @property
    def is_regular(self) -> bool:
        """Whether the session has come to its end as it should."""
        return self.close_code == 1000  # noqa: PLR2004


class StreamError(APIError):
    """The server reported an error in the middle of a stream, or the stream can't be used like that."""


class StreamTruncatedError(StreamError):
    """A stream ended without the end that its protocol has: what came isn't the whole answer."""


class APIStatusError(APIError):
    """The server answered with a status that isn't 2xx."""


class BadRequestError(APIStatusError):
    """400: the request is wrong."""


class AuthenticationError(APIStatusError):
    """401: the key is missing, wrong or revoked."""

    advice = "Check the API key (api_key= or OPENAI_API_KEY) and that it belongs to this base URL"


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""

    advice = "Check what the key, its project and its organization may do"


class NotFoundError(APIStatusError):
    """404: no such path, model or object."""


class RequestTimeoutError(APIStatusError):
    """408: the server gave up waiting for the request."""


class ConflictError(APIStatusError):
    """409: somebody else is changing the same thing."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed, but can't be followed."""


class RateLimitError(APIStatusError):
    """429: too much at once, or the quota is used up (`code` tells: `insufficient_quota`)."""

    advice = "Send fewer requests at once, or wait longer between attempts"


class InternalServerError(APIStatusError):
    """5xx: the server failed."""


_BY_STATUS: Final[dict[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RequestTimeoutError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}

# The errors of a stream carry no status, only a code or a type.
_STATUS_OF_CODE: Final = {
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_denied": 403,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    "context_length_exceeded": 400,
    "server_error": 500,
    "api_error": 500,
    "internal_error": 500,
    "internal_server_error": 500,
    "overloaded_error": 503,
    "server_overloaded": 503,
    "service_unavailable": 503,
}

_ADVICE: Final = {
    "insufficient_quota": "The quota is used up: add credit or raise the limit; waiting doesn't help",
    "context_length_exceeded": "The input is longer than the model can take: shorten it or choose another model",
    "model_not_found": "Check the model's name and that the key may use it",
}


def status_class(status: int) -> type[APIStatusError]:
    """The class of errors for an HTTP status."""
    return _BY_STATUS.get(status) or (InternalServerError if status >= 500 else APIStatusError)  # noqa: PLR2004


def parse_error(body: object) -> dict[str, Any]:
    """Message, code, type and param from an error body, in any of the shapes that servers send.

    Known are `{"error": {...}}`, `{"error": "text"}`, `{"message": ...}`, `{"detail": ...}`, a list of one of
    them, and bare text. A code may be a number, as llama.cpp's server sends it.
    """
    if isinstance(body, list) and body:
        body = body[0]
    inner = body
    if isinstance(body, dict):
        inner = body.get("error") or body
    if isinstance(inner, dict):
        message = inner.get("message") or inner.get("detail")
        code = inner.get("code")
        return {
            "message": str(message) if message else None,
            "code": None if code is None else str(code),
            "type": _text(inner.get("type")),
            "param": _text(inner.get("param")),
        }
    return {"message": inner if isinstance(inner, str) and inner else None, "code": None, "type": None, "param": None}


def reports_error(body: object) -> bool:
    """Whether an answer, or an event of a stream, tells of an error though its status was 200.

    Known are `{"error": ...}`, `{"object": "error", "message": ...}` as vLLM has it, and a list of one of them.
    """
    if isinstance(body, list) and body:
        body = body[0]
    return isinstance(body, dict) and (bool(body.get("error")) or body.get("object") == "error")


def error_in_stream(body: object, unknown: type[APIError] = StreamError, **facts: Any) -> APIError:
    """The error that an event of a stream (or a websocket) reports, of the same class as in a response.

    Args:
        body: the event.
        unknown: the class for an error that has none of its own.
        facts: what else is known: arguments of `APIError`, but for `status`.
    """
    parsed = parse_error(body)
    message = parsed.pop("message") or "the server reported an error without saying which"
    # Bare text may be a whole page.
    message = redacted(message) if isinstance(body, str) else without_secrets(message)
    status = _STATUS_OF_CODE.get(parsed["code"] or "") or _STATUS_OF_CODE.get(parsed["type"] or "")
    code = parsed["code"]
    if status is None and code and code.isdecimal() and 400 <= int(code) < 600:  # noqa: PLR2004
        status = int(code)
    kind: type[APIError] = status_class(status) if status else unknown
    return kind(message, status=status, body=body, **parsed, **facts)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
