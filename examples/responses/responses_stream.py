"""A streamed response: its text as it comes, and the types of all other events."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Stream a haiku."""
    with Client() as client, client.responses.create_stream(model="gpt-5-mini", input="Write a haiku.") as events:
        for event in events:
            if event.type == "response.output_text.delta":
                print(event.delta, end="", flush=True)
            else:
                print(f"[{event.event_type}]")


if __name__ == "__main__":
    main()
