"""The events in which a response is streamed.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .state import State

Document = dict[str, Any]


def unfinished(response: Mapping[str, Any], status: str) -> Document:
    """A response before its end, or ended early: without output and usage."""
    known = {name: value for name, value in response.items() if name != "usage"}
    return {**known, "status": status, "completed_at": None, "incomplete_details": None, "output": []}


def stream(state: State, response: Mapping[str, Any], *, padded: bool) -> Iterator[Document]:
    """The events, numbered.

    Args:
        state: whose seed decides the padding.
        response: as it is at the end.
        padded: whether deltas carry padding that hides their length.
    """
    for number, event in enumerate(_events(response)):
        event["sequence_number"] = number
        if padded and "delta" in event:
            event["obfuscation"] = text.obfuscation(state, event["delta"])
        yield event


def _events(response: Mapping[str, Any]) -> Iterator[Document]:
    started = unfinished(response, "in_progress")
    if response["background"]:
        queued = unfinished(response, "queued")
        yield {"type": "response.created", "response": queued}
        yield {"type": "response.queued", "response": queued}
    else:
        yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    for index, item in enumerate(response["output"]):
        opened, inside = _INSIDE[item["type"]]
        yield {"type": "response.output_item.added", "output_index": index, "item": {**item, **opened}}
        for event in inside(item):
            yield {**event, "item_id": item["id"], "output_index": index}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{response['status']}", "response": dict(response)}


def _of_message(item: Mapping[str, Any]) -> Iterator[Document]:
    part = item["content"][0]
    probable = part["logprobs"]
    at = {"content_index": 0}
    yield {"type": "response.content_part.added", **at, "part": {**part, "text": "", "logprobs": []}}
    for position, piece in enumerate(text.tokens(part["text"])):
        yield {
            "type": "response.output_text.delta",
            **at,
            "delta": piece,
            "logprobs": probable[position : position + 1],
        }
    yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": probable}
    yield {"type": "response.content_part.done", **at, "part": part}


def _of_function_call(item: Mapping[str, Any]) -> Iterator[Document]:
    for piece in text.tokens(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", "delta": piece}
    yield {"type": "response.function_call_arguments.done", "name": item["name"], "arguments": item["arguments"]}


def _of_custom_tool_call(item: Mapping[str, Any]) -> Iterator[Document]:
    for piece in text.tokens(item["input"]):
        yield {"type": "response.custom_tool_call_input.delta", "delta": piece}
    yield {"type": "response.custom_tool_call_input.done", "input": item["input"]}


def _of_reasoning(item: Mapping[str, Any]) -> Iterator[Document]:
    for index, part in enumerate(item["summary"]):
        at = {"summary_index": index}
        yield {"type": "response.reasoning_summary_part.added", **at, "part": {**part, "text": ""}}
        for piece in text.tokens(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **at, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **at, "part": part}


_INSIDE: Mapping[str, tuple[Document, Callable[[Mapping[str, Any]], Iterator[Document]]]] = {
    "custom_tool_call": ({"input": ""}, _of_custom_tool_call),
    "function_call": ({"status": "in_progress", "arguments": ""}, _of_function_call),
    "message": ({"status": "in_progress", "content": []}, _of_message),
    "reasoning": ({"summary": []}, _of_reasoning),
}
"""For each type of item: what differs when it begins, and the events between its beginning and its end."""
