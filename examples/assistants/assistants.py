"""An assistant answers a thread: made, asked, waited for, read, and cleaned up."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Ask an assistant."""
    with Client() as client:
        assistant = client.assistants.create(
            model="gpt-5-mini", name="Tutor", instructions="Answer in one sentence, for a child."
        )
        thread = client.threads.create()
        try:
            for question in ("Why is the sky blue?", "And at night?"):
                client.threads.messages.create(thread.id, role="user", content=question)
                run = client.threads.runs.create_and_wait(thread.id, assistant_id=assistant.id, deadline=60)
                newest = client.threads.messages.list(thread.id, limit=1).data[0]
                print(run.status, newest.text)
        finally:
            client.threads.delete(thread.id)
            client.assistants.delete(assistant.id)


if __name__ == "__main__":
    main()
