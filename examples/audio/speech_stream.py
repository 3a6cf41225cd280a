"""Speech as it is made: each piece is written to a file when it comes."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from openai_core import Client


def main() -> None:
    """Stream into a file, and show what it cost."""
    with (
        Client() as client,
        client.audio.speech.create_stream(
            model="gpt-4o-mini-tts", voice="alloy", input="Hello there.", response_format="wav"
        ) as events,
        Path("hello.wav").open("wb") as file,
    ):
        for event in events:
            if event.type == "speech.audio.delta":
                file.write(b64decode(event.audio))
            elif event.type == "speech.audio.done":
                print(event.usage.total_tokens, "tokens")


if __name__ == "__main__":
    main()
