"""What was used and what it cost: https://platform.openai.com/docs/api-reference/usage.

The emulator doesn't count what it is asked: numbers come from the seed. They add up, however they are grouped and
filtered, because every bucket is made of the same few portions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .admin_lists import several
from .admin_people import USERS
from .admin_projects import PROJECTS
from .call import Answer, Call, Operation
from .errors import bad
from .fields import BOOLEAN, STRING, Field, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PORTIONS: Final = 4
"""How many there are in a bucket."""

_WIDTHS: Final[Mapping[str, tuple[int, int, int]]] = {"1m": (60, 60, 1440), "1h": (3600, 24, 168), "1d": (86400, 7, 31)}
"""The seconds in a bucket, how many buckets a page has, and how many it can have."""

_COSTS_WIDTHS: Final[Mapping[str, tuple[int, int, int]]] = {"1d": (86400, 7, 180)}


def _keys(call: Call) -> list[str]:
    shelves = (call.state.shelf(f"{PROJECTS.path}/{project_id}/api_keys") for project_id in PROJECTS.shelf(call))
    return [key_id for shelf in shelves for key_id in shelf] or ["key_deleted"]


_DIMENSIONS: Final[Mapping[str, Sequence[Any] | Callable[[Call], Sequence[Any]]]] = {
    "project_id": lambda call: list(PROJECTS.shelf(call)),
    "user_id": lambda call: list(USERS.shelf(call)),
    "api_key_id": _keys,
    "model": ("gpt-5", "gpt-5-mini"),
    "batch": (False, True),
    "service_tier": ("default", "flex"),
    "size": ("1024x1024", "512x512"),
    "source": ("image.generation", "image.edit"),
    "vector_store_id": ("vs_1", "vs_2"),
    "context_level": ("low", "medium", "high"),
    "line_item": ("gpt-5-mini, input", "gpt-5-mini, output"),
}
"""What a portion can be told apart by, and the values there are."""

_FILTERS: Final[Mapping[str, str]] = {
    "project_ids": "project_id",
    "user_ids": "user_id",
    "api_key_ids": "api_key_id",
    "models": "model",
    "sizes": "size",
    "sources": "source",
    "vector_store_ids": "vector_store_id",
    "context_levels": "context_level",
}
_WHO: Final = ("project_id", "user_id", "api_key_id")


@dataclass(frozen=True, slots=True)
class _Usage:
    """One kind of usage.

    Args:
        object: what its results say in `object`.
        numbers: what is counted, and the most of it in one portion.
        dimensions: what it can be grouped and, where there is a filter, filtered by.
    """

    object: str
    numbers: Mapping[str, int]
    dimensions: Sequence[str]


_USAGES: Final[Mapping[str, _Usage]] = {
    "audio_speeches": _Usage("audio_speeches", {"characters": 5000, "num_model_requests": 20}, (*_WHO, "model")),
    "audio_transcriptions": _Usage("audio_transcriptions", {"seconds": 900, "num_model_requests": 9}, (*_WHO, "model")),
    "code_interpreter_sessions": _Usage("code_interpreter_sessions", {"num_sessions": 9}, ("project_id",)),
    "completions": _Usage(
        "completions",
        {"input_tokens": 9000, "output_tokens": 3000, "num_model_requests": 30},
        (*_WHO, "model", "batch", "service_tier"),
    ),
    "embeddings": _Usage("embeddings", {"input_tokens": 9000, "num_model_requests": 30}, (*_WHO, "model")),
    "file_search_calls": _Usage("file_searches", {"num_requests": 30}, (*_WHO, "vector_store_id")),
    "images": _Usage("images", {"images": 9, "num_model_requests": 9}, (*_WHO, "model", "size", "source")),
    "moderations": _Usage("moderations", {"input_tokens": 9000, "num_model_requests": 30}, (*_WHO, "model")),
    "vector_stores": _Usage("vector_stores", {"usage_bytes": 2**20}, ("project_id",)),
    "web_search_calls": _Usage(
        "web_searches", {"num_requests": 9, "num_model_requests": 9}, (*_WHO, "model", "context_level")
    ),
}
_COSTS: Final = _Usage("costs", {"cents": 500, "quantity": 9000}, ("project_id", "api_key_id", "line_item"))


def _portions(call: Call, usage: _Usage, start: int) -> list[dict[str, Any]]:
    """What a bucket is made of, before anything is grouped or filtered."""
    portions = []
    for number in range(_PORTIONS):
        seed = ("usage", usage.object, str(start), str(number))
        portion: dict[str, Any] = {}
        for name in usage.dimensions:
            known = _DIMENSIONS[name]
            values = known(call) if callable(known) else known
            portion[name] = values[call.state.chance(len(values), *seed, name)]
        for name, most in usage.numbers.items():
            portion[name] = 1 + call.state.chance(most, *seed, name)
        portions.append(portion)
    return portions


def _results(call: Call, usage: _Usage, start: int) -> list[dict[str, Any]]:
    grouped: dict[tuple[Any, ...], dict[str, Any]] = {}
    names = [name for name in usage.dimensions if name in (call.query.get("group_by") or ())]
    for portion in _portions(call, usage, start):
        if not _wanted(portion, call.query):
            continue
        key = tuple(portion[name] for name in names)
        empty = {
            **dict.fromkeys(usage.dimensions),
            **dict(zip(names, key, strict=True)),
            **dict.fromkeys(usage.numbers, 0),
        }
        total = grouped.setdefault(key, empty)
        for name in usage.numbers:
            total[name] += portion[name]
    return [_result(usage, total) for total in grouped.values()]


def _wanted(portion: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    if query.get("batch") is not None and portion.get("batch") is not query["batch"]:
        return False
    wanted = {name: query.get(filter_) for filter_, name in _FILTERS.items() if name in portion}
    return all(names is None or portion[name] in names for name, names in wanted.items())


def _result(usage: _Usage, total: dict[str, Any]) -> dict[str, Any]:
    if usage is not _COSTS:
        return {"object": f"organization.usage.{usage.object}.result", **total}
    cents, quantity = total.pop("cents"), total.pop("quantity")
    by_item = total["line_item"] is not None
    return {
        "object": "organization.costs.result",
        "amount": {"value": cents / 100, "currency": "usd"},
        **total,
        "quantity": quantity if by_item else None,
        "quantity_unit": "tokens" if by_item else None,
    }


def _handler(usage: _Usage, widths: Mapping[str, tuple[int, int, int]]) -> Callable[[Call], Answer]:
    def show(call: Call) -> Answer:
        query = call.query
        width = query.get("bucket_width") or "1d"
        seconds, usual, most = widths[width]
        limit = query.get("limit") or usual
        if limit > most:
            message = f"Invalid 'limit': of buckets of '{width}' there are at most {most} on a page, not {limit}."
            raise bad(message, param="limit", code="integer_above_max_value")
        first = query["start_time"]
        start = _cursor(query["page"]) if query.get("page") else first
        # Whatever the emulator's clock says, there is a page to look at.
        end = query.get("end_time") or max(call.state.now(), first + usual * seconds)
        begins = range(start, end, seconds)
        data = [
            {
                "object": "bucket",
                "start_time": begin,
                "end_time": min(begin + seconds, end),
                "results": _results(call, usage, begin),
            }
            for begin in begins[:limit]
        ]
        more = len(begins) > limit
        return {
            "object": "page",
            "data": data,
            "has_more": more,
            "next_page": f"page_{begins[limit]:x}" if more else None,
        }

    return show


def _cursor(page: str) -> int:
    try:
        return int(page.removeprefix("page_"), 16)
    except ValueError:
        raise bad(f"Invalid 'page': '{page}' is no cursor of this list.", param="page") from None


def _operation(path: str, usage: _Usage, widths: Mapping[str, tuple[int, int, int]]) -> Operation:
    filters = {
        filter_: Field(("array",), items=STRING) for filter_, name in _FILTERS.items() if name in usage.dimensions
    }
    query = {
        "start_time": Field(("integer",), required=True, minimum=0),
        "end_time": Field(("integer",), minimum=0),
        "bucket_width": one_of(*widths),
        "group_by": several(*usage.dimensions),
        "limit": Field(("integer",), minimum=1),
        "page": STRING,
        **filters,
        **({"batch": BOOLEAN} if "batch" in usage.dimensions else {}),
    }
    return Operation("GET", path, _handler(usage, widths), query=query)


OPERATIONS: Final = (
    _operation("/organization/costs", _COSTS, _COSTS_WIDTHS),
    *(_operation(f"/organization/usage/{name}", usage, _WIDTHS) for name, usage in _USAGES.items()),
)
