"""Writes the models of what the API answers with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.annotations import Annotations
from generator.module import Module, lazy_package, literal
from generator.naming import attribute
from generator.shapes import Field, Record

if TYPE_CHECKING:
    from generator.docs import Docs
    from generator.layout import Layout
    from generator.plan import Plan


def write(plan: Plan, layout: Layout, docs: Docs, domain: str) -> list[Module]:
    """The modules of a domain's `types` package."""
    names = [name for name in plan.ordered(layout.answers(domain)) if plan.is_named(name)]
    modules: dict[str, Module] = {}
    for name in names:
        stem = layout.stem(name)
        dotted = f"{layout.package(domain)}.types.{stem}"
        module = modules.setdefault(
            stem,
            Module(layout.source(domain) / "types" / f"{stem}.py", docs.module(domain, stem), evaluated=True),
        )
        later = {plan.model_name(each) for each in names[names.index(name) :] if layout.stem(each) == stem}
        write_name = Annotations(plan, layout, module, dotted)
        shape = plan.inner(name)
        if isinstance(shape, Record):
            module.parts.append(_model(plan, docs, domain, module, write_name, name, shape, later))
        else:
            alias = module.use("typing", "TypeAlias")
            module.parts.append(f"{plan.model_name(name)}: {alias} = {write_name.answer(shape)}")
            module.parts += _doc(docs.type(domain, plan.model_name(name)))
    if not names:
        return []
    by_stem: dict[str, list[str]] = {}
    for name in names:
        by_stem.setdefault(layout.stem(name), []).append(plan.model_name(name))
    doc = f"What the API answers with: {layout.title(domain)}."
    package = lazy_package(layout.source(domain) / "types", f"{layout.package(domain)}.types", doc, by_stem)
    return [*modules.values(), package]


def _model(
    plan: Plan,
    docs: Docs,
    domain: str,
    module: Module,
    annotations: Annotations,
    name: str,
    record: Record,
    later: set[str],
) -> str:
    python = plan.model_name(name)
    bases = [module.use("openai_core.model", _base(plan, name, record))]
    mixin = plan.types["mixins"].get(name)
    if mixin:
        bases.insert(0, module.use(*mixin.split(":")))
    lines = [f"class {python}({', '.join(bases)}):"]
    if doc := docs.type(domain, python):
        lines.append(f'    """{doc}"""\n')
    lines += [_field(plan, module, annotations, name, each, later) for each in record.fields]
    if len(lines) == 1:
        lines.append(f'    """{python}: an object without fields of its own."""')
    return "\n".join(lines) + "\n"


def _base(plan: Plan, name: str, record: Record) -> str:
    if name not in plan.events:
        return "ApiModel"
    return "TypedEvent" if any(each.name == "event_id" for each in record.fields) else "Event"


def _field(plan: Plan, module: Module, annotations: Annotations, owner: str, each: Field, later: set[str]) -> str:
    own = plan.types["fields"].get(f"{owner}/{each.name}")
    annotation = module.use(*own.split(":")) if own else annotations.answer(each.shape)
    default = ""
    # Compatible providers leave out what would be null.
    if not each.required or plan.shapes.nullable(each.shape):
        annotation = annotation if annotation.endswith("None") else f"{annotation} | None"
        default = "None"
    if later & set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", annotation))):
        annotation = f"'{annotation}'"
    name = attribute(each.name)
    if name != each.name:
        arguments = ", ".join(filter(None, ["default=None" if default else "", f"alias={literal(each.name)}"]))
        default = f"{module.use('pydantic', 'Field')}({arguments})"
    return f"    {name}: {annotation}" + (f" = {default}" if default else "")


def _doc(text: str) -> list[str]:
    return [f'"""{text}"""'] if text else []
