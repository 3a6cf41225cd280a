"""Two images are made and written to a folder."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Draw."""
    with Client() as client:
        images = client.images.generate(
            prompt="Cats on a sofa and a carpet in a living room.", model="dall-e-2", n=2, size="256x256"
        )
    for path in images.save("data/images"):
        print(path)


if __name__ == "__main__":
    main()
