"""Assistants, threads and their messages: https://platform.openai.com/docs/api-reference/assistants.

Runs are in `assistant_runs`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from . import models, vector_stores
from .asking import REASONING_EFFORT, answer_schema
from .call import Answer, Call, Operation
from .errors import bad
from .fields import METADATA, OBJECT, REQUIRED_STRING, STRING, Field, Fields, one_of
from .resources import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SEARCH: Final[Fields] = {
    "vector_store_ids": Field(("array",), most=1, items=STRING),
    "vector_stores": Field(("array",), most=1, items=OBJECT),
}
TOOL_RESOURCES: Final = Field(
    ("object",),
    properties={
        "code_interpreter": Field(("object",), properties={"file_ids": Field(("array",), most=20, items=STRING)}),
        "file_search": Field(("object",), properties=_SEARCH),
    },
)
TOOL: Final = Field(
    ("object",), properties={"type": one_of("code_interpreter", "file_search", "function", required=True)}
)
SAMPLING: Final[Fields] = {
    "temperature": Field(("number",), minimum=0, maximum=2),
    "top_p": Field(("number",), minimum=0, maximum=1),
    "response_format": Field(("string", "object"), choices=("auto",), properties={"type": REQUIRED_STRING}),
}
BEFORE: Final[Fields] = {"before": STRING}

_PART: Final = Field(("object",), properties={"type": one_of("text", "image_url", "image_file", required=True)})
MESSAGE: Final[Fields] = {
    "role": one_of("user", "assistant", required=True),
    "content": Field(("string", "array"), required=True, fewest=1, items=_PART),
    "attachments": Field(("array",), items=OBJECT),
    "metadata": METADATA,
}
NEW_MESSAGES: Final = Field(("array",), items=Field(("object",), properties=MESSAGE))
NEW_THREAD: Final[Fields] = {"messages": NEW_MESSAGES, "metadata": METADATA, "tool_resources": TOOL_RESOURCES}

_ASSISTANT: Final[Fields] = {
    **SAMPLING,
    "name": Field(("string",), longest=256),
    "description": Field(("string",), longest=512),
    "instructions": Field(("string",), longest=256_000),
    "metadata": METADATA,
    "model": STRING,
    "reasoning_effort": REASONING_EFFORT,
    "tool_resources": TOOL_RESOURCES,
    "tools": Field(("array",), most=128, items=TOOL),
}


def _new_assistant(call: Call, _id: str, given: dict[str, Any]) -> dict[str, Any]:
    models.require(call.state, given["model"])
    schema_of(given.get("response_format"))
    resources = _resources(call, given)
    usual: dict[str, Any] = {
        "name": None,
        "description": None,
        "instructions": None,
        "tools": [],
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "response_format": "auto",
    }
    return {"created_at": call.state.now(), **usual, **given, **resources}


_make_store: Final = next(
    each.handler for each in vector_stores.OPERATIONS if (each.method, each.path) == ("POST", "/vector_stores")
)


def _resources(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """What tools work on; vector stores that are described are made."""
    resources = given.get("tool_resources", {})
    described = resources.get("file_search", {}).get("vector_stores")
    if not described:
        return {"tool_resources": resources}
    stores = [_make_store(replace(call, body=each)) for each in described]
    search = {"vector_store_ids": [store["id"] for store in stores if isinstance(store, dict)]}
    return {"tool_resources": {**resources, "file_search": search}}


def schema_of(response_format: str | Mapping[str, Any] | None) -> tuple[Mapping[str, Any] | None, bool]:
    """The schema that answers have to fit, and whether any JSON object will do."""
    return answer_schema(None if isinstance(response_format, str) else response_format, "response_format")


def _new_thread(call: Call, _id: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"created_at": call.state.now(), "metadata": {}, **given, **_resources(call, given)}


ASSISTANTS: Final = Kind(
    "/assistants",
    "assistant_id",
    prefix="asst_",
    object="assistant",
    create={**_ASSISTANT, "model": REQUIRED_STRING},
    update=_ASSISTANT,
    make=_new_assistant,
    query=BEFORE,
)
THREADS: Final = Kind(
    "/threads",
    "thread_id",
    prefix="thread_",
    object="thread",
    update={"metadata": METADATA, "tool_resources": TOOL_RESOURCES},
    make=_new_thread,
)
MESSAGES: Final = Kind(
    "/threads/{thread_id}/messages",
    "message_id",
    prefix="msg_",
    object="thread.message",
    update={"metadata": METADATA},
    parent=THREADS,
    query={**BEFORE, "run_id": STRING},
)


def add_thread(call: Call, given: Mapping[str, Any]) -> Call:
    """Start a thread with its first messages; gives the call as if it were made on that thread."""
    kept = {name: value for name, value in given.items() if name != "messages"}
    at = replace(call, path={"thread_id": THREADS.add(call, kept)["id"]})
    add_messages(at, given.get("messages") or ())
    return at


def add_messages(call: Call, messages: Sequence[Mapping[str, Any]]) -> None:
    """Put messages of a user, or in the name of an assistant, at the end of the thread that is called."""
    for each in messages:
        add_message(call, each["role"], _content(each["content"]), each)


def add_message(
    call: Call, role: str, content: list[dict[str, Any]], more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Put a message at the end of the thread that is called.

    Args:
        call: on the thread.
        role: who speaks.
        content: what is said, as the API answers it.
        more: what else is known: attachments, metadata.
    """
    created = call.state.now()
    message = MESSAGES.add(call, {})
    message.update(
        created_at=created,
        thread_id=call.path["thread_id"],
        status="completed",
        incomplete_details=None,
        completed_at=created,
        incomplete_at=None,
        role=role,
        content=content,
        assistant_id=None,
        run_id=None,
        attachments=(more or {}).get("attachments") or [],
        metadata=(more or {}).get("metadata") or {},
    )
    return message


def text_part(text: str) -> dict[str, Any]:
    """A text as a part of a message."""
    return {"type": "text", "text": {"value": text, "annotations": []}}


def _content(given: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = [{"type": "text", "text": given}] if isinstance(given, str) else given
    for part in parts:
        if not part.get(part["type"]):
            raise bad("Message content must be non-empty.", param="content")
    return [text_part(part["text"]) if part["type"] == "text" else part for part in parts]


def _create_thread(call: Call) -> Answer:
    return THREADS.find(add_thread(call, call.body))


OPERATIONS: Final = (
    *ASSISTANTS.operations(),
    Operation("POST", THREADS.path, _create_thread, body=NEW_THREAD),
    *THREADS.operations(("retrieve", "update", "delete")),
)
