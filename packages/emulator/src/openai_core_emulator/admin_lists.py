"""Lists as the administration API pages them: most by `after` and `before`, some by a cursor in `next`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .fields import PAGE, STRING, Field, Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_USUAL: Final = 20

BOTH_WAYS: Final[Fields] = {**PAGE, "limit": Field(("integer",), minimum=0, maximum=100), "before": STRING}
"""The query parameters of lists that can be walked in both directions."""

BY_NEXT: Final[Fields] = {**PAGE, "limit": Field(("integer",), minimum=0, maximum=1000)}
"""The query parameters of lists that tell the cursor of their next page."""


def several(*choices: str) -> Field:
    """A query parameter that may be there several times.

    Args:
        choices: the only values allowed.
    """
    return Field(("array", "string"), choices=choices, items=Field(("string",), choices=choices))


def given(query: Mapping[str, Any], name: str) -> list[str] | None:
    """What was given for such a parameter; a single value may come without the brackets of a list."""
    value = query.get(name)
    return [value] if isinstance(value, str) else value


def both_ways(
    objects: Iterable[dict[str, Any]], query: Mapping[str, Any], *, limit: int = _USUAL, order: str = "desc"
) -> dict[str, Any]:
    """A page that begins after an object, or ends right before one.

    Args:
        objects: all of them, oldest first.
        query: `after`, `before`, `limit` and `order` as the client gave them.
        limit: how many to give without a `limit`.
        order: `asc` or `desc` without an `order`.
    """
    ordered = list(objects) if (query.get("order") or order) == "asc" else list(objects)[::-1]
    ids = [each["id"] for each in ordered]
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    end = ids.index(query["before"]) if query.get("before") in ids else len(ids)
    wanted = query.get("limit") or limit
    backwards = end < len(ids) and start == 0
    shown = ordered[start:end][-wanted:] if backwards else ordered[start:end][:wanted]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else "",
        "last_id": shown[-1]["id"] if shown else "",
        "has_more": len(shown) < end - start,
    }


def by_next(
    objects: Iterable[dict[str, Any]], query: Mapping[str, Any], *, limit: int = 1000, key: str = "id"
) -> dict[str, Any]:
    """A page that tells the cursor of the next one.

    Args:
        objects: all of them, oldest first.
        query: `after`, `limit` and `order` as the client gave them.
        limit: how many to give without a `limit`.
        key: the field that holds an object's id.
    """
    ordered = list(objects) if query.get("order") != "desc" else list(objects)[::-1]
    ids = [each[key] for each in ordered]
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    wanted = limit if query.get("limit") is None else query["limit"]
    shown = ordered[start : start + wanted]
    more = start + len(shown) < len(ordered)
    return {"object": "list", "data": shown, "has_more": more, "next": shown[-1][key] if more and shown else None}
