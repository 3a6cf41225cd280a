"""Lists as the administration API pages them: most by `after` and `before`, some by a cursor in `next`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .fields import PAGE, STRING, Field, Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BOTH_WAYS: Final[Fields] = {**PAGE, "limit": Field(("integer",), minimum=0, maximum=100), "before": STRING}
"""The query parameters of lists that can be walked in both directions."""

BY_NEXT: Final[Fields] = {**PAGE, "limit": Field(("integer",), minimum=0, maximum=1000)}
"""The query parameters of lists that tell the cursor of their next page."""


def several(*choices: str) -> Field:
    """A query parameter that may be there several times.

    Args:
        choices: the only values allowed.
    """
    return Field(("array",), items=Field(("string",), choices=choices))


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
