"""A conversation of several messages, and a query parameter that only this server knows."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Ask."""
    with Client() as client:
        completion = client.chat.completions.create(
            model="gpt-5-mini",
            messages=[
                {"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": "Who won the world series in 2020?"},
                {"role": "assistant", "content": "The Los Angeles Dodgers won the World Series in 2020."},
                {"role": "user", "content": "Where was it played?"},
            ],
            options={"query": {"limit": 10}},
        )
    for choice in completion.choices:
        print(choice.index, choice.message.role, choice.message.content)


if __name__ == "__main__":
    main()
