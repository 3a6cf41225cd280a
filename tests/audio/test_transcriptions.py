from __future__ import annotations

import io
import re
import wave

import pytest

from openai_core import BadRequestError, InvalidRequestError
from openai_core_audio.types import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionTextSegmentEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from tests.forms import files, texts

WHISPER = "whisper-1"
MODEL = "gpt-4o-transcribe"
DIARIZING = "gpt-4o-transcribe-diarize"
SECONDS = 2
TIME = r"00:00:0\d[,.]\d{3}"


def recording() -> bytes:
    """Two seconds of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(1000)
        sound.writeframes(b"\x80" * 1000 * SECONDS)
    return file.getvalue()


TALK = ("talk.wav", recording())


async def test_a_recording_becomes_text(client, settled, openai_emulator):
    heard = await settled(client.audio.transcriptions.create(model=MODEL, file=TALK))
    assert isinstance(heard, Transcription)
    assert "talk.wav, 2 seconds" in heard.text
    assert (heard.usage.type, heard.usage.input_token_details.audio_tokens) == ("tokens", 20)
    (request,) = openai_emulator.requests
    assert (request.method, request.path) == ("POST", "/v1/audio/transcriptions")
    assert texts(request) == [("model", MODEL)]
    assert files(request) == [("file", *TALK)]


async def test_a_recording_is_given_as_a_path_bytes_or_an_open_file(client, settled, openai_emulator, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(recording())
    with path.open("rb") as opened:
        for given, name in ((path, "talk.wav"), (recording(), "file.wav"), (opened, "talk.wav")):
            heard = await settled(client.audio.transcriptions.create(model=WHISPER, file=given))
            assert heard.usage.seconds == SECONDS
            assert files(openai_emulator.requests[-1]) == [("file", name, recording())]
    with pytest.raises(InvalidRequestError, match="pathlib"):
        await settled(client.audio.transcriptions.create(model=WHISPER, file=str(path)))


async def test_lists_and_objects_go_into_the_form_with_brackets(client, settled, openai_emulator):
    voice = "data:audio/wav;base64,UklGRg=="
    await settled(
        client.audio.transcriptions.create_diarized(
            model=DIARIZING,
            file=TALK,
            chunking_strategy={"type": "server_vad", "threshold": 0.25, "silence_duration_ms": 300},
            known_speaker_names=["agent", "customer"],
            known_speaker_references=[voice, voice],
        )
    )
    assert texts(openai_emulator.requests[-1]) == [
        ("chunking_strategy[type]", "server_vad"),
        ("chunking_strategy[threshold]", "0.25"),
        ("chunking_strategy[silence_duration_ms]", "300"),
        ("known_speaker_names[]", "agent"),
        ("known_speaker_names[]", "customer"),
        ("known_speaker_references[]", voice),
        ("known_speaker_references[]", voice),
        ("model", DIARIZING),
        ("response_format", "diarized_json"),
    ]


async def test_hints_for_the_model_are_sent_and_log_probabilities_come_back(client, settled, openai_emulator):
    heard = await settled(
        client.audio.transcriptions.create(
            model=MODEL,
            file=TALK,
            chunking_strategy="auto",
            include=["logprobs"],
            keywords=["fox"],
            language="en",
            languages=["en", "de"],
            prompt="A talk",
            temperature=0.5,
        )
    )
    assert "".join(each.token for each in heard.logprobs) == heard.text
    assert heard.languages[0].code == "en"
    assert texts(openai_emulator.requests[-1]) == [
        ("chunking_strategy", "auto"),
        ("include[]", "logprobs"),
        ("keywords[]", "fox"),
        ("language", "en"),
        ("languages[]", "en"),
        ("languages[]", "de"),
        ("model", MODEL),
        ("prompt", "A talk"),
        ("temperature", "0.5"),
    ]


async def test_times_of_segments_and_words_are_told(client, settled, openai_emulator):
    heard = await settled(
        client.audio.transcriptions.create_verbose(
            model=WHISPER, file=TALK, timestamp_granularities=["word", "segment"]
        )
    )
    assert isinstance(heard, TranscriptionVerbose)
    assert heard.duration == SECONDS
    assert " ".join(segment.text for segment in heard.segments) == heard.text
    assert len(heard.words) == len(heard.text.split())
    for pieces in (heard.segments, heard.words):
        assert (pieces[0].start, pieces[-1].end) == (0, SECONDS)
        assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert texts(openai_emulator.requests[-1]) == [
        ("model", WHISPER),
        ("timestamp_granularities[]", "word"),
        ("timestamp_granularities[]", "segment"),
        ("response_format", "verbose_json"),
    ]


async def test_speakers_are_told_apart(client, settled):
    heard = await settled(client.audio.transcriptions.create_diarized(model=DIARIZING, file=TALK))
    assert isinstance(heard, TranscriptionDiarized)
    assert heard.duration == SECONDS
    assert [segment.speaker for segment in heard.segments] == ["A", "B"]


@pytest.mark.parametrize("group", ["transcriptions", "translations"])
async def test_subtitles_are_text(client, settled, openai_emulator, group):
    create_text = getattr(client.audio, group).create_text
    plain = await settled(create_text(model=WHISPER, file=TALK, response_format="text"))
    assert isinstance(plain, str)
    srt = await settled(create_text(model=WHISPER, file=TALK, response_format="srt"))
    assert re.fullmatch(rf"(\d\n{TIME} --> {TIME}\n.+\n\n)+", srt)
    assert "," in srt.splitlines()[1]
    vtt = await settled(create_text(model=WHISPER, file=TALK, response_format="vtt"))
    assert re.fullmatch(rf"WEBVTT\n\n({TIME} --> {TIME}\n.+\n\n)+", vtt)
    for subtitles in (srt, vtt):
        assert " ".join(re.findall(r"^[^\d\W].*[.”]$", subtitles, re.MULTILINE)) == plain.strip()
    formats = [dict(texts(request))["response_format"] for request in openai_emulator.requests]
    assert formats == ["text", "srt", "vtt"]
    assert {request.path for request in openai_emulator.requests} == {f"/v1/audio/{group}"}


async def test_a_transcription_is_streamed(client, settled, each, openai_emulator):
    whole = await settled(client.audio.transcriptions.create(model=MODEL, file=TALK))
    stream = client.audio.transcriptions.create_stream(model=MODEL, file=TALK, include=["logprobs"])
    *pieces, end = await each(stream)
    assert all(isinstance(piece, TranscriptionTextDeltaEvent) for piece in pieces)
    assert isinstance(end, TranscriptionTextDoneEvent)
    assert "".join(piece.delta for piece in pieces) == end.text == whole.text
    assert pieces[0].logprobs[0].token == pieces[0].delta
    assert stream.outcome == "complete"
    request = openai_emulator.requests[-1]
    assert request.headers["accept"] == "text/event-stream"
    assert texts(request) == [("include[]", "logprobs"), ("model", MODEL), ("stream", "true")]


async def test_speakers_are_told_in_a_stream_too(client, each, openai_emulator):
    stream = client.audio.transcriptions.create_stream(model=DIARIZING, file=TALK, response_format="diarized_json")
    segments = [event for event in await each(stream) if isinstance(event, TranscriptionTextSegmentEvent)]
    assert [segment.speaker for segment in segments] == ["A", "B"]
    sent = [("model", DIARIZING), ("response_format", "diarized_json"), ("stream", "true")]
    assert texts(openai_emulator.requests[-1]) == sent


async def test_a_recording_is_translated(client, settled, openai_emulator):
    heard = await settled(
        client.audio.translations.create(model=WHISPER, file=TALK, prompt="In English", temperature=0)
    )
    assert isinstance(heard, Translation)
    assert "talk.wav, 2 seconds" in heard.text
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/audio/translations")
    assert texts(request) == [("model", WHISPER), ("prompt", "In English"), ("temperature", "0")]
    assert files(request) == [("file", *TALK)]
    told = await settled(client.audio.translations.create_verbose(model=WHISPER, file=TALK))
    assert isinstance(told, TranslationVerbose)
    assert (told.language, told.duration) == ("english", SECONDS)
    assert " ".join(segment.text for segment in told.segments) == told.text
    assert texts(openai_emulator.requests[-1]) == [("model", WHISPER), ("response_format", "verbose_json")]


async def test_only_the_methods_for_it_take_a_response_format(client):
    with pytest.raises(TypeError, match="response_format"):
        client.audio.transcriptions.create(model=MODEL, file=TALK, response_format="srt")
    with pytest.raises(TypeError, match="create_stream"):
        client.audio.transcriptions.create(model=MODEL, file=TALK, stream=True)


async def test_what_is_no_recording_is_refused(client, settled):
    with pytest.raises(BadRequestError, match="Unrecognized file format"):
        await settled(client.audio.transcriptions.create(model=MODEL, file=("talk.txt", b"Hello")))
    with pytest.raises(BadRequestError, match="not compatible"):
        await settled(client.audio.transcriptions.create_verbose(model=MODEL, file=TALK))


def test_the_method_for_another_result_is_named(client):
    with pytest.raises(TypeError, match=r"call create_verbose\(\) or create_diarized\(\) or create_text\(\) instead"):
        client.audio.transcriptions.create(file=b"", model="whisper-1", response_format="srt")
    with pytest.raises(TypeError, match=r"doesn't stream; call create_stream\(\) instead"):
        client.audio.transcriptions.create(file=b"", model="whisper-1", stream=True)
