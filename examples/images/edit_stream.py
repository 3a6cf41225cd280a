"""An image is changed, and its previews are streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core import Client

if TYPE_CHECKING:
    from pathlib import Path


def picture(client: Client) -> Path:
    """A picture to work on."""
    image = client.images.generate(prompt="A sunlit lounge with a pool.", model="dall-e-2", size="256x256")
    return image.save("data")[0]


def main() -> None:
    """See the flamingo come."""
    with (
        Client() as client,
        client.images.edit_stream(
            image=[picture(client)], prompt="With a flamingo.", model="gpt-image-1", partial_images=1
        ) as events,
    ):
        for event in events:
            print(event.type, len(event.b64_json), "characters of base64")


if __name__ == "__main__":
    main()
