"""Push to talk: Enter begins a question, Enter ends it, and the answer is spoken. It needs `openai-core[voice]`."""

from __future__ import annotations

import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

from openai_core import Client
from openai_core_audio.voice import Microphone, Player

if TYPE_CHECKING:
    from openai_core_chat.params import ChatCompletionMessageParam


def enter() -> Event:
    """Set as soon as Enter is pressed."""
    pressed = Event()

    def wait() -> None:
        sys.stdin.readline()
        pressed.set()

    Thread(target=wait, daemon=True).start()
    return pressed


def main() -> None:
    """Talk until the input ends."""
    microphone, player = Microphone(), Player()
    messages: list[ChatCompletionMessageParam] = [
        {"role": "developer", "content": "You are heard, not read. Answer in one or two short sentences."}
    ]
    with Client() as client:
        print("Press Enter and speak.")
        for _ in sys.stdin:
            print("Press Enter when you have finished.")
            recording = microphone.record(until=enter().is_set)
            question = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=recording).text
            messages.append({"role": "user", "content": question})
            answer = client.chat.completions.create(model="gpt-5-mini", messages=messages).choices[0].message
            messages.append(answer)
            print(f"You: {question}\nModel: {answer.content}")
            speech = client.audio.speech.create(
                model="gpt-4o-mini-tts", voice="coral", input=answer.content or "", response_format="pcm"
            )
            player.play(speech)
            print("Press Enter and speak.")


if __name__ == "__main__":
    main()
