"""Sessions that translate: https://platform.openai.com/docs/api-reference/realtime."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from .errors import bad
from .fields import OBJECT, REQUIRED_STRING, STRING, Field, Fields, check
from .models import require
from .realtime_events import EventMaker, merged, sound_of
from .sounds import RATE, tones

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import HTTPConnection

    from .state import State

Document = dict[str, Any]

_SESSION_SECONDS: Final = 3600
_BYTES_A_MS: Final = RATE * 2 // 1000
_FIELDS: Final[Mapping[str, Fields]] = {
    "session.close": {},
    "session.input_audio_buffer.append": {"audio": REQUIRED_STRING},
    "session.update": {"session": Field(("object",), required=True, properties={"audio": OBJECT})},
}


class TranslationSession(EventMaker):
    """A session that translates what is spoken, as it is spoken.

    Args:
        state: what the server remembers.
        handshake: what is asked for.
    """

    def __init__(self, state: State, handshake: HTTPConnection) -> None:
        super().__init__(state)
        model = handshake.query_params.get("model")
        if not model:
            raise bad("You must provide a model parameter.", param="model", code="missing_model")
        require(state, model)
        self._heard = 0
        self._session: Document = {
            "id": state.new_id("sess_", 21),
            "type": "translation",
            "expires_at": state.now() + _SESSION_SECONDS,
            "model": model,
            "audio": {"output": {"language": "en"}},
        }

    def begin(self) -> Iterator[Document]:
        """As `Session.begin`."""
        yield self.event("session.created", session=self._session)

    def handle(self, event: Document) -> Iterator[Document]:
        """As `Session.handle`."""
        kind = event["type"]
        if kind not in _FIELDS:
            known = ", ".join(f"'{name}'" for name in _FIELDS)
            message = f"Invalid value: '{kind}'. Supported values are: {known}."
            raise bad(message, param="type", code="invalid_value")
        check(event, {"type": STRING, "event_id": STRING, **_FIELDS[kind]})
        match kind:
            case "session.update":
                self._session = merged(self._session, event["session"])
                yield self.event("session.updated", session=self._session)
            case "session.close":
                self.over = True
                yield self.event("session.closed")
            case _:
                yield from self._translated(sound_of(event))

    def _translated(self, sound: bytes) -> Iterator[Document]:
        self._heard += len(sound)
        if not any(sound):
            return
        elapsed = self._heard // _BYTES_A_MS
        language = self._session["audio"]["output"]["language"]
        said = f"{len(sound) // _BYTES_A_MS} ms of speech"
        yield self.event("session.input_transcript.delta", delta=said, elapsed_ms=elapsed)
        yield self.event("session.output_transcript.delta", delta=f"[{language}] {said}", elapsed_ms=elapsed)
        spoken = tones([200 + self.state.chance(400, "pitch", said)], len(sound) / 2 / RATE)
        about = {"sample_rate": RATE, "channels": 1, "format": "pcm16", "elapsed_ms": elapsed}
        yield self.event("session.output_audio.delta", delta=b64encode(spoken).decode(), **about)
