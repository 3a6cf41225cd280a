from __future__ import annotations

import wave
from base64 import b64decode

import pytest

from openai_core import BadRequestError
from openai_core_audio.types import SpeechAudioDeltaEvent, SpeechAudioDoneEvent

SPOKEN = {"model": "gpt-4o-mini-tts", "input": "The quick brown fox", "voice": "coral"}


async def test_speech_is_saved_to_a_file_that_can_be_played(client, settled, openai_emulator, tmp_path):
    speech = await settled(client.audio.speech.create(**SPOKEN, response_format="wav"))
    path = tmp_path / "said" / "fox.wav"
    assert await settled(speech.save(path)) == path
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 24_000)
        assert sound.getnframes() > 0
    (request,) = openai_emulator.requests
    assert (request.method, request.path) == ("POST", "/v1/audio/speech")
    assert request.json() == {**SPOKEN, "response_format": "wav"}


async def test_speech_is_read_piece_by_piece(client, settled, each):
    whole = await settled((await settled(client.audio.speech.create(**SPOKEN, response_format="pcm"))).read())
    pieces = await each(await settled(client.audio.speech.create(**SPOKEN, response_format="pcm")))
    assert b"".join(pieces) == whole
    assert len(whole) > 10_000


@pytest.mark.parametrize(
    ("file_format", "media_type", "beginning"),
    [
        ("mp3", "audio/mpeg", b"\xff\xf3"),
        ("opus", "audio/opus", b"OggS"),
        ("aac", "audio/aac", b"\xff\xf1"),
        ("flac", "audio/flac", b"fLaC"),
        ("wav", "audio/wav", b"RIFF"),
    ],
)
async def test_speech_comes_in_the_format_that_is_asked_for(client, settled, file_format, media_type, beginning):
    speech = await settled(client.audio.speech.create(**SPOKEN, response_format=file_format))
    assert speech.media_type == media_type
    assert (await settled(speech.read())).startswith(beginning)


async def test_everything_about_the_manner_of_speaking_is_sent(client, settled, openai_emulator):
    manner = {"instructions": "whisper", "speed": 1.5}
    await settled((await settled(client.audio.speech.create(**SPOKEN, **manner))).read())
    assert openai_emulator.requests[-1].json() == {**SPOKEN, **manner}


async def test_speech_is_streamed_as_events(client, settled, each, openai_emulator):
    whole = await settled((await settled(client.audio.speech.create(**SPOKEN, response_format="wav"))).read())
    stream = client.audio.speech.create_stream(**SPOKEN, response_format="wav")
    *pieces, end = await each(stream)
    assert all(isinstance(piece, SpeechAudioDeltaEvent) for piece in pieces)
    assert isinstance(end, SpeechAudioDoneEvent)
    assert b"".join(b64decode(piece.audio) for piece in pieces) == whole
    assert end.usage.total_tokens == end.usage.input_tokens + end.usage.output_tokens
    assert stream.outcome == "complete"
    request = openai_emulator.requests[-1]
    assert request.headers["accept"] == "text/event-stream"
    assert request.json() == {**SPOKEN, "response_format": "wav", "stream_format": "sse"}


async def test_a_voice_of_ones_own_speaks(client, settled, tmp_path):
    sample = await settled(client.audio.speech.create(**SPOKEN, response_format="wav"))
    path = await settled(sample.save(tmp_path / "sample.wav"))
    consent = await settled(client.audio.voice_consents.create(language="en-US", name="Yes", recording=path))
    voice = await settled(client.audio.voices.create(audio_sample=path, consent=consent.id, name="Mine"))
    speech = await settled(client.audio.speech.create(**{**SPOKEN, "voice": {"id": voice.id}}))
    assert await settled(speech.read())


@pytest.mark.parametrize(
    ("wrong", "param"),
    [({"input": "x" * 4097}, "input"), ({"speed": 5}, "speed"), ({"response_format": "midi"}, "response_format")],
)
async def test_what_cannot_be_spoken_is_refused(client, settled, wrong, param):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.audio.speech.create(**{**SPOKEN, **wrong}))
    assert caught.value.param == param
