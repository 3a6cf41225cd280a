"""Which requests a test's answer is for."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from openai_core.method import BoundFunction
from openai_core.operation import AnyOperation, Endpoint
from openai_core.sockets import BoundAsyncSocketMethod, BoundSocketMethod
from openai_core.testing.sent import SentRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openai_core.sockets import Socket

_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_NAMED: Final = re.compile(r"\\\{\w+\\\}")
_VERSION: Final = re.compile(r".*?/v\d[^/]*(?=/)")


@dataclass
class Rule:
    """When to answer what, and how many times more.

    Args:
        method: of HTTP.
        path: below the base URL, in which `{name}` stands for any segment.
        answer: what to answer.
        left: how many times more.
        body: fields that the body must have.
        query: parameters that there must be.
        streams: `False` for what doesn't ask for events, though it could.
        session: the name of an operation that opens a session; `None` for requests, and `""` for all.
        twin: the method that does ask for events.
        endpoint: of the operation, where one was named.
        used: how many times it was.
    """

    method: str
    path: str
    answer: object = None
    left: float = float("inf")
    body: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    streams: bool | None = None
    session: str | None = None
    twin: str | None = None
    endpoint: Endpoint[Any] | None = None
    used: int = 0

    def __post_init__(self) -> None:
        self._pattern = re.compile(_NAMED.sub("[^/]+", re.escape(self.path)) + "$")

    def fits(self, sent: SentRequest, session: str | None) -> bool:
        """Whether it is for a request.

        Args:
            sent: the request.
            session: the name of the operation, if it opens a session.
        """
        return (
            self.session in {"", session}
            and self.method == sent.method
            and bool(self._pattern.search(sent.path))
            and all(_has(sent, "body", name, value) for name, value in self.body.items())
            and all(_has(sent, "query", name, value) for name, value in self.query.items())
            and not (self.streams is False and _streams(sent))
        )

    def concerns(self, session: str | None) -> bool:
        """Whether it is for sessions, or for requests, as in `fits`."""
        if self.session == "":
            return session is None or self.method == "GET"
        return (self.session is None) == (session is None)

    def take(self) -> object:
        """The answer, used once more."""
        self.left -= 1
        self.used += 1
        return self.answer

    def example(self, sent: SentRequest) -> SentRequest:
        """The request nearest to one that would have fitted. What a rule says nothing about is no difference."""
        path = self.path
        if self.method == sent.method and self._pattern.search(sent.path):
            path = sent.path
        elif (version := _VERSION.match(sent.path)) and not path.startswith(version[0]):
            # Rules are told apart from the base URL, requests aren't.
            path = version[0] + path
        query = {**sent.query, **{name: _as_text(value) for name, value in self.query.items()}}
        body, fields = sent.body, dict(sent.fields)
        if fields:
            fields |= {name: _as_text(value) for name, value in self.body.items()}
        elif self.body:
            body = {**_fields_of(body), **self.body}
        if self.streams is False and _streams(sent):
            body = _without_stream(body)
            query, fields = _without_stream(query), _without_stream(fields)
        return SentRequest(self.method, path, query, body, fields)


def rule(what: object) -> Rule:
    """The rule for what somebody names.

    Args:
        what: as in `Answers.on`.

    Raises:
        TypeError: if it names no request.
    """
    if isinstance(what, str):
        method, _, path = what.strip().partition(" ")
        path = path.strip()
        if method.upper() not in _METHODS or not path.startswith("/"):
            raise TypeError(
                f"a request is named as 'POST /responses', its path below the base URL, not {what!r}; or name the "
                "method of the client itself, without quotes: client.responses.create"
            )
        return Rule(method.upper(), path, session="")
    if isinstance(what, AnyOperation):
        return _of(what.endpoint, what.path)
    endpoint = getattr(what, "_endpoint", None) or getattr(what, "endpoint", None)
    if isinstance(endpoint, Endpoint):
        # Of a method of a client; of a function that builds operations.
        return _of(endpoint, endpoint.path)
    build = getattr(what, "_build", what)
    if forwarding := getattr(build, "forwarding", None):
        # What it sends first.
        return rule(forwarding.to)
    if isinstance(what, (BoundSocketMethod, BoundAsyncSocketMethod)):
        socket = _socket(what._build)  # noqa: SLF001 - of this package
        return Rule("GET", socket.operation.path, session=socket.operation.endpoint.id)
    if isinstance(what, BoundFunction):
        raise TypeError(
            f"{what.__name__}() takes several calls; answer each of those, by their methods, such as "
            "client.responses.create, or by 'POST /path'"
        )
    raise TypeError(f"a method, an operation, or 'GET /path' is answered, not {what!r}")


def _of(endpoint: Endpoint[Any], path: str) -> Rule:
    # Several methods may be one operation of the API, told apart by what each of them always sends.
    body, query = endpoint.body or {}, endpoint.query or {}
    streams = False if endpoint.stream else None
    return Rule(endpoint.method, path, body=body, query=query, streams=streams, twin=endpoint.stream, endpoint=endpoint)


def _socket(build: Callable[..., Socket[Any, Any]]) -> Socket[Any, Any]:
    parameters = inspect.signature(build).parameters.values()
    return build(**{each.name: f"{{{each.name}}}" for each in parameters if each.default is each.empty})


def _has(sent: SentRequest, place: str, name: str, value: object) -> bool:
    """Whether a request has a value, in its `body` or its `query`."""
    if place == "body" and not sent.fields:
        return isinstance(sent.body, dict) and name in sent.body and bool(sent.body[name] == value)
    return (sent.query if place == "query" else sent.fields).get(name) == _as_text(value)


def _streams(sent: SentRequest) -> bool:
    """Whether it asks for an answer in events."""
    return any(_has(sent, place, "stream", value=True) for place in ("body", "query"))


def _as_text(value: object) -> str:
    """A value as it is in forms and queries."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields_of(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def _without_stream(values: Any) -> Any:
    return {name: value for name, value in values.items() if name != "stream"} if isinstance(values, dict) else values
