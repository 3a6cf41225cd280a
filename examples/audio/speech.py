"""Text to speech, saved as MP3."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Speak into a file."""
    with Client() as client:
        speech = client.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="Hello there.")
        print(speech.save("data/hello.mp3"))


if __name__ == "__main__":
    main()
