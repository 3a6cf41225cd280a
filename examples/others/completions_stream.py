"""A text that goes on where a prompt ends, streamed."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Stream."""
    with (
        Client() as client,
        client.completions.create_stream(
            model="gpt-3.5-turbo-instruct", prompt="Tell me a bedtime story.", max_tokens=100
        ) as chunks,
    ):
        for chunk in chunks:
            for choice in chunk.choices:
                print(choice.text, end="", flush=True)


if __name__ == "__main__":
    main()
