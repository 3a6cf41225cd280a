"""Files that are searched by meaning: uploaded together, waited for, searched, cleaned up."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Search two reports."""
    with Client() as client:
        store = client.vector_stores.create(name="Reports")
        batch = client.vector_stores.file_batches.upload_and_wait(
            store.id,
            files=[("uber.txt", b"Revenue was 37 billion dollars."), ("lyft.txt", b"Profit was small that year.")],
            deadline=120,
        )
        print(batch.status, batch.file_counts.completed)
        for found in client.vector_stores.search(store.id, query="How much was the revenue?"):
            print(found.filename, round(found.score, 3), found.content[0].text)
        for file in list(client.vector_stores.files.list(store.id)):
            client.files.delete(file.id)
        client.vector_stores.delete(store.id)


if __name__ == "__main__":
    main()
