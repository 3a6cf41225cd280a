"""What the events of streamed images come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping


class ImagesAccumulator:
    """An `Accumulator` of images: those that are ready, and the last sketch of the one that isn't yet."""

    def __init__(self) -> None:
        self._answer: dict[str, Any] = {}
        self._data: list[dict[str, Any]] = []
        self._sketch: list[dict[str, Any]] = []
        self._usage: dict[str, Any] | None = None

    def add(self, data: bytes) -> None:
        """As `Accumulator.add`."""
        event = from_json(data)
        image = [{"b64_json": event.pop("b64_json", None)}]
        if event.pop("type").endswith(".partial_image"):
            event.pop("partial_image_index", None)
            self._sketch = image
        else:
            self._data += image
            self._sketch = []
        used = event.pop("usage", None)
        self._usage = _sum(self._usage, used) if self._usage and used else self._usage or used
        created = event.pop("created_at", None)
        self._answer |= {"created": self._answer.get("created") or created, **event}

    def result(self) -> dict[str, Any] | None:
        """As `Accumulator.result`."""
        data = [*self._data, *self._sketch]
        return {**self._answer, "usage": self._usage, "data": data} if data else None


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    total = dict(one)
    for name, value in other.items():
        known = total.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            total[name] = _sum(known, value)
        elif isinstance(value, int) and isinstance(known, int):
            total[name] = known + value
        else:
            total[name] = value
    return total
