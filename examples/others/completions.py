"""Texts that go on where a prompt ends: one prompt, and several."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Complete."""
    with Client() as client:
        prompts: tuple[str | list[str], ...] = (
            "Tell me about the sea.",
            ["How long is a day?", "How far is the moon?"],
        )
        for prompt in prompts:
            completion = client.completions.create(model="gpt-3.5-turbo-instruct", prompt=prompt, max_tokens=40)
            for choice in completion.choices:
                print(choice.index, choice.text)


if __name__ == "__main__":
    main()
