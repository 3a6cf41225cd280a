from __future__ import annotations

import pytest

from openai_core import BadRequestError, DeadlineExceededError, NotFoundError
from openai_core_evals.types import Eval, EvalDeleteResponse, EvalRun, EvalRunDeleteResponse, EvalRunOutputItem

SCHEMA = {"type": "object", "properties": {"question": {"type": "string"}, "answer": {"type": "string"}}}
CONFIG = {"type": "custom", "item_schema": SCHEMA, "include_sample_schema": True}
EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
ROWS = [
    {"item": {"question": "1 + 1", "answer": "2"}, "sample": {"output_text": "2"}},
    {"item": {"question": "1 + 2", "answer": "3"}, "sample": {"output_text": "4"}},
    {"item": {"question": "2 + 2", "answer": "4"}, "sample": {"output_text": "4"}},
]
DATA = {"type": "jsonl", "source": {"type": "file_content", "content": ROWS}}


async def defined(client, settled, name="sums", criteria=(EXACT,), config=CONFIG):
    return await settled(client.evals.create(name=name, data_source_config=config, testing_criteria=list(criteria)))


@pytest.fixture
async def sums(client, settled):
    """An eval."""
    return await defined(client, settled)


async def test_an_eval_is_defined_changed_and_deleted(client, settled, openai_emulator):
    made = await settled(
        client.evals.create(name="sums", metadata={"by": "me"}, data_source_config=CONFIG, testing_criteria=[EXACT])
    )
    assert isinstance(made, Eval)
    assert (made.name, made.metadata) == ("sums", {"by": "me"})
    assert made.data_source_config.schema_["properties"]["item"] == SCHEMA
    assert made.testing_criteria[0].reference == "{{item.answer}}"
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/evals")
    sent = {"name": "sums", "metadata": {"by": "me"}, "data_source_config": CONFIG, "testing_criteria": [EXACT]}
    assert request.json() == sent
    changed = await settled(client.evals.update(made.id, name="additions", metadata={}))
    assert openai_emulator.requests[-1].json() == {"name": "additions", "metadata": {}}
    assert (changed.name, changed.metadata) == ("additions", {})
    assert await settled(client.evals.retrieve(made.id)) == changed
    deleted = await settled(client.evals.delete(made.id))
    assert isinstance(deleted, EvalDeleteResponse)
    assert (deleted.eval_id, deleted.deleted) == (made.id, True)
    with pytest.raises(NotFoundError):
        await settled(client.evals.retrieve(made.id))
    asked = [(each.method, each.path) for each in openai_emulator.requests[1:]]
    assert asked == [(method, f"/v1/evals/{made.id}") for method in ("POST", "GET", "DELETE", "GET")]


async def test_evals_are_listed_page_by_page_in_two_orders(client, settled, each, openai_emulator):
    made = [await defined(client, settled, name) for name in ("a", "b", "c")]
    await settled(client.evals.update(made[0].id, name="d"))
    assert [each.name for each in await each(client.evals.list(limit=2))] == ["d", "b", "c"]
    assert [request.query for request in openai_emulator.requests[-2:]] == ["limit=2", f"limit=2&after={made[1].id}"]
    latest = await each(client.evals.list(order="desc", order_by="updated_at"))
    assert [each.name for each in latest] == ["d", "c", "b"]
    assert openai_emulator.requests[-1].query == "order=desc&order_by=updated_at"
    assert [each.name for each in await each(client.evals.list(after=made[1].id))] == ["c"]


async def test_a_run_is_waited_for_and_its_results_are_read(client, settled, each, openai_emulator, sums):
    run = await settled(client.evals.runs.create(sums.id, name="first", metadata={"a": "b"}, data_source=DATA))
    assert isinstance(run, EvalRun)
    assert (run.status, run.name, run.metadata, run.error) == ("queued", "first", {"a": "b"}, None)
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", f"/v1/evals/{sums.id}/runs")
    assert request.json() == {"name": "first", "metadata": {"a": "b"}, "data_source": DATA}
    seen = []
    done = await settled(
        client.evals.runs.wait(sums.id, run.id, interval=0, on_progress=lambda run: seen.append(run.status))
    )
    assert seen == ["in_progress", "completed"]
    assert openai_emulator.requests[-1].path == f"/v1/evals/{sums.id}/runs/{run.id}"
    counts = done.result_counts
    assert (counts.total, counts.passed, counts.failed, counts.errored) == (3, 2, 1, 0)
    (exact,) = done.per_testing_criteria_results
    assert (exact.testing_criteria, exact.passed, exact.failed) == ("exact", 2, 1)
    assert await settled(client.evals.runs.retrieve(sums.id, run.id)) == done

    items = await each(client.evals.runs.output_items.list(sums.id, run.id, limit=2))
    assert all(isinstance(item, EvalRunOutputItem) for item in items)
    assert [item.status for item in items] == ["pass", "fail", "pass"]
    assert [item.datasource_item for item in items] == [row["item"] for row in ROWS]
    assert items[1].results[0].score == 0
    assert openai_emulator.requests[-1].path == f"/v1/evals/{sums.id}/runs/{run.id}/output_items"
    (failed,) = await each(client.evals.runs.output_items.list(sums.id, run.id, status="fail", order="asc"))
    assert failed == items[1]
    assert openai_emulator.requests[-1].query == "order=asc&status=fail"
    assert await settled(client.evals.runs.output_items.retrieve(sums.id, run.id, failed.id)) == failed
    with pytest.raises(NotFoundError):
        await settled(client.evals.runs.output_items.retrieve(sums.id, run.id, "outputitem_none"))


async def test_a_run_asks_a_model(client, settled, each):
    mentions = {**EXACT, "name": "mentions", "reference": "{{item.question}}", "operation": "like"}
    kind = {
        "type": "label_model",
        "name": "kind",
        "model": "gpt-4o",
        "input": [{"role": "user", "content": "Is {{sample.output_text}} kind?"}],
        "labels": ["kind", "rude"],
        "passing_labels": ["kind", "rude"],
    }
    asked = await defined(client, settled, criteria=[mentions, kind])
    template = [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": "What is {{item.question}}?"}]
    data = {
        "type": "completions",
        "model": "gpt-4o-mini",
        "input_messages": {"type": "template", "template": template},
        "sampling_params": {"temperature": 0.5, "max_completion_tokens": 100},
        "source": {"type": "file_content", "content": [{"item": {"question": "1 + 1"}}]},
    }
    run = await settled(client.evals.runs.create(asked.id, data_source=data))
    done = await settled(client.evals.runs.wait(asked.id, run.id, interval=0))
    assert (done.model, done.result_counts.passed) == ("gpt-4o-mini", 1)
    usage = {each.model_name: each for each in done.per_model_usage}
    assert usage.keys() == {"gpt-4o-mini", "gpt-4o"}
    assert usage["gpt-4o-mini"].total_tokens > usage["gpt-4o-mini"].completion_tokens > 0
    (item,) = await each(client.evals.runs.output_items.list(asked.id, run.id))
    assert [message.content for message in item.sample.input] == ["Be kind.", "What is 1 + 1?"]
    assert "What is 1 + 1?" in item.sample.output[0].content
    assert (item.sample.temperature, item.sample.max_completion_tokens) == (0.5, 100)


async def test_a_run_reads_its_rows_from_a_file(client, settled):
    lines = b'{"item": {"answer": "2"}, "sample": {"output_text": "2"}}\n'
    file = await settled(client.files.create(file=("rows.jsonl", lines), purpose="evals"))
    close = {
        "type": "text_similarity",
        "name": "close",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "evaluation_metric": "fuzzy_match",
        "pass_threshold": 0.9,
    }
    sums = await defined(client, settled, criteria=[close])
    data = {"type": "jsonl", "source": {"type": "file_id", "id": file.id}}
    run = await settled(client.evals.runs.create(sums.id, data_source=data))
    assert (await settled(client.evals.runs.wait(sums.id, run.id, interval=0))).result_counts.passed == 1


async def test_what_a_model_answered_before_is_tested(client, settled, each):
    response = await settled(client.responses.create(model="gpt-4o", input="Hello", metadata={"for": "tests"}))
    await settled(client.responses.create(model="gpt-4o", input="Not this one"))
    said = {**EXACT, "reference": response.output_text}
    logs = await defined(client, settled, criteria=[said], config={"type": "logs", "metadata": {"for": "tests"}})
    data = {"type": "responses", "source": {"type": "responses", "metadata": {"for": "tests"}}}
    run = await settled(client.evals.runs.create(logs.id, data_source=data))
    done = await settled(client.evals.runs.wait(logs.id, run.id, interval=0))
    assert (done.result_counts.total, done.result_counts.passed) == (1, 1)
    (item,) = await each(client.evals.runs.output_items.list(logs.id, run.id))
    assert item.sample.output[0].content == response.output_text


async def test_a_run_that_failed_is_returned_with_its_error(client, settled, sums):
    file = await settled(client.files.create(file=("rows.jsonl", b"no JSON\n"), purpose="evals"))
    data = {"type": "jsonl", "source": {"type": "file_id", "id": file.id}}
    run = await settled(client.evals.runs.create(sums.id, data_source=data))
    done = await settled(client.evals.runs.wait(sums.id, run.id, interval=0))
    assert (done.status, done.error.code) == ("failed", "invalid_data_source")


async def test_an_item_without_what_a_grader_needs_is_an_error(client, settled, each, sums):
    data = {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {}}, ROWS[0]]}}
    run = await settled(client.evals.runs.create(sums.id, data_source=data))
    done = await settled(client.evals.runs.wait(sums.id, run.id, interval=0))
    assert (done.result_counts.errored, done.result_counts.passed) == (1, 1)
    first, _ = await each(client.evals.runs.output_items.list(sums.id, run.id))
    assert (first.status, first.sample.error.code) == ("error", "invalid_variable")


async def test_a_run_is_canceled_listed_and_deleted(client, settled, each, openai_emulator, sums):
    run, other = [await settled(client.evals.runs.create(sums.id, data_source=DATA)) for _ in range(2)]
    canceled = await settled(client.evals.runs.cancel(sums.id, run.id))
    assert isinstance(canceled, EvalRun)
    assert canceled.status == "canceled"
    request = openai_emulator.requests[-1]
    assert (request.method, request.path, request.body) == ("POST", f"/v1/evals/{sums.id}/runs/{run.id}", b"")
    assert (await settled(client.evals.runs.wait(sums.id, run.id, interval=0))).status == "canceled"
    with pytest.raises(BadRequestError, match="is canceled"):
        await settled(client.evals.runs.cancel(sums.id, run.id))
    assert [each.id for each in await each(client.evals.runs.list(sums.id, limit=1))] == [run.id, other.id]
    assert [each.id for each in await each(client.evals.runs.list(sums.id, status="canceled"))] == [run.id]
    assert [each.id for each in await each(client.evals.runs.list(sums.id, order="desc", after=other.id))] == [run.id]
    assert openai_emulator.requests[-1].query == f"after={other.id}&order=desc"
    deleted = await settled(client.evals.runs.delete(sums.id, run.id))
    assert isinstance(deleted, EvalRunDeleteResponse)
    assert (deleted.run_id, deleted.deleted) == (run.id, True)
    assert openai_emulator.requests[-1].method == "DELETE"
    with pytest.raises(NotFoundError):
        await settled(client.evals.runs.retrieve(sums.id, run.id))


async def test_a_deadline_ends_the_wait(client, settled, sums):
    run = await settled(client.evals.runs.create(sums.id, data_source=DATA))
    with pytest.raises(DeadlineExceededError, match="'in_progress'"):
        await settled(client.evals.runs.wait(sums.id, run.id, interval=60, deadline=30))


async def test_an_eval_without_what_it_needs_is_refused(client, settled, sums):
    with pytest.raises(BadRequestError) as caught:
        await defined(client, settled, criteria=[{"type": "string_check", "name": "exact"}])
    assert caught.value.param == "testing_criteria[0].input"
    with pytest.raises(BadRequestError) as caught:
        await settled(client.evals.runs.create(sums.id, data_source={"type": "jsonl", "source": {"type": "responses"}}))
    assert caught.value.param == "data_source.source.type"
    with pytest.raises(TypeError, match="data_source"):
        client.evals.runs.create(sums.id)
