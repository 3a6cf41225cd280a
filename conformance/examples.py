"""The answers that the API description gives as examples, and the types that they should be read as."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from generator.layout import Layout
from generator.operations import builder_name, stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.description import Description
    from generator.plan import Call, Plan

_ELLIPSIS: Final = re.compile(r"^\s*(\{\s*)?\.\.\.+\s*(\}\s*)?,?\s*$", re.MULTILINE)
_LAST_COMMA: Final = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True)
class Example:
    """One answer, or the events of one.

    Args:
        name: where the description has it.
        types: any of these it may be, as `module:Name`.
        documents: the answer; several for a stream.
        error: why it can't be read at all, or nothing.
    """

    name: str
    types: tuple[str, ...]
    documents: tuple[Any, ...]
    error: str = ""

    def problem(self) -> str:
        """What is wrong with it in each of its types, or nothing."""
        if self.error:
            return self.error
        problems = []
        for name in self.types:
            module, _, kind = name.partition(":")
            adapter: TypeAdapter[Any] = TypeAdapter(getattr(import_module(module), kind))
            try:
                for document in self.documents:
                    adapter.validate_json(json.dumps(document))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                problems.append(f"{kind}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
            else:
                return ""
        return "; ".join(problems)


def examples(plan: Plan, description: Description) -> Iterator[Example]:
    """All of them: those of operations, and those of the schemas that some operation answers with."""
    layout = Layout(plan)
    for domain, calls in plan.calls.items():
        by_operation: dict[str, list[Call]] = {}
        for call in calls:
            by_operation.setdefault(call.id, []).append(call)
        for id_, variants in by_operation.items():
            yield from _of_operation(plan, layout, domain, variants, description.operations[id_].operation)
    for name, schema in description.document["components"]["schemas"].items():
        text = (schema.get("x-oaiMeta") or {}).get("example")
        if text and plan.is_answer(name) and plan.is_named(name):
            kind = f"{layout.package(plan.owners[name])}.types:{plan.model_name(name)}"
            yield _example(name, (kind,), text)


def _of_operation(
    plan: Plan, layout: Layout, domain: str, variants: list[Call], operation: Mapping[str, Any]
) -> Iterator[Example]:
    meta = (operation.get("x-oaiMeta") or {}).get("examples") or []
    for number, example in enumerate(meta if isinstance(meta, list) else [meta]):
        text = example.get("response") or ""
        streams = "data: " in text or "event: " in text or example.get("title") == "Streaming"
        chosen = [
            endpoint.returns
            for call in variants
            if (call.kind == "stream") == streams
            and isinstance((endpoint := _endpoint(plan, layout, domain, call)).returns, str)
        ]
        if text.strip() and chosen:
            yield _example(f"{variants[0].id}/{number}", tuple(dict.fromkeys(chosen)), text)


def _endpoint(plan: Plan, layout: Layout, domain: str, call: Call) -> Any:
    module = import_module(f"{layout.package(domain)}.operations.{stem(plan, domain, call.groups)}")
    return getattr(module, builder_name(call.name)).endpoint


def _example(name: str, types: tuple[str, ...], text: str) -> Example:
    # What is left out for brevity, and commas with nothing behind, are no faults of what is there.
    mended = _LAST_COMMA.sub(r"\1", _ELLIPSIS.sub("", text))
    try:
        return Example(name, types, tuple(_documents(mended)))
    except ValueError as error:
        return Example(name, types, (), f"no JSON: {error}")


def _documents(text: str) -> Iterator[Any]:
    """The JSON documents in a text: one, several one after the other, or the data of events with their names."""
    if re.search(r"^data: ", text, re.MULTILINE):
        event = None
        for line in text.splitlines():
            field, _, value = line.partition(": ")
            if field == "event":
                event = value.strip()
            elif field == "data" and value.strip() != "[DONE]":
                data = json.loads(value)
                # Events of assistants have their type in their name alone.
                yield data if event is None or "type" in data else {"event": event, "data": data}
        return
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].strip().lstrip(".").strip()
