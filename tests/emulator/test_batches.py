from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
LINE: dict[str, Any] = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": CHAT}


def upload(http: httpx.Client, *lines: Any, purpose: str = "batch") -> Any:
    content = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return http.post("/files", files={"file": ("a.jsonl", content)}, data={"purpose": purpose}).json()["id"]


def begin(http: httpx.Client, *lines: Any, endpoint: str = "/v1/chat/completions") -> Any:
    order = {"input_file_id": upload(http, *lines), "endpoint": endpoint, "completion_window": "24h"}
    return http.post("/batches", json=order).json()


def end(http: httpx.Client, batch: Any) -> Any:
    for _ in range(3):
        batch = http.get(f"/batches/{batch['id']}").json()
    return batch


def lines_of(http: httpx.Client, file_id: str) -> list[Any]:
    return [json.loads(line) for line in http.get(f"/files/{file_id}/content").text.splitlines()]


def test_answers_are_those_of_the_operations_themselves(http: httpx.Client) -> None:
    batch = end(http, begin(http, LINE, {**LINE, "custom_id": "b"}))
    first, second = lines_of(http, batch["output_file_id"])
    assert "error_file_id" not in batch
    assert (first["custom_id"], second["custom_id"], first["error"]) == ("a", "b", None)
    direct = http.post("/chat/completions", json=CHAT).json()
    answer = first["response"]["body"]
    assert answer["choices"] == direct["choices"]
    assert first["response"]["status_code"] == 200
    assert http.get(f"/files/{batch['output_file_id']}").json()["purpose"] == "batch_output"


def test_what_the_operations_refuse_is_in_the_error_file(http: httpx.Client) -> None:
    streamed = {**LINE, "custom_id": "stream", "body": {**CHAT, "stream": True}}
    unknown = {**LINE, "custom_id": "unknown", "body": {**CHAT, "colour": "red"}}
    batch = end(http, begin(http, streamed, unknown))
    assert "output_file_id" not in batch
    assert batch["request_counts"] == {"total": 2, "completed": 0, "failed": 2}
    told = [line["response"] for line in lines_of(http, batch["error_file_id"])]
    assert [response["status_code"] for response in told] == [400, 400]
    assert [response["body"]["error"]["param"] for response in told] == ["stream", "colour"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("oops", "invalid_json_line"),
        ([], "invalid_request"),
        ({**LINE, "body": None}, "invalid_request"),
        ({**LINE, "method": "GET"}, "invalid_request"),
        ({**LINE, "url": "/v1/embeddings"}, "mismatched_endpoint"),
        (LINE, "duplicate_custom_id"),
    ],
)
def test_a_file_with_a_bad_line_fails_when_it_is_validated(http: httpx.Client, line: Any, code: str) -> None:
    batch = begin(http, LINE, line)
    assert batch["status"] == "validating"
    failed = http.get(f"/batches/{batch['id']}").json()
    assert failed["status"] == "failed"
    assert [(error["code"], error["line"]) for error in failed["errors"]["data"]] == [(code, 2)]
    assert http.get(f"/batches/{batch['id']}").json() == failed


def test_wrong_batches_are_refused(http: httpx.Client, refused: Refused) -> None:
    order = {"input_file_id": upload(http, LINE), "endpoint": "/v1/embeddings", "completion_window": "24h"}
    assert refused(400, "POST", "/batches", json={**order, "completion_window": "1h"})["param"] == "completion_window"
    assert refused(400, "POST", "/batches", json={**order, "endpoint": "/v1/files"})["param"] == "endpoint"
    for file_id in ("file-none", upload(http, LINE, purpose="user_data")):
        assert refused(400, "POST", "/batches", json={**order, "input_file_id": file_id})["param"] == "input_file_id"
    refused(404, "GET", "/batches/batch_none")
