"""What passes between the HTTP side and the domains: an operation, a call of it, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fields import Fields
    from .state import State


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed every check that needs no knowledge of its domain.

    Args:
        state: what the server remembers.
        origin: scheme, host and port under which the client reached the server.
        path: the parameters in the path.
        query: the parameters in the query.
        body: the parameters in the body; files are `Upload`s.
    """

    state: State
    origin: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Events:
    """An answer in server-sent events; each item is the bytes of one."""

    events: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Content:
    """An answer that is a file."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = dict[str, Any] | Events | Content
Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    Args:
        method: of HTTP.
        path: below `/v1`, with `{names}` in it.
        handler: makes the answer.
        body: what a JSON body may hold; without it, no body is read.
        form: what a multipart body may hold.
        query: what the query may hold; other names are let through.
        status: of a good answer.
        model: whether a model runs, so that rate limits are told.
        keyless: whether it is open to everyone.
    """

    method: str
    path: str
    handler: Handler
    _: KW_ONLY
    body: Fields | None = None
    form: Fields | None = None
    query: Fields = field(default_factory=dict)
    status: int = 200
    model: bool = False
    keyless: bool = False


def page(
    objects: Iterable[dict[str, Any]], query: Mapping[str, Any], *, limit: int = 20, order: str = "desc"
) -> dict[str, Any]:
    """A page of a list: one that begins after an object, or ends right before one.

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
    chosen = ordered[start:end][-wanted:] if backwards else ordered[start:end][:wanted]
    return {
        "object": "list",
        "data": chosen,
        "first_id": chosen[0]["id"] if chosen else "",
        "last_id": chosen[-1]["id"] if chosen else "",
        "has_more": len(chosen) < end - start,
    }
