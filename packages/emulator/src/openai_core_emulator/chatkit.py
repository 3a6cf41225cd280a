"""Sessions and threads of ChatKit: https://platform.openai.com/docs/api-reference/chatkit.

Threads come from the widget in an end user's browser. Here, a session brings one, as if its user had said hello.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from .call import Answer, Call, Operation
from .fields import BOOLEAN, REQUIRED_STRING, STRING, Field, Fields, one_of
from .resources import Kind
from .text import compose

_BEFORE: Final[Fields] = {"before": STRING}
_COUNT: Final = Field(("integer",), minimum=1)
_SECONDS: Final = 600
_PER_MINUTE: Final = 10
_MOST_MEGABYTES: Final = 512
_MOST_FILES: Final = 10
_HELLO: Final = "Hello"


def _object(**properties: Field) -> Field:
    return Field(("object",), properties=properties)


_CREATE: Final[Fields] = {
    "user": REQUIRED_STRING,
    "workflow": Field(
        ("object",),
        required=True,
        properties={
            "id": REQUIRED_STRING,
            "version": STRING,
            "state_variables": Field(
                ("object",), most=64, values=Field(("string", "integer", "number", "boolean"), required=True)
            ),
            "tracing": _object(enabled=BOOLEAN),
        },
    ),
    "expires_after": _object(
        anchor=one_of("created_at", required=True),
        seconds=Field(("integer",), required=True, minimum=1, maximum=_SECONDS),
    ),
    "rate_limits": _object(max_requests_per_1_minute=_COUNT),
    "chatkit_configuration": _object(
        automatic_thread_titling=_object(enabled=BOOLEAN),
        file_upload=_object(
            enabled=BOOLEAN,
            max_file_size=Field(("integer",), minimum=1, maximum=_MOST_MEGABYTES),
            max_files=_COUNT,
        ),
        history=_object(enabled=BOOLEAN, recent_threads=_COUNT),
    ),
}

_SESSIONS: Final = Kind("/chatkit/sessions", "session_id", prefix="cksess_", object="chatkit.session")
_THREADS: Final = Kind(
    "/chatkit/threads", "thread_id", prefix="cthr_", object="chatkit.thread", query={**_BEFORE, "user": STRING}
)
_ITEMS: Final = Kind(
    "/chatkit/threads/{thread_id}/items",
    "item_id",
    prefix="cti_",
    object="chatkit.thread_item",
    parent=_THREADS,
    query=_BEFORE,
)


def _create(call: Call) -> Answer:
    body = call.body
    created = call.state.now()
    workflow, limits, settings = (body.get(name) or {} for name in ("workflow", "rate_limits", "chatkit_configuration"))
    per_minute = limits.get("max_requests_per_1_minute") or _PER_MINUTE
    uploads = {"enabled": False, "max_file_size": _MOST_MEGABYTES, "max_files": _MOST_FILES}
    session = _SESSIONS.add(call, {})
    session.update(
        expires_at=created + (body.get("expires_after") or {"seconds": _SECONDS})["seconds"],
        client_secret=call.state.new_id("ek_"),
        workflow={
            "id": workflow["id"],
            "version": workflow.get("version"),
            "state_variables": workflow.get("state_variables"),
            "tracing": {"enabled": True, **workflow.get("tracing", {})},
        },
        user=body["user"],
        rate_limits={"max_requests_per_1_minute": per_minute},
        max_requests_per_1_minute=per_minute,
        status="active",
        chatkit_configuration={
            "automatic_thread_titling": {"enabled": True, **settings.get("automatic_thread_titling", {})},
            "file_upload": {**uploads, **settings.get("file_upload", {})},
            "history": {"enabled": True, "recent_threads": None, **settings.get("history", {})},
        },
    )
    _say_hello(call, session)
    return session


def _say_hello(call: Call, session: dict[str, Any]) -> None:
    titled = session["chatkit_configuration"]["automatic_thread_titling"]["enabled"]
    thread = _THREADS.add(call, {"created_at": call.state.now(), "user": session["user"]})
    thread.update(title=_HELLO if titled else None, status={"type": "active"})
    at = replace(call, path={"thread_id": thread["id"]})
    asked = {"type": "input_text", "text": _HELLO}
    answered = {"type": "output_text", "text": compose(call.state, _HELLO, 0), "annotations": []}
    thought = {"type": "thought", "heading": "Greeting", "summary": "Say hello in return."}
    said: dict[str, dict[str, Any]] = {
        "user_message": {"content": [asked], "attachments": [], "inference_options": None},
        "task": {"task_type": thought["type"], "heading": thought["heading"], "summary": thought["summary"]},
        "task_group": {"tasks": [thought]},
        "client_tool_call": {
            "status": "completed",
            "call_id": call.state.new_id("call_", 24),
            "name": "greet",
            "arguments": "{}",
            "output": "{}",
        },
        "widget": {"widget": '{"type":"Card","children":[{"type":"Text","value":"Hello"}]}'},
        "assistant_message": {"content": [answered]},
    }
    for kind, more in said.items():
        item = _ITEMS.add(at, {"created_at": call.state.now(), "thread_id": thread["id"]})
        item.update(type=f"chatkit.{kind}", **more)


def _cancel(call: Call) -> Answer:
    session = _SESSIONS.find(call)
    session["status"] = "cancelled"
    return session


OPERATIONS: Final = (
    Operation("POST", _SESSIONS.path, _create, body=_CREATE),
    Operation("POST", f"{_SESSIONS.path}/{{session_id}}/cancel", _cancel),
    *_THREADS.operations(("list", "retrieve", "delete")),
    *_ITEMS.operations(("list",)),
)
