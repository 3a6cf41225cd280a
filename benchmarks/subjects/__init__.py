"""Who is measured: the same jobs done by this library, by the official one, and by hand over HTTP libraries."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from benchmarks.subjects.subject import Subject

OFFICIAL: Final = "official"
OURS: Final = "ours"
_ON: Final = "ours on "
# Where each is, and what has to be installed for it. Nothing is imported before it is measured.
_CLASSES: Final = {
    OFFICIAL: ("official:Official", "openai"),
    "official on aiohttp": ("official:OfficialOnAiohttp", "aiohttp"),
    OURS: ("ours:Ours", "openai_core"),
    "httpcore": ("by_hand_httpcore:Httpcore", "httpcore"),
    "httpx": ("by_hand_httpx:Httpx", "httpx"),
    "httpx2": ("by_hand_httpx:Httpx2", "httpx2"),
    "aiohttp": ("by_hand_aiohttp:Aiohttp", "aiohttp"),
    "pyreqwest": ("by_hand_pyreqwest:Pyreqwest", "pyreqwest"),
    "sockets": ("by_hand_sockets:Sockets", "socket"),
}
"""The floor is `sockets`: what is left when nothing but the bytes and `json.loads` is."""


def names() -> list[str]:
    """The names of all subjects that are installed: with ours, one for each of its transports."""
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    found = [name for name, (_, needed) in _CLASSES.items() if find_spec(needed)]
    transports = sorted(entry.name for entry in entry_points(group="openai_core.transports"))
    ours = [f"{_ON}{name}" for name in transports if find_spec(name)]
    after = found.index(OURS) + 1
    return [*found[:after], *ours, *found[after:]]


def make_subject(name: str, base_url: str) -> Subject:
    """A subject, by its name.

    Args:
        name: as in `names`.
        base_url: of the benchmark's server.
    """
    if name.startswith(_ON):
        from benchmarks.subjects.ours import Ours

        return Ours(base_url, name.removeprefix(_ON))
    module, _, kind = _CLASSES[name][0].partition(":")
    made: Subject = getattr(import_module(f"benchmarks.subjects.{module}"), kind)(base_url)
    return made
