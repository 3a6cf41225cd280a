"""A question about an image behind a URL."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Ask what is in it."""
    with Client() as client:
        completion = client.chat.completions.create(
            model="gpt-5-mini",
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is in this image?"},
                        {
                            "type": "image_url",
                            "image_url": {"url": "https://example.com/boardwalk.jpg", "detail": "high"},
                        },
                    ],
                }
            ],
        )
    print(completion.choices[0].message.content)


if __name__ == "__main__":
    main()
