"""Two texts become vectors in one call."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Embed."""
    with Client() as client:
        answer = client.embeddings.create(
            model="text-embedding-3-small", input=["Why do programmers hate nature?", "It has too many bugs."]
        )
    for each in answer.data:
        print(each.index, len(each.embedding))


if __name__ == "__main__":
    main()
