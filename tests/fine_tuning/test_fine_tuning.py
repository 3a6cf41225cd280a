from __future__ import annotations

import pytest

from openai_core import BadRequestError, ConfigurationError, DeadlineExceededError, NotFoundError
from openai_core_fine_tuning.types import (
    FineTuningCheckpointPermission,
    FineTuningCheckpointPermissionDeleted,
    FineTuningCheckpointPermissionList,
    FineTuningJob,
    FineTuningJobCheckpoint,
    FineTuningJobEvent,
)

EXAMPLES = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}\n' * 10
MODEL = "gpt-4o-mini"
JOBS = "/v1/fine_tuning/jobs"


@pytest.fixture
async def examples(client, settled):
    """ID of a file with ten examples."""
    file = await settled(client.files.create(file=("examples.jsonl", EXAMPLES), purpose="fine-tune"))
    return file.id


@pytest.fixture
async def trained(client, settled, examples):
    """A job that has succeeded."""
    job = await settled(client.fine_tuning.jobs.create(model=MODEL, training_file=examples, suffix="pirate"))
    return await settled(client.fine_tuning.jobs.wait(job.id, interval=0))


@pytest.fixture
async def permissions(client, settled, openai_emulator):
    """The calls that need an admin key, of a client that has one."""
    owner = type(client)(
        base_url=openai_emulator.base_url,
        api_key=openai_emulator.api_key,
        admin_key="sk-admin-emulator",
        validation="strict",
    )
    yield owner.fine_tuning.checkpoints.permissions
    await settled(owner.close())


async def test_a_model_is_trained_and_waited_for(client, settled, openai_emulator, examples):
    asked = {
        "model": MODEL,
        "training_file": examples,
        "validation_file": examples,
        "suffix": "pirate",
        "seed": 7,
        "metadata": {"a": "b"},
        "integrations": [{"type": "wandb", "wandb": {"project": "pirates"}}],
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
    }
    job = await settled(client.fine_tuning.jobs.create(**asked))
    assert isinstance(job, FineTuningJob)
    assert (job.status, job.seed, job.metadata) == ("validating_files", 7, {"a": "b"})
    assert (job.method.type, job.hyperparameters.n_epochs) == ("supervised", 2)
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.json()) == ("POST", JOBS, asked)
    seen = []
    done = await settled(
        client.fine_tuning.jobs.wait(job.id, interval=0, on_progress=lambda job: seen.append(job.status))
    )
    assert seen == ["queued", "running", "succeeded"]
    assert done.fine_tuned_model.startswith(f"ft:{MODEL}:")
    assert ":pirate:" in done.fine_tuned_model
    assert done.trained_tokens > 0
    assert openai_emulator.requests[-1].path == f"{JOBS}/{job.id}"
    assert await settled(client.fine_tuning.jobs.retrieve(job.id)) == done
    results = await settled(client.files.content(done.result_files[0]))
    assert (await settled(results.read())).startswith(b"step,train_loss")


async def test_a_job_leaves_events_and_checkpoints(client, settled, each, openai_emulator, trained):
    events = await each(client.fine_tuning.jobs.list_events(trained.id, limit=4))
    assert all(isinstance(event, FineTuningJobEvent) for event in events)
    assert "success" in events[0].message
    assert events[-1].message == f"Created fine-tuning job: {trained.id}"
    asked = [(request.path, request.query) for request in openai_emulator.requests if "events" in request.path]
    path = f"{JOBS}/{trained.id}/events"
    assert asked[:2] == [(path, "limit=4"), (path, f"limit=4&after={events[3].id}")]
    checkpoints = await each(client.fine_tuning.jobs.checkpoints.list(trained.id, limit=2))
    assert all(isinstance(checkpoint, FineTuningJobCheckpoint) for checkpoint in checkpoints)
    assert [checkpoint.step_number for checkpoint in checkpoints] == [30, 20, 10]
    assert checkpoints[0].fine_tuned_model_checkpoint == trained.fine_tuned_model
    assert checkpoints[0].metrics.train_loss < checkpoints[-1].metrics.train_loss
    path = f"{JOBS}/{trained.id}/checkpoints"
    assert openai_emulator.requests[-1].path == path
    assert openai_emulator.requests[-1].query == f"limit=2&after={checkpoints[1].id}"


async def test_other_methods_of_training_are_taken(client, settled, examples):
    dpo = {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "n_epochs": "auto"}}}
    job = await settled(client.fine_tuning.jobs.create(model=MODEL, training_file=examples, method=dpo))
    assert job.method.dpo.hyperparameters.beta == 0.1
    grader = {"type": "string_check", "name": "g", "input": "a", "reference": "b", "operation": "eq"}
    method = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    job = await settled(client.fine_tuning.jobs.create(model="o4-mini", training_file=examples, method=method))
    assert job.method.reinforcement.grader.operation == "eq"
    job = await settled(
        client.fine_tuning.jobs.create(model=MODEL, training_file=examples, hyperparameters={"n_epochs": 1})
    )
    assert job.hyperparameters.n_epochs == 1


async def test_a_job_that_failed_is_returned_with_its_error(client, settled):
    file = await settled(client.files.create(file=("examples.jsonl", EXAMPLES + b"oops"), purpose="fine-tune"))
    job = await settled(client.fine_tuning.jobs.create(model=MODEL, training_file=file.id))
    done = await settled(client.fine_tuning.jobs.wait(job.id, interval=0))
    assert (done.status, done.error.code, done.error.param) == ("failed", "invalid_training_file", "training_file")
    assert "Line 11" in done.error.message


async def test_a_job_is_paused_resumed_and_cancelled(client, settled, openai_emulator, examples):
    job = await settled(client.fine_tuning.jobs.create(model=MODEL, training_file=examples))
    turns = (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled"))
    for verb, status in turns:
        turned = await settled(getattr(client.fine_tuning.jobs, verb)(job.id))
        assert isinstance(turned, FineTuningJob)
        assert turned.status == status
        request = openai_emulator.requests[-1]
        assert (request.method, request.path, request.body) == ("POST", f"{JOBS}/{job.id}/{verb}", b"")
    assert (await settled(client.fine_tuning.jobs.wait(job.id, interval=0))).status == "cancelled"
    with pytest.raises(BadRequestError, match="is cancelled and can't become paused"):
        await settled(client.fine_tuning.jobs.pause(job.id))


async def test_a_wait_ends_with_a_job_that_somebody_has_to_resume(client, settled, examples):
    job = await settled(client.fine_tuning.jobs.create(model=MODEL, training_file=examples))
    await settled(client.fine_tuning.jobs.pause(job.id))
    assert (await settled(client.fine_tuning.jobs.wait(job.id, interval=0))).status == "paused"


async def test_a_deadline_ends_the_wait(client, settled, examples):
    job = await settled(client.fine_tuning.jobs.create(model=MODEL, training_file=examples))
    with pytest.raises(DeadlineExceededError, match="'queued'"):
        await settled(client.fine_tuning.jobs.wait(job.id, interval=60, deadline=30))


async def test_jobs_are_listed_page_by_page_and_by_their_metadata(client, settled, each, openai_emulator, examples):
    made = [
        await settled(
            client.fine_tuning.jobs.create(model=MODEL, training_file=examples, metadata={"n": str(number), "by": "me"})
        )
        for number in range(3)
    ]
    listed = await each(client.fine_tuning.jobs.list(limit=2))
    assert [job.id for job in listed] == [job.id for job in reversed(made)]
    queries = [(request.path, request.query) for request in openai_emulator.requests[-2:]]
    assert queries == [(JOBS, "limit=2"), (JOBS, f"limit=2&after={made[1].id}")]
    (second,) = await each(client.fine_tuning.jobs.list(metadata={"n": "1"}))
    assert second.id == made[1].id
    assert openai_emulator.requests[-1].query == "metadata[n]=1"


async def test_projects_are_permitted_to_use_a_checkpoint(settled, each, openai_emulator, permissions, trained):
    model = trained.fine_tuned_model
    path = f"/v1/fine_tuning/checkpoints/{model}/permissions"
    given = await settled(permissions.create(model, project_ids=["proj_a", "proj_b"]))
    assert isinstance(given, FineTuningCheckpointPermissionList)
    assert [each.project_id for each in given.data] == ["proj_a", "proj_b"]
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.json()) == ("POST", path, {"project_ids": ["proj_a", "proj_b"]})
    listed = await each(permissions.list(model, limit=1, order="ascending"))
    assert listed == given.data
    assert all(isinstance(permission, FineTuningCheckpointPermission) for permission in listed)
    queries = [request.query for request in openai_emulator.requests[-2:]]
    assert queries == ["limit=1&order=ascending", f"limit=1&order=ascending&after={listed[0].id}"]
    assert openai_emulator.requests[-1].headers["authorization"] == "Bearer sk-admin-emulator"
    (second,) = await each(permissions.list(model, project_id="proj_b"))
    assert second == listed[1]
    deleted = await settled(permissions.delete(model, second.id))
    assert isinstance(deleted, FineTuningCheckpointPermissionDeleted)
    assert (deleted.id, deleted.deleted) == (second.id, True)
    assert (openai_emulator.requests[-1].method, openai_emulator.requests[-1].path) == ("DELETE", f"{path}/{second.id}")
    assert await each(permissions.list(model)) == listed[:1]


async def test_what_is_not_there_is_refused(client, settled, permissions, examples):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.fine_tuning.jobs.create(model=MODEL, training_file="file-none"))
    assert caught.value.param == "training_file"
    with pytest.raises(NotFoundError):
        await settled(client.fine_tuning.jobs.retrieve("ftjob-none"))
    with pytest.raises(NotFoundError):
        await settled(permissions.create("ft:none", project_ids=["proj_a"]))
    with pytest.raises(ConfigurationError, match="OPENAI_ADMIN_KEY"):
        await settled(client.fine_tuning.checkpoints.permissions.create("ft:none", project_ids=["proj_a"]))
    with pytest.raises(TypeError, match="training_file"):
        client.fine_tuning.jobs.create(model=MODEL, training_files=examples)
