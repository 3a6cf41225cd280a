"""A recording in any language becomes English text, or English subtitles."""

from __future__ import annotations

from pathlib import Path

from openai_core import Client


def main() -> None:
    """Translate a recording."""
    path = Path("hallo.wav")
    with Client() as client:
        client.audio.speech.create(
            model="gpt-4o-mini-tts", voice="alloy", input="Guten Tag.", response_format="wav"
        ).save(path)
        print(client.audio.translations.create(file=path, model="whisper-1").text)
        print(client.audio.translations.create_text(file=path, model="whisper-1", response_format="srt"))


if __name__ == "__main__":
    main()
