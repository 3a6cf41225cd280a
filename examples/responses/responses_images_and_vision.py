"""An image made by the image tool is written to a file; an image behind a URL is described."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from openai_core import Client


def main() -> None:
    """Draw, then look."""
    with Client() as client:
        drawn = client.responses.create(
            model="gpt-5-mini", input="Draw a grey tabby cat hugging an otter.", tools=[{"type": "image_generation"}]
        )
        for item in drawn.output:
            if item.type == "image_generation_call" and item.result:
                Path("otter.png").write_bytes(b64decode(item.result))
                print("the image is in otter.png")
        seen = client.responses.create(
            model="gpt-5-mini",
            input=[
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is in this image?"},
                        {"type": "input_image", "image_url": "https://example.com/boardwalk.jpg", "detail": "auto"},
                    ],
                }
            ],
        )
    print(seen.output_text)


if __name__ == "__main__":
    main()
