"""Sound on its way through a session: bytes to events and back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai_core_realtime.params.events import (
        RealtimeClientEventInputAudioBufferAppendParam,
        RealtimeTranslationClientEventInputAudioBufferAppendParam,
    )
    from openai_core_realtime.types.events import (
        RealtimeServerEventResponseAudioDelta,
        RealtimeTranslationServerEventSessionOutputAudioDelta,
    )

MOST_BYTES = 15 * 2**20
"""As many as one event may bring."""


def append_audio(sound: bytes) -> RealtimeClientEventInputAudioBufferAppendParam:
    """The event that adds sound to a session's input.

    Args:
        sound: in the format of the session: at first PCM of 24 kHz, 16 bits, one channel, little-endian. Up to 15 MiB.

    Raises:
        ValueError: for nothing, or too much.

    [API reference](https://platform.openai.com/docs/api-reference/realtime)
    """
    return {"type": "input_audio_buffer.append", "audio": _text(sound)}


def append_translation_audio(sound: bytes) -> RealtimeTranslationClientEventInputAudioBufferAppendParam:
    """As `append_audio`, for a session that translates."""
    return {"type": "session.input_audio_buffer.append", "audio": _text(sound)}


def read_audio(
    event: RealtimeServerEventResponseAudioDelta | RealtimeTranslationServerEventSessionOutputAudioDelta,
) -> bytes:
    """The sound that an event brings, in the format of the session."""
    return b64decode(event.delta)


def _text(sound: bytes) -> str:
    if not 0 < len(sound) <= MOST_BYTES:
        raise ValueError(f"one event brings 1 to {MOST_BYTES} bytes of sound, not {len(sound)}; send more of them")
    return b64encode(sound).decode()
