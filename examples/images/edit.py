"""An image is changed where a mask is transparent."""

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
    """Put a flamingo into the pool."""
    with Client() as client:
        path = picture(client)
        edited = client.images.edit(
            image=path, mask=path, prompt="A sunlit lounge with a pool that holds a flamingo.", model="gpt-image-1"
        )
    print(edited.save("data"))


if __name__ == "__main__":
    main()
