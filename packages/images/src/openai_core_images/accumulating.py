"""What the events of streamed images come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def images(events: Sequence[bytes]) -> dict[str, Any]:
    """The data of an answer with images.

    Args:
        events: the data of the events that end it, one for each image.
    """
    answer: dict[str, Any] = {}
    data: list[dict[str, Any]] = []
    usage: dict[str, Any] | None = None
    for event in map(from_json, events):
        data.append({"b64_json": event.pop("b64_json", None)})
        used = event.pop("usage", None)
        usage = _sum(usage, used) if usage and used else usage or used
        created = event.pop("created_at", None)
        answer |= {"created": answer.get("created") or created, **event, "usage": usage, "data": data}
    del answer["type"]
    return answer


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
