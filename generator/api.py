"""Writes the table of a domain's calls, in both colours, and the plugin that registers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import operations
from generator.module import Module, literal
from generator.naming import pascal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.docs import Docs
    from generator.layout import Layout
    from generator.plan import Call, Helper, Plan

METHODS = {
    "plain": "Method",
    "text": "Method",
    "paged": "PagedMethod",
    "stream": "StreamMethod",
    "accumulating": "AccumulatingMethod",
    "binary": "BinaryMethod",
}
BY_HAND = {"Steps": "openai_core.steps", "Socket": "openai_core.sockets", "ParsedStream": "openai_core.parsing"}
COLOURS = ("", "Async")


def top_groups(plan: Plan, domain: str) -> list[str]:
    """The attributes that a domain adds to a client."""
    return sorted({*(call.groups[0] for call in plan.calls[domain]), *plan.types["groups"].get(domain, ())})


def class_name(plan: Plan, domain: str, groups: tuple[str, ...]) -> str:
    """The class of a group."""
    given: dict[str, str] = plan.types["classes"]
    if ".".join(groups) in given:
        return given[".".join(groups)]
    same = {path for path in _paths(plan, domain) if path[-1] == groups[-1]}
    return pascal("_".join(groups if len(same) > 1 else groups[-1:]))


def _paths(plan: Plan, domain: str) -> set[tuple[str, ...]]:
    calls: list[Call | Helper] = [*plan.calls[domain], *plan.helpers[domain]]
    return {call.groups[: depth + 1] for call in calls for depth in range(len(call.groups))}


def write(plan: Plan, layout: Layout, docs: Docs, domain: str) -> list[Module]:
    """A domain's `api` and `plugin`."""
    calls = plan.calls[domain]
    if not calls:
        return []
    package = layout.package(domain)
    api = Module(
        layout.source(domain) / "api.py",
        f"The calls of {' and '.join(f'`client.{name}`' for name in top_groups(plan, domain))}.",
    )
    paths = sorted(_paths(plan, domain), key=lambda path: (-len(path), path))
    for colour in COLOURS:
        for path in paths:
            api.parts.append(_group(plan, docs, api, domain, path, colour))
    stems = sorted({operations.stem(plan, domain, call.groups) for call in calls})
    api.use(f"{package}.operations", *stems)
    plugin = Module(layout.source(domain) / "plugin.py", "Registers this distribution's API groups.", lazy=True)
    plugin.use("openai_core.hookspecs", "hookimpl", now=True)
    plugin.use("openai_core.hookspecs", "RegisterApi")
    lines = []
    for name in top_groups(plan, domain):
        python = class_name(plan, domain, (name,))
        plugin.use(f"{package}.api", python, f"Async{python}", now=True)
        lines.append(f"    register({literal(name)}, {python}, Async{python})")
    plugin.parts.append(
        '@hookimpl\ndef register_apis(register: RegisterApi) -> None:\n    """Register for both colours of client."""\n'
        + "\n".join(lines)
    )
    return [api, plugin]


def _group(plan: Plan, docs: Docs, api: Module, domain: str, path: tuple[str, ...], colour: str) -> str:
    base = api.use("openai_core.group", f"{colour}ApiGroup")
    lines = [
        f"class {colour}{class_name(plan, domain, path)}({base}):",
        f'    """{docs.group(domain, ".".join(path))}"""',
        "",
    ]
    for inner in sorted({other for other in _paths(plan, domain) if other[:-1] == path}):
        sub = api.use("openai_core.group", "SubGroup")
        lines.append(f"    {inner[-1]} = {sub}({colour}{class_name(plan, domain, inner)})")
        lines.append(f'    """{docs.group(domain, ".".join(inner))}"""')
    for call in _calls(plan, domain, path):
        method = api.use("openai_core.method", f"{colour}{METHODS[call.form]}")
        module = operations.stem(plan, domain, path)
        lines.append(f"    {call.name} = {method}({module}.{operations.builder_name(call.name)})")
        lines.append(f'    """{docs.summary(call)}"""')
    for helper in plan.helpers[domain]:
        if helper.groups == path:
            method = api.use(BY_HAND[helper.kind], f"{colour}{helper.kind}Method")
            api.use(f"openai_core_{domain}", helper.module)
            lines.append(f"    {helper.name} = {method}({helper.module}.{helper.function})")
            lines.append(f'    """{docs.summary(helper)}"""')
    return "\n".join(lines) + "\n"


def _calls(plan: Plan, domain: str, path: tuple[str, ...]) -> Iterator[Call]:
    return (call for call in plan.calls[domain] if call.groups == path)
