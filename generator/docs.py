"""What is said about calls, their parameters, groups and types: our own words, kept in docs.toml."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator import spec
from generator.spec import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.plan import Call

REFERENCE = "https://platform.openai.com/docs/api-reference"
_WIDTH = 112


@dataclass
class Docs:
    """The words, and a record of what was missing and of what nobody asked for.

    Args:
        required: the domains in which nothing may be missing.
    """

    required: frozenset[str]
    words: dict[str, Any] = field(default_factory=lambda: spec.data("docs.toml"))
    missing: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Complain of missing words.

        Raises:
            GeneratorError: naming every missing entry.
        """
        if self.missing:
            raise GeneratorError("docs.toml lacks:\n  " + "\n  ".join(sorted(set(self.missing))))

    def summary(self, call: Call) -> str:
        """One line that says what a call does."""
        return self._find(call.domain, f"calls.{call.call}") or f"Call `{call.verb} {call.path}`."

    def parameter(self, call: Call, python: str) -> str:
        """What a parameter means, without line ends."""
        special = self.words["calls"].get(f"{call.call}({python})")
        if special:
            return str(special)
        return self._find(call.domain, f"parameters.{python}")

    def group(self, domain: str, path: str) -> str:
        """One line about a group of calls."""
        return self._find(domain, f"groups.{path}") or f"Calls below `client.{path}`."

    def operations(self, path: str) -> str:
        """The docstring of a module of operations."""
        return f"The operations of `client.{path}`, as values."

    def module(self, domain: str, stem: str) -> str:
        """The docstring of a module of types."""
        said = self.words["modules"].get(f"{domain}.{stem}")
        return str(said) if said else f"What the API answers with: {stem.replace('_', ' ')}."

    def type(self, python: str) -> str:
        """One line about a type, if there is one."""
        return str(self.words["types"].get(python, ""))

    def _find(self, domain: str, key: str) -> str:
        table, _, name = key.partition(".")
        said = self.words[table].get(name)
        if said is None and domain in self.required:
            self.missing.append(key)
        return str(said or "")

    def of_call(self, call: Call, parameters: Iterable[str]) -> str:
        """The docstring of a builder of operations."""
        lines = [self.summary(call), ""]
        arguments = []
        for python in parameters:
            said = self.parameter(call, python)
            if said:
                arguments += textwrap.wrap(
                    f"{python}: {said}", _WIDTH, initial_indent="    ", subsequent_indent="        "
                )
        arguments.append("    options: Options of this one call.")
        lines += ["Args:", *arguments, "", f"[API reference]({'/'.join(filter(None, [REFERENCE, call.reference]))})"]
        return "\n".join(lines)
