"""Writes the typed dictionaries of what the API is given."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from generator.annotations import Annotations, union
from generator.module import Module, lazy_package, literal
from generator.shapes import Record

if TYPE_CHECKING:
    from generator.docs import Docs
    from generator.layout import Layout
    from generator.plan import Plan


def write(plan: Plan, layout: Layout, docs: Docs, domain: str) -> list[Module]:
    """A domain's `params`, a module or a package, if its calls are given anything that has a name."""
    names = [name for name in plan.ordered(layout.given(domain)) if plan.is_named(name)]
    root = layout.source(domain) / "params"
    modules: dict[str, Module] = {}
    by_stem: dict[str, list[str]] = {}
    for name in names:
        python = plan.param_name(name)
        dotted = layout.params(name)
        stem = layout.stem(name)
        file = root / f"{stem}.py" if layout.is_split(domain) else root.with_suffix(".py")
        about = stem.replace("_", " ") if layout.is_split(domain) else layout.title(domain)
        module = modules.setdefault(dotted, Module(file, f"What the API is given: {about}."))
        by_stem.setdefault(stem, []).append(python)
        annotations = Annotations(plan, layout, module, dotted)
        shape = plan.inner(name)
        said = docs.type(domain, python)
        if isinstance(shape, Record):
            module.parts.append(_typed_dict(module, annotations, python, shape, said))
        else:
            alias = module.use("typing", "TypeAlias")
            accepted = [annotations.model(each) for each in plan.types["accepts"].get(name, ())]
            module.parts.append(f"{python}: {alias} = {union(annotations.given(shape), *accepted)}")
            module.parts += [f'"""{said}"""'] if said else []
    if not layout.is_split(domain):
        return [*modules.values()]
    doc = f"What the API is given: {layout.title(domain)}."
    return [*modules.values(), lazy_package(root, f"{layout.package(domain)}.params", doc, by_stem)]


def _typed_dict(module: Module, annotations: Annotations, python: str, record: Record, said: str) -> str:
    base = module.use("typing", "TypedDict")
    fields = {
        each.name: f"{module.use('typing', 'Required')}[{annotations.given(each.shape)}]"
        if each.required
        else annotations.given(each.shape)
        for each in record.fields
    }
    doc = f'    """{said}"""\n\n' if said else ""
    if all(name.isidentifier() and not keyword.iskeyword(name) for name in fields):
        body = "".join(f"    {name}: {annotation}\n" for name, annotation in fields.items())
        return f"class {python}({base}, total=False):\n{doc}{body or '    pass'}\n"
    entries = ", ".join(f"{literal(name)}: {literal(annotation)}" for name, annotation in fields.items())
    return f"{python} = {base}({literal(python)}, {{{entries}}}, total=False)\n"
