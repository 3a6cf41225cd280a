"""A recording that is in memory, and no file, is transcribed: its name tells what it is."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Speak, then listen, without touching the disk."""
    with Client() as client:
        with client.audio.speech.create(
            model="gpt-4o-mini-tts", voice="alloy", input="Hello there.", response_format="wav"
        ) as speech:
            recording = speech.read()
        text = client.audio.transcriptions.create(file=("hello.wav", recording), model="gpt-4o-transcribe")
    print(text.text)


if __name__ == "__main__":
    main()
