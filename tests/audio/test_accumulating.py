from __future__ import annotations

import io
import wave

from openai_core_audio.types import Transcription

MODEL = "gpt-4o-transcribe"


def talk():
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(32000))
    return ("talk.wav", made.getvalue())


async def test_a_stream_gives_at_its_end_what_create_gives(client, settled):
    asked = {"model": MODEL, "file": talk(), "include": ["logprobs"]}
    made = await settled(client.audio.transcriptions.create(**asked))
    final = await settled(client.audio.transcriptions.create_stream(**asked).final())
    assert isinstance(final, Transcription)
    assert final == made


async def test_in_a_loop_it_is_what_the_last_event_tells(client, settled, each):
    stream = client.audio.transcriptions.create_stream(model=MODEL, file=talk())
    *_, done = await each(stream)
    final = await settled(stream.final())
    assert (final.text, final.usage) == (done.text, done.usage)
    assert "type" not in final.to_dict()


async def test_a_snapshot_is_the_text_so_far(client, settled, each):
    stream = client.audio.transcriptions.create_stream(model=MODEL, file=talk(), include=["logprobs"])
    told = await each(stream, lambda event: (event, stream.snapshot()))
    text = ""
    for event, seen in told:
        text += getattr(event, "delta", "")
        assert isinstance(seen, Transcription)
        assert seen.text == text
        assert "".join(one.token for one in seen.logprobs) == text
    assert len(told) > 2
    assert stream.snapshot() == await settled(stream.final())
