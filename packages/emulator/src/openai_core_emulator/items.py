"""Items: what responses are asked and answer, and what conversations keep.

https://platform.openai.com/docs/api-reference/responses/input-items
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import text
from .errors import bad, missing, not_found
from .fields import STRING, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .state import State

ITEMS: Final = Field(
    ("array",), items=Field(("object",), properties={"type": STRING, "role": STRING, "id": STRING, "call_id": STRING})
)
INPUT: Final = Field(("string", "array"), items=ITEMS.items)

_PREFIXES: Final[Mapping[str, str]] = {
    "compaction": "cmp_",
    "custom_tool_call": "ctc_",
    "custom_tool_call_output": "ctco_",
    "function_call": "fc_",
    "function_call_output": "fco_",
    "message": "msg_",
    "reasoning": "rs_",
}
_ROLES: Final = ("user", "assistant", "system", "developer")
_NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "compaction": ("encrypted_content",),
    "custom_tool_call": ("call_id", "name", "input"),
    "custom_tool_call_output": ("call_id", "output"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "message": ("content",),
    "reasoning": ("summary",),
}
_WITH_STATUS: Final = frozenset({"message", "function_call", "function_call_output"})


def new_item_id(state: State, kind: str) -> str:
    """An id for an item of this type."""
    return state.new_id(_PREFIXES.get(kind, "item_"), 50)


def taken_in(
    state: State,
    given: str | Sequence[Mapping[str, Any]] | None,
    *,
    context: Iterable[Mapping[str, Any]] = (),
    param: str = "input",
) -> list[dict[str, Any]]:
    """The items of a request in the form in which they are kept: with id and status, content always in parts.

    Args:
        state: where references are looked up and new items are kept.
        given: a text, or items in any form that the API takes.
        context: what was said before, where a tool's output may find its call.
        param: the parameter to blame.
    """
    if given is None:
        return []
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    items: list[dict[str, Any]] = []
    called = {item["call_id"] for item in context if "call_id" in item}
    for position, each in enumerate(given):
        where = f"{param}[{position}]"
        item = _taken_in(state, each, where)
        if item["type"] in {"function_call", "custom_tool_call"}:
            called.add(item["call_id"])
        elif "call_id" in item and item["call_id"] not in called:
            raise bad(f"No tool call found for function call output with call_id {item['call_id']}.", param=param)
        items.append(item)
    state.items.update((item["id"], item) for item in items)
    return items


def _taken_in(state: State, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    kind = given.get("type") or ("message" if "role" in given else "item_reference")
    if kind == "item_reference":
        if given.get("id") not in state.items:
            raise not_found(f"Item with id '{given.get('id')}' not found.", param=where)
        return state.items[given["id"]]
    for name in _NEEDED.get(kind, ()):
        if given.get(name) is None:
            raise missing(f"{where}.{name}")
    item = {**given, "type": kind, "id": given.get("id") or new_item_id(state, kind)}
    if kind in _WITH_STATUS:
        item["status"] = given.get("status") or "completed"
    if kind == "message":
        role = given.get("role")
        if role not in _ROLES:
            message = f"Invalid value: '{role}'. Supported values are: 'user', 'assistant', 'system' and 'developer'."
            raise bad(message, param=f"{where}.role", code="invalid_value")
        item["content"] = _parts(given["content"], "output_text" if role == "assistant" else "input_text", where)
    return item


def _parts(content: object, text_type: str, where: str) -> list[dict[str, Any]]:
    if isinstance(content, str):
        content = [{"type": text_type, "text": content}]
    if not isinstance(content, list):
        raise bad(
            f"Invalid type for '{where}.content': expected a string or an array.",
            param=f"{where}.content",
            code="invalid_type",
        )
    return [_part(part, f"{where}.content[{position}]") for position, part in enumerate(content)]


def _part(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    match part:
        case {"type": "input_text", "text": str()} | {"type": "input_file"} | {"type": "refusal"}:
            return dict(part)
        case {"type": "input_image"}:
            return {"detail": "auto", **part}
        case {"type": "output_text", "text": str()}:
            return {"annotations": [], "logprobs": [], **part}
        case {"type": "input_text" | "output_text"}:
            raise missing(f"{where}.text")
        case _:
            kind = part.get("type") if isinstance(part, dict) else part
            known = "'input_text', 'input_image', 'output_text', 'refusal' and 'input_file'"
            raise bad(f"Invalid value: '{kind}'. Supported values are: {known}.", param=where, code="invalid_value")


def said(item: Mapping[str, Any]) -> str:
    """All text in an item."""
    whole = (
        text.plain(item.get(name))
        for name in ("content", "summary", "output", "input", "arguments", "encrypted_content")
    )
    return "\n".join(filter(None, whole))


def count(items: Iterable[Mapping[str, Any]]) -> int:
    """How many tokens these items have."""
    return sum(4 + text.count(said(item)) for item in items)
