"""A variation of an image, fetched from its URL."""

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
    """Vary."""
    with Client() as client:
        varied = client.images.create_variation(image=picture(client), model="dall-e-2", size="256x256")
    print(varied.save("data"))


if __name__ == "__main__":
    main()
