"""Realtime sessions over websockets, in text and sound: https://platform.openai.com/docs/guides/realtime-websocket.

What is said to the model is answered as everywhere in the emulator. Sound that isn't silence is speech; what was said
in it can't be heard, only how long it was.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from . import asking, items, text
from .errors import bad, missing, not_found
from .fields import OBJECT, REQUIRED_STRING, STRING, Field, Fields, check
from .generation import Question, answer
from .models import require
from .realtime import REALTIME, TRANSCRIPTION
from .realtime_events import EventMaker, merged, sound_of
from .sounds import RATE, tones

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import HTTPConnection

    from .state import State

Document = dict[str, Any]

_SESSION_SECONDS: Final = 3600
_SECONDS_A_WORD: Final = 0.02
_BYTES_A_MS: Final = RATE * 2 // 1000
_REQUIRED_OBJECT: Final = Field(("object",), required=True)
_REQUIRED_INTEGER: Final = Field(("integer",), required=True, minimum=0)
_ITEM: Final = {"item_id": REQUIRED_STRING}
_FIELDS: Final[Mapping[str, Fields]] = {
    "conversation.item.create": {"item": _REQUIRED_OBJECT, "previous_item_id": STRING},
    "conversation.item.delete": _ITEM,
    "conversation.item.retrieve": _ITEM,
    "conversation.item.truncate": {**_ITEM, "content_index": _REQUIRED_INTEGER, "audio_end_ms": _REQUIRED_INTEGER},
    "input_audio_buffer.append": {"audio": REQUIRED_STRING},
    "input_audio_buffer.clear": {},
    "input_audio_buffer.commit": {},
    "response.cancel": {"response_id": STRING},
    "response.create": {"response": OBJECT},
    "session.update": {"session": _REQUIRED_OBJECT},
}
_CONTENT: Final = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
}
_NEEDED: Final = {
    "message": ("role", "content"),
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
}


class RealtimeSession(EventMaker):
    """A session that answers, or that only writes down what is spoken.

    Args:
        state: what the server remembers.
        handshake: what is asked for.
    """

    def __init__(self, state: State, handshake: HTTPConnection) -> None:
        super().__init__(state)
        query = handshake.query_params
        transcribes = query.get("intent") == "transcription"
        call_id, model = query.get("call_id"), query.get("model")
        if call_id and call_id not in state.shelf("realtime calls"):
            raise not_found(f"No active call found with id '{call_id}'.", param="call_id")
        if not (transcribes or call_id or model):
            raise bad("You must provide a model parameter.", param="model", code="missing_model")
        if model:
            require(state, model)
        self._model = model or "gpt-realtime"
        self._session = self._first("transcription" if transcribes else "realtime")
        self._items: dict[str, Document] = {}
        self._sound = bytearray()
        self._heard = 0
        self._speaking: str | None = None

    def _first(self, kind: str) -> Document:
        hears = {"turn_detection": {"type": "server_vad"}, "format": {"type": "audio/pcm", "rate": RATE}}
        own: Document = {"model": self._model, "output_modalities": ["audio"], "instructions": "", "tools": []}
        return {
            "type": kind,
            "object": "realtime.session" if kind == "realtime" else "realtime.transcription_session",
            "id": self.state.new_id("sess_", 21),
            "expires_at": self.state.now() + _SESSION_SECONDS,
            "audio": {"input": hears},
            **(own if kind == "realtime" else {}),
        }

    def begin(self) -> Iterator[Document]:
        """As `Session.begin`."""
        yield self.event("session.created", session=dict(self._session))

    def handle(self, event: Document) -> Iterator[Document]:
        """As `Session.handle`."""
        kind = event["type"]
        if kind not in _FIELDS:
            known = ", ".join(f"'{name}'" for name in _FIELDS)
            message = f"Invalid value: '{kind}'. Supported values are: {known}."
            raise bad(message, param="type", code="invalid_value")
        check(event, {"type": STRING, "event_id": Field(("string",), longest=512), **_FIELDS[kind]})
        handler = getattr(self, f"_{kind.replace('.', '_')}")
        yield from handler(event)

    def _session_update(self, event: Document) -> Iterator[Document]:
        given = event["session"]
        kind = self._session["type"]
        check(given, REALTIME if kind == "realtime" else TRANSCRIPTION, within="session.")
        self._session = merged(self._session, given)
        yield self.event("session.updated", session=dict(self._session))

    # Sound

    @property
    def _detects_turns(self) -> bool:
        return bool(self._session["audio"]["input"].get("turn_detection"))

    def _now(self) -> int:
        return self._heard // _BYTES_A_MS

    def _input_audio_buffer_append(self, event: Document) -> Iterator[Document]:
        sound = sound_of(event)
        loud = any(sound)
        if self._detects_turns and loud and self._speaking is None:
            self._speaking = self.state.new_id("item_", 21)
            at = {"audio_start_ms": self._now(), "item_id": self._speaking}
            yield self.event("input_audio_buffer.speech_started", **at)
        self._sound += sound
        self._heard += len(sound)
        if self._speaking and not loud:
            yield self.event("input_audio_buffer.speech_stopped", audio_end_ms=self._now(), item_id=self._speaking)
            yield from self._commit()
            if self._session["type"] == "realtime":
                yield from self._respond({})

    def _input_audio_buffer_clear(self, _: Document) -> Iterator[Document]:
        self._sound.clear()
        self._speaking = None
        yield self.event("input_audio_buffer.cleared")

    def _input_audio_buffer_commit(self, _: Document) -> Iterator[Document]:
        if not self._sound:
            message = "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio."
            raise bad(message, code="input_audio_buffer_commit_empty")
        yield from self._commit()

    def _commit(self) -> Iterator[Document]:
        said = f"{len(self._sound) // _BYTES_A_MS} ms of speech"
        seconds = len(self._sound) / _BYTES_A_MS / 1000
        item_id, self._speaking = self._speaking or self.state.new_id("item_", 21), None
        self._sound.clear()
        yield self.event("input_audio_buffer.committed", previous_item_id=self._last(), item_id=item_id)
        content = [{"type": "input_audio", "transcript": said}]
        yield from self._add({"id": item_id, "type": "message", "role": "user", "content": content})
        if self._session["type"] == "transcription" or self._session["audio"]["input"].get("transcription"):
            at = {"item_id": item_id, "content_index": 0}
            begun = "conversation.item.input_audio_transcription"
            for piece in text.tokens(said):
                yield self.event(f"{begun}.delta", **at, delta=piece)
            usage = {"type": "duration", "seconds": seconds}
            yield self.event(f"{begun}.completed", **at, transcript=said, usage=usage)

    # Items

    def _last(self) -> str | None:
        return next(reversed(self._items), None)

    def _add(self, item: Document, after: str | None = None) -> Iterator[Document]:
        previous = after or self._last()
        whole = {"object": "realtime.item", "status": "completed", **item}
        if after is None:
            self._items[whole["id"]] = whole
        else:
            entries = list(self._items.items())
            place = list(self._items).index(after) + 1
            self._items = dict([*entries[:place], (whole["id"], whole), *entries[place:]])
        for moment in ("added", "done"):
            yield self.event(f"conversation.item.{moment}", previous_item_id=previous, item=whole)

    def _item(self, item_id: str) -> Document:
        if item_id not in self._items:
            message = f"Error: the item with id '{item_id}' does not exist."
            raise bad(message, param="item_id", code="item_not_found")
        return self._items[item_id]

    def _conversation_item_create(self, event: Document) -> Iterator[Document]:
        item, after = event["item"], event.get("previous_item_id")
        _check_item(item)
        if item.get("id") in self._items:
            message = f"Error adding item: an item with id '{item['id']}' already exists."
            raise bad(message, param="item.id", code="item_create_invalid_item_id")
        if after is not None:
            self._item(after)
        yield from self._add({**item, "id": item.get("id") or self.state.new_id("item_", 21)}, after)

    def _conversation_item_retrieve(self, event: Document) -> Iterator[Document]:
        yield self.event("conversation.item.retrieved", item=self._item(event["item_id"]))

    def _conversation_item_delete(self, event: Document) -> Iterator[Document]:
        del self._items[self._item(event["item_id"])["id"]]
        yield self.event("conversation.item.deleted", item_id=event["item_id"])

    def _conversation_item_truncate(self, event: Document) -> Iterator[Document]:
        if self._item(event["item_id"]).get("role") != "assistant":
            raise bad("Only model output can be truncated.", param="item_id", code="invalid_item")
        places = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        yield self.event("conversation.item.truncated", **places)

    # Answers

    def _response_cancel(self, _: Document) -> Iterator[Document]:
        # An answer is made at once, so that none is ever under way.
        raise bad("Cancellation failed: no active response found", code="response_cancel_not_active")

    def _response_create(self, event: Document) -> Iterator[Document]:
        if self._session["type"] != "realtime":
            raise bad("A transcription session gives no answers.", param="type", code="invalid_event")
        yield from self._respond(event.get("response") or {})

    def _respond(self, given: Mapping[str, Any]) -> Iterator[Document]:
        asked = {**self._session, **given}
        history = [*(self._items.values() if given.get("input") is None else given["input"])]
        reply = answer(self.state, _question(asked, history))
        sounds = "audio" in asked["output_modalities"]
        response_id = self.state.new_id("resp_", 21)
        response: Document = {
            "id": response_id,
            "object": "realtime.response",
            "status": "in_progress",
            "output": [],
            "output_modalities": asked["output_modalities"],
            "metadata": given.get("metadata"),
        }
        kept = given.get("conversation") != "none"
        if kept:
            response["conversation_id"] = f"conv_{self._session['id'][5:]}"
        yield self.event("response.created", response=dict(response))
        made: list[Document] = []
        for index, item in enumerate(self._made(reply, sounds=sounds)):
            at = {"response_id": response_id, "output_index": index}
            begun = {**item, "status": "in_progress"}
            begun["content" if item["type"] == "message" else "arguments"] = [] if item["type"] == "message" else ""
            yield self.event("response.output_item.added", **at, item=begun)
            added, done = self._add(item) if kept else ({}, {})
            if kept:
                yield {**added, "item": begun}
            at["item_id"] = item["id"]
            yield from self._spoken(item, at) if item["type"] == "message" else self._called(item, at)
            del at["item_id"]
            yield self.event("response.output_item.done", **at, item=item)
            if kept:
                yield done
            made.append(item)
        taken = items.count(history)
        usage = {"total_tokens": taken + reply.tokens, "input_tokens": taken, "output_tokens": reply.tokens}
        status = "incomplete" if reply.cut else "completed"
        response |= {"status": status, "output": made, "usage": usage}
        if reply.cut:
            response["status_details"] = {"type": "incomplete", "reason": "max_output_tokens"}
        yield self.event("response.done", response=response)

    def _made(self, reply: Any, *, sounds: bool) -> Iterator[Document]:
        whole = {"object": "realtime.item", "status": "incomplete" if reply.cut else "completed"}
        if reply.text is not None:
            part = {"type": "output_audio", "transcript": reply.text}
            if not sounds:
                part = {"type": "output_text", "text": reply.text}
            yield {
                **whole,
                "id": self.state.new_id("item_", 21),
                "type": "message",
                "role": "assistant",
                "content": [part],
            }
        for call in reply.calls:
            called = {"name": call.tool.name, "arguments": call.payload, "call_id": self.state.new_id("call_", 16)}
            yield {**whole, "id": self.state.new_id("item_", 21), "type": "function_call", **called}

    def _spoken(self, item: Document, at: Document) -> Iterator[Document]:
        at = {**at, "content_index": 0}
        (part,) = item["content"]
        sounds = part["type"] == "output_audio"
        said = part["transcript" if sounds else "text"]
        empty = {"type": "audio", "transcript": ""} if sounds else {"type": "text", "text": ""}
        yield self.event("response.content_part.added", **at, part=empty)
        for piece in text.tokens(said):
            if sounds:
                yield self.event("response.output_audio_transcript.delta", **at, delta=piece)
                sound = tones([200 + self.state.chance(400, "pitch", piece)], _SECONDS_A_WORD)
                yield self.event("response.output_audio.delta", **at, delta=b64encode(sound).decode())
            else:
                yield self.event("response.output_text.delta", **at, delta=piece)
        if sounds:
            yield self.event("response.output_audio.done", **at)
            yield self.event("response.output_audio_transcript.done", **at, transcript=said)
        else:
            yield self.event("response.output_text.done", **at, text=said)
        whole = {**empty, "transcript" if sounds else "text": said}
        yield self.event("response.content_part.done", **at, part=whole)

    def _called(self, item: Document, at: Document) -> Iterator[Document]:
        at = {**at, "call_id": item["call_id"]}
        begun = "response.function_call_arguments"
        for piece in text.tokens(item["arguments"]):
            yield self.event(f"{begun}.delta", **at, delta=piece)
        yield self.event(f"{begun}.done", **at, name=item["name"], arguments=item["arguments"])


def _question(asked: Mapping[str, Any], history: list[Document]) -> Question:
    heard = [each for each in history if each.get("role") == "user" or each["type"] == "function_call_output"]
    last = (heard or [{"type": "message", "content": asked.get("instructions") or "nothing"}])[-1]
    offered = asking.tools(asked.get("tools"))
    limit = asked.get("max_output_tokens")
    return Question(
        prompt=_said(last),
        after_tool=last["type"] == "function_call_output",
        tools=offered,
        tool_choice=asking.tool_choice(asked, offered),
        limit=limit if isinstance(limit, int) else None,
    )


def _said(item: Mapping[str, Any]) -> str:
    content = item.get("content")
    if isinstance(content, list):
        return "\n".join(part.get("text") or part.get("transcript") or "" for part in content)
    return items.said(item)


def _check_item(item: Mapping[str, Any]) -> None:
    kind = item.get("type")
    if kind not in _NEEDED:
        known = ", ".join(f"'{name}'" for name in _NEEDED)
        message = f"Invalid value: '{kind}'. Supported values are: {known}."
        raise bad(message, param="item.type", code="invalid_value")
    for name in _NEEDED[kind]:
        if item.get(name) is None:
            raise missing(f"item.{name}")
    if kind == "message":
        taken = _CONTENT.get(item["role"])
        if taken is None:
            message = f"Invalid value: '{item['role']}'. Supported values are: 'system', 'user', 'assistant'."
            raise bad(message, param="item.role", code="invalid_value")
        for position, part in enumerate(item["content"]):
            if part.get("type") not in taken:
                known = ", ".join(f"'{name}'" for name in taken)
                message = f"Invalid value: '{part.get('type')}'. Supported values are: {known}."
                raise bad(message, param=f"item.content[{position}].type", code="invalid_value")
