"""What is said about calls, their parameters, groups and types: our own words, kept in `words`, a file per domain."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator import spec
from generator.plan import CORE
from generator.spec import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.plan import Call, Helper

REFERENCE = "https://platform.openai.com/docs/api-reference"
_WRAPPER = textwrap.TextWrapper(
    112, initial_indent="    ", subsequent_indent="        ", break_on_hyphens=False, break_long_words=False
)
_SHARED = "shared"

Words = dict[str, dict[str, dict[str, str]]]


def _words() -> Words:
    return {path.stem: spec.data(f"words/{path.name}") for path in sorted((spec.HERE / "words").glob("*.toml"))}


@dataclass
class Docs:
    """The words, and a record of what was missing and of what nobody asked for.

    Args:
        required: the domains in which nothing may be missing.
        words: by domain and table; those of `shared` are for all domains.
    """

    required: frozenset[str]
    words: Words = field(default_factory=_words)
    _missing: set[str] = field(default_factory=set)
    _used: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def check(self) -> None:
        """Complain of missing words, and of those that nothing needs.

        Raises:
            GeneratorError: naming every such entry.
        """
        unused = {
            f"words/{domain}.toml has {table}.{name}, which nothing needs"
            for domain in self.required
            for table, entries in self.words.get(domain, {}).items()
            for name in entries
            if f"{table}.{name}" not in self._used[domain]
        }
        if self._missing or unused:
            raise GeneratorError("\n  ".join(["what docstrings say:", *sorted(self._missing | unused)]))

    def summary(self, call: Call | Helper) -> str:
        """One line that says what a call does."""
        return self._need(call.domain, "calls", call.call) or f"Call `client.{call.call}`."

    def parameter(self, call: Call, python: str) -> str:
        """What a parameter means, without line ends."""
        return self._find(call.domain, "calls", f"{call.call}({python})") or self._need(
            call.domain, "parameters", python
        )

    def group(self, domain: str, path: str) -> str:
        """One line about a group of calls."""
        return self._need(domain, "groups", path) or f"Calls below `client.{path}`."

    def operations(self, path: str) -> str:
        """The docstring of a module of operations."""
        return f"The operations of `client.{path}`, as values."

    def module(self, domain: str, stem: str) -> str:
        """The docstring of a module of types."""
        return self._find(domain, "modules", stem) or f"What the API answers with: {stem.replace('_', ' ')}."

    def type(self, domain: str, python: str) -> str:
        """One line about a type, if there is one."""
        return self._find(domain, "types", python)

    def _find(self, domain: str, table: str, name: str) -> str:
        for place in (domain, _SHARED) if domain != CORE else (_SHARED,):
            said = self.words.get(place, {}).get(table, {}).get(name)
            if said is not None:
                self._used[place].add(f"{table}.{name}")
                return said
        return ""

    def _need(self, domain: str, table: str, name: str) -> str:
        said = self._find(domain, table, name)
        if not said and domain in self.required:
            self._missing.add(f"words/{domain}.toml lacks {table}.{name}")
        return said

    def of_call(self, call: Call, parameters: Iterable[str]) -> str:
        """The docstring of a builder of operations."""
        lines = [self.summary(call), ""]
        arguments = []
        for python in parameters:
            said = self.parameter(call, python)
            if said:
                arguments += _WRAPPER.wrap(f"{python}: {said}")
        arguments.append("    options: Options of this one call.")
        lines += ["Args:", *arguments, "", f"[API reference]({'/'.join(filter(None, [REFERENCE, call.reference]))})"]
        return "\n".join(lines)
