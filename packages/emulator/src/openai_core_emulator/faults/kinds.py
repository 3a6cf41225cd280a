"""The kinds of faults: a function each, whose keyword arguments are what can be chosen."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

Where = Literal["request", "stream", "socket", "tls"]
"""What a fault needs to go wrong: any request over HTTP, one for a stream, a websocket, or a connection with TLS."""
Player = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault.

    Args:
        name: what it is called.
        where: see `Where`.
        settings: what can be chosen, with what is taken if it isn't.
        choices: of the settings that are one of a few words, all of them.
        summary: what happens.
        play: does it, to an exchange.
    """

    name: str
    where: Where
    settings: Mapping[str, Any]
    choices: Mapping[str, Sequence[str]]
    summary: str
    play: Player

    def check(self, settings: Mapping[str, Any]) -> None:
        """Refuse settings that it doesn't have.

        Raises:
            ValueError: with what there is instead.
        """
        if unknown := set(settings) - set(self.settings):
            known = ", ".join(self.settings) or "its name"
            raise ValueError(f"the fault {self.name!r} has no {', '.join(sorted(unknown))}, only {known}")
        for name, value in settings.items():
            choices = self.choices.get(name)
            if choices is not None and value not in choices:
                raise ValueError(f"{name} of the fault {self.name!r} is one of {', '.join(choices)}, not {value!r}")
            default = self.settings[name]
            kinds = (int, float) if isinstance(default, float) else type(default)
            if default is not None and not isinstance(value, kinds):
                raise ValueError(f"{name} of the fault {self.name!r} is like {default!r}, not {value!r}")


_kinds: Final[dict[str, Kind]] = {}
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(_kinds)
"""All kinds by their names."""


def kind(where: Where, /, **choices: Sequence[str]) -> Callable[[Player], Player]:
    """Make a function that plays a fault a kind, under its own name."""

    def add(play: Player) -> Player:
        parameters = list(inspect.signature(play).parameters.values())[1:]
        defaults = MappingProxyType({parameter.name: parameter.default for parameter in parameters})
        summary = (play.__doc__ or "").partition("\n")[0]
        _kinds[play.__name__] = Kind(play.__name__, where, defaults, MappingProxyType(choices), summary, play)
        return play

    return add
