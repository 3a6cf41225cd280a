"""Sends a case, and says what is wrong with what went out and with what came back."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.description import FORM, form_of
from conformance.server import CASE
from conformance.values import FILE
from openai_core import AsyncClient, Client, OpenAIConfig, OpenAIError
from openai_core.provider import Provider, Quirks
from openai_core_emulator.forms import nested

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from conformance.cases import Case
    from conformance.description import Description
    from conformance.server import MockServer
    from openai_core.transport.protocol import AsyncReply, Reply, Request

_READS: Final = frozenset({"GET", "DELETE"})


class Run:
    """Sends cases with one client.

    Args:
        colour: `sync` or `async`.
        server: who answers.
        description: who judges.
    """

    def __init__(self, colour: str, server: MockServer, description: Description) -> None:
        self.colour = colour
        self._server = server
        self._description = description
        self._sent: dict[str, Request] = {}
        config = OpenAIConfig.read(api_key="key", admin_key="admin-key", base_url=server.url)
        settings: dict[str, Any] = {
            # The mock server ends its streams in a way of its own.
            "provider": Provider(config, Quirks(stream_end=False)),
            "validation": "strict",
            "max_retries": 0,
            "deadline": 30,
            "attempt_middleware": [self._witness],
        }
        self.client: Any = Client(**settings) if colour == "sync" else AsyncClient(**settings)

    def _witness(self, request: Request) -> Generator[Request, Reply | AsyncReply, Reply | AsyncReply]:
        self._sent[request.headers[CASE]] = request
        return (yield request)

    async def problems(self, case: Case) -> list[str]:
        """What is wrong with a case, save for the exceptions."""
        name = f"{case.name} {self.colour}"
        answered = [each async for each in self._send(case, name)]
        request = self._sent.get(name)
        if request is None:
            return answered
        excuse = self._description.unexcused
        return [
            *_differences(case, request),
            *excuse(case.described, "request", self._judged(case, request)),
            *excuse(case.described, "mock", self._server.found(name)),
            *excuse(case.described, "mock answer", answered),
        ]

    async def _send(self, case: Case, name: str) -> AsyncIterator[str]:
        method = self.client
        for part in case.call.call.split("."):
            method = getattr(method, part)
        try:
            answer = method.with_options(headers={CASE: name})(*case.path, **case.arguments)
            answer = await answer if inspect.isawaitable(answer) else answer
            match case.call.kind:
                case "stream":
                    events = [event async for event in answer] if hasattr(answer, "__aiter__") else list(answer)
                    if not events:
                        yield "the stream has no events"
                case "binary":
                    content = answer.read()
                    await content if inspect.isawaitable(content) else content
                case "paged":
                    answer = answer.page
            returns = method.operation(*case.path, **case.arguments).endpoint.returns
            if isinstance(returns, str) and case.call.kind != "stream":
                module, _, kind = returns.partition(":")
                declared = getattr(import_module(module), kind)
                if isinstance(declared, type) and not isinstance(answer, declared):
                    yield f"the answer is a {type(answer).__name__}, not a {kind}"
        except (OpenAIError, TypeError) as error:
            yield f"{type(error).__name__}: {error}"

    def _judged(self, case: Case, request: Request) -> Iterator[str]:
        query = urlsplit(request.url).query
        yield from self._description.problems_of_request(
            case.described, query, request.headers.get("Content-Type", ""), _bytes(request)
        )


def _bytes(request: Request) -> bytes:
    content = request.content
    return content if isinstance(content, bytes) else b"".join(content or ())


def _differences(case: Case, request: Request) -> Iterator[str]:
    """Where what was sent isn't what was asked for."""
    yield from _misdirected(case, request)
    places: dict[str, dict[str, Any]] = {"query": {}, "body": {}, "header": {}}
    asked = {**case.call.facts.get("defaults", {}), **case.call.fixed, **case.sent}
    for name, value in asked.items():
        places[case.call.places.get(name, "query")][name.removesuffix("[]")] = value
    arrived = nested(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    yield from _compared("query", _as_text(places["query"]), arrived)
    kind = request.headers.get("Content-Type", "")
    if kind.startswith(FORM):
        yield from _compared("form", _as_text(places["body"]), _as_text(nested(form_of(kind, _bytes(request)))))
    elif request.content is not None or places["body"]:
        yield from _compared("body", places["body"], json.loads(_bytes(request) or b"{}"))
    for name, value in places["header"].items():
        if request.headers.get(name) != str(value):
            yield f"the header {name} is {request.headers.get(name)!r}, not {value!r}"


def _misdirected(case: Case, request: Request) -> Iterator[str]:
    """Whether it went to another place, or without what the place wants."""
    url = urlsplit(request.url)
    path = case.described.path
    for name, value in zip(case.call.path_params, case.path, strict=True):
        path = path.replace(f"{{{name}}}", value)
    if (request.method, unquote(url.path)) != (case.described.method, path):
        yield f"sent to {request.method} {url.path}, not to {case.described.method} {path}"
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token != ("admin-key" if case.call.admin else "key"):
        yield "sent with the wrong key"
    for name, value in (case.call.facts.get("headers") or {}).items():
        if request.headers.get(name) != value:
            yield f"sent without the header {name}: {value}"


def _compared(place: str, asked: dict[str, Any], arrived: dict[str, Any]) -> Iterator[str]:
    for name in sorted(asked.keys() | arrived.keys()):
        if asked.get(name) != arrived.get(name):
            yield f"{place}.{name} is {arrived.get(name)!r}, and was asked to be {asked.get(name)!r}"[:500]


def _as_text(value: Any) -> Any:
    """A value as its leaves arrive in a query or a form; files, which aren't looked at, as nothing."""
    if value == FILE:
        return ""
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
