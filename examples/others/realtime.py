"""A conversation over a websocket: each line of the standard input is said, and the answer is printed as it comes."""

from __future__ import annotations

import sys

from openai_core import Client


def main() -> None:
    """Talk until the input ends."""
    with Client() as client, client.realtime.connect(model="gpt-realtime") as session:
        session.send({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}})
        for line in sys.stdin:
            session.send(
                {
                    "type": "conversation.item.create",
                    "item": {
                        "type": "message",
                        "role": "user",
                        "content": [{"type": "input_text", "text": line.strip()}],
                    },
                }
            )
            session.send({"type": "response.create"})
            for event in session:
                if event.type == "response.output_text.delta":
                    print(event.delta, end="", flush=True)
                elif event.type == "error":
                    print(event.error.message)
                elif event.type == "response.done":
                    print()
                    break


if __name__ == "__main__":
    main()
