"""Where things are: packages, folders, modules."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.plan import CORE, references
from generator.spec import GeneratorError

if TYPE_CHECKING:
    from generator.plan import Plan

# Parameter types that stay in one module.
_MOST: Final = 60


class Layout:
    """The house's rooms; they are named after the folders in `packages`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def package(self, domain: str) -> str:
        """The name under which a domain is imported."""
        return "openai_core" if domain == CORE else f"openai_core_{domain}"

    def source(self, domain: str) -> Path:
        """The folder of a domain's sources, below the root of the workspace."""
        return Path("packages", domain, "src", self.package(domain))

    def title(self, domain: str) -> str:
        """A domain's name for readers."""
        return "what several domains share" if domain == CORE else domain.replace("_", " ")

    def answers(self, domain: str) -> set[str]:
        """The components of a domain that are answered with."""
        return self._owned(domain) & set().union(*self._plan.outputs.values())

    def params(self, name: str) -> str:
        """The module that holds the parameter type of a component."""
        domain = self._plan.owners[name]
        package = f"{self.package(domain)}.params"
        return f"{package}.{self.stem(name)}" if self.is_split(domain) else package

    def is_split(self, domain: str) -> bool:
        """Whether what a domain is given is too much for one module."""
        return sum(map(self._plan.is_named, self.given(domain))) > _MOST

    def given(self, domain: str) -> set[str]:
        """The components of a domain that its calls, or others', are given."""
        return self._owned(domain) & set().union(*self._plan.inputs.values())

    def models(self, name: str) -> str:
        """The module that holds the model of a component."""
        return f"{self.package(self._plan.owners[name])}.types.{self.stem(name)}"

    def stem(self, name: str) -> str:
        """The module, among those of a domain's types, that holds a component."""
        return self._stems[name]

    def check(self) -> None:
        """See to it that a name means one thing only, in a domain and what it takes from core.

        Raises:
            GeneratorError: naming the components whose names clash, and entries of types.toml that nothing needs.
        """
        plan = self._plan
        wrong = []
        for domain in (CORE, *plan.domains):
            for names, called in ((self.answers, plan.model_name), (self.given, plan.param_name)):
                seen: dict[str, str] = {}
                for name in sorted(names(domain) | names(CORE)):
                    other = seen.setdefault(called(name), name) if plan.is_named(name) else name
                    if other != name:
                        wrong.append(f"{other!r} and {name!r} are both called {called(name)}")
        for table in ("names", "mixins", "accepts"):
            wrong += [
                f"[{table}] has {name!r}, which no call needs" for name in plan.types[table] if name not in plan.owners
            ]
        if wrong:
            raise GeneratorError("types.toml:\n  " + "\n  ".join(wrong))

    def _owned(self, domain: str) -> set[str]:
        return {name for name, owner in self._plan.owners.items() if owner == domain}

    @cached_property
    def _stems(self) -> dict[str, str]:
        plan = self._plan
        stems: dict[str, str] = {}
        for name in plan.ordered(plan.owners):
            domain = plan.owners[name]
            topics: dict[str, str] = plan.types["modules"].get(domain) or {"shared" if domain == CORE else domain: ""}
            order = list(topics)
            own = next(
                index for index, pattern in enumerate(topics.values()) if re.search(pattern, plan.base_name(name))
            )
            # No circle of imports: a component can't come before what it is made of.
            parts = [
                order.index(stems[part])
                for part in references(plan.shapes[name])
                if part in stems and plan.owners[part] == domain
            ]
            stems[name] = order[max([own, *parts])]
        return stems
