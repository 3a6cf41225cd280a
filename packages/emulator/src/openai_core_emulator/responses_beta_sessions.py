"""The beta of responses over a websocket, in which what functions gave is put into a response that is being made.

https://platform.openai.com/docs/guides/websocket-mode
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .errors import bad
from .fields import REQUIRED_STRING, Field, check
from .responses import made, usage
from .responses_beta import MULTI_AGENT
from .responses_sessions import FIELDS, ResponsesSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from starlette.requests import HTTPConnection

    from .state import State, StoredResponse

Document = dict[str, Any]

_FEATURE: Final = "responses_multi_agent="
_INJECT: Final = {
    "type": REQUIRED_STRING,
    "response_id": REQUIRED_STRING,
    "input": Field(("array",), required=True, items=Field(("object",))),
}
_FAILURES: Final = {
    "response_already_completed": "The response is completed and takes no more input.",
    "response_not_found": "This connection has no such response.",
}


def session(state: State, handshake: HTTPConnection) -> ResponsesSession:
    """The session that a handshake asks for: one of the beta, if it names the feature."""
    beta = _FEATURE in handshake.headers.get("openai-beta", "")
    return BetaResponsesSession(state, handshake) if beta else ResponsesSession(state, handshake)


@dataclass
class _Waiting:
    """A response in which an agent waits for the outputs of functions."""

    stored: StoredResponse
    asked: Document
    before: StoredResponse | None
    sent: int
    """How many of its events have been sent."""
    injected: int = 0
    """How many events beside them."""
    outputs: list[Document] = field(default_factory=list)

    @property
    def called(self) -> set[str]:
        """The calls whose outputs it waits for."""
        calls = {item["call_id"] for item in self.stored.response["output"] if "call_id" in item}
        return calls - {output.get("call_id") for output in self.outputs}


class BetaResponsesSession(ResponsesSession):
    """A connection, as `ResponsesSession`. With several agents a response isn't over when functions are called."""

    kinds = ("response.create", "response.inject")
    fields: Mapping[str, Field] = {**FIELDS, "multi_agent": MULTI_AGENT}

    def __init__(self, state: State, handshake: HTTPConnection) -> None:
        super().__init__(state, handshake)
        self._over: set[str] = set()
        self._waiting: dict[str, _Waiting] = {}

    def handle(self, event: Document) -> Iterable[Document]:
        """As `Session.handle`."""
        return self._injected(event) if event["type"] == "response.inject" else super().handle(event)

    def _told(self, stored: StoredResponse, event: Document, before: StoredResponse | None) -> Iterable[Document]:
        told = list(super()._told(stored, event, before))
        calls = any("call_id" in item for item in stored.response["output"])
        if calls and (event.get("multi_agent") or {}).get("enabled"):
            told.pop()
            self._waiting[stored.response["id"]] = _Waiting(stored, event, before, len(told))
        else:
            self._over.add(stored.response["id"])
        return told

    def _injected(self, event: Document) -> Iterator[Document]:
        check(event, _INJECT)
        waiting = self._waiting.get(event["response_id"])
        if waiting is None:
            code = "response_already_completed" if event["response_id"] in self._over else "response_not_found"
            failed = {name: event[name] for name in ("response_id", "input")}
            error = {"code": code, "message": _FAILURES[code]}
            yield {"type": "response.inject.failed", **failed, "error": error, "sequence_number": 0}
            return
        for position, item in enumerate(event["input"]):
            if item.get("call_id") not in waiting.called or not str(item.get("type")).endswith("_output"):
                message = "Only the outputs of functions that an agent waits for can be put in."
                raise bad(message, param=f"input[{position}]", code="invalid_value")
        lane = waiting.asked.get("stream_id")
        for each in self._continued(waiting, event["input"]):
            yield each if lane is None else {**each, "stream_id": lane}

    def _continued(self, waiting: _Waiting, outputs: list[Document]) -> Iterator[Document]:
        response = waiting.stored.response
        waiting.outputs += outputs
        number = waiting.sent + waiting.injected
        yield {"type": "response.inject.created", "response_id": response["id"], "sequence_number": number}
        waiting.injected += 1
        if waiting.called:
            return
        del self._waiting[response["id"]]
        self._finish(waiting)
        for each in [*super()._told(waiting.stored, waiting.asked, None)][waiting.sent :]:
            yield {**each, "sequence_number": each["sequence_number"] + waiting.injected}
        self._over.add(response["id"])

    def _finish(self, waiting: _Waiting) -> None:
        """Add to a response what the model makes of the outputs."""
        begun, asked = waiting.stored, waiting.asked
        body = {name: value for name, value in asked.items() if name not in {"type", "stream_id", "tool_choice"}}
        body["input"] = [*begun.input_items, *begun.response["output"], *waiting.outputs]
        answer = made(self._state, {**body, "store": False, "stream": True}, waiting.before).response
        spent = answer["usage"]
        begun.response |= {
            "status": answer["status"],
            "incomplete_details": answer["incomplete_details"],
            "output": [*begun.response["output"], *answer["output"]],
            "usage": usage(spent["input_tokens"], begun.response["usage"]["output_tokens"] + spent["output_tokens"]),
        }
