"""Chat completions that were kept: https://platform.openai.com/docs/api-reference/chat/list."""

from __future__ import annotations

from typing import Final

from .call import Answer, Call, Operation, page
from .fields import METADATA, PAGE, REQUIRED_METADATA, STRING


def _list(call: Call) -> Answer:
    model, metadata = call.query.get("model"), call.query.get("metadata") or {}
    found = [
        stored.completion
        for stored in call.state.completions.values()
        if model in {None, stored.completion["model"]} and metadata.items() <= stored.completion["metadata"].items()
    ]
    return page(found, call.query, order="asc")


def _retrieve(call: Call) -> Answer:
    return call.state.completion(call.path["completion_id"]).completion


def _update(call: Call) -> Answer:
    completion = call.state.completion(call.path["completion_id"]).completion
    completion["metadata"] = call.body["metadata"] or {}
    return completion


def _delete(call: Call) -> Answer:
    completion_id = call.state.completion(call.path["completion_id"]).completion["id"]
    del call.state.completions[completion_id]
    return {"id": completion_id, "object": "chat.completion.deleted", "deleted": True}


def _messages(call: Call) -> Answer:
    return page(call.state.completion(call.path["completion_id"]).messages, call.query, order="asc")


OPERATIONS: Final = (
    Operation("GET", "/chat/completions", _list, query={**PAGE, "model": STRING, "metadata": METADATA}),
    Operation("GET", "/chat/completions/{completion_id}", _retrieve),
    Operation(
        "POST",
        "/chat/completions/{completion_id}",
        _update,
        body={"metadata": REQUIRED_METADATA},
    ),
    Operation("DELETE", "/chat/completions/{completion_id}", _delete),
    Operation("GET", "/chat/completions/{completion_id}/messages", _messages, query=PAGE),
)
