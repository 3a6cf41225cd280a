"""A transport that answers as a test tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from openai_core.client import AsyncClient, Client
from openai_core.encoding import plain
from openai_core.retrying import RetryPolicy
from openai_core.testing.accepting import check_answer, check_event
from openai_core.testing.comparing import UnexpectedRequestError, tell_again, unexpected
from openai_core.testing.replies import AsyncMemoryReply, MemoryReply, Told
from openai_core.testing.rules import Rule, rule
from openai_core.testing.sent import SentRequest
from openai_core.testing.sessions import library
from openai_core.transport.protocol import ConnectionFailed

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from openai_core.operation import AnyOperation
    from openai_core.transport.protocol import Request
    from openai_core.websocket_library import Library

_JSON: Final = {"content-type": "application/json"}


class Events:
    """An answer in server-sent events, or what the server says in a session over a websocket.

    Args:
        events: the data of each, as models or mappings; a text is sent as it is.
        breaks: whether the connection breaks behind them, in the place of the end.

    Raises:
        TypeError: for what no event can be made of.
    """

    def __init__(self, *events: object, breaks: bool = False) -> None:
        for event in events:
            check_event(event)
        self.events = events
        self.breaks = breaks

    def told(self, *, session: bool = False) -> Told:
        """What goes over the wire.

        Args:
            session: whether that is a websocket's.
        """
        if session:
            return Told(101, {}, [(0.0, each) for each in self._data()], breaks=self.breaks)
        ends = [] if self.breaks else [b"[DONE]"]
        chunks = [(0.0, b"data: %b\n\n" % each) for each in (*self._data(), *ends)]
        return Told(200, {"content-type": "text/event-stream"}, chunks, breaks=self.breaks)

    def _data(self) -> list[bytes]:
        return [event.encode() if isinstance(event, str) else to_json(plain(event)) for event in self.events]


class Refusal:
    """An answer that says no.

    Args:
        status: of HTTP, such as 429: from 300 to 599.
        message: what the error says.
        code: what programs go by, such as `rate_limit_exceeded`.
        headers: such as `retry-after`.

    Raises:
        ValueError: for another status.
    """

    def __init__(
        self, status: int, message: str = "", *, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        if not isinstance(status, int) or not 300 <= status <= 599:  # noqa: PLR2004 - as HTTP has it
            raise ValueError(
                f"a refusal has a status from 300 to 599, such as 429, not {status!r}; what goes well is answered with "
                "a model or a mapping"
            )
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}

    def told(self) -> Told:
        """What goes over the wire."""
        error = {"error": {"message": self.message, "type": "test_error", "param": None, "code": self.code}}
        return Told(self.status, {**_JSON, **self.headers}, [(0.0, to_json(error))])


class Answers:
    """Answers for clients in tests: nothing that the clients do is sent to anyone.

        with Answers() as answers:
            client = answers.client()
            answers.on(client.models.list, {"data": [{"id": "gpt-5-mini"}]})

    A request that there is no answer for raises an `UnexpectedRequestError`, which says what comes closest. At the end
    of a `with` block it is raised again, should the code under test have caught it. What isn't done by a client isn't
    answered from here: `save` of images that have a URL fetches them from there.

    Attributes:
        requests: what was sent, in order; of a session, the `body` is the list of the events that were.
    """

    def __init__(self) -> None:
        self.requests: list[SentRequest] = []
        self._rules: list[Rule] = []
        self._missed: list[UnexpectedRequestError] = []

    def on(
        self, what: object, answer: object, *, body: Mapping[str, Any] | None = None, times: int | None = None
    ) -> Self:
        """Answer a call. Of several rules that fit, the one that was added last wins.

        Args:
            what: a method (`client.models.list`), an operation with its path parameters, or `"GET /models"`. Of a
                method that takes several calls, such as `client.responses.parse`, the first one is answered; of one
                that opens a session, the session.
            answer: a model, a mapping or a list (sent as JSON), text or bytes (sent as they are), `Events`, a
                `Refusal`, an exception (the connection fails), or a function that is given the `SentRequest` and
                gives one of these. A session is answered with `Events`, after which the server closes it, or with
                a `Refusal`, an exception, or a function.
            body: fields that the request's body must have.
            times: how often, 1 or more; for ever if not given.

        Raises:
            TypeError: if this can't be answered, or not so.
            ValueError: for a number of times below 1.
        """
        made = rule(what)
        check_answer(made, answer)
        if times is not None and (not isinstance(times, int) or times < 1):
            raise ValueError(f"times is how often to answer, 1 or more, not {times!r}; leave it out for ever")
        if body is not None and not isinstance(body, Mapping):
            raise TypeError(f"body is a mapping of fields that the request's body must have, not {body!r:.80}")
        if made.session and body:
            raise TypeError("a session begins without a body; leave body out")
        made.answer = answer
        made.body = {**made.body, **plain(body or {})}
        made.left = float("inf") if times is None else times
        self._rules.insert(0, made)
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
        return _told(*self._answer(sent, None), sent)

    def _session(self, operation: AnyOperation, address: str) -> tuple[Told, list[Any]]:
        """What a session is told, and where to put what it sends."""
        events: list[Any] = []
        sent = SentRequest.to(operation.method, address, events)
        told = _told(*self._answer(sent, operation.endpoint.id), sent, session=True)
        return told, events

    def _answer(self, sent: SentRequest, session: str | None) -> tuple[Rule, object]:
        self.requests.append(sent)
        for each in self._rules:
            if each.left > 0 and each.fits(sent, session):
                return each, each.take()
        rules = [each for each in self._rules if each.concerns(session)]
        known = [each.example(sent) for each in rules if each.left > 0]
        used = [each.example(sent) for each in rules if each.left <= 0 for _ in range(each.used)]
        error = unexpected(sent, known, used, "" if session is None else _SESSION)
        self._missed.append(error)
        raise error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tell_again(self._missed, error)


_SESSION: Final = (
    "it opens a session: answer the method that did, as in on(client.realtime.connect, Events(...)), or use a whole "
    "server, openai-core[emulator]"
)
_SETTINGS: Final = {"api_key": "test", "admin_key": "test", "retry": RetryPolicy(initial=0.0, maximum=0.0)}


class _Sync:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def send(self, request: Request) -> MemoryReply:
        return MemoryReply(self._answers.told(request))

    def close(self) -> None:
        pass

    def websockets(self, operation: AnyOperation) -> Library:
        return library(lambda address: self._answers._session(operation, address), 0)  # noqa: SLF001 - of this module


class _Async:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def send(self, request: Request) -> AsyncMemoryReply:
        return AsyncMemoryReply(self._answers.told(request))

    async def close(self) -> None:
        pass

    def websockets(self, operation: AnyOperation) -> Library:
        return library(lambda address: self._answers._session(operation, address), 1)  # noqa: SLF001 - of this module


def _told(rule: Rule, answer: object, sent: SentRequest, *, session: bool = False) -> Told:
    if isinstance(answer, Events):
        return answer.told(session=session)
    if isinstance(answer, Refusal):
        return answer.told()
    if isinstance(answer, BaseException):
        raise OSError(str(answer)) if session else ConnectionFailed(str(answer)) from answer
    if callable(answer):
        given = answer(sent)
        check_answer(rule, given)
        return _told(rule, given, sent, session=session)
    if session:
        kind = type(answer).__name__
        raise TypeError(f"a session is answered with Events, a Refusal or an exception, not with {kind}")
    if isinstance(answer, (str, bytes)):
        content = answer.encode() if isinstance(answer, str) else answer
        return Told(200, {"content-type": "application/octet-stream"}, [(0.0, content)])
    return Told(200, _JSON, [(0.0, to_json(plain(answer)))])
