from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Refused = Callable[..., dict[str, Any]]
LINE = json.dumps({"messages": [{"role": "user", "content": "Hi"}]}).encode()
JOBS = "/fine_tuning/jobs"


def uploaded(http: httpx.Client, content: bytes, purpose: str = "fine-tune") -> str:
    answer = http.post("/files", data={"purpose": purpose}, files={"file": ("a.jsonl", content)})
    return str(answer.json()["id"])


def started(http: httpx.Client, content: bytes = LINE, **more: Any) -> Any:
    answer = http.post(JOBS, json={"model": "gpt-4o-mini", "training_file": uploaded(http, content), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def finished(http: httpx.Client, job: dict[str, Any]) -> Any:
    for _ in range(3):
        job = http.get(f"{JOBS}/{job['id']}").json()
    return job


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"no JSON", "Line 1"), (LINE + b"\n[]", "Line 2"), (LINE + b"\n{}", "Line 2"), (b"\n" + LINE, "Line 1")],
)
def test_files_that_hold_no_examples_make_the_job_fail(http: httpx.Client, content: bytes, told: str) -> None:
    job = finished(http, started(http, content))
    assert (job["status"], job["error"]["code"]) == ("failed", "invalid_training_file")
    assert told in job["error"]["message"]
    (last,) = http.get(f"{JOBS}/{job['id']}/events", params={"limit": 1}).json()["data"]
    assert last["level"] == "error"


def test_a_file_that_was_deleted_meanwhile_makes_the_job_fail(http: httpx.Client) -> None:
    job = started(http)
    http.delete(f"/files/{job['training_file']}")
    assert finished(http, job)["status"] == "failed"


def test_there_is_a_checkpoint_after_each_epoch(http: httpx.Client) -> None:
    job = finished(http, started(http, LINE + b"\n" + LINE, hyperparameters={"n_epochs": 2}))
    listed = http.get(f"{JOBS}/{job['id']}/checkpoints").json()["data"]
    assert [each["step_number"] for each in listed] == [4, 2]
    last, first = (each["fine_tuned_model_checkpoint"] for each in listed)
    assert (last, first) == (job["fine_tuned_model"], f"{job['fine_tuned_model']}:ckpt-step-2")
    csv = http.get(f"/files/{job['result_files'][0]}/content").text
    assert len(csv.splitlines()) == 3


def test_jobs_without_metadata_can_be_asked_for(http: httpx.Client) -> None:
    started(http, metadata={"a": "b"})
    bare = started(http)
    assert [each["id"] for each in http.get(f"{JOBS}?metadata=null").json()["data"]] == [bare["id"]]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"training_file": "file-none"}, "training_file"),
        ({"validation_file": "file-none"}, "validation_file"),
        ({"suffix": "x" * 65}, "suffix"),
        ({"seed": -1}, "seed"),
        ({"method": {"type": "guessing"}}, "method.type"),
        ({"method": {"type": "reinforcement"}}, "method.reinforcement.grader"),
        ({"method": {"type": "reinforcement", "reinforcement": {"grader": {"type": "x"}}}}, None),
        ({"integrations": [{"type": "wandb", "wandb": {}}]}, "integrations[0].wandb.project"),
    ],
)
def test_wrong_parameters_are_refused(
    http: httpx.Client, refused: Refused, more: dict[str, Any], param: str | None
) -> None:
    body = {"model": "gpt-4o-mini", "training_file": uploaded(http, LINE), **more}
    found = refused(400, "POST", JOBS, json=body)["param"]
    assert found == (param or "method.reinforcement.grader.type")


def test_files_have_to_be_uploaded_for_fine_tuning(http: httpx.Client, refused: Refused) -> None:
    body = {"model": "gpt-4o-mini", "training_file": uploaded(http, LINE, "batch")}
    assert "purpose" in refused(400, "POST", JOBS, json=body)["message"]


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_a_job_that_has_come_to_its_end_stays_there(http: httpx.Client, refused: Refused, verb: str) -> None:
    job = finished(http, started(http))
    assert job["status"] == "succeeded"
    assert refused(400, "POST", f"{JOBS}/{job['id']}/{verb}")["code"] == "invalid_job_status"


def test_permissions_of_other_models_are_not_found(http: httpx.Client, refused: Refused) -> None:
    refused(404, "GET", "/fine_tuning/checkpoints/ft:none/permissions")
    model = finished(http, started(http))["fine_tuned_model"]
    refused(404, "DELETE", f"/fine_tuning/checkpoints/{model}/permissions/cp_none")
    assert refused(400, "POST", f"/fine_tuning/checkpoints/{model}/permissions", json={"project_ids": []})
