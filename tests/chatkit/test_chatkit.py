from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_chatkit import types

BETA = {"openai-beta": "chatkit_beta=v1"}
WORKFLOW = {"id": "wf_1"}


def asked(emulator):
    """The operations that the emulator was asked for: method and path below `/v1`."""
    for request in emulator.requests:
        assert BETA.items() <= request.headers.items()
    return [(request.method, request.path.removeprefix("/v1")) for request in emulator.requests]


async def test_a_session_is_opened_and_ended(client, settled, openai_emulator):
    wanted = {
        "user": "u1",
        "workflow": {"id": "wf_1", "version": "3", "state_variables": {"a": 1}, "tracing": {"enabled": False}},
        "expires_after": {"anchor": "created_at", "seconds": 300},
        "rate_limits": {"max_requests_per_1_minute": 20},
        "chatkit_configuration": {
            "automatic_thread_titling": {"enabled": False},
            "file_upload": {"enabled": True, "max_files": 3},
            "history": {"enabled": True, "recent_threads": 5},
        },
    }
    session = await settled(client.chatkit.sessions.create(**wanted))
    assert isinstance(session, types.ChatSession)
    assert (session.user, session.status, session.workflow.version) == ("u1", "active", "3")
    assert session.client_secret.startswith("ek_")
    assert session.workflow.state_variables == {"a": 1}
    assert session.workflow.tracing.enabled is False
    assert session.rate_limits.max_requests_per_1_minute == session.max_requests_per_1_minute == 20
    settings = session.chatkit_configuration
    assert (settings.file_upload.max_files, settings.file_upload.max_file_size) == (3, 512)
    assert (settings.history.recent_threads, settings.automatic_thread_titling.enabled) == (5, False)

    ended = await settled(client.chatkit.sessions.cancel(session.id))
    assert isinstance(ended, types.ChatSession)
    assert (ended.id, ended.status) == (session.id, "cancelled")
    assert asked(openai_emulator) == [("POST", "/chatkit/sessions"), ("POST", f"/chatkit/sessions/{session.id}/cancel")]
    create, cancel = openai_emulator.requests
    assert create.json() == wanted
    assert cancel.body == b""


async def test_threads_are_listed_fetched_and_deleted(client, settled, each, openai_emulator):
    for user in ("u1", "u2", "u1"):
        await settled(client.chatkit.sessions.create(user=user, workflow=WORKFLOW))
    openai_emulator.requests.clear()
    first = await settled(client.chatkit.threads.list(user="u1", limit=1, order="asc", before="cthr_0"))
    assert isinstance(first.page, types.ChatKitThreadList)
    assert openai_emulator.requests[0].query == "before=cthr_0&limit=1&order=asc&user=u1"
    threads = await each(client.chatkit.threads.list(user="u1", limit=1))
    assert [thread.user for thread in threads] == ["u1", "u1"]
    assert threads[1] == first.data[0]
    thread = await settled(client.chatkit.threads.retrieve(threads[0].id))
    assert isinstance(thread, types.ChatKitThread)
    assert (thread.id, thread.title, thread.status.type) == (threads[0].id, "Hello", "active")
    assert isinstance(thread.status, types.ChatKitThreadActive)

    deleted = await settled(client.chatkit.threads.delete(thread.id))
    assert isinstance(deleted, types.ChatKitThreadDeleted)
    assert (deleted.id, deleted.deleted) == (thread.id, True)
    with pytest.raises(NotFoundError, match=thread.id):
        await settled(client.chatkit.threads.retrieve(thread.id))
    assert asked(openai_emulator) == [
        *[("GET", "/chatkit/threads")] * 3,
        ("GET", f"/chatkit/threads/{thread.id}"),
        ("DELETE", f"/chatkit/threads/{thread.id}"),
        ("GET", f"/chatkit/threads/{thread.id}"),
    ]


async def test_the_items_of_a_thread_have_types_of_their_own(client, settled, each, openai_emulator):
    await settled(client.chatkit.sessions.create(user="u1", workflow=WORKFLOW))
    thread = (await settled(client.chatkit.threads.list())).data[0]
    openai_emulator.requests.clear()
    items = await each(client.chatkit.threads.list_items(thread.id, order="asc", limit=4, before="cti_0"))
    assert [type(item) for item in items] == [
        types.ChatKitThreadUserMessageItem,
        types.ChatKitTask,
        types.ChatKitTaskGroup,
        types.ChatKitClientToolCall,
        types.ChatKitWidgetItem,
        types.ChatKitThreadAssistantMessageItem,
    ]
    asked_item, task, group, call, widget, answer = items
    assert (asked_item.content[0].text, asked_item.thread_id) == ("Hello", thread.id)
    assert (task.task_type, group.tasks[0].type, call.name) == ("thought", "thought", "greet")
    assert "Card" in widget.widget
    assert isinstance(answer.content[0], types.ChatKitResponseOutputText)
    assert "Hello" in answer.content[0].text
    assert asked(openai_emulator) == [("GET", f"/chatkit/threads/{thread.id}/items")] * 2
    assert openai_emulator.requests[0].query == "before=cti_0&limit=4&order=asc"
    page = await settled(client.chatkit.threads.list_items(thread.id, limit=1))
    assert isinstance(page.page, types.ChatKitThreadItemList)
    assert page.data == [answer]


async def test_what_is_no_session_is_refused(client, settled, openai_emulator):
    with pytest.raises(BadRequestError) as refused:
        await settled(
            client.chatkit.sessions.create(
                user="u1", workflow=WORKFLOW, expires_after={"anchor": "created_at", "seconds": 601}
            )
        )
    assert refused.value.param == "expires_after.seconds"
    with pytest.raises(NotFoundError, match="cksess_none"):
        await settled(client.chatkit.sessions.cancel("cksess_none"))
    openai_emulator.requests.clear()
    with pytest.raises(TypeError, match="workflow"):
        await settled(client.chatkit.sessions.create(user="u1"))
    assert openai_emulator.requests == []
