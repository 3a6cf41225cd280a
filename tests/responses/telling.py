"""Responses, and the events in which they are told."""

from __future__ import annotations

from hypothesis import strategies as st

RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "in_progress",
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "model": "gpt-5-mini",
    "output": [],
    "parallel_tool_calls": True,
    "temperature": 1,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1,
}
BEGUN = {"type": "response.created", "sequence_number": 0, "response": RESPONSE}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hello there", "annotations": [], "logprobs": []}],
}
TEXTS = st.text(max_size=12)
CITED = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}


def tokens(texts):
    return [{"token": text, "logprob": -0.5, "bytes": [], "top_logprobs": []} for text in texts]


PARTS = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("output_text"),
            "text": TEXTS,
            "annotations": st.lists(st.just(CITED), max_size=2),
            "logprobs": st.lists(TEXTS, max_size=3).map(tokens),
        }
    ),
    st.fixed_dictionaries({"type": st.just("refusal"), "refusal": TEXTS}),
)


def item_of(kind, **fields):
    made = {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in fields.items()}
    return st.fixed_dictionaries({"id": st.just("item_1"), "type": st.just(kind), **made})


DONE = {"status": "completed"}
CALLED = {**DONE, "call_id": "c", "name": "f"}
THOUGHT = st.lists(st.fixed_dictionaries({"type": st.just("reasoning_text"), "text": TEXTS}), max_size=2)
SUMMARY = st.lists(st.fixed_dictionaries({"type": st.just("summary_text"), "text": TEXTS}), max_size=2)
ITEMS = st.one_of(
    item_of("message", role="assistant", **DONE, content=st.lists(PARTS, max_size=3)),
    item_of("reasoning", summary=SUMMARY, content=THOUGHT),
    item_of("function_call", **CALLED, arguments=TEXTS),
    item_of("custom_tool_call", **CALLED, input=TEXTS),
    item_of("mcp_call", **DONE, server_label="s", name="f", arguments=TEXTS, output="o"),
    item_of("code_interpreter_call", **DONE, container_id="c", code=TEXTS, outputs=None),
    item_of("web_search_call", **DONE, action={"type": "search", "query": "q"}),
    item_of("file_search_call", **DONE, queries=["q"], results=None),
    item_of("image_generation_call", **DONE, result="YQ=="),
    item_of("shell_call", **DONE, call_id="c", action=st.fixed_dictionaries({"commands": st.lists(TEXTS, max_size=2)})),
    item_of("mcp_list_tools", server_label="s", tools=[]),
)
# What of an item is told in pieces: where it is, and what its events are called.
PAYLOADS = {
    "function_call": ("arguments", "function_call_arguments"),
    "custom_tool_call": ("input", "custom_tool_call_input"),
    "mcp_call": ("arguments", "mcp_call_arguments"),
    "code_interpreter_call": ("code", "code_interpreter_call_code"),
}


# Whose end is told with the item alone.
LEFT_OPEN = {"message", "function_call", "custom_tool_call", "shell_call"}


def cut(text, places):
    ends = sorted({min(place, len(text)) for place in places} | {len(text)})
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


class Telling:
    """Tells an item in events, its texts cut at some places; but not that it is done, for which there is an event."""

    def __init__(self, index, item, places):
        self.item = item
        self.kind = item["type"]
        self.index = index
        self.places = places
        self.number = 0

    def event(self, kind, **fields):
        self.number += 1
        common = {"output_index": self.index, "item_id": self.item["id"], "sequence_number": self.number}
        return {"type": f"response.{kind}", **common, **fields}

    def texts(self, kind, field, text, more=None, **at):
        for piece in cut(text, self.places):
            yield self.event(f"{kind}.delta", delta=piece, **at, **({"logprobs": []} if more else {}))
        yield self.event(f"{kind}.done", **{field: text}, **at, **(more or {}))

    def events(self):
        yield self.event("output_item.added", item=self.begun())
        yield from self.content()
        yield from self.summary()
        if self.kind in PAYLOADS:
            field, called = PAYLOADS[self.kind]
            yield from self.texts(called, field, self.item[field])
        yield from self.commands()
        if self.kind == "image_generation_call":
            yield self.event("image_generation_call.partial_image", partial_image_index=0, partial_image_b64="YQ==")
        if self.kind.endswith("_call") and self.kind not in LEFT_OPEN:
            yield self.event(f"{self.kind}.completed")

    def begun(self):
        opened = {
            "message": {"content": []},
            "reasoning": {"summary": [], "content": []},
            "image_generation_call": {"result": None},
            "shell_call": {"action": {"commands": []}},
        }
        begun = {**self.item, **opened.get(self.kind, {})}
        if "status" in self.item:
            begun["status"] = "in_progress"
        if self.kind in PAYLOADS:
            begun[PAYLOADS[self.kind][0]] = ""
        return begun

    def content(self):
        for position, part in enumerate(self.item.get("content", ())):
            at = {"content_index": position}
            field = "refusal" if part["type"] == "refusal" else "text"
            lists = {name: [] for name in ("annotations", "logprobs") if name in part}
            yield self.event("content_part.added", part={**part, field: "", **lists}, **at)
            for place, annotation in enumerate(part.get("annotations", ())):
                yield self.event("output_text.annotation.added", annotation_index=place, annotation=annotation, **at)
            more = {"logprobs": part["logprobs"]} if "logprobs" in part else None
            yield from self.texts(part["type"], field, part[field], more, **at)
            yield self.event("content_part.done", part=part, **at)

    def summary(self):
        for position, part in enumerate(self.item.get("summary", ())):
            at = {"summary_index": position}
            yield self.event("reasoning_summary_part.added", part={**part, "text": ""}, **at)
            yield from self.texts("reasoning_summary_text", "text", part["text"], **at)
            yield self.event("reasoning_summary_part.done", part=part, **at)

    def commands(self):
        for position, command in enumerate(self.item.get("action", {}).get("commands", ())):
            yield self.event("shell_call_command.added", command_index=position, command="")
            for piece in cut(command, self.places):
                yield self.event("shell_call_command.delta", command_index=position, delta=piece)
            yield self.event("shell_call_command.done", command_index=position, command=command)


def told_of(index, item, places):
    """The events in which an item is told."""
    return Telling(index, item, places).events()
