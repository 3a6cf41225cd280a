"""Fine-tuning: https://platform.openai.com/docs/api-reference/fine-tuning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from . import text
from .call import Answer, Call, Operation, page
from .errors import bad, not_found
from .fields import METADATA, OBJECT, PAGE, REQUIRED_STRING, STRING, Field, check, one_of
from .graders import check_grader
from .models import require
from .resources import Kind, move_on
from .state import StoredFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import State

_STATES: Final = ("validating_files", "queued", "running", "succeeded")
_SAID: Final[Mapping[str, str]] = {
    "validating_files": "Validating training file",
    "queued": "Files validated, moving job to queued state",
    "running": "Fine-tuning job started",
    "succeeded": "The job has successfully completed",
    "cancelled": "Fine-tuning job cancelled",
    "paused": "Fine-tuning job paused",
}
_EXAMPLES: Final = ("messages", "prompt", "input")
"""What a line of a training file holds at least one of."""

_EPOCHS: Final = 3
_HYPERPARAMETERS: Final = {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}
_CREATE: Final = {
    "hyperparameters": Field(("object",)),
    "integrations": Field(
        ("array",),
        items=Field(
            ("object",),
            properties={
                "type": one_of("wandb", required=True),
                "wandb": Field(("object",), required=True, properties={"project": REQUIRED_STRING}),
            },
        ),
    ),
    "metadata": METADATA,
    "method": Field(
        ("object",),
        properties={
            "type": one_of("supervised", "dpo", "reinforcement", required=True),
            "supervised": OBJECT,
            "dpo": OBJECT,
            "reinforcement": OBJECT,
        },
    ),
    "model": REQUIRED_STRING,
    "seed": Field(("integer",), minimum=0, maximum=2**31 - 1),
    "suffix": Field(("string",), longest=64),
    "training_file": REQUIRED_STRING,
    "validation_file": STRING,
}


def _make(call: Call, job_id: str, given: dict[str, Any]) -> dict[str, Any]:
    state = call.state
    require(state, given["model"])
    for name in ("training_file", "validation_file"):
        if given.get(name):
            _check_file(state, given[name], name)
    method = given.get("method") or {"type": "supervised", "supervised": {}}
    kind = method["type"]
    settings = method.get(kind) or {}
    if kind == "reinforcement":
        within = "method.reinforcement."
        check(settings, {"grader": Field(("object",), required=True)}, closed=False, within=within)
        check_grader(settings["grader"], within=f"{within}grader.")
    parameters = {**_HYPERPARAMETERS, **(given.get("hyperparameters") or {}), **(settings.get("hyperparameters") or {})}
    job: dict[str, Any] = {
        "created_at": state.now(),
        "error": None,
        "estimated_finish": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "hyperparameters": {name: parameters[name] for name in _HYPERPARAMETERS},
        "integrations": given.get("integrations") or [],
        "metadata": given.get("metadata") or {},
        "method": {"type": kind, kind: {**settings, "hyperparameters": parameters}},
        "organization_id": "org-emulator",
        "result_files": [],
        "seed": given.get("seed", state.chance(2**31, "seed", job_id)),
        "status": "validating_files",
        "trained_tokens": None,
        "validation_file": given.get("validation_file"),
    }
    _tell(state, job_id, f"Created fine-tuning job: {job_id}")
    _tell(state, job_id, _SAID["validating_files"])
    return job


def _check_file(state: State, file_id: str, param: str) -> None:
    if file_id not in state.files:
        raise bad(f"Invalid {param}: '{file_id}' doesn't exist.", param=param, code=f"invalid_{param}")
    purpose = state.files[file_id].info["purpose"]
    if purpose != "fine-tune":
        message = f"Invalid {param}: '{file_id}' has the purpose '{purpose}', not 'fine-tune'."
        raise bad(message, param=param, code=f"invalid_{param}")


def _look(call: Call, job: dict[str, Any]) -> None:
    before = job["status"]
    move_on(job, _STATES)
    if job["status"] == before:
        return
    if before == "validating_files" and (wrong := _wrong_line(call.state, job)):
        job |= {
            "status": "failed",
            "finished_at": call.state.now(),
            "error": {"code": "invalid_training_file", "message": wrong, "param": "training_file"},
        }
        _tell(call.state, job["id"], wrong, level="error")
        return
    if job["status"] == "succeeded":
        _finish(call.state, job)
    _tell(call.state, job["id"], _SAID[job["status"]])


def _content(state: State, job: Mapping[str, Any]) -> bytes:
    stored = state.files.get(job["training_file"])
    return stored.content if stored else b""


def _wrong_line(state: State, job: Mapping[str, Any]) -> str | None:
    """What is wrong with the examples, if anything is."""
    lines = _content(state, job).splitlines()
    for number, line in enumerate(lines, 1):
        try:
            example = json.loads(line)
        except ValueError:
            return f"Line {number} of the training file is no JSON."
        if not isinstance(example, dict) or not example.keys() & set(_EXAMPLES):
            return f"Line {number} of the training file has none of {', '.join(_EXAMPLES)}."
    return None if lines else "The training file is empty or was deleted."


def _finish(state: State, job: dict[str, Any]) -> None:
    """Note what came of a job: a model, a checkpoint after each epoch, and a file of what was measured."""
    content = _content(state, job)
    examples = len(content.splitlines())
    epochs = job["hyperparameters"]["n_epochs"]
    epochs = _EPOCHS if epochs == "auto" else epochs
    name = f"ft:{job['model']}:emulator:{job.get('suffix') or ''}:{job['id'][-8:]}"
    rows = ["step,train_loss,train_accuracy"]
    for epoch in range(1, epochs + 1):
        step = examples * epoch
        metrics = {"step": step, "train_loss": round(2 / (1 + epoch), 4), "train_mean_token_accuracy": _rising(epoch)}
        model = name if epoch == epochs else f"{name}:ckpt-step-{step}"
        checkpoint_id = state.new_id("ftckpt_", 24)
        state.shelf(_CHECKPOINTS.path.format(fine_tuning_job_id=job["id"]))[checkpoint_id] = {
            "id": checkpoint_id,
            "object": "fine_tuning.job.checkpoint",
            "created_at": state.now(),
            "fine_tuned_model_checkpoint": model,
            "fine_tuning_job_id": job["id"],
            "metrics": metrics,
            "step_number": step,
        }
        state.shelf(_TUNED)[model] = {"id": model}
        rows.append(",".join(map(str, metrics.values())))
        _tell(state, job["id"], f"Step {step}: training loss={metrics['train_loss']}", metrics)
    job |= {
        "fine_tuned_model": name,
        "finished_at": state.now(),
        "result_files": [_store(state, "\n".join(rows).encode())],
        "trained_tokens": epochs * text.count(content.decode(errors="replace")),
    }
    _tell(state, job["id"], f"New fine-tuned model created: {name}")


def _rising(epoch: int) -> float:
    return round(1 - 1 / (2 + epoch), 4)


def _store(state: State, content: bytes) -> str:
    file_id = state.new_id("file-", 22)
    info = {
        "id": file_id,
        "object": "file",
        "bytes": len(content),
        "created_at": state.now(),
        "filename": "step_metrics.csv",
        "purpose": "fine-tune-results",
        "status": "processed",
    }
    state.files[file_id] = StoredFile(info, content)
    return file_id


def _tell(
    state: State, job_id: str, message: str, data: Mapping[str, Any] | None = None, *, level: str = "info"
) -> None:
    """Note an event of a job."""
    event_id = state.new_id("ftevent-", 24)
    state.shelf(_EVENTS.path.format(fine_tuning_job_id=job_id))[event_id] = {
        "id": event_id,
        "object": "fine_tuning.job.event",
        "created_at": state.now(),
        "level": level,
        "message": message,
        "type": "metrics" if data else "message",
        "data": dict(data or {}),
    }


_TUNED: Final = "models that were tuned, and their checkpoints"
_JOBS: Final = Kind(
    "/fine_tuning/jobs",
    "fine_tuning_job_id",
    prefix="ftjob-",
    object="fine_tuning.job",
    create=_CREATE,
    make=_make,
    look=_look,
)
_EVENTS: Final = Kind(
    "/fine_tuning/jobs/{fine_tuning_job_id}/events",
    "event_id",
    prefix="ftevent-",
    object="fine_tuning.job.event",
    parent=_JOBS,
)
_CHECKPOINTS: Final = Kind(
    "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints",
    "checkpoint_id",
    prefix="ftckpt_",
    object="fine_tuning.job.checkpoint",
    parent=_JOBS,
)
_PERMISSIONS: Final = Kind(
    "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
    "permission_id",
    prefix="cp_",
    object="checkpoint.permission",
    deleted="checkpoint.permission",
    make=lambda call, _id, _given: {"created_at": call.state.now()},
)


def _list(call: Call) -> Answer:
    jobs = list(_JOBS.shelf(call).values())
    for job in jobs:
        _look(call, job)
    wanted = call.query.get("metadata")
    if wanted == "null":
        jobs = [job for job in jobs if not job["metadata"]]
    elif wanted:
        jobs = [job for job in jobs if wanted.items() <= job["metadata"].items()]
    return page(jobs, call.query, order="desc")


def _turn(call: Call, status: str, *, from_: tuple[str, ...]) -> Answer:
    job = _JOBS.find(call)
    if job["status"] not in from_:
        message = f"Job '{job['id']}' is {job['status']} and can't become {status}."
        raise bad(message, param="fine_tuning_job_id", code="invalid_job_status")
    job["status"] = status
    if status == "cancelled":
        job["finished_at"] = call.state.now()
    _tell(call.state, job["id"], _SAID[status])
    return job


def _cancel(call: Call) -> Answer:
    return _turn(call, "cancelled", from_=(*_STATES[:-1], "paused"))


def _pause(call: Call) -> Answer:
    return _turn(call, "paused", from_=_STATES[:-1])


def _resume(call: Call) -> Answer:
    return _turn(call, "queued", from_=("paused",))


def _shared(call: Call) -> dict[str, dict[str, Any]]:
    model = call.path["fine_tuned_model_checkpoint"]
    if model not in call.state.shelf(_TUNED):
        raise not_found(f"No fine-tuned model checkpoint '{model}'.", param="fine_tuned_model_checkpoint")
    return _PERMISSIONS.shelf(call)


def _list_permissions(call: Call) -> Answer:
    found = list(_shared(call).values())
    if project := call.query.get("project_id"):
        found = [each for each in found if each["project_id"] == project]
    order = "asc" if call.query.get("order") == "ascending" else "desc"
    return page(found, {**call.query, "order": order}, limit=10, order=order)


def _create_permissions(call: Call) -> Answer:
    _shared(call)
    made = [_PERMISSIONS.add(call, {"project_id": each}) for each in call.body["project_ids"]]
    return page(made, {"limit": len(made)}, order="asc")


def _delete_permission(call: Call) -> Answer:
    _shared(call)
    permission_id = _PERMISSIONS.find(call)["id"]
    del _PERMISSIONS.shelf(call)[permission_id]
    return {"id": permission_id, "object": "checkpoint.permission", "deleted": True}


_PROJECTS: Final = Field(("array",), required=True, fewest=1, items=STRING)
_PERMITTED: Final = {**PAGE, "order": one_of("ascending", "descending"), "project_id": STRING}

OPERATIONS: Final = (
    Operation("GET", "/fine_tuning/jobs", _list, query={**PAGE, "metadata": Field(("object", "string"))}),
    *_JOBS.operations(["create", "retrieve"]),
    Operation("POST", "/fine_tuning/jobs/{fine_tuning_job_id}/cancel", _cancel),
    Operation("POST", "/fine_tuning/jobs/{fine_tuning_job_id}/pause", _pause),
    Operation("POST", "/fine_tuning/jobs/{fine_tuning_job_id}/resume", _resume),
    *_EVENTS.operations(["list"]),
    *_CHECKPOINTS.operations(["list"]),
    Operation("GET", _PERMISSIONS.path, _list_permissions, query=_PERMITTED),
    Operation("POST", _PERMISSIONS.path, _create_permissions, body={"project_ids": _PROJECTS}),
    Operation("DELETE", f"{_PERMISSIONS.path}/{{permission_id}}", _delete_permission),
)
