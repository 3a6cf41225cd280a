from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_assistants.types import MessageDeleted, Thread, ThreadDeleted, ThreadMessage, ThreadMessageList

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

SEARCHED = {"file_id": "file-1", "tools": [{"type": "file_search"}]}


async def test_a_thread_is_started_fetched_changed_and_deleted(client, settled, openai_emulator, asked):
    wanted = {
        "messages": [{"role": "user", "content": "Hello", "metadata": {"mood": "good"}}],
        "metadata": {"topic": "greetings"},
        "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}},
    }
    thread = await settled(client.threads.create(**wanted))
    assert isinstance(thread, Thread)
    assert thread.metadata == {"topic": "greetings"}
    assert thread.tool_resources.code_interpreter.file_ids == ["file-1"]
    assert await settled(client.threads.retrieve(thread.id)) == thread
    changed = await settled(client.threads.update(thread.id, metadata={"topic": "farewells"}))
    assert (changed.id, changed.metadata) == (thread.id, {"topic": "farewells"})
    deleted = await settled(client.threads.delete(thread.id))
    assert isinstance(deleted, ThreadDeleted)
    assert (deleted.id, deleted.deleted) == (thread.id, True)
    with pytest.raises(NotFoundError):
        await settled(client.threads.messages.list(thread.id))
    path = f"/threads/{thread.id}"
    assert asked(openai_emulator) == [
        ("POST", "/threads", wanted),
        ("GET", path),
        ("POST", path, {"metadata": {"topic": "farewells"}}),
        ("DELETE", path),
        ("GET", f"{path}/messages"),
    ]


async def test_a_vector_store_is_made_with_the_thread(client, settled, openai_emulator):
    chunks = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
    resources = {"file_search": {"vector_stores": [{"file_ids": [], "chunking_strategy": chunks}]}}
    thread = await settled(client.threads.create(tool_resources=resources))
    assert openai_emulator.requests[0].json() == {"tool_resources": resources}
    (store,) = thread.tool_resources.file_search.vector_store_ids
    assert store.startswith("vs_")


async def test_an_empty_thread_needs_no_arguments(client, settled, each):
    thread = await settled(client.threads.create())
    assert thread.metadata == {}
    assert await each(client.threads.messages.list(thread.id)) == []


async def test_a_message_is_added_fetched_changed_and_removed(client, settled, openai_emulator, asked):
    thread = await settled(client.threads.create())
    openai_emulator.requests.clear()
    parts = [
        {"type": "text", "text": "What is on this picture?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "image_file", "image_file": {"file_id": "file-2"}},
    ]
    wanted = {"role": "user", "content": parts, "attachments": [SEARCHED], "metadata": {"n": "1"}}
    message = await settled(client.threads.messages.create(thread.id, **wanted))
    assert isinstance(message, ThreadMessage)
    assert (message.thread_id, message.role, message.status) == (thread.id, "user", "completed")
    assert message.text == "What is on this picture?"
    text, url, file = message.content
    assert (text.type, text.text.value, text.text.annotations) == ("text", "What is on this picture?", [])
    assert (url.image_url.url, url.image_url.detail, file.image_file.file_id) == (
        "https://example.com/a.png",
        "low",
        "file-2",
    )
    assert message.attachments[0].tools[0].type == "file_search"

    fetched = await settled(client.threads.messages.retrieve(thread.id, message.id))
    assert fetched == message
    changed = await settled(client.threads.messages.update(thread.id, message.id, metadata={"n": "2"}))
    assert (changed.id, changed.metadata, changed.text) == (message.id, {"n": "2"}, message.text)
    removed = await settled(client.threads.messages.delete(thread.id, message.id))
    assert isinstance(removed, MessageDeleted)
    assert (removed.id, removed.deleted) == (message.id, True)
    with pytest.raises(NotFoundError):
        await settled(client.threads.messages.retrieve(thread.id, message.id))
    path = f"/threads/{thread.id}/messages"
    assert asked(openai_emulator) == [
        ("POST", path, wanted),
        ("GET", f"{path}/{message.id}"),
        ("POST", f"{path}/{message.id}", {"metadata": {"n": "2"}}),
        ("DELETE", f"{path}/{message.id}"),
        ("GET", f"{path}/{message.id}"),
    ]


async def test_messages_are_listed_page_by_page_the_latest_first(client, settled, each, openai_emulator):
    thread = await settled(client.threads.create())
    for said in ("one", "two", "three"):
        await settled(client.threads.messages.create(thread.id, role="user", content=said))
    openai_emulator.requests.clear()
    first = await settled(client.threads.messages.list(thread.id, limit=2, run_id="run_1", before="msg_1", order="asc"))
    assert isinstance(first.page, ThreadMessageList)
    assert openai_emulator.requests[0].query == "before=msg_1&limit=2&order=asc&run_id=run_1"
    assert [one.text for one in await each(client.threads.messages.list(thread.id, limit=2))] == ["three", "two", "one"]
    assert len(openai_emulator.requests) == 3


async def test_a_message_without_words_is_refused(client, settled):
    thread = await settled(client.threads.create())
    with pytest.raises(BadRequestError, match="non-empty"):
        await settled(client.threads.messages.create(thread.id, role="user", content=""))
    with pytest.raises(BadRequestError) as refused:
        await settled(client.threads.messages.create(thread.id, role="system", content="Hello"))
    assert refused.value.param == "role"


def test_the_text_of_a_message_leaves_out_what_is_no_text():
    image = {"type": "image_file", "image_file": {"file_id": "file-1"}}
    texts = [{"type": "text", "text": {"value": each, "annotations": []}} for each in ("Hello ", "you")]
    assert ThreadMessage.model_construct(content=[]).text == ""
    message = ThreadMessage.model_validate(
        {
            "id": "msg_1",
            "object": "thread.message",
            "created_at": 1,
            "thread_id": "thread_1",
            "status": "completed",
            "role": "assistant",
            "content": [texts[0], image, texts[1]],
        }
    )
    assert message.text == "Hello you"
