"""Responses over a websocket, one after the other: https://platform.openai.com/docs/guides/websocket-mode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from . import response_events
from .errors import Refusal, bad
from .fields import REQUIRED_STRING, STRING, check
from .responses import CREATE, made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from starlette.requests import HTTPConnection

    from .fields import Field
    from .state import State, StoredResponse

Document = dict[str, Any]

_LANE: Final = re.compile(r"[A-Za-z0-9_.-]{1,256}")
FIELDS: Final = {
    **{name: field for name, field in CREATE.items() if name not in {"stream", "background"}},
    "type": REQUIRED_STRING,
    "stream_id": STRING,
}


class ResponsesSession:
    """A connection. The last response on it can be followed even if it isn't stored.

    Args:
        state: what the server remembers.
        _: the handshake, which makes no difference.
    """

    kinds: tuple[str, ...] = ("response.create",)
    fields: Mapping[str, Field] = FIELDS

    def __init__(self, state: State, _: HTTPConnection) -> None:
        self.over = False
        self._state = state
        self._latest: StoredResponse | None = None

    def begin(self) -> Iterator[Document]:
        """As `Session.begin`."""
        return iter(())

    def handle(self, event: Document) -> Iterable[Document]:
        """As `Session.handle`."""
        if event["type"] not in self.kinds:
            known = " and ".join(f"'{kind}'" for kind in self.kinds)
            message = f"Invalid value: '{event['type']}'. Supported values are: {known}."
            raise bad(message, param="type", code="invalid_value")
        return self._created(event)

    def _created(self, event: Document) -> Iterable[Document]:
        check(event, self.fields)
        lane = event.get("stream_id")
        if lane is not None and not _LANE.fullmatch(lane):
            raise bad(f"Invalid 'stream_id': '{lane}'.", param="stream_id", code="invalid_value")
        body = {name: value for name, value in event.items() if name not in {"type", "stream_id"}}
        before, self._latest = self._latest, made(self._state, {**body, "stream": True}, self._latest)
        return [_in_lane(each, lane) for each in self._told(self._latest, event, before)]

    def _told(
        self,
        stored: StoredResponse,
        event: Document,
        before: StoredResponse | None,  # noqa: ARG002 - what the beta may go on from
    ) -> Iterable[Document]:
        """The events in which a response is told."""
        padded = (event.get("stream_options") or {}).get("include_obfuscation") is not False
        return response_events.stream(self._state, stored.response, padded=padded)

    def error(self, refusal: Refusal, event: Mapping[str, Any]) -> Document:
        """As `Session.error`."""
        written: Document = {"type": "error", "status": refusal.status, "error": refusal.error}
        lane = event.get("stream_id")
        return _in_lane(written, lane if isinstance(lane, str) else None)


def _in_lane(event: Document, lane: str | None) -> Document:
    return event if lane is None else {**event, "stream_id": lane}
