"""Websockets: accepted or refused, their events answered, their connections broken where a test wants it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from .errors import Refusal, bad
from .middleware import refusal_response
from .sse import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import Headers
    from starlette.websockets import WebSocket

    from .sockets import Document, Sockets
    from .state import State


class Session(Protocol):
    """One conversation over a websocket."""

    over: bool
    """Whether the server ends it after what it has said last."""

    def begin(self) -> Iterable[Document]:
        """What the server says first."""
        ...

    def handle(self, event: Document) -> Iterable[Document]:
        """What the server answers to an event; raises a `Refusal` for a bad one."""
        ...

    def error(self, refusal: Refusal, event: Mapping[str, Any]) -> Document:
        """The event that refuses another."""
        ...


MakeSession = Callable[["State", HTTPConnection], Session]
"""Makes the session that a handshake asks for; raises a `Refusal` for one that it may not have."""


class _Ended(Exception):  # noqa: N818 - an event, not a failure
    """The connection is over."""


class Endpoint:
    """Serves the websockets of one path.

    Args:
        make: makes a session.
        state: what the server remembers.
        sockets: writes down what is said, and knows what is to go wrong.
        authenticate: refuses a request without a good key.
        pace: seconds between two events.
    """

    def __init__(
        self,
        make: MakeSession,
        state: State,
        sockets: Sockets,
        *,
        authenticate: Callable[[Headers], None],
        pace: float,
    ) -> None:
        self._make = make
        self._state = state
        self._sockets = sockets
        self._authenticate = authenticate
        self._pace = pace

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one."""
        try:
            if refusal := self._sockets.refusal():
                raise refusal
            self._authenticate(websocket.headers)
            session = self._make(self._state, websocket)
        except Refusal as refusal:
            await websocket.send_denial_response(refusal_response(refusal))
            # uvicorn takes the connection for one without an answer until it has closed it.
            await asyncio.sleep(0)
            return
        await websocket.accept()
        try:
            await self._send(websocket, session.begin())
            while not session.over:
                event = await self._receive(websocket)
                await self._answer(websocket, session, event)
                await self._end_if_due(websocket, None)
            await self._end(websocket, 1000, "")
        except (_Ended, WebSocketDisconnect):
            # The client may go while the server speaks.
            pass

    async def _receive(self, websocket: WebSocket) -> str:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise _Ended
        text: str = message.get("text") or ""
        self._note(text)
        return text

    def _note(self, text: str) -> None:
        try:
            self._sockets.received.append(json.loads(text))
        except ValueError:
            self._sockets.received.append({"unreadable": text})

    async def _answer(self, websocket: WebSocket, session: Session, text: str) -> None:
        event: Any = {}
        try:
            event = _read(text)
            # Before anything is sent: what is refused leaves no trace.
            answers = list(session.handle(event))
        except Refusal as refusal:
            answers = [session.error(refusal, event)]
        await self._send(websocket, answers)

    async def _send(self, websocket: WebSocket, events: Iterable[Document]) -> None:
        for event in events:
            await websocket.send_text(encode(event).decode())
            self._sockets.sent.append(event)
            await self._end_if_due(websocket, event["type"])
            if self._pace:
                await asyncio.sleep(self._pace)

    async def _end_if_due(self, websocket: WebSocket, sent: str | None) -> None:
        if due := self._sockets.due(sent):
            if due.code is not None:
                await self._end(websocket, due.code, due.reason)
            raise _Ended

    async def _end(self, websocket: WebSocket, code: int, reason: str) -> None:
        await websocket.close(code, reason)
        # What had arrived before is written down, too.
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            self._note(message.get("text") or "")


def _read(text: str) -> Document:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise bad("The event is no JSON.", code="invalid_json") from error
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise bad("The 'type' field is missing.", param="type", code="invalid_event")
    return event
