"""A fault as a value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import answers, connections, sockets, streams  # noqa: F401 - they register their kinds
from .kinds import KINDS, Kind

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True, init=False)
class Fault:
    """Something that goes wrong with one request: `Fault("cut_stream", event=2, how="reset")`.

    Args:
        name: its kind; `KINDS` has all of them.
        settings: what the kind leaves open.

    Raises:
        ValueError: if there is no such kind, or it has no such setting or choice.
    """

    name: str
    settings: tuple[tuple[str, Any], ...]

    def __init__(self, name: str, /, **settings: Any) -> None:
        if name not in KINDS:
            raise ValueError(f"there is no fault {name!r}; there are {', '.join(KINDS)}")
        KINDS[name].check(settings)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "settings", tuple(sorted(settings.items())))

    @property
    def kind(self) -> Kind:
        """What it is one of."""
        return KINDS[self.name]

    @classmethod
    def parse(cls, text: str) -> Self:
        """A fault from its text, such as `cut_stream event=2 how=reset`.

        Raises:
            ValueError: as for the class.
        """
        name, *rest = text.split() or [""]
        pairs = (each.partition("=") for each in rest)
        known = KINDS[name].settings if name in KINDS else {}
        return cls(name, **{setting: _value(value, known.get(setting)) for setting, _, value in pairs})

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{name}={_text(value)}" for name, value in self.settings)])


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(text: str, default: object) -> Any:
    if isinstance(default, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
