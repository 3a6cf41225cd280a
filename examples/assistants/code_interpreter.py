"""An assistant that runs code over a file: it is uploaded, and what comes of it is saved."""

from __future__ import annotations

from pathlib import Path

from openai_core import Client


def main() -> None:
    """Have a graph drawn."""
    path = Path("sales.csv")
    path.write_text("month,sales\n1,10\n2,12\n3,9\n")
    with Client() as client:
        file = client.files.create(file=path, purpose="assistants")
        assistant = client.assistants.create(
            model="gpt-5-mini",
            instructions="You analyse tables and draw graphs.",
            tools=[{"type": "code_interpreter"}],
            tool_resources={"code_interpreter": {"file_ids": [file.id]}},
        )
        run = client.threads.create_and_run_and_wait(
            assistant_id=assistant.id,
            thread={"messages": [{"role": "user", "content": "Draw the sales by month."}]},
            deadline=120,
        )
        for message in client.threads.messages.list(run.thread_id):
            for part in message.content:
                if part.type == "image_file":
                    print(client.files.content(part.image_file.file_id).save("data/graph.png"))
            print(message.role, message.text)
        client.threads.delete(run.thread_id)
        client.assistants.delete(assistant.id)
        client.files.delete(file.id)


if __name__ == "__main__":
    main()
