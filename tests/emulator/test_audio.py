from __future__ import annotations

import io
import wave
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from openai_core_emulator import sounds

Refused = Callable[..., dict[str, Any]]
SPOKEN = {"model": "gpt-4o-mini-tts", "input": "one two three four", "voice": "alloy", "response_format": "wav"}
MP3 = ("talk.mp3", b"\xff\xf3\x44\xc0" + bytes(8000))


def seconds(speech: bytes) -> float:
    with wave.open(io.BytesIO(speech)) as sound:
        return sound.getnframes() / sound.getframerate()


def test_who_speaks_twice_as_fast_is_done_in_half_the_time(http: httpx.Client) -> None:
    slow = http.post("/audio/speech", json=SPOKEN).content
    fast = http.post("/audio/speech", json={**SPOKEN, "speed": 2}).content
    assert seconds(slow) == pytest.approx(2 * seconds(fast))


def test_the_same_words_sound_the_same_and_other_voices_different(http: httpx.Client) -> None:
    said, again = (http.post("/audio/speech", json=SPOKEN).content for _ in range(2))
    other = http.post("/audio/speech", json={**SPOKEN, "voice": "verse"}).content
    assert said == again != other


def test_old_models_do_not_stream_events(refused: Refused) -> None:
    error = refused(400, "POST", "/audio/speech", json={**SPOKEN, "model": "tts-1", "stream_format": "sse"})
    assert error["param"] == "stream_format"


def test_a_voice_of_ones_own_has_to_exist(refused: Refused) -> None:
    error = refused(404, "POST", "/audio/speech", json={**SPOKEN, "voice": {"id": "voice_none"}})
    assert "voice_none" in error["message"]


@pytest.mark.parametrize(
    ("file_format", "samples", "in_a_frame"),
    [
        ("mp3", lambda file: 576 * file.count(b"\xff\xf3\x44\xc0"), 576),
        ("aac", lambda file: 1024 * file.count(b"\xff\xf1\x58\x40"), 1024),
        ("flac", lambda file: int.from_bytes(file[18:26]) % 2**36, 4096),
        ("opus", lambda file: int.from_bytes(file[file.rindex(b"OggS") + 6 :][:8], "little") // 2, 480),
    ],
)
def test_silence_is_as_long_as_the_sound(file_format: str, samples: Callable[[bytes], int], in_a_frame: int) -> None:
    """In frames, the last of which may be longer than it needs to be."""
    number = 7 * sounds.RATE + 1
    assert 0 <= samples(sounds.packed(bytes(2 * number), file_format)) - number < in_a_frame


def test_the_length_of_a_broken_wav_is_guessed() -> None:
    assert sounds.seconds_of(b"RIFF" + bytes(3996)) == 1.0


def test_whisper_does_not_heed_stream(http: httpx.Client) -> None:
    form = {"model": "whisper-1", "stream": "true"}
    answer = http.post("/audio/transcriptions", data=form, files={"file": MP3})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["usage"] == {"type": "duration", "seconds": 2.0}


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"model": "gpt-4o-transcribe", "response_format": "srt"}, "response_format"),
        ({"model": "whisper-1", "response_format": "diarized_json"}, "response_format"),
        ({"model": "whisper-1", "timestamp_granularities[]": "word"}, "timestamp_granularities"),
        ({"model": "whisper-1", "include[]": "logprobs"}, "include"),
        ({"model": "gpt-4o-transcribe-diarize", "known_speaker_names[]": "A"}, "known_speaker_names"),
        ({"model": "whisper-1", "temperature": "1.5"}, "temperature"),
        ({"model": "whisper-1", "temperature": "warm"}, "temperature"),
        ({"model": "whisper-1", "chunking_strategy": "none"}, "chunking_strategy"),
        ({"model": "whisper-1", "chunking_strategy[type]": "client_vad"}, "chunking_strategy.type"),
        ({}, "model"),
    ],
)
def test_what_does_not_go_together_is_refused(refused: Refused, form: dict[str, str], param: str) -> None:
    error = refused(400, "POST", "/audio/transcriptions", data=form, files={"file": MP3})
    assert error["param"] == param


def test_an_empty_recording_is_refused(refused: Refused) -> None:
    error = refused(400, "POST", "/audio/translations", data={"model": "whisper-1"}, files={"file": ("a.mp3", b"")})
    assert error["code"] == "audio_too_short"


def test_a_consent_of_more_than_ten_mebibytes_is_refused(refused: Refused) -> None:
    form = {"name": "Yes", "language": "en"}
    large = {"recording": ("yes.wav", bytes(10 * 2**20 + 1))}
    assert refused(400, "POST", "/audio/voice_consents", data=form, files=large)["code"] == "file_too_large"
