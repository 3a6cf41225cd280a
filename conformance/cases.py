"""What is sent: each call of each operation, once with as little and once with as much as may go together."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from conformance.description import FORM, HERE, JSON
from conformance.values import Values
from generator.naming import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.description import Described, Description
    from conformance.values import Size
    from generator.plan import Call, Plan


@dataclass(frozen=True)
class Case:
    """One call with its arguments.

    Args:
        call: the method, as the generator knows it.
        described: the operation, as the description knows it.
        size: how much is sent.
        path: values of the parameters in the path, in order.
        sent: what is to arrive, by its name on the wire.
    """

    call: Call
    described: Described
    size: Size
    path: tuple[str, ...]
    sent: Mapping[str, Any]

    @property
    def name(self) -> str:
        """For people, and for the mock server's log."""
        return f"{self.call.call} ({self.size})"

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by keyword, as a user writes them."""
        return {identifier(name): value for name, value in self.sent.items()}


def cases(plan: Plan, description: Description) -> Iterator[Case]:
    """All cases.

    Args:
        plan: which methods there are.
        description: what they may be given.
    """
    values = Values(description.document["components"]["schemas"])
    alone = tomllib.loads((HERE / "exclusive.toml").read_text("utf-8"))
    for calls in plan.calls.values():
        for call in calls:
            described = description.operations[call.id]
            path = tuple(f"{name}-1" for name in call.path_params)
            sizes: tuple[Size, ...] = ("smallest", "largest")
            for size in sizes:
                sent = dict(_sent(values, call, described, size))
                left_out = {name for ids, names in alone.items() if fnmatchcase(call.id, ids) for name in names}
                for name in left_out & sent.keys():
                    del sent[name]
                yield Case(call, described, size, path, sent)


def _sent(values: Values, call: Call, described: Described, size: Size) -> Iterator[tuple[str, Any]]:
    schemas, required = _schemas(values, described)
    taken = {each.name: each for each in call.fields if each.name not in call.fixed}
    choices = call.facts.get("choices", {})
    for name, schema in schemas.items():
        if name in taken and (size == "largest" or name in required or taken[name].required):
            yield name, choices[name][0] if name in choices else values.of(schema, size)


def _schemas(values: Values, described: Described) -> tuple[dict[str, Any], set[str]]:
    """The parameters of an operation that aren't in its path, and the names of those that must be given."""
    parameters = {**described.parameters("query"), **described.parameters("header")}
    schemas = {name: each["schema"] for name, each in parameters.items()}
    required = {name for name, each in parameters.items() if each.get("required")}
    content = described.content
    body = content.get(FORM, content.get(JSON)) if FORM in content else content.get(JSON)
    if body:
        fields, must = values.fields(body["schema"])
        schemas |= fields
        required |= must
    return schemas, required
