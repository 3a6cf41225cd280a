"""The events of a streamed response put together, for all domains whose answers are responses.

All is plain data, so that fields which the API description doesn't know are kept as well. Events that aren't as it has
them, and those of items whose beginning wasn't seen, are passed over.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import from_json

from openai_core.merging import Text, settled

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
_STATUSES: Final = frozenset({"in_progress", "searching", "interpreting", "generating", "completed", "failed"})


class _Places(dict[int, Any]):
    """A list whose entries are told by their index, in any order."""


class _Part(NamedTuple):
    """Where in an item a part is: in which list, the event's field for its index, and what it is before anything."""

    holder: str
    at: str
    empty: Mapping[str, Any]


class _Told(NamedTuple):
    """A text that is told in deltas: the field that holds it, that of the last event, and where in the item it is."""

    field: str
    part: _Part | None = None


_OUTPUT_TEXT: Final = _Part("content", "content_index", {"type": "output_text", "text": "", "annotations": []})
_REFUSAL: Final = _Part("content", "content_index", {"type": "refusal", "refusal": ""})
_REASONING: Final = _Part("content", "content_index", {"type": "reasoning_text", "text": ""})
_SUMMARY: Final = _Part("summary", "summary_index", {"type": "summary_text", "text": ""})

# By what stands between `response.` and `.delta` or `.done`, which has the text in a field of the same name.
_TEXTS: Final = {
    "output_text": _Told("text", _OUTPUT_TEXT),
    "refusal": _Told("refusal", _REFUSAL),
    "reasoning_text": _Told("text", _REASONING),
    "reasoning_summary_text": _Told("text", _SUMMARY),
    "function_call_arguments": _Told("arguments"),
    "mcp_call_arguments": _Told("arguments"),
    "custom_tool_call_input": _Told("input"),
    "code_interpreter_call_code": _Told("code"),
}
# By what stands between `response.` and `.added` or `.done`.
_PARTS: Final = {"content_part": _OUTPUT_TEXT, "reasoning_summary_part": _SUMMARY}


class ResponseAccumulator:
    """An `Accumulator` of responses. Their last event has the whole of them."""

    def __init__(self) -> None:
        self._response: dict[str, Any] | None = None
        self._items: dict[int, dict[str, Any]] = {}

    def add(self, data: bytes) -> None:
        """As `Accumulator.add`."""
        event = from_json(data)
        kind = event.get("type") or ""
        if isinstance(event.get("response"), dict):
            self._tell(event["response"], ended=kind in _ENDS)
        elif kind.startswith("response."):
            about, _, what = kind.removeprefix("response.").rpartition(".")
            with suppress(KeyError, TypeError):
                self._add_to_item(about, what, event)

    def result(self) -> dict[str, Any] | None:
        """As `Accumulator.result`."""
        if self._response is None:
            return None
        return {**self._response, "output": [_settled(self._items[index]) for index in sorted(self._items)]}

    def _tell(self, response: dict[str, Any], *, ended: bool) -> None:
        self._response = response
        output = response.get("output") or ()
        # Until its end a response is told without what has come of its output.
        if output or ended:
            self._items = dict(enumerate(output))

    def _add_to_item(self, about: str, what: str, event: dict[str, Any]) -> None:
        if about == "output_item":
            self._items[int(event["output_index"])] = {**event["item"]}
            return
        item = self._items[event["output_index"]]
        if about in _TEXTS:
            _add_text(item, _TEXTS[about], what, event)
        elif about in _PARTS:
            part = _PARTS[about]
            _places(item, part.holder)[event[part.at]] = event["part"]
        elif about == "output_text.annotation":
            place, annotation = event["annotation_index"], event["annotation"]
            _places(_part(item, _OUTPUT_TEXT, event), "annotations")[place] = annotation
        elif about == "shell_call_command":
            _add_command(_places(item["action"], "commands"), what, event)
        elif what == "partial_image":
            item["result"] = event["partial_image_b64"]
        elif about == item.get("type") and what in _STATUSES and "status" in item:
            item["status"] = what


def _add_text(item: dict[str, Any], told: _Told, what: str, event: Mapping[str, Any]) -> None:
    text = event["delta" if what == "delta" else told.field]
    holder = item if told.part is None else _part(item, told.part, event)
    if what == "delta":
        _text(holder, told.field).add(text)
    else:
        holder[told.field] = text
    if logprobs := event.get("logprobs"):
        # The list is of this event or an earlier one, which nobody else has.
        if what == "delta" and holder.get("logprobs"):
            holder["logprobs"] += logprobs
        else:
            holder["logprobs"] = logprobs


def _add_command(commands: _Places, what: str, event: Mapping[str, Any]) -> None:
    if what == "delta":
        _text(commands, event["command_index"]).add(event["delta"])
    else:
        commands[event["command_index"]] = event["command"]


def _part(item: dict[str, Any], part: _Part, event: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _places(item, part.holder).setdefault(event[part.at], dict(part.empty))
    return found


def _places(holder: dict[str, Any], name: str) -> _Places:
    found = holder.get(name)
    if not isinstance(found, _Places):
        holder[name] = found = _Places(enumerate(found or ()))
    return found


def _text(holder: dict[Any, Any], name: Any) -> Text:
    found = holder.get(name)
    if not isinstance(found, Text):
        holder[name] = found = Text([found] if found else [])
    return found


def _settled(held: Any) -> Any:
    if isinstance(held, _Places):
        return [_settled(held[index]) for index in sorted(held)]
    if isinstance(held, dict):
        return {name: _settled(value) for name, value in held.items()}
    return settled(held)
