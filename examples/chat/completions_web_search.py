"""A chat model that searches the web, and is told where the user is."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Search."""
    with Client() as client:
        completion = client.chat.completions.create(
            model="gpt-5-search-api",
            messages=[{"role": "user", "content": "What was a good news story in my town today?"}],
            web_search_options={
                "search_context_size": "low",
                "user_location": {"type": "approximate", "approximate": {"country": "NO", "city": "Oslo"}},
            },
        )
    print(completion.choices[0].message.content)


if __name__ == "__main__":
    main()
