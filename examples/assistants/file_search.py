"""An assistant that searches files: some are its own, some come with a message."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Ask about two reports."""
    with Client() as client:
        assistant = client.assistants.create(model="gpt-5-mini", tools=[{"type": "file_search"}])
        store = client.vector_stores.create(name="Reports")
        report = client.vector_stores.files.upload_and_wait(
            store.id, file=("uber.txt", b"Revenue was 37 billion dollars in 2023."), deadline=120
        )
        client.assistants.update(assistant.id, tool_resources={"file_search": {"vector_store_ids": [store.id]}})
        other = client.files.create(file=("lyft.txt", b"Revenue was 4 billion dollars in 2023."), purpose="assistants")
        run = client.threads.create_and_run_and_wait(
            assistant_id=assistant.id,
            thread={
                "messages": [
                    {
                        "role": "user",
                        "content": "Compare the revenues.",
                        "attachments": [{"file_id": other.id, "tools": [{"type": "file_search"}]}],
                    }
                ]
            },
            deadline=120,
        )
        print(client.threads.messages.list(run.thread_id).data[0].text)
        client.threads.delete(run.thread_id)
        client.assistants.delete(assistant.id)
        client.vector_stores.delete(store.id)
        for file_id in (report.id, other.id):
            client.files.delete(file_id)


if __name__ == "__main__":
    main()
