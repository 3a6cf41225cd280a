"""The whole life of a conversation: made, added to, listed, changed, and deleted item by item."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Live it."""
    with Client() as client:
        conversation = client.conversations.create(
            items=[{"type": "message", "role": "user", "content": "Hello!"}], metadata={"topic": "demo"}
        )
        client.conversations.items.create(
            conversation.id, items=[{"type": "message", "role": "user", "content": "How are you?"}]
        )
        client.responses.create(model="gpt-5-mini", input="And what is your name?", conversation=conversation.id)
        items = list(client.conversations.items.list(conversation.id, order="asc", limit=10))
        ids = [item.id for item in items if item.id]
        print("first:", client.conversations.items.retrieve(conversation.id, ids[0]).type)
        updated = client.conversations.update(conversation.id, metadata={"topic": "done"})
        print(client.conversations.retrieve(conversation.id).metadata == updated.metadata)
        for item in items:
            match item.type:
                case "message":
                    print("delete what", item.role, "said")
                case kind:
                    print("delete a", kind)
        for item_id in ids:
            client.conversations.items.delete(conversation.id, item_id)
        print(client.conversations.delete(conversation.id).deleted)


if __name__ == "__main__":
    main()
