"""Batches, whose requests are really answered: https://platform.openai.com/docs/api-reference/batch.

A batch goes on whenever somebody looks at it: half of its requests are answered at the first look, the others at the
second, and the files of answers are there at the third.
"""

from __future__ import annotations

import json
from typing import Any, Final

from . import files
from .call import Answer, Call, Operation
from .errors import Refusal, bad, not_found
from .fields import METADATA, REQUIRED_STRING, check, one_of
from .resources import Kind
from .sse import encode

_DAY: Final = 24 * 3600
_ENDPOINTS: Final = (
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
)
_UNDER_WAY: Final = frozenset({"validating", "in_progress", "finalizing"})
_GOOD: Final = 200
_CREATE: Final = {
    "input_file_id": REQUIRED_STRING,
    "endpoint": one_of(*_ENDPOINTS, required=True),
    "completion_window": one_of("24h", required=True),
    "metadata": METADATA,
    "output_expires_after": files.EXPIRES_AFTER,
}


def _work(call: Call) -> dict[str, dict[str, Any]]:
    """What is behind each batch: requests that aren't answered yet, what is wrong with them, lines of its files."""
    return call.state.shelf("work of batches")


def _create(call: Call) -> Answer:
    body = call.body
    stored = call.state.files.get(body["input_file_id"])
    if stored is None or stored.info["purpose"] != "batch":
        message = f"'{body['input_file_id']}' is no file of the purpose 'batch'."
        raise bad(message, param="input_file_id", code="invalid_input_file")
    requests, problems = _read(stored.content, body["endpoint"])
    created = call.state.now()
    state = {"created_at": created, "expires_at": created + _DAY, "status": "validating"}
    shown = {name: value for name, value in body.items() if name != "output_expires_after"}
    batch = _BATCHES.add(call, {**shown, **state, "request_counts": {"total": 0, "completed": 0, "failed": 0}})
    _work(call)[batch["id"]] = {
        "requests": requests,
        "problems": problems,
        "answers": [],
        "errors": [],
        "expires_after": body.get("output_expires_after"),
    }
    return batch


def _read(content: bytes, endpoint: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The requests in a file, and what is wrong with it."""
    requests: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    names: set[str] = set()
    for number, line in enumerate(content.splitlines(), 1):
        try:
            request = _request(line, endpoint, names)
        except Refusal as refusal:
            told = {name: refusal.error[name] for name in ("code", "message", "param") if refusal.error[name]}
            problems.append({**told, "line": number})
        else:
            names.add(request["custom_id"])
            requests.append(request)
    return requests, problems


def _request(line: bytes, endpoint: str, names: set[str]) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except ValueError as error:
        raise bad("This line is no JSON.", code="invalid_json_line") from error
    match request:
        case {"custom_id": str(name), "method": "POST", "url": str(url), "body": dict()}:
            if url != endpoint:
                raise bad(f"The batch calls {endpoint}, unlike this line.", param="url", code="mismatched_endpoint")
            if name in names:
                raise bad(f"The custom_id '{name}' is there twice.", param="custom_id", code="duplicate_custom_id")
            found: dict[str, Any] = request
            return found
        case _:
            message = "A line has a 'custom_id', the 'method' POST, a 'url' and a 'body'."
            raise bad(message, code="invalid_request")


def _look(call: Call, batch: dict[str, Any]) -> None:
    """Let a batch go on."""
    work, now = _work(call)[batch["id"]], call.state.now()
    if batch["status"] in _UNDER_WAY and now > batch["expires_at"]:
        message = "This request could not be executed before the completion window expired."
        for request in work["requests"]:
            error = {"code": "batch_expired", "message": message}
            _write(call, batch, request, response=None, error=error)
        _end(call, batch, "expired")
    elif batch["status"] == "validating":
        if work["problems"]:
            batch.update(status="failed", failed_at=now, errors={"object": "list", "data": work["problems"]})
            return
        batch.update(status="in_progress", in_progress_at=now)
        batch["request_counts"]["total"] = len(work["requests"])
        _answer(call, batch, len(work["requests"]) // 2)
    elif batch["status"] == "in_progress":
        _answer(call, batch, len(work["requests"]))
        batch.update(status="finalizing", finalizing_at=now)
    elif batch["status"] == "finalizing":
        _end(call, batch, "completed")
    elif batch["status"] == "cancelling":
        _end(call, batch, "cancelled")


def _answer(call: Call, batch: dict[str, Any], number: int) -> None:
    """Answer the next requests of a batch."""
    requests = _work(call)[batch["id"]]["requests"]
    for request in requests[:number]:
        status, body = _run(call, request)
        response = {"status_code": status, "request_id": call.state.new_id("req_"), "body": body}
        _write(call, batch, request, response=response, error=None)
    del requests[:number]


def _run(call: Call, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a request."""
    # The table of all operations, of which those of batches are a part.
    from .app import OPERATIONS, PREFIX

    path = request["url"].removeprefix(PREFIX)
    operation = next((each for each in OPERATIONS if (each.method, each.path) == ("POST", path)), None)
    try:
        if operation is None or operation.body is None:
            raise not_found(f"Invalid URL (POST {request['url']})")
        check(request["body"], operation.body)
        answer = operation.handler(Call(call.state, call.origin, body=request["body"]))
        if not isinstance(answer, dict):
            raise bad("A batch can't stream its answers.", param="stream")
    except Refusal as refusal:
        return refusal.status, refusal.body
    return _GOOD, answer


def _write(call: Call, batch: dict[str, Any], request: dict[str, Any], **outcome: Any) -> None:
    """Write a line of the output file, or of the error file."""
    response = outcome["response"]
    good = response is not None and response["status_code"] == _GOOD
    line = {"id": call.state.new_id("batch_req_"), "custom_id": request["custom_id"], **outcome}
    _work(call)[batch["id"]]["answers" if good else "errors"].append(encode(line))
    batch["request_counts"]["completed" if good else "failed"] += 1


def _end(call: Call, batch: dict[str, Any], status: str) -> None:
    """Write the files of a batch."""
    work = _work(call)[batch["id"]]
    work["requests"].clear()
    for lines, kind in ((work["answers"], "output"), (work["errors"], "error")):
        if lines:
            content = b"\n".join(lines) + b"\n"
            name = f"{batch['id']}_{kind}.jsonl"
            file = files.keep(call.state, name, content, "batch_output", work["expires_after"])
            batch[f"{kind}_file_id"] = file["id"]
    batch.update(status=status, **{f"{status}_at": call.state.now()})


def _cancel(call: Call) -> Answer:
    batch = _BATCHES.find(call)
    if batch["status"] not in _UNDER_WAY:
        raise Refusal(409, f"Cannot cancel a batch with status '{batch['status']}'.")
    batch.update(status="cancelling", cancelling_at=call.state.now())
    return batch


_BATCHES: Final = Kind("/batches", "batch_id", prefix="batch_", object="batch", create=_CREATE, look=_look)

OPERATIONS: Final = (
    _BATCHES.operations(["list"])[0],
    Operation("POST", "/batches", _create, body=_CREATE),
    *_BATCHES.operations(["retrieve"]),
    Operation("POST", "/batches/{batch_id}/cancel", _cancel),
)
