"""The ASGI application: the one place where a request becomes a call, and its answer a response."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NoReturn

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match, Route, WebSocketRoute

from . import (
    admin,
    assistant_runs,
    assistants,
    audio,
    batches,
    chat,
    chat_store,
    chatkit,
    completions,
    containers,
    content_provenance,
    conversations,
    embeddings,
    evals,
    files,
    fine_tuning,
    graders,
    images,
    models,
    moderations,
    realtime,
    realtime_sessions,
    realtime_translation,
    responses,
    responses_beta,
    responses_beta_sessions,
    responses_more,
    skills,
    uploads,
    vector_stores,
    videos,
)
from .call import Answer, Call, Content, Events, Operation
from .errors import Refusal, bad, not_found
from .fields import check, from_text, kind_of
from .forms import Upload, nested
from .middleware import RecordRequests, UsualHeaders, rate_limits, refusal_response
from .socket_endpoint import Endpoint
from .sse import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from starlette.datastructures import Headers
    from starlette.requests import Request
    from starlette.types import Scope

    from .received import ReceivedRequest
    from .socket_endpoint import MakeSession
    from .sockets import Sockets
    from .state import State

PREFIX: Final = "/v1"

OPERATIONS: Final[Sequence[Operation]] = (
    *chat.OPERATIONS,
    *chat_store.OPERATIONS,
    *responses_beta.OPERATIONS,
    *responses_more.OPERATIONS,
    *responses.OPERATIONS,
    *conversations.OPERATIONS,
    *embeddings.OPERATIONS,
    *models.OPERATIONS,
    *files.OPERATIONS,
    *uploads.OPERATIONS,
    *vector_stores.OPERATIONS,
    *batches.OPERATIONS,
    *images.OPERATIONS,
    *audio.OPERATIONS,
    *videos.OPERATIONS,
    *evals.OPERATIONS,
    *fine_tuning.OPERATIONS,
    *moderations.OPERATIONS,
    *completions.OPERATIONS,
    *content_provenance.OPERATIONS,
    *graders.OPERATIONS,
    *assistant_runs.OPERATIONS,
    *assistants.OPERATIONS,
    *chatkit.OPERATIONS,
    *containers.OPERATIONS,
    *realtime.OPERATIONS,
    *skills.OPERATIONS,
    *admin.OPERATIONS,
)

SOCKETS: Final[Mapping[str, MakeSession]] = {
    "/realtime": realtime_sessions.RealtimeSession,
    "/realtime/translations": realtime_translation.TranslationSession,
    "/responses": responses_beta_sessions.session,
}


def build(
    state: State,
    requests: list[ReceivedRequest],
    sockets: Sockets,
    *,
    pace: float = 0.0,
    max_body: int,
    middleware: Sequence[Middleware] = (),
) -> Starlette:
    """The application.

    Args:
        state: what it remembers.
        requests: where it writes down what it is asked.
        sockets: where it writes down what goes over websockets.
        pace: seconds between two events of a stream.
        max_body: bytes that the body of a request may have.
        middleware: goes between the usual headers and the operations, outermost first.
    """
    endpoints = {
        path: Endpoint(make, state, sockets, authenticate=_authenticate, pace=pace) for path, make in SOCKETS.items()
    }
    return Starlette(
        routes=[
            *_routes(state, pace),
            *(WebSocketRoute(PREFIX + path, endpoint.serve) for path, endpoint in endpoints.items()),
        ],
        middleware=[
            Middleware(UsualHeaders, state),
            Middleware(RecordRequests, requests, max_body),
            *middleware,
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed, Exception: _broken},
    )


class _Route(Route):
    """A route that takes no request whose query lacks a certain parameter.

    Two operations may have one path, as those of responses and of their beta do.
    """

    query = b""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this route."""
        if self.query and self.query not in scope["query_string"].split(b"&"):
            return Match.NONE, {}
        return super().matches(scope)


def _routes(state: State, pace: float) -> Iterable[Route]:
    for path, group in groupby(OPERATIONS, key=lambda operation: operation.path):
        by_method = {operation.method: operation for operation in group}

        async def endpoint(request: Request, by_method: dict[str, Operation] = by_method) -> Response:
            return await _respond(request, by_method[request.method], state, pace)

        plain, _, query = path.partition("?")
        route = _Route(PREFIX + plain, endpoint, methods=list(by_method))
        route.query = query.encode()
        # Starlette adds HEAD to GET; the API knows no HEAD.
        route.methods = set(by_method)
        yield route


async def _respond(request: Request, operation: Operation, state: State, pace: float) -> Response:
    if not operation.keyless:
        _authenticate(request.headers)
    body = await request.body()
    call = Call(
        state,
        origin=str(request.base_url).rstrip("/"),
        path=request.path_params,
        query=_query(request, operation),
        body=await _body(request, operation, body),
    )
    response = _response(operation.handler(call), pace)
    response.status_code = operation.status
    if operation.model:
        response.headers.update(rate_limits(body))
    return response


def _response(answer: Answer, pace: float) -> Response:
    match answer:
        case Events(events):
            return StreamingResponse(_paced(events, pace), media_type="text/event-stream")
        case Content(content, media_type, headers):
            return Response(content, headers=dict(headers), media_type=media_type)
        case document:
            return Response(encode(document), media_type="application/json")


async def _paced(events: Iterable[bytes], pace: float) -> AsyncIterator[bytes]:
    for each in events:
        yield each
        # Also without a pace, other connections get their turn between two events.
        await asyncio.sleep(pace)


def _authenticate(headers: Headers) -> None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        message = (
            "You didn't provide an API key. Send it in the Authorization header: 'Authorization: Bearer YOUR_KEY'."
        )
        raise Refusal(401, message)
    if key.startswith("sk-invalid"):
        shown = f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
        raise Refusal(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


def _query(request: Request, operation: Operation) -> dict[str, Any]:
    query = from_text(nested(request.query_params.multi_items()), operation.query)
    check(query, operation.query, closed=False)
    return query


async def _body(request: Request, operation: Operation, body: bytes) -> dict[str, Any]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.form is not None and content_type == "multipart/form-data":
        values = from_text(await _form(request), operation.form)
        check(values, operation.form)
        return values
    if operation.body is None and operation.form is None:
        return {}
    if body and (operation.body is None or content_type != "application/json"):
        wanted = "multipart/form-data" if operation.body is None else "application/json"
        message = f"Unsupported content type: '{content_type}'. This operation takes '{wanted}'."
        raise bad(message, code="unsupported_content_type")
    document = _json(body)
    check(document, operation.body or operation.form or {})
    return document


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}", parse_constant=_no_number)
        # Half of a surrogate pair can be written as an escape, but never be answered in UTF-8.
        encode(document)
    except (ValueError, RecursionError) as error:
        raise bad("The JSON body of your request could not be parsed.") from error
    if not isinstance(document, dict):
        raise bad(f"Invalid body: expected an object, but got {kind_of(document)} instead.", code="invalid_type")
    return document


def _no_number(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)


async def _form(request: Request) -> dict[str, Any]:
    try:
        async with request.form(max_part_size=2**24) as form:
            pairs = [
                (name, Upload(part.filename or "upload", await part.read(), part.content_type))
                if isinstance(part, UploadFile)
                else (name, part)
                for name, part in form.multi_items()
            ]
    except (HTTPException, MultiPartException) as error:
        raise bad("The multipart body of your request could not be parsed.") from error
    return nested(pairs)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - Starlette types its handlers by the base class
    return refusal_response(error)


async def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"Not allowed to {request.method} on {request.url.path}."
        refusal = Refusal(405, message, code="method_not_supported", headers=dict(error.headers or {}))
    else:
        refusal = not_found(f"Invalid URL ({request.method} {request.url.path})")
    return refusal_response(refusal)


async def _broken(_: Request, error: Exception) -> Response:
    message = f"The server had an error while processing your request: {type(error).__name__}."
    return refusal_response(Refusal(500, message, type="server_error"))
