"""Audio: https://platform.openai.com/docs/api-reference/audio."""

from __future__ import annotations

import base64
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from . import sounds, sse, text, transcripts
from .call import Answer, Call, Content, Events, Operation
from .errors import bad, not_found
from .fields import BOOLEAN, FILE, REQUIRED_STRING, STRING, Field, one_of
from .forms import Upload
from .models import require
from .resources import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_BYTES: Final = 10 * 2**20
"""Of a consent or a sample."""
_SECONDS_A_WORD: Final = 0.12
_LOWEST: Final = 165
_CHUNK: Final = 48_000
_SPOKEN_BY_OLD: Final = ("tts-1", "tts-1-hd")
_FILES: Final = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_TEXTS: Final = ("json", "text", "srt", "verbose_json", "vtt")
_KNOWN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "gpt-4o-transcribe-diarize": ("json", "text", "diarized_json"),
    "gpt-4o-transcribe": ("json", "text"),
    "gpt-4o-mini-transcribe": ("json", "text"),
    "gpt-transcribe": ("json", "text"),
}
"""The response formats of models that don't know those of `whisper-1`."""

_SPEAK: Final = {
    "input": Field(("string",), required=True, longest=4096),
    "instructions": Field(("string",), longest=4096),
    "model": REQUIRED_STRING,
    "response_format": one_of(*sounds.MEDIA_TYPES),
    "speed": Field(("number",), minimum=0.25, maximum=4),
    "stream_format": one_of("sse", "audio"),
    "voice": Field(("string", "object"), required=True, properties={"id": REQUIRED_STRING}),
}
_TRANSLATE: Final = {
    "file": FILE,
    "model": REQUIRED_STRING,
    "prompt": STRING,
    "response_format": one_of(*_TEXTS),
    "temperature": Field(("number",), minimum=0, maximum=1),
}
_STRINGS: Final = Field(("array",), items=STRING)
_FOUR: Final = Field(("array",), most=4, items=STRING)
_TRANSCRIBE: Final = {
    **_TRANSLATE,
    "chunking_strategy": Field(
        ("string", "object"),
        choices=("auto",),
        properties={
            "type": one_of("server_vad", required=True),
            "prefix_padding_ms": Field(("integer",), minimum=0),
            "silence_duration_ms": Field(("integer",), minimum=0),
            "threshold": Field(("number",), minimum=0, maximum=1),
        },
    ),
    "include": Field(("array",), items=one_of("logprobs")),
    "keywords": _STRINGS,
    "known_speaker_names": _FOUR,
    "known_speaker_references": _FOUR,
    "language": STRING,
    "languages": Field(("array",), fewest=1, items=STRING),
    "response_format": one_of(*_TEXTS, "diarized_json"),
    "stream": BOOLEAN,
    "timestamp_granularities": Field(("array",), items=one_of("word", "segment")),
}

_CONSENTS: Final = Kind(
    "/audio/voice_consents",
    "consent_id",
    prefix="cons_",
    object="audio.voice_consent",
    deleted="audio.voice_consent",
    update={"name": REQUIRED_STRING},
    make=lambda call, _id, _given: {"created_at": call.state.now()},
)
_VOICES: Final = Kind(
    "/audio/voices",
    "voice_id",
    prefix="voice_",
    object="audio.voice",
    make=lambda call, _id, _given: {"created_at": call.state.now()},
)


def _speak(call: Call) -> Answer:
    body, state = call.body, call.state
    require(state, body["model"])
    voice = body["voice"] if isinstance(body["voice"], str) else body["voice"]["id"]
    if not isinstance(body["voice"], str) and voice not in _VOICES.shelf(call):
        raise not_found(f"No such voice: {voice}", param="voice.id")
    seconds = _SECONDS_A_WORD / (body.get("speed") or 1)
    words = body["input"].split() or [""]
    # Each voice has a pitch of its own, and each word one of the five tones above it.
    lowest = _LOWEST + state.chance(60, "voice", voice)
    pitches = [lowest * (8 + state.chance(5, "word", word)) // 8 for word in words]
    file_format = body.get("response_format") or "mp3"
    content = sounds.packed(sounds.tones(pitches, seconds), file_format)
    if body.get("stream_format") != "sse":
        return Content(content, sounds.MEDIA_TYPES[file_format])
    if body["model"] in _SPOKEN_BY_OLD:
        message = f"The model '{body['model']}' doesn't stream events."
        raise bad(message, param="stream_format", code="unsupported_value")
    return Events(_speech_events(content, text.count(body["input"]), len(words)))


def _speech_events(content: bytes, asked: int, words: int) -> Iterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        piece = base64.b64encode(content[start : start + _CHUNK]).decode()
        yield sse.event({"type": "speech.audio.delta", "audio": piece})
    usage = {"input_tokens": asked, "output_tokens": 5 * words, "total_tokens": asked + 5 * words}
    yield sse.event({"type": "speech.audio.done", "usage": usage})


def _transcribe(call: Call) -> Answer:
    body = call.body
    _check_model(call)
    _check_together(body)
    heard = _heard(call, "file", 0)
    if body.get("stream") and body["model"] != "whisper-1":
        return Events(map(sse.event, heard.events(body)))
    return _written(heard, body)


def _translate(call: Call) -> Answer:
    require(call.state, call.body["model"])
    return _written(_heard(call, "file", 1), call.body, task="translate")


def _written(heard: transcripts.Transcript, body: Mapping[str, Any], task: str = "transcribe") -> Answer:
    match body.get("response_format"):
        case "verbose_json":
            return heard.verbose(body, task)
        case "diarized_json":
            return heard.diarized(body)
        case "text" | "srt" | "vtt" as form:
            return Content(heard.plain(form).encode(), "text/plain; charset=utf-8")
        case _:
            return heard.short(body) if task == "transcribe" else {"text": heard.text}


def _check_model(call: Call) -> None:
    model, form = call.body["model"], call.body.get("response_format") or "json"
    require(call.state, model)
    known = next((forms for name, forms in _KNOWN_BY.items() if model.startswith(name)), _TEXTS)
    if form not in known:
        message = f"response_format '{form}' is not compatible with model '{model}'. Use one of {', '.join(known)}."
        raise bad(message, param="response_format", code="unsupported_value")


def _check_together(body: Mapping[str, Any]) -> None:
    form = body.get("response_format") or "json"
    if body.get("timestamp_granularities") and form != "verbose_json":
        message = "'timestamp_granularities' needs the response_format 'verbose_json'."
        raise bad(message, param="timestamp_granularities", code="unsupported_value")
    if body.get("include") and (form != "json" or body["model"] == "whisper-1"):
        message = "'include' needs the response_format 'json' and a model that tells log-probabilities."
        raise bad(message, param="include", code="unsupported_value")
    if len(body.get("known_speaker_names") or ()) != len(body.get("known_speaker_references") or ()):
        message = "'known_speaker_names' and 'known_speaker_references' must be equally many."
        raise bad(message, param="known_speaker_names")


def _heard(call: Call, param: str, choice: int) -> transcripts.Transcript:
    upload = _recording(call, param)
    seconds = round(sounds.seconds_of(upload.content), 2)
    said = text.compose(call.state, f"{upload.filename}, {seconds:g} seconds", choice)
    return transcripts.Transcript(call.state, said, seconds)


def _recording(call: Call, param: str, most: int | None = None) -> Upload:
    upload = call.body[param]
    assert isinstance(upload, Upload)  # noqa: S101 - the table of fields has seen to it
    if PurePath(upload.filename).suffix.lower().removeprefix(".") not in _FILES:
        message = f"Unrecognized file format. Supported formats: {list(_FILES)}"
        raise bad(message, param=param, code="invalid_value")
    if not upload.content:
        raise bad("Audio file is too short. Minimum audio length is 0.1 seconds.", param=param, code="audio_too_short")
    if most and len(upload.content) > most:
        raise bad(f"The file is larger than {most} bytes.", param=param, code="file_too_large")
    return upload


def _create_consent(call: Call) -> Answer:
    _recording(call, "recording", _MOST_BYTES)
    return _CONSENTS.add(call, {name: call.body[name] for name in ("name", "language")})


def _create_voice(call: Call) -> Answer:
    _recording(call, "audio_sample", _MOST_BYTES)
    consent = call.body["consent"]
    if consent not in _CONSENTS.shelf(call):
        raise not_found(f"No {_CONSENTS.object} found with id '{consent}'.", param="consent")
    return _VOICES.add(call, {"name": call.body["name"]})


OPERATIONS: Final = (
    Operation("POST", "/audio/speech", _speak, body=_SPEAK, model=True),
    Operation("POST", "/audio/transcriptions", _transcribe, form=_TRANSCRIBE, model=True),
    Operation("POST", "/audio/translations", _translate, form=_TRANSLATE, model=True),
    *_CONSENTS.operations(["list"]),
    Operation(
        "POST",
        "/audio/voice_consents",
        _create_consent,
        form={"language": REQUIRED_STRING, "name": REQUIRED_STRING, "recording": FILE},
    ),
    *_CONSENTS.operations(["retrieve", "update", "delete"]),
    Operation(
        "POST",
        "/audio/voices",
        _create_voice,
        form={"audio_sample": FILE, "consent": REQUIRED_STRING, "name": REQUIRED_STRING},
    ),
)
