"""Which models there are."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """List them, and look at one."""
    with Client() as client:
        names = [model.id for model in client.models.list()]
        print(len(names), client.models.retrieve(names[0]).owned_by)


if __name__ == "__main__":
    main()
