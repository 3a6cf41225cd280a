from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Refused = Callable[..., dict[str, Any]]
SAME = {"type": "string_check", "name": "same", "input": "{{sample.output_text}}", "reference": "a", "operation": "eq"}
CUSTOM = {"type": "custom", "item_schema": {"type": "object"}}


def defined(http: httpx.Client, **changed: Any) -> Any:
    answer = http.post("/evals", json={"data_source_config": CUSTOM, "testing_criteria": [SAME], **changed})
    assert answer.status_code == 201, answer.text
    return answer.json()


def done(http: httpx.Client, eval_id: str, data_source: dict[str, Any]) -> Any:
    answer = http.post(f"/evals/{eval_id}/runs", json={"data_source": data_source})
    assert answer.status_code == 201, answer.text
    url = f"/evals/{eval_id}/runs/{answer.json()['id']}"
    assert [http.get(url).json()["status"] for _ in range(3)] == ["in_progress", "completed", "completed"]
    return {**http.get(url).json(), "items": http.get(f"{url}/output_items").json()["data"]}


def content(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"type": "file_content", "content": list(rows)}


def test_an_eval_without_a_name_gets_one(http: httpx.Client) -> None:
    made = defined(http)
    assert made["name"] == made["id"]
    data = {"type": "jsonl", "source": content({"item": {}, "sample": {"output_text": "a"}})}
    assert done(http, made["id"], data)["name"]


def test_the_schema_tells_whether_there_are_samples(http: httpx.Client) -> None:
    bare = defined(http)["data_source_config"]["schema"]
    assert bare["required"] == ["item"]
    for config in ({**CUSTOM, "include_sample_schema": True}, {"type": "logs", "metadata": {"a": "b"}}):
        assert defined(http, data_source_config=config)["data_source_config"]["schema"]["required"] == [
            "item",
            "sample",
        ]


def test_a_trajectory_is_read_from_the_item(http: httpx.Client) -> None:
    messages = [{"role": "user", "content": "First"}, {"role": "user", "content": "What is this?"}]
    data = {
        "type": "responses",
        "model": "gpt-4o",
        "input_messages": {"type": "item_reference", "item_reference": "item.input"},
        "source": content({"item": {"input": messages}}, {"item": {"input": "Just a text"}}),
    }
    several, one = done(http, defined(http)["id"], data)["items"]
    assert several["sample"]["input"] == messages
    assert "What is this?" in several["sample"]["output"][0]["content"]
    assert one["sample"]["input"] == [{"role": "user", "content": "Just a text"}]


def test_stored_completions_are_chosen_by_what_the_source_asks_for(http: httpx.Client) -> None:
    for number, model in enumerate(("gpt-4o", "gpt-4o", "gpt-4o", "gpt-5")):
        said = [{"role": "user", "content": f"Number {number}"}]
        tags = {"odd": str(number % 2)}
        http.post("/chat/completions", json={"model": model, "messages": said, "store": True, "metadata": tags})
    source = {"type": "stored_completions", "model": "gpt-4o", "metadata": {"odd": "0"}, "limit": 1}
    run = done(http, defined(http)["id"], {"type": "completions", "source": source})
    assert [item["datasource_item"]["input"][0]["content"] for item in run["items"]] == ["Number 0"]
    assert run["items"][0]["sample"]["output"][0]["content"]
    assert run["per_model_usage"] == []


@pytest.mark.parametrize(("threshold", "status"), [(0.0, "pass"), (1.1, "fail")])
def test_a_threshold_decides_who_passes(http: httpx.Client, threshold: float, status: str) -> None:
    grader = {
        "type": "python",
        "name": "p",
        "source": "def grade(sample, item):\n    return 1",
        "pass_threshold": threshold,
    }
    data = {"type": "jsonl", "source": content({"item": {}, "sample": {"output_text": "a"}})}
    run = done(http, defined(http, testing_criteria=[grader])["id"], data)
    assert run["items"][0]["status"] == status
    assert 0 <= run["items"][0]["results"][0]["score"] <= 1


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"testing_criteria": [{**SAME, "operation": "is"}]}, "testing_criteria[0].operation"),
        ({"testing_criteria": [{**SAME, "type": "multi"}]}, "testing_criteria[0].type"),
        ({"data_source_config": {"type": "custom"}}, "data_source_config.item_schema"),
        ({"data_source_config": {"type": "other"}}, "data_source_config.type"),
    ],
)
def test_what_is_no_eval_is_refused(refused: Refused, changed: dict[str, Any], param: str) -> None:
    body = {"data_source_config": CUSTOM, "testing_criteria": [SAME], **changed}
    assert refused(400, "POST", "/evals", json=body)["param"] == param


def test_a_similarity_needs_a_threshold(refused: Refused) -> None:
    grader = {"type": "text_similarity", "name": "s", "input": "a", "reference": "b", "evaluation_metric": "bleu"}
    body = {"data_source_config": CUSTOM, "testing_criteria": [grader]}
    assert refused(400, "POST", "/evals", json=body)["param"] == "testing_criteria[0].pass_threshold"


@pytest.mark.parametrize(
    ("data", "status", "param"),
    [
        ({"type": "jsonl", "source": {"type": "stored_completions"}}, 400, "data_source.source.type"),
        ({"type": "jsonl", "source": {"type": "file_content"}}, 400, "data_source.source.content"),
        ({"type": "jsonl", "source": {"type": "file_id", "id": "file-none"}}, 404, "id"),
        ({"type": "jsonl", "source": content({})}, 400, "data_source.source.content[0].item"),
        (
            {"type": "completions", "source": content(), "input_messages": {"type": "template", "template": []}},
            400,
            "data_source.model",
        ),
    ],
)
def test_what_is_no_run_is_refused(
    http: httpx.Client, refused: Refused, data: dict[str, Any], status: int, param: str
) -> None:
    url = f"/evals/{defined(http)['id']}/runs"
    assert refused(status, "POST", url, json={"data_source": data})["param"] == param


def test_runs_of_an_eval_that_is_not_there_are_not_found(refused: Refused) -> None:
    data = {"type": "jsonl", "source": content()}
    assert "eval_none" in refused(404, "POST", "/evals/eval_none/runs", json={"data_source": data})["message"]
    refused(404, "GET", "/evals/eval_none/runs")
