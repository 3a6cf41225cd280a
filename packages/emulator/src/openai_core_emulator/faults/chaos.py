"""Faults by chance: which there are to choose from, and a choice that depends on a seed alone."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from .fault import Fault
from .kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .kinds import Kind, Where

_EVENTS: Final = (0, 1, 2, 3)
_SAMPLES: Final[Mapping[str, Mapping[str, Sequence[Any]]]] = {
    "cut_body": {"after": (0, 1, 10)},
    "status": {"status": (400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 529)},
    "html": {"status": (200, 404, 502)},
    "error_in_answer": {"code": ("server_error", "rate_limit_exceeded", "invalid_api_key")},
    "cut_stream": {"event": _EVENTS},
    "error_in_stream": {"event": _EVENTS},
    "done": {"count": (0, 2)},
    "recut": {"size": (1, 2, 7), "bom": (False, True)},
    "cut_socket": {"event": _EVENTS},
    "half_frame": {"event": _EVENTS},
    "close_socket": {"event": _EVENTS, "code": (1000, 1001, 1005, 1008, 1011, 1012, 1013)},
    "bad_frame": {"event": _EVENTS},
    "bad_event": {"event": _EVENTS, "text": ("nonsense", "[]", '{"type":7}')},
}

# They take long.
_LEFT_OUT: Final = frozenset({"flood", "long_event"})
# Of a stream, one may be the last to come; a short answer has a few more.
_LATEST: Final = 20


class Chaos:
    """Draws faults.

    Args:
        seed: the same seed and the same requests in the same order get the same faults.
        rate: the part of all requests that something goes wrong with, from 0 to 1.

    Raises:
        ValueError: for another rate.
    """

    def __init__(self, seed: int, rate: float = 0.3) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"rate is a part of all requests, from 0 to 1, not {rate:g}")
        self.seed = seed
        self.rate = rate
        # Not for secrets.
        self._chance = Random(seed)  # noqa: S311

    def draw(self, *places: Where) -> Fault | None:
        """The fault of the next request, if it is to have one.

        Args:
            places: what can go wrong with it.
        """
        if self._chance.random() >= self.rate:
            return None
        kinds = [each for each in KINDS.values() if each.where in places and each.name not in _LEFT_OUT]
        kind = self._chance.choice(kinds)
        settings = {name: self._chance.choice(options) for name, options in _options(kind).items()}
        if kind.name == "refused":
            settings["seconds"] = round(self._chance.uniform(0.05, 0.5), 2)
        if "event" in settings:
            settings["event"] = self._chance.randint(0, _LATEST)
        return Fault(kind.name, **settings)


def variants(*places: Where) -> list[Fault]:
    """One fault of each kind, and one for each other value of each of its settings.

    Args:
        places: what may go wrong.
    """
    found = []
    for kind in KINDS.values():
        if kind.where in places:
            found.append(Fault(kind.name))
            found += [
                Fault(kind.name, **{name: value})
                for name, options in _options(kind).items()
                for value in options
                if value != kind.settings[name]
            ]
    return found


def _options(kind: Kind) -> dict[str, Sequence[Any]]:
    """What each of a kind's settings is chosen from, where there is a choice."""
    return {**kind.choices, **_SAMPLES.get(kind.name, {})}
