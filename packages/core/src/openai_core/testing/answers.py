"""A transport that answers as a test tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from openai_core.client import AsyncClient, Client
from openai_core.encoding import plain
from openai_core.operation import AnyOperation, Endpoint
from openai_core.retrying import RetryPolicy
from openai_core.testing.replies import AsyncMemoryReply, MemoryReply, Told
from openai_core.testing.sent import SentRequest, unexpected
from openai_core.transport.protocol import ConnectionFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from openai_core.transport.protocol import Request

_JSON: Final = {"content-type": "application/json"}
_NAMED: Final = re.compile(r"\\\{\w+\\\}")


class Events:
    """An answer in server-sent events.

    Args:
        events: the data of each, as models or mappings; a text is sent as it is.
        breaks: whether the connection breaks behind them, in the place of the end.
    """

    def __init__(self, *events: object, breaks: bool = False) -> None:
        self.events = events
        self.breaks = breaks

    def told(self) -> Told:
        """What goes over the wire."""
        data = [event.encode() if isinstance(event, str) else to_json(plain(event)) for event in self.events]
        ends = [] if self.breaks else [b"[DONE]"]
        chunks = [(0.0, b"data: %b\n\n" % each) for each in (*data, *ends)]
        return Told(200, {"content-type": "text/event-stream"}, chunks, breaks=self.breaks)


class Refusal:
    """An answer that says no.

    Args:
        status: of HTTP, such as 429.
        message: what the error says.
        code: what programs go by, such as `rate_limit_exceeded`.
        headers: such as `retry-after`.
    """

    def __init__(
        self, status: int, message: str = "", *, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}

    def told(self) -> Told:
        """What goes over the wire."""
        error = {"error": {"message": self.message, "type": "test_error", "param": None, "code": self.code}}
        return Told(self.status, {**_JSON, **self.headers}, [(0.0, to_json(error))])


@dataclass
class _Rule:
    """When to answer what, and how many times more."""

    example: SentRequest
    path: re.Pattern[str]
    body: Mapping[str, Any]
    answer: object
    left: float

    def fits(self, sent: SentRequest) -> bool:
        return (
            self.left > 0
            and self.example.method == sent.method
            and bool(self.path.search(sent.path))
            and all((sent.body or {}).get(name) == value for name, value in self.body.items())
        )


class Answers:
    """Answers for clients in tests: nothing is sent to anyone.

    A request that there is no answer for raises an `UnexpectedRequestError`, which says what comes closest.

    Attributes:
        requests: what was sent, in order.
    """

    def __init__(self) -> None:
        self.requests: list[SentRequest] = []
        self._rules: list[_Rule] = []

    def on(
        self, what: object, answer: object, *, body: Mapping[str, Any] | None = None, times: int | None = None
    ) -> Self:
        """Answer a call. Of several rules that fit, the one that was added last wins.

        Args:
            what: a method (`client.models.list`), an operation with its path parameters, or `"GET /models"`.
            answer: a model, a mapping or a list (sent as JSON), text or bytes (sent as they are), `Events`, a
                `Refusal`, an exception (the connection fails), or a function that is given the `SentRequest` and
                gives one of these.
            body: fields that the request's body must have.
            times: how often; for ever if not given.
        """
        method, path = _place(what)
        pattern = re.compile(_NAMED.sub("[^/]+", re.escape(path)) + "$")
        example = SentRequest(method, path, {}, dict(body) if body else None)
        left = float("inf") if times is None else times
        self._rules.insert(0, _Rule(example, pattern, plain(body or {}), answer, left))
        return self

    def client(self, **settings: Any) -> Client:
        """A client that is answered from here. It takes what `Client` takes, and doesn't wait between attempts."""
        return Client(**{**_SETTINGS, **settings, "transport": _Sync(self)})

    def async_client(self, **settings: Any) -> AsyncClient:
        """As `client`, for async code."""
        return AsyncClient(**{**_SETTINGS, **settings, "transport": _Async(self)})

    def told(self, request: Request) -> Told:
        """The answer to a request.

        Raises:
            UnexpectedRequestError: if there is none.
        """
        sent = SentRequest.of(request)
        self.requests.append(sent)
        for rule in self._rules:
            if rule.fits(sent):
                rule.left -= 1
                return _told(rule.answer, sent)
        raise unexpected(sent, self._expected(sent))

    def _expected(self, sent: SentRequest) -> Iterable[SentRequest]:
        for rule in self._rules:
            if rule.left > 0:
                # What a rule says nothing about is no difference.
                path = sent.path if rule.path.search(sent.path) else rule.example.path
                body = {**(sent.body or {}), **rule.body} if rule.body else sent.body
                yield SentRequest(rule.example.method, path, sent.query, body)


_SETTINGS: Final = {"api_key": "test", "admin_key": "test", "retry": RetryPolicy(initial=0.0, maximum=0.0)}


class _Sync:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def send(self, request: Request) -> MemoryReply:
        return MemoryReply(self._answers.told(request))

    def close(self) -> None:
        pass


class _Async:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def send(self, request: Request) -> AsyncMemoryReply:
        return AsyncMemoryReply(self._answers.told(request))

    async def close(self) -> None:
        pass


def _place(what: object) -> tuple[str, str]:
    if isinstance(what, str):
        method, _, path = what.partition(" ")
        return method, path
    if isinstance(what, AnyOperation):
        return what.method, what.path
    # Of a method of a client; of a function that builds operations.
    endpoint = getattr(what, "_endpoint", None) or getattr(what, "endpoint", None)
    if not isinstance(endpoint, Endpoint):
        raise TypeError(f"a method, an operation, or 'GET /path' is answered, not {what!r}")
    return endpoint.method, endpoint.path


def _told(answer: object, sent: SentRequest) -> Told:
    if isinstance(answer, (Events, Refusal)):
        return answer.told()
    if isinstance(answer, BaseException):
        raise ConnectionFailed(str(answer)) from answer
    if isinstance(answer, (str, bytes)):
        content = answer.encode() if isinstance(answer, str) else answer
        return Told(200, {"content-type": "application/octet-stream"}, [(0.0, content)])
    if callable(answer):
        return _told(answer(sent), sent)
    return Told(200, _JSON, [(0.0, to_json(plain(answer)))])
