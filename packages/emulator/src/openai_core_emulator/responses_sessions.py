"""Responses over a websocket, one after the other: https://platform.openai.com/docs/guides/websocket-mode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from . import response_events
from .errors import Refusal, bad
from .fields import REQUIRED_STRING, STRING, check
from .responses import CREATE, made

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.datastructures import QueryParams

    from .state import State, StoredResponse

Document = dict[str, Any]

_LANE: Final = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_FIELDS: Final = {
    **{name: field for name, field in CREATE.items() if name not in {"stream", "background"}},
    "type": REQUIRED_STRING,
    "stream_id": STRING,
}


class ResponsesSession:
    """A connection. The last response on it can be followed even if it isn't stored.

    Args:
        state: what the server remembers.
        _: what the handshake asked for, which makes no difference.
    """

    def __init__(self, state: State, _: QueryParams) -> None:
        self.over = False
        self._state = state
        self._latest: StoredResponse | None = None

    def begin(self) -> Iterator[Document]:
        """As `Session.begin`."""
        return iter(())

    def handle(self, event: Document) -> Iterator[Document]:
        """As `Session.handle`."""
        if event["type"] != "response.create":
            message = f"Invalid value: '{event['type']}'. Supported values are: 'response.create'."
            raise bad(message, param="type", code="invalid_value")
        check(event, _FIELDS)
        lane = event.get("stream_id")
        if lane is not None and not _LANE.fullmatch(lane):
            raise bad(f"Invalid 'stream_id': '{lane}'.", param="stream_id", code="invalid_value")
        body = {name: value for name, value in event.items() if name not in {"type", "stream_id"}}
        self._latest = made(self._state, {**body, "stream": True}, self._latest)
        padded = (body.get("stream_options") or {}).get("include_obfuscation") is not False
        for each in response_events.stream(self._state, self._latest.response, padded=padded):
            yield each if lane is None else {**each, "stream_id": lane}

    def error(self, refusal: Refusal, event: Mapping[str, Any]) -> Document:
        """As `Session.error`."""
        written: Document = {"type": "error", "status": refusal.status, "error": refusal.error}
        lane = event.get("stream_id")
        return {**written, "stream_id": lane} if isinstance(lane, str) else written
