"""Evals: https://platform.openai.com/docs/api-reference/evals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import eval_runs
from .call import Answer, Call, Operation, page
from .errors import bad
from .fields import METADATA, PAGE, REQUIRED_STRING, STRING, Field, check, one_of
from .graders import check_grader
from .models import require
from .resources import Kind, move_on

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNDER_WAY: Final = ("queued", "in_progress")
_SAMPLE: Final = {"type": "object", "properties": {"output_text": {"type": "string"}}, "required": ["output_text"]}
_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "jsonl": ("file_content", "file_id"),
    "completions": ("file_content", "file_id", "stored_completions"),
    "responses": ("file_content", "file_id", "responses"),
}
_ROW: Final = Field(("object",), properties={"item": Field(("object",), required=True), "sample": Field(("object",))})
_SOURCE: Final = Field(
    ("object",),
    required=True,
    properties={"type": REQUIRED_STRING, "id": STRING, "content": Field(("array",), items=_ROW)},
)
_DATA: Final = Field(
    ("object",),
    required=True,
    properties={
        "type": one_of(*_SOURCES, required=True),
        "source": _SOURCE,
        "model": STRING,
        "input_messages": Field(
            ("object",),
            properties={
                "type": one_of("template", "item_reference", required=True),
                "template": Field(("array",), items=Field(("object",), properties={"role": REQUIRED_STRING})),
                "item_reference": STRING,
            },
        ),
    },
)
_CONFIG: Final = Field(
    ("object",),
    required=True,
    properties={
        "type": one_of("custom", "logs", "stored_completions", required=True),
        "item_schema": Field(("object",)),
        "metadata": Field(("object",)),
    },
)


def _make_eval(call: Call, eval_id: str, given: dict[str, Any]) -> dict[str, Any]:
    for number, criterion in enumerate(given["testing_criteria"]):
        within = f"testing_criteria[{number}]."
        check_grader(criterion, within=within, nested=True)
        if criterion["type"] == "text_similarity":
            check(criterion, {"pass_threshold": Field(("number",), required=True)}, closed=False, within=within)
    config = given["data_source_config"]
    if config["type"] == "custom":
        check(config, {"item_schema": Field(("object",), required=True)}, closed=False, within="data_source_config.")
    return {
        "name": given.get("name") or eval_id,
        "metadata": given.get("metadata") or {},
        "created_at": call.state.now(),
        "data_source_config": _config(config),
    }


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    """What an eval tells of its data: one schema of all that graders can refer to."""
    parts: dict[str, Any] = {"item": config.get("item_schema") or {"type": "object"}}
    if config["type"] != "custom" or config.get("include_sample_schema"):
        parts["sample"] = _SAMPLE
    schema = {"type": "object", "properties": parts, "required": list(parts)}
    told = {"type": config["type"], "schema": schema}
    return told if config["type"] == "custom" else {**told, "metadata": config.get("metadata") or {}}


def _make_run(call: Call, run_id: str, given: dict[str, Any]) -> dict[str, Any]:
    data = given["data_source"]
    source = data["source"]
    known = _SOURCES[data["type"]]
    check(source, {"type": one_of(*known, required=True)}, closed=False, within="data_source.source.")
    needed = {"file_content": {"content": Field(("array",), required=True)}, "file_id": {"id": REQUIRED_STRING}}
    check(source, needed.get(source["type"], {}), closed=False, within="data_source.source.")
    if source["type"] == "file_id":
        call.state.file(source["id"])
    if data.get("input_messages"):
        check(data, {"model": REQUIRED_STRING}, closed=False, within="data_source.")
        require(call.state, data["model"])
    eval_id = call.path["eval_id"]
    return {
        "eval_id": eval_id,
        "status": "queued",
        "model": data.get("model") or "",
        "name": given.get("name") or data.get("model") or run_id,
        "created_at": call.state.now(),
        "report_url": f"{call.origin}/evaluations/{eval_id}?run_id={run_id}",
        "result_counts": {"total": 0, "errored": 0, "failed": 0, "passed": 0},
        "per_model_usage": [],
        "per_testing_criteria_results": [],
        "metadata": given.get("metadata") or {},
        "error": None,
    }


def _look_at_run(call: Call, run: dict[str, Any]) -> None:
    if run["status"] not in _UNDER_WAY:
        return
    move_on(run)
    if run["status"] == "completed":
        path = _ITEMS.path.format(eval_id=run["eval_id"], run_id=run["id"])
        made = eval_runs.finish(call.state, _EVALS.find(call), run)
        call.state.shelf(path).update((each["id"], each) for each in made)


_EVALS: Final = Kind(
    "/evals",
    "eval_id",
    prefix="eval_",
    object="eval",
    create={
        "name": STRING,
        "metadata": METADATA,
        "data_source_config": _CONFIG,
        "testing_criteria": Field(("array",), required=True, items=Field(("object",))),
    },
    update={"name": STRING, "metadata": METADATA},
    make=_make_eval,
    order="asc",
)
_RUNS: Final = Kind(
    "/evals/{eval_id}/runs",
    "run_id",
    prefix="evalrun_",
    object="eval.run",
    create={"name": STRING, "metadata": METADATA, "data_source": _DATA},
    make=_make_run,
    look=_look_at_run,
    parent=_EVALS,
    order="asc",
    query={"status": one_of(*_UNDER_WAY, "completed", "canceled", "failed")},
)
_ITEMS: Final = Kind(
    "/evals/{eval_id}/runs/{run_id}/output_items",
    "output_item_id",
    prefix="outputitem_",
    object="eval.run.output_item",
    parent=_RUNS,
    order="asc",
    query={"status": one_of("pass", "fail")},
)


def _by_change(call: Call) -> dict[str, dict[str, Any]]:
    """The evals in the order in which they were changed last."""
    return call.state.shelf("evals by their last change")


def _list(call: Call) -> Answer:
    shelf = _by_change(call) if call.query.get("order_by") == "updated_at" else _EVALS.shelf(call)
    return page(list(shelf.values()), call.query, order="asc")


def _create(call: Call) -> Answer:
    made = _EVALS.add(call, call.body)
    _by_change(call)[made["id"]] = made
    return made


def _update(call: Call) -> Answer:
    found = _EVALS.find(call)
    found.update((name, value) for name, value in call.body.items() if value is not None)
    _by_change(call)[found["id"]] = _by_change(call).pop(found["id"])
    return found


def _delete(call: Call) -> Answer:
    eval_id = _EVALS.find(call)["id"]
    del _EVALS.shelf(call)[eval_id], _by_change(call)[eval_id]
    return {"object": "eval.deleted", "deleted": True, "eval_id": eval_id}


def _create_run(call: Call) -> Answer:
    _EVALS.find(call)
    return _RUNS.add(call, call.body)


def _cancel(call: Call) -> Answer:
    run = _RUNS.find(call)
    if run["status"] not in _UNDER_WAY:
        raise bad(f"A run that is {run['status']} can't be canceled.", param="run_id")
    run["status"] = "canceled"
    return run


def _delete_run(call: Call) -> Answer:
    run_id = _RUNS.find(call)["id"]
    del _RUNS.shelf(call)[run_id]
    return {"object": "eval.run.deleted", "deleted": True, "run_id": run_id}


_LIST: Final = {**PAGE, "order_by": one_of("created_at", "updated_at")}

OPERATIONS: Final = (
    Operation("GET", "/evals", _list, query=_LIST),
    Operation("POST", "/evals", _create, body=_EVALS.create, status=201),
    *_EVALS.operations(["retrieve"]),
    Operation("POST", "/evals/{eval_id}", _update, body=_EVALS.update),
    Operation("DELETE", "/evals/{eval_id}", _delete),
    *_RUNS.operations(["list"]),
    Operation("POST", _RUNS.path, _create_run, body=_RUNS.create, status=201),
    *_RUNS.operations(["retrieve"]),
    Operation("POST", "/evals/{eval_id}/runs/{run_id}", _cancel),
    Operation("DELETE", "/evals/{eval_id}/runs/{run_id}", _delete_run),
    *_ITEMS.operations(["list", "retrieve"]),
)
