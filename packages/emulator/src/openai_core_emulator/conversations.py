"""Conversations and their items: https://platform.openai.com/docs/api-reference/conversations."""

from __future__ import annotations

from typing import Any, Final

from . import items
from .call import Answer, Call, Operation, page
from .errors import not_found
from .fields import METADATA, PAGE, REQUIRED_METADATA, Field
from .state import Conversation

_MOST_ITEMS: Final = 20


def _create(call: Call) -> Answer:
    given = items.taken_in(call.state, call.body.get("items"), param="items")
    info: dict[str, Any] = {
        "id": call.state.new_id("conv_", 48),
        "object": "conversation",
        "created_at": call.state.now(),
        "metadata": call.body.get("metadata") or {},
    }
    call.state.conversations[info["id"]] = Conversation(info, given)
    return info


def _conversation(call: Call) -> Conversation:
    return call.state.conversation(call.path["conversation_id"])


def _retrieve(call: Call) -> Answer:
    return _conversation(call).info


def _update(call: Call) -> Answer:
    info = _conversation(call).info
    info["metadata"] = call.body["metadata"] or {}
    return info


def _delete(call: Call) -> Answer:
    conversation_id = _conversation(call).info["id"]
    del call.state.conversations[conversation_id]
    return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}


def _list_items(call: Call) -> Answer:
    return page(_conversation(call).items, call.query, order="desc")


def _create_items(call: Call) -> Answer:
    conversation = _conversation(call)
    added = items.taken_in(call.state, call.body["items"], context=conversation.items, param="items")
    conversation.items.extend(added)
    return page(added, {}, order="asc")


def _item(call: Call) -> dict[str, Any]:
    wanted = call.path["item_id"]
    for item in _conversation(call).items:
        if item["id"] == wanted:
            return item
    raise not_found(f"Item with id '{wanted}' not found.")


def _retrieve_item(call: Call) -> Answer:
    return _item(call)


def _delete_item(call: Call) -> Answer:
    conversation = _conversation(call)
    conversation.items.remove(_item(call))
    return conversation.info


_ITEMS: Final = items.ITEMS.items
_METADATA_ALONE: Final = {"metadata": REQUIRED_METADATA}

OPERATIONS: Final = (
    Operation(
        "POST",
        "/conversations",
        _create,
        body={"metadata": METADATA, "items": Field(("array",), most=_MOST_ITEMS, items=_ITEMS)},
    ),
    Operation("GET", "/conversations/{conversation_id}", _retrieve),
    Operation("POST", "/conversations/{conversation_id}", _update, body=_METADATA_ALONE),
    Operation("DELETE", "/conversations/{conversation_id}", _delete),
    Operation("GET", "/conversations/{conversation_id}/items", _list_items, query=PAGE),
    Operation(
        "POST",
        "/conversations/{conversation_id}/items",
        _create_items,
        body={"items": Field(("array",), required=True, most=_MOST_ITEMS, items=_ITEMS)},
    ),
    Operation("GET", "/conversations/{conversation_id}/items/{item_id}", _retrieve_item),
    Operation("DELETE", "/conversations/{conversation_id}/items/{item_id}", _delete_item),
)
