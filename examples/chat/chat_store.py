"""A completion that the server keeps: found again, its messages read, deleted."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Store, look, delete."""
    with Client() as client:
        stored = client.chat.completions.create(
            model="gpt-5-mini",
            messages=[{"role": "user", "content": "Say hello."}],
            store=True,
            metadata={"purpose": "demo"},
        )
        print(client.chat.completions.retrieve(stored.id).id)
        for message in client.chat.completions.messages.list(stored.id):
            print(message.role, message.content)
        for completion in client.chat.completions.list(metadata={"purpose": "demo"}):
            print(completion.id, completion.model)
        print(client.chat.completions.delete(stored.id).deleted)


if __name__ == "__main__":
    main()
