"""An image that grows: its previews are written to disk as they come."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from openai_core import Client


def main() -> None:
    """Stream."""
    with (
        Client() as client,
        client.images.generate_stream(prompt="A river at dusk.", model="gpt-image-1", partial_images=2) as events,
    ):
        for event in events:
            if event.type == "image_generation.partial_image":
                path = Path(f"river-{event.partial_image_index}.png")
            else:
                path = Path("river.png")
            path.write_bytes(b64decode(event.b64_json))
            print(path)


if __name__ == "__main__":
    main()
