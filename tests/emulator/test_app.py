from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from openai_core_emulator import Emulator

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

Refused = Callable[..., dict[str, Any]]
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}


def test_every_answer_carries_the_usual_headers(http: httpx.Client) -> None:
    for response in (http.get("/models"), http.get("/nowhere"), http.post("/chat/completions", json=CHAT)):
        assert re.fullmatch(r"req_[0-9a-f]{32}", response.headers["x-request-id"])
        assert response.headers["openai-version"] == "2020-10-01"
        assert response.headers["openai-processing-ms"].isdecimal()
        assert response.headers["openai-organization"] == "org-emulator"
        assert "date" in response.headers


def test_the_organization_of_the_request_is_the_one_of_the_answer(http: httpx.Client) -> None:
    response = http.get("/models", headers={"OpenAI-Organization": "org-mine"})
    assert response.headers["openai-organization"] == "org-mine"


def test_request_ids_differ(http: httpx.Client) -> None:
    assert len({http.get("/models").headers["x-request-id"] for _ in range(5)}) == 5


def test_running_a_model_tells_the_rate_limits(http: httpx.Client) -> None:
    headers = http.post("/chat/completions", json=CHAT).headers
    for kind in ("requests", "tokens"):
        limit = int(headers[f"x-ratelimit-limit-{kind}"])
        assert 0 < int(headers[f"x-ratelimit-remaining-{kind}"]) < limit
        assert re.fullmatch(r"\d+ms", headers[f"x-ratelimit-reset-{kind}"])
    assert "x-ratelimit-limit-requests" not in http.get("/models").headers


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic abc"])
def test_a_request_without_a_key_is_refused(openai_emulator: Emulator, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    response = httpx.get(f"{openai_emulator.base_url}/models", headers=headers)
    assert response.status_code == 401
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_a_wrong_key_is_refused_and_not_repeated(refused: Refused) -> None:
    error = refused(401, "GET", "/models", headers={"authorization": "Bearer sk-invalid-0123456789"})
    assert error["code"] == "invalid_api_key"
    assert "sk-invalid-0123456789" not in error["message"]


def test_any_other_key_is_accepted(http: httpx.Client) -> None:
    assert http.get("/models", headers={"authorization": "Bearer whatever"}).status_code == 200


def test_an_unknown_address_is_named(refused: Refused) -> None:
    assert refused(404, "POST", "/nowhere")["message"] == "Invalid URL (POST /v1/nowhere)"


def test_a_wrong_method_is_told_which_ones_there_are(http: httpx.Client, refused: Refused) -> None:
    assert refused(405, "PUT", "/files")["code"] == "method_not_supported"
    assert set(http.put("/files").headers["allow"].split(", ")) == {"GET", "POST"}


def test_a_body_that_is_no_json_is_refused(refused: Refused) -> None:
    json_type = {"content-type": "application/json"}
    assert "parsed" in refused(400, "POST", "/chat/completions", content=b'{"model":', headers=json_type)["message"]
    for content in (b'{"input": NaN}', b'{"input": "\\ud800"}', b'{"input": "\xff"}', b"[" * 100_000):
        refused(400, "POST", "/responses", content=content, headers=json_type)
    assert refused(400, "POST", "/responses", content=b"[1]", headers=json_type)["code"] == "invalid_type"


def test_a_wrong_content_type_is_refused(refused: Refused) -> None:
    error = refused(400, "POST", "/chat/completions", content=b"x", headers={"content-type": "text/plain"})
    assert error["code"] == "unsupported_content_type"
    assert refused(400, "POST", "/files", json={"purpose": "batch"})["code"] == "unsupported_content_type"


def test_a_multipart_body_without_boundary_is_refused(refused: Refused) -> None:
    error = refused(400, "POST", "/files", content=b"x", headers={"content-type": "multipart/form-data"})
    assert "multipart" in error["message"]


@pytest.mark.parametrize(
    ("url", "body", "param", "code"),
    [
        ("/chat/completions", {"messages": []}, "messages", "empty_array"),
        ("/chat/completions", {"messages": CHAT["messages"]}, "model", "missing_required_parameter"),
        ("/chat/completions", {"model": "gpt-4o"}, "messages", "missing_required_parameter"),
        ("/chat/completions", {**CHAT, "model": None}, "model", "invalid_type"),
        ("/chat/completions", {**CHAT, "messages": "Hi"}, "messages", "invalid_type"),
        ("/chat/completions", {**CHAT, "messages": ["Hi"]}, "messages[0]", "invalid_type"),
        (
            "/chat/completions",
            {**CHAT, "messages": [{"content": "Hi"}]},
            "messages[0].role",
            "missing_required_parameter",
        ),
        (
            "/chat/completions",
            {**CHAT, "messages": [{"role": "x", "content": ""}]},
            "messages[0].role",
            "invalid_value",
        ),
        ("/chat/completions", {**CHAT, "temprature": 1}, "temprature", "unknown_parameter"),
        ("/chat/completions", {**CHAT, "temperature": 3}, "temperature", "decimal_above_max_value"),
        ("/chat/completions", {**CHAT, "temperature": "hot"}, "temperature", "invalid_type"),
        ("/chat/completions", {**CHAT, "n": 0}, "n", "integer_below_min_value"),
        ("/chat/completions", {**CHAT, "n": 1.5}, "n", "invalid_type"),
        ("/chat/completions", {**CHAT, "n": True}, "n", "invalid_type"),
        ("/chat/completions", {**CHAT, "stop": ["a"] * 5}, "stop", "array_above_max_length"),
        ("/chat/completions", {**CHAT, "metadata": {"a": 1}}, "metadata.a", "invalid_type"),
        ("/chat/completions", {**CHAT, "metadata": {"a": "x" * 513}}, "metadata.a", "string_above_max_length"),
        (
            "/chat/completions",
            {**CHAT, "metadata": {str(number): "" for number in range(17)}},
            "metadata",
            "object_above_max_properties",
        ),
        ("/responses", {"model": "gpt-4o"}, "input", "missing_required_parameter"),
        ("/responses", {"input": "Hi"}, "model", "missing_required_parameter"),
        (
            "/responses",
            {"model": "gpt-4o", "input": "Hi", "max_output_tokens": 1},
            "max_output_tokens",
            "integer_below_min_value",
        ),
        ("/embeddings", {"model": "text-embedding-3-small"}, "input", "missing_required_parameter"),
        ("/embeddings", {"model": "m", "input": "a", "encoding_format": "hex"}, "encoding_format", "invalid_value"),
        ("/images/generations", {"n": 1}, "prompt", "missing_required_parameter"),
    ],
)
def test_wrong_parameters_are_named(refused: Refused, url: str, body: dict[str, Any], param: str, code: str) -> None:
    error = refused(400, "POST", url, json=body)
    assert (error["param"], error["code"]) == (param, code)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=many", "order=up"])
def test_wrong_query_parameters_are_refused(refused: Refused, query: str) -> None:
    assert refused(400, "GET", f"/chat/completions?{query}")["param"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("url", "rest"),
    [
        ("/chat/completions", {"messages": CHAT["messages"]}),
        ("/responses", {"input": "Hi"}),
        ("/responses/compact", {"input": "Hi"}),
        ("/embeddings", {"input": "Hi"}),
        ("/images/generations", {"prompt": "Hi"}),
    ],
)
def test_a_model_that_does_not_exist_is_refused(refused: Refused, url: str, rest: dict[str, Any]) -> None:
    assert refused(404, "POST", url, json={"model": "does-not-exist", **rest})["code"] == "model_not_found"


def test_null_stands_for_an_optional_parameter_that_is_not_given(http: httpx.Client) -> None:
    body = {**CHAT, "n": None, "stream": None, "tools": None, "response_format": None, "stop": None, "metadata": None}
    assert http.post("/chat/completions", json=body).status_code == 200


def test_a_body_that_is_too_large_is_refused() -> None:
    with Emulator(max_body=1000) as emulator:
        response = httpx.post(f"{emulator.base_url}/files", content=b"x" * 10_000_000)
        assert response.status_code == 413
        assert len(emulator.requests[0].body) < 1_000_000
        assert "1000" in response.json()["error"]["message"]
        assert "x-request-id" in response.headers


class Overloaded:
    """Middleware of a user: answers for the emulator."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app = app
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == self.path:
            await JSONResponse({"error": {"message": "slow down"}}, 429)(scope, receive, send)
        elif scope["path"] == "/v1/broken":
            message = "out of order"
            raise ArithmeticError(message)
        else:
            await self.app(scope, receive, send)


def test_middleware_can_answer_in_place_of_the_api() -> None:
    with Emulator(middleware=[Middleware(Overloaded, "/v1/models")]) as emulator:
        response = httpx.get(f"{emulator.base_url}/models")
        assert response.status_code == 429
        assert "x-request-id" in response.headers
        assert httpx.get(f"{emulator.base_url}/files").status_code == 401


async def test_a_failure_inside_has_the_shape_of_the_api() -> None:
    transport = httpx.ASGITransport(Emulator(middleware=[Middleware(Overloaded, "")]).app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator/v1") as client:
        response = await client.get("/broken")
    assert response.status_code == 500
    assert response.json()["error"]["type"] == "server_error"
