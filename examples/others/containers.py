"""A container in which code runs: a file goes in and comes out."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Fill a container, look into it, delete it."""
    with Client() as client:
        container = client.containers.create(name="demo", expires_after={"anchor": "last_active_at", "minutes": 10})
        file = client.containers.files.create(container.id, file=("hello.txt", b"Hello!"))
        print([each.path for each in client.containers.files.list(container.id)])
        print(client.containers.files.retrieve(container.id, file.id).bytes)
        print(client.containers.files.content.retrieve(container.id, file.id).read())
        client.containers.files.delete(container.id, file.id)
        print([each.name for each in client.containers.list()])
        client.containers.delete(container.id)


if __name__ == "__main__":
    main()
