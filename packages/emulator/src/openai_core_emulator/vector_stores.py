"""Vector stores and their files: https://platform.openai.com/docs/api-reference/vector-stores.

A file is in progress when it is added, and searchable once somebody has looked at it, its batch or its store.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from .call import Answer, Call, Operation, page
from .errors import bad, missing
from .fields import BOOLEAN, METADATA, OBJECT, PAGE, REQUIRED_STRING, STRING, Field, one_of
from .resources import Kind
from .vector_search import fits, passages, readable, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DAY: Final = 24 * 3600
_STATES: Final = ("in_progress", "completed", "cancelled", "failed")
_USUAL: Final = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}
_RESULTS: Final = 10

_EXPIRES_AFTER: Final = Field(
    ("object",),
    properties={
        "anchor": one_of("last_active_at", required=True),
        "days": Field(("integer",), required=True, minimum=1, maximum=365),
    },
)
_CHUNKING: Final = Field(
    ("object",),
    properties={
        "type": one_of("auto", "static", required=True),
        "static": Field(
            ("object",),
            properties={
                "max_chunk_size_tokens": Field(("integer",), required=True, minimum=100, maximum=4096),
                "chunk_overlap_tokens": Field(("integer",), required=True, minimum=0),
            },
        ),
    },
)
_ATTRIBUTES: Final = Field(("object",), most=16, values=Field(("string", "number", "boolean"), longest=512))
_ADD: Final = {"file_id": REQUIRED_STRING, "attributes": _ATTRIBUTES, "chunking_strategy": _CHUNKING}
_CREATE: Final = {
    "name": STRING,
    "description": STRING,
    "metadata": METADATA,
    "expires_after": _EXPIRES_AFTER,
    "file_ids": Field(("array",), most=500, items=REQUIRED_STRING),
    "chunking_strategy": _CHUNKING,
}
_UPDATE: Final = {"name": STRING, "metadata": METADATA, "expires_after": _EXPIRES_AFTER}
_ADD_MANY: Final = {
    "file_ids": Field(("array",), fewest=1, most=2000, items=REQUIRED_STRING),
    "files": Field(("array",), fewest=1, most=2000, items=Field(("object",), properties=_ADD)),
    "attributes": _ATTRIBUTES,
    "chunking_strategy": _CHUNKING,
}
_SEARCH: Final = {
    "query": Field(("string", "array"), required=True, fewest=1, items=REQUIRED_STRING),
    "filters": OBJECT,
    "max_num_results": Field(("integer",), minimum=1, maximum=50),
    "ranking_options": Field(
        ("object",),
        properties={
            "ranker": one_of("none", "auto", "default-2024-11-15"),
            "score_threshold": Field(("number",), minimum=0, maximum=1),
        },
    ),
    "rewrite_query": BOOLEAN,
}
_LIST: Final = {**PAGE, "before": STRING}
_LIST_FILES: Final = {**_LIST, "filter": one_of(*_STATES)}


def _create(call: Call) -> Answer:
    body = call.body
    for file_id in body.get("file_ids") or ():
        call.state.file(file_id)
    created = call.state.now()
    store = _STORES.add(
        call,
        {
            "name": body.get("name") or "",
            "created_at": created,
            "last_active_at": created,
            "metadata": body.get("metadata") or {},
            "usage_bytes": 0,
            "file_counts": _counts(()),
            "status": "completed",
        },
    )
    _set_expiry(store, body.get("expires_after"))
    inside = Call(call.state, call.origin, {"vector_store_id": store["id"]})
    for file_id in body.get("file_ids") or ():
        _add(inside, {"file_id": file_id, "chunking_strategy": body.get("chunking_strategy")})
    _count(inside, store)
    return store


def _set_expiry(store: dict[str, Any], expires_after: dict[str, Any] | None) -> None:
    store.pop("expires_after", None)
    store["expires_at"] = None
    if expires_after:
        store["expires_after"] = expires_after
        store["expires_at"] = store["last_active_at"] + expires_after["days"] * _DAY


def _update(call: Call) -> Answer:
    store = _STORES.find(call)
    if "expires_after" in call.body:
        _set_expiry(store, call.body["expires_after"])
    if "metadata" in call.body:
        store["metadata"] = call.body["metadata"] or {}
    if "name" in call.body:
        store["name"] = call.body["name"] or ""
    return store


def _use(call: Call) -> None:
    """Note that somebody uses the store that is called for, unless it is too late."""
    store = _STORES.find(call)
    _look_at_store(call, store)
    if store["status"] == "expired":
        raise bad(f"The vector store '{store['id']}' is expired.", param="vector_store_id")
    store["last_active_at"] = call.state.now()
    _set_expiry(store, store.get("expires_after"))


def _look_at_store(call: Call, store: dict[str, Any]) -> None:
    if store["expires_at"] is not None and call.state.now() > store["expires_at"]:
        store["status"] = "expired"
        return
    inside = Call(call.state, call.origin, {"vector_store_id": store["id"]})
    for file in _FILES.shelf(inside).values():
        _look_at_file(inside, file)
    _count(inside, store)


def _count(call: Call, store: dict[str, Any]) -> None:
    found = _FILES.shelf(call).values()
    store["usage_bytes"] = sum(file["usage_bytes"] for file in found)
    store["file_counts"] = _counts(found)
    store["status"] = "in_progress" if store["file_counts"]["in_progress"] else "completed"


def _counts(found: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    by_state = Counter(file["status"] for file in found)
    return {**{state: by_state[state] for state in _STATES}, "total": by_state.total()}


def _add(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add a file to the store that is called for."""
    info = call.state.file(given["file_id"]).info
    strategy = given.get("chunking_strategy") or {"type": "auto"}
    static: Any = _USUAL if strategy["type"] == "auto" else strategy.get("static")
    if static is None:
        raise missing("chunking_strategy.static")
    if static["chunk_overlap_tokens"] > static["max_chunk_size_tokens"] // 2:
        message = "'chunk_overlap_tokens' is at most half of 'max_chunk_size_tokens'."
        raise bad(message, param="chunking_strategy.static.chunk_overlap_tokens")
    file: dict[str, Any] = {
        "id": info["id"],
        "object": _FILES.object,
        "usage_bytes": 0,
        "created_at": call.state.now(),
        "vector_store_id": call.path["vector_store_id"],
        "status": "in_progress",
        "last_error": None,
        "chunking_strategy": {"type": "static", "static": dict(static)},
        "attributes": given.get("attributes") or {},
    }
    _FILES.shelf(call)[file["id"]] = file
    return dict(file)


def _text(call: Call, file_id: str) -> str | None:
    stored = call.state.files.get(file_id)
    return None if stored is None else readable(stored.content)


def _look_at_file(call: Call, file: dict[str, Any]) -> None:
    if file["status"] != "in_progress":
        return
    text = _text(call, file["id"])
    if text is None:
        error = {"code": "unsupported_file", "message": "The file holds no text, or isn't there any more."}
        file.update(status="failed", last_error=error)
    else:
        file.update(status="completed", usage_bytes=len(text.encode()))


def _add_file(call: Call) -> Answer:
    _use(call)
    return _add(call, call.body)


def _list_files(call: Call) -> Answer:
    return _page_of_files(call, _FILES.shelf(call).values())


def _page_of_files(call: Call, found: Iterable[dict[str, Any]]) -> Answer:
    found = list(found)
    for file in found:
        _look_at_file(call, file)
    wanted = call.query.get("filter")
    return page([file for file in found if wanted in {None, file["status"]}], call.query)


def _list_stores(call: Call) -> Answer:
    stores = list(_STORES.shelf(call).values())
    for store in stores:
        _look_at_store(call, store)
    return page(stores, call.query)


def _update_file(call: Call) -> Answer:
    file = _FILES.find(call)
    file["attributes"] = call.body["attributes"] or {}
    return file


def _content(call: Call) -> Answer:
    file = _FILES.find(call)
    _look_at_file(call, file)
    text = _text(call, file["id"]) if file["status"] == "completed" else None
    data = [] if text is None else [{"type": "text", "text": text}]
    return {"object": "vector_store.file_content.page", "data": data, "has_more": False, "next_page": None}


def _search(call: Call) -> Answer:
    body = call.body
    _use(call)
    queries = [body["query"]] if isinstance(body["query"], str) else body["query"]
    least = (body.get("ranking_options") or {}).get("score_threshold") or 0
    if body.get("filters"):
        # A wrong one is refused also where there is no file yet.
        fits({}, body["filters"])
    found = [
        result
        for file in _FILES.shelf(call).values()
        if file["status"] == "completed" and (not body.get("filters") or fits(file["attributes"], body["filters"]))
        for result in _results(call, file, queries)
        if result["score"] >= least
    ]
    found.sort(key=lambda result: -result["score"])
    return {
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": found[: body.get("max_num_results") or _RESULTS],
        "has_more": False,
        "next_page": None,
    }


def _results(call: Call, file: dict[str, Any], queries: list[str]) -> Iterable[dict[str, Any]]:
    stored, static = call.state.files.get(file["id"]), file["chunking_strategy"]["static"]
    text = _text(call, file["id"])
    if stored is None or text is None:
        return
    for passage in passages(text, static["max_chunk_size_tokens"], static["chunk_overlap_tokens"]):
        yield {
            "file_id": file["id"],
            "filename": stored.info["filename"],
            "score": score(passage, queries),
            "attributes": file["attributes"],
            "content": [{"type": "text", "text": passage}],
        }


def _create_batch(call: Call) -> Answer:
    body = call.body
    _use(call)
    if bool(body.get("file_ids")) == bool(body.get("files")):
        raise bad("Pass either 'file_ids' or 'files'.", param="file_ids")
    common = {"attributes": body.get("attributes"), "chunking_strategy": body.get("chunking_strategy")}
    given = body.get("files") or [{"file_id": file_id, **common} for file_id in body["file_ids"]]
    for each in given:
        call.state.file(each["file_id"])
    added = [_add(call, each) for each in given]
    created = {"created_at": call.state.now(), "vector_store_id": call.path["vector_store_id"]}
    batch = _BATCHES.add(call, {**created, "status": "in_progress", "file_counts": _counts(added)})
    call.state.shelf("files of batches")[batch["id"]] = {"ids": [file["id"] for file in added]}
    return batch


def _files_of(call: Call, batch: dict[str, Any]) -> list[dict[str, Any]]:
    shelf, ids = _FILES.shelf(call), call.state.shelf("files of batches")[batch["id"]]["ids"]
    return [shelf[file_id] for file_id in ids if file_id in shelf]


def _look_at_batch(call: Call, batch: dict[str, Any]) -> None:
    if batch["status"] != "in_progress":
        return
    found = _files_of(call, batch)
    for file in found:
        _look_at_file(call, file)
    batch.update(file_counts=_counts(found), status="completed")


def _cancel_batch(call: Call) -> Answer:
    batch = _BATCHES.find(call)
    if batch["status"] != "in_progress":
        raise bad(f"Cannot cancel a batch with status '{batch['status']}'.", param="batch_id")
    found = _files_of(call, batch)
    for file in found:
        if file["status"] == "in_progress":
            file["status"] = "cancelled"
    batch.update(status="cancelled", file_counts=_counts(found))
    return batch


def _list_batch_files(call: Call) -> Answer:
    return _page_of_files(call, _files_of(call, _BATCHES.find(call)))


_STORES: Final = Kind(
    "/vector_stores",
    "vector_store_id",
    prefix="vs_",
    object="vector_store",
    look=_look_at_store,
)
_FILES: Final = Kind(
    "/vector_stores/{vector_store_id}/files",
    "file_id",
    prefix="file-",
    object="vector_store.file",
    look=_look_at_file,
    parent=_STORES,
)
_BATCHES: Final = Kind(
    "/vector_stores/{vector_store_id}/file_batches",
    "batch_id",
    prefix="vsfb_",
    object="vector_store.files_batch",
    look=_look_at_batch,
    parent=_STORES,
)
_LOOK_OR_DELETE: Final = ("retrieve", "delete")
_UPDATE_FILE: Final = {"attributes": Field(("object", "null"), required=True, most=16, values=_ATTRIBUTES.values)}

OPERATIONS: Final = (
    Operation("GET", _STORES.path, _list_stores, query=_LIST),
    Operation("POST", _STORES.path, _create, body=_CREATE),
    *_STORES.operations(_LOOK_OR_DELETE),
    Operation("POST", "/vector_stores/{vector_store_id}", _update, body=_UPDATE),
    Operation("POST", "/vector_stores/{vector_store_id}/search", _search, body=_SEARCH),
    Operation("GET", _FILES.path, _list_files, query=_LIST_FILES),
    Operation("POST", _FILES.path, _add_file, body=_ADD),
    *_FILES.operations(_LOOK_OR_DELETE),
    Operation("POST", f"{_FILES.path}/{{file_id}}", _update_file, body=_UPDATE_FILE),
    Operation("GET", f"{_FILES.path}/{{file_id}}/content", _content),
    Operation("POST", _BATCHES.path, _create_batch, body=_ADD_MANY),
    *_BATCHES.operations(["retrieve"]),
    Operation("POST", f"{_BATCHES.path}/{{batch_id}}/cancel", _cancel_batch),
    Operation("GET", f"{_BATCHES.path}/{{batch_id}}/files", _list_batch_files, query=_LIST_FILES),
)
