"""Five ways to have a recording written down: text, words with their times, speakers, subtitles, and as it is heard."""

from __future__ import annotations

from pathlib import Path

from openai_core import Client


def main() -> None:
    """Make a recording, and transcribe it in all ways."""
    path = Path("hello.wav")
    with Client() as client:
        client.audio.speech.create(
            model="gpt-4o-mini-tts", voice="alloy", input="Hello there.", response_format="wav"
        ).save(path)
        transcriptions = client.audio.transcriptions
        print(transcriptions.create(file=path, model="gpt-4o-transcribe").text)
        verbose = transcriptions.create_verbose(
            file=path, model="whisper-1", timestamp_granularities=["word", "segment"]
        )
        print([(word.word, word.start) for word in verbose.words or ()])
        diarized = transcriptions.create_diarized(
            file=path, model="gpt-4o-transcribe-diarize", chunking_strategy="auto"
        )
        print([(segment.speaker, segment.text) for segment in diarized.segments])
        print(transcriptions.create_text(file=path, model="whisper-1", response_format="srt"))
        with transcriptions.create_stream(file=path, model="gpt-4o-transcribe") as events:
            for event in events:
                if event.type == "transcript.text.delta":
                    print(event.delta, end="", flush=True)


if __name__ == "__main__":
    main()
