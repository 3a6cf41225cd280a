"""Writes the builders of operations, one module per group of calls."""

from __future__ import annotations

import builtins
import keyword
from typing import TYPE_CHECKING, Any

from generator.annotations import Annotations, union
from generator.module import Module, literal
from generator.naming import identifier
from generator.shapes import Const, External, Ref
from generator.spec import GeneratorError

if TYPE_CHECKING:
    from generator.docs import Docs
    from generator.layout import Layout
    from generator.plan import Call, Plan
    from generator.shapes import Field, Shape

KINDS = {
    "plain": ("Endpoint", "Operation"),
    "text": ("Endpoint", "Operation"),
    "paged": ("PagedEndpoint", "PagedOperation"),
    "stream": ("StreamEndpoint", "StreamOperation"),
    "accumulating": ("AccumulatingEndpoint", "AccumulatingOperation"),
    "binary": ("BinaryEndpoint", "BinaryOperation"),
}


def stem(plan: Plan, domain: str, groups: tuple[str, ...]) -> str:
    """The name of the module that holds a group's operations."""
    last = groups[-1]
    same = {call.groups for call in plan.calls[domain] if call.groups[-1] == last}
    return last if len(same) == 1 else "_".join(groups[-2:]) if _short_is_unique(same, groups) else "_".join(groups)


def _short_is_unique(same: set[tuple[str, ...]], groups: tuple[str, ...]) -> bool:
    return len(groups) > 1 and sum(other[-2:] == groups[-2:] for other in same) == 1


def builder_name(name: str) -> str:
    """What the function is called that builds the operation of a call."""
    return f"{name}_" if hasattr(builtins, name) or keyword.iskeyword(name) else name


def write(plan: Plan, layout: Layout, docs: Docs, domain: str) -> list[Module]:
    """The modules of a domain's `operations` package."""
    modules: dict[tuple[str, ...], Module] = {}
    for call in plan.calls[domain]:
        path = ".".join(call.groups)
        name = stem(plan, domain, call.groups)
        file = layout.source(domain) / "operations" / f"{name}.py"
        module = modules.setdefault(call.groups, Module(file, docs.operations(path), lazy=True))
        annotations = Annotations(plan, layout, module, "")
        endpoint, operation = KINDS[call.form]
        module.use("openai_core.operation", endpoint, now=True)
        operation_type = module.use("openai_core.operation", operation) + _of(plan, annotations, call)
        module.parts.append(_endpoint(plan, layout, call, endpoint, annotations))
        module.parts.append(_builder(module, annotations, docs, call, operation_type))
    package = Module(
        layout.source(domain) / "operations" / "__init__.py", f"Requests as values: {layout.title(domain)}."
    )
    return [*modules.values(), package] if modules else []


def _of(plan: Plan, annotations: Annotations, call: Call) -> str:
    if call.kind == "binary":
        return ""
    if call.kind == "text":
        return "[str]"
    answer = "None" if call.returns is None else annotations.answer(call.returns)
    if call.form == "paged":
        return f"[{answer}, {annotations.answer(plan.page_item(call))}]"
    return f"[{answer}, {annotations.answer(plan.whole(call))}]" if call.form == "accumulating" else f"[{answer}]"


def _endpoint(plan: Plan, layout: Layout, call: Call, kind: str, annotations: Annotations) -> str:
    arguments = [literal(call.verb), literal(call.path), _returns(plan, layout, call), f"id={literal(call.id)}"]
    page = call.facts.get("page", {}) if call.kind == "paged" else {}
    for name, value in page.items():
        arguments.append(f"{name}={literal(value) if value or name == 'next' else None}")
    if call.kind == "stream" and call.facts.get("ends"):
        arguments.append(f"ends=({', '.join(map(literal, call.facts['ends']))},)")
    if call.multipart:
        arguments.append(f"multipart=({', '.join(map(literal, call.multipart))},)")
    if call.parts:
        entries = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in call.parts.items())
        arguments.append(f"parts={{{entries}}}")
    if call.kind == "stream" and call.facts.get("named"):
        arguments.append("named=True")
    if call.form == "accumulating":
        accumulator = call.facts["accumulator"]
        place = accumulator if "." in accumulator else f"{layout.package(call.domain)}.{accumulator}"
        arguments += [f"whole={_place(plan, layout, call, plan.whole(call))}", f"accumulator={literal(place)}"]
    if call.admin:
        arguments.append("admin=True")
    if instead := call.facts.get("instead"):
        entries = ", ".join(f"{literal(name)}: ({', '.join(map(literal, calls))},)" for name, calls in instead.items())
        arguments.append(f"instead={{{entries}}}")
    if call.deprecated:
        arguments.append(f"deprecated={literal(call.deprecated)}")
    if call.facts.get("headers"):
        entries = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in call.facts["headers"].items())
        arguments.append(f"headers={{{entries}}}")
    for place, fixed in _fixed(call).items():
        entries = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in fixed.items())
        arguments.append(f"{place}={{{entries}}}")
    if call.facts.get("stream"):
        arguments.append(f"stream={literal(call.facts['stream'])}")
    annotation = "" if call.kind == "binary" else f": {kind}{_of(plan, annotations, call)}"
    return f"{call.name.upper()}{annotation} = {kind}({', '.join(arguments)})\n"


def _returns(plan: Plan, layout: Layout, call: Call) -> str:
    if call.kind == "text":
        return "str"
    if call.returns is None:
        return "None"
    return _place(plan, layout, call, call.returns)


def _place(plan: Plan, layout: Layout, call: Call, shape: Shape) -> str:
    if isinstance(shape, External):
        return literal(f"{shape.module}:{shape.name}")
    if isinstance(shape, Ref):
        return literal(f"{layout.package(plan.owners[shape.name])}.types:{plan.model_name(shape.name)}")
    raise GeneratorError(f"{call.id} answers with something that has no name: {shape}")


def _builder(module: Module, annotations: Annotations, docs: Docs, call: Call, operation: str) -> str:
    module.use("openai_core.options", "RequestOptions")
    paths = [(name, identifier(name)) for name in call.path_params]
    fields = [(each, call.names.get(each.name) or identifier(each.name)) for each in call.fields]
    fields.sort(key=lambda pair: (not pair[0].required, pair[1]))
    names = [name for _, name in paths] + [name for _, name in fields]
    if len(set(names)) < len(names):
        raise GeneratorError(f"{call.id}: two parameters have one name: {names}")
    signature = [f"{name}: str" for _, name in paths] + ["*"]
    defaults = call.facts.get("defaults", {})
    for each, name in fields:
        signature.append(_parameter(module, annotations, each, name, defaults.get(each.name)))
    signature.append("options: RequestOptions | None = None")
    doc = docs.of_call(call, names)
    body = "\n".join(f"    {line}" if line else "" for line in doc.splitlines())
    mark = "keyword_builder" if _is_of_keywords(call, paths, fields) else "builder"
    return (
        f"@{call.name.upper()}.{mark}\ndef {builder_name(call.name)}({', '.join(signature)}) -> {operation}:\n"
        f'    """{body.strip()}\n    """\n'
        f"    return {call.name.upper()}.operation({', '.join(_values(call, paths, fields))})\n"
    )


def _parameter(module: Module, annotations: Annotations, each: Field, name: str, default: object) -> str:
    annotation = annotations.given(each.shape)
    if each.required and isinstance(each.shape, Const):
        # Sent in any case, and nothing that a caller could get wrong.
        return f"{name}: {annotation} = {literal(each.shape.value)}"
    if each.required:
        return f"{name}: {annotation}"
    if default is not None:
        return f"{name}: {annotation} = {literal(default)}"
    module.use("openai_core.operation", "OMIT", now=True)
    return f"{name}: {union(annotation, module.use('openai_core.operation', 'Omit'))} = OMIT"


def _values(call: Call, paths: list[tuple[str, str]], fields: list[tuple[Field, str]]) -> list[str]:
    places: dict[str, dict[str, str]] = {"query": {}, "body": {}, "header": {}}
    for each, name in fields:
        places[call.places[each.name]][each.name] = name
    values = [f"path=({', '.join(name for _, name in paths)},)"] if paths else []
    for place, entries in places.items():
        if entries:
            pairs = ", ".join(f"{literal(wire)}: {text}" for wire, text in sorted(entries.items()))
            values.append(f"{'headers' if place == 'header' else place}={{{pairs}}}")
    return [*values, "options=options"]


def _is_of_keywords(call: Call, paths: list[tuple[str, str]], fields: list[tuple[Field, str]]) -> bool:
    """Whether parameters and fields are the same, so that operations can be made of arguments alone."""
    place = "query" if call.verb in {"GET", "DELETE"} else "body"
    return (
        bool(fields)
        and not (paths or call.facts.get("defaults") or _fixed(call).keys() - {place})
        and all(
            each.name == name
            and call.places[each.name] == place
            and not (each.required and isinstance(each.shape, Const))
            for each, name in fields
        )
    )


def _fixed(call: Call) -> dict[str, dict[str, Any]]:
    """What every call sends, by the place where it is sent."""
    places: dict[str, dict[str, Any]] = {}
    for name, value in call.fixed.items():
        place = call.places.get(name, "query")
        places.setdefault(place, {})[name] = value
    return places
