"""Puts the pieces of a stream together. What is told in many pieces is joined once, when it is asked for.

All is plain data, so that fields which the API description doesn't know are put together as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Strings that are told at once, though maybe more than once. All others are told in pieces.
_TOLD_AT_ONCE: Final = frozenset({"format", "id", "name", "object", "role", "type"})
_FIRST: Final = frozenset({"created", "id", "model"})
# Pieces that are held apart. A short string takes a dozen times the room of what is in it.
_PIECES: Final = 4096


class Text(list[str]):
    """The pieces of a text."""

    def add(self, piece: str) -> None:
        """Take in the next piece."""
        self.append(piece)
        if len(self) > _PIECES:
            self[:] = ["".join(self)]


class Items(list[Any]):
    """The items of a list, those found again that are told in pieces: they say their `index`."""

    def __init__(self) -> None:
        super().__init__()
        self._at: dict[int, dict[str, Any]] = {}

    def add(self, items: Iterable[Any]) -> None:
        """Take in more items, and more of items."""
        for item in items:
            index = item.get("index") if isinstance(item, dict) else None
            if not isinstance(index, int):
                self.append(item)
                continue
            if index not in self._at:
                self._at[index] = {}
                self.append(self._at[index])
            merge(self._at[index], item)


def merge(held: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Add a delta to what is held.

    Texts and lists go on, objects are merged, and other values take the place of earlier ones; null takes no place.
    """
    for name, value in delta.items():
        held[name] = _merged(name, held.get(name), value)


def _merged(name: str, old: Any, new: Any) -> Any:
    if new is None:
        return old
    if isinstance(new, str):
        if name in _TOLD_AT_ONCE:
            return old or new
        return _with_text(old, new)
    if isinstance(new, dict):
        if not isinstance(old, dict):
            old = {}
        merge(old, new)
        return old
    if isinstance(new, list):
        if not isinstance(old, Items):
            before = "".join(old) if isinstance(old, Text) else ""
            old = Items()
            old.add([before] if before else [])
        old.add(new)
        return old
    return new


def _with_text(old: Any, new: str) -> Any:
    if isinstance(old, Text):
        old.add(new)
        return old
    if isinstance(old, Items):
        # A text after parts of other kinds is a part as well.
        old.add([new] if new else [])
        return old
    return Text([new])


def update(held: dict[str, Any], chunk: Mapping[str, Any]) -> None:
    """Note what a chunk tells beside its pieces: the last of what isn't null; of name and time the first."""
    for name, value in chunk.items():
        if value is None or name in _FIRST:
            held[name] = held.get(name) or value
        else:
            held[name] = value


def extend(held: dict[str, Any], lists: Mapping[str, Any]) -> None:
    """Add to each list what belongs at its end."""
    for name, value in lists.items():
        if isinstance(value, list) and isinstance(held.get(name), list):
            held[name] += value
        elif value is not None or name not in held:
            held[name] = value


def settled(held: Any) -> Any:
    """What is held, with its pieces joined."""
    if isinstance(held, Text):
        return "".join(held)
    if isinstance(held, dict):
        return {name: settled(value) for name, value in held.items()}
    if isinstance(held, Items):
        return [settled(item) for item in held]
    return held
