"""A session of ChatKit for one workflow, made and cancelled: `python -m examples.others.chatkit WORKFLOW_ID`."""

from __future__ import annotations

import sys

from openai_core import Client


def main() -> None:
    """Open and close a session."""
    workflow = sys.argv[1] if len(sys.argv) > 1 else "wf_demo"
    with Client() as client:
        session = client.chatkit.sessions.create(user="user-1", workflow={"id": workflow})
        print(session.id, session.status)
        print(client.chatkit.sessions.cancel(session.id).status)


if __name__ == "__main__":
    main()
