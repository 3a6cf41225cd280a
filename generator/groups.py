"""Writes the typed attributes of clients: the only place where core knows the domains, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import api
from generator.module import Module, literal
from generator.plan import CORE

if TYPE_CHECKING:
    from generator.docs import Docs
    from generator.layout import Layout
    from generator.plan import Plan


def write(plan: Plan, layout: Layout, docs: Docs) -> Module:
    """Core's `_groups`."""
    module = Module(layout.source(CORE) / "_groups.py", "The API groups of clients, whoever brings them.", lazy=True)
    # What isn't installed has the type Any.
    module.comment = "# mypy: disable-error-code=import-not-found\n# pyright: reportMissingImports=false"
    module.use("openai_core.plugins", "PluginGroup", now=True)
    for colour, whose in (("", "a client"), ("Async", "an async client")):
        lines = [f"class {colour}Groups:", f'    """The API groups of {whose}."""', ""]
        for domain in plan.domains:
            for name in api.top_groups(plan, domain):
                python = module.use(f"{layout.package(domain)}.api", f"{colour}{api.class_name(plan, domain, (name,))}")
                arguments = literal(name) + (f", plugin={literal(domain)}" if name != domain else "")
                lines.append(f"    {name}: PluginGroup[{python}] = PluginGroup({arguments})")
                lines.append(f'    """{docs.group(domain, name)}"""')
        module.parts.append("\n".join(lines) + "\n")
    return module
