from __future__ import annotations

import subprocess
import sys
import threading

import httpx
import pytest

from openai_core_emulator import Emulator


def test_importing_the_package_imports_no_server() -> None:
    code = "import sys, openai_core_emulator; print([name for name in ('uvicorn', 'starlette') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_it_listens_from_start_to_stop() -> None:
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="isn't running"):
        _ = emulator.base_url
    url = emulator.start().base_url
    assert httpx.get(f"{url}/models", headers={"authorization": "Bearer any"}).status_code == 200
    emulator.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_stopping_ends_the_thread_and_may_be_done_twice() -> None:
    before = threading.active_count()
    emulator = Emulator().start()
    emulator.stop()
    emulator.stop()
    assert threading.active_count() == before


def test_starting_twice_is_an_error() -> None:
    with Emulator() as emulator, pytest.raises(RuntimeError, match="running already"):
        emulator.start()


def test_it_can_be_started_again() -> None:
    emulator = Emulator()
    for _ in range(2):
        with emulator:
            assert httpx.get(f"{emulator.base_url}/models").status_code == 401


def test_a_taken_port_is_an_error_at_once() -> None:
    with Emulator() as emulator:
        port = httpx.URL(emulator.base_url).port
        with pytest.raises(OSError, match="in use"):
            Emulator(port=port or 0).start()


def test_stopping_does_not_wait_for_an_endless_stream() -> None:
    """A stream with an hour between two events is cut off."""
    with Emulator(pace=3600) as emulator:
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        client = httpx.Client(base_url=emulator.base_url, headers={"authorization": f"Bearer {emulator.api_key}"})
        with client, client.stream("POST", "/chat/completions", json=body) as response:
            pieces = response.iter_bytes()
            assert next(pieces).startswith(b"data: {")
            emulator.stop()
            with pytest.raises(httpx.RemoteProtocolError):
                next(pieces)


def ask(emulator: Emulator) -> list[str]:
    headers = {"authorization": f"Bearer {emulator.api_key}"}
    with httpx.Client(base_url=emulator.base_url, headers=headers) as client:
        answers = [
            client.post("/chat/completions", json={"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}),
            client.post("/responses", json={"model": "gpt-4o", "input": "Hi", "stream": True}),
            client.post("/embeddings", json={"model": "text-embedding-3-small", "input": "Hi"}),
            client.post("/files", files={"file": b"content"}, data={"purpose": "batch"}),
            client.post("/images/generations", json={"prompt": "Hi", "model": "gpt-image-1"}),
        ]
    return [f"{answer.headers['x-request-id']} {answer.text}" for answer in answers]


def test_the_same_seed_gives_the_same_answers() -> None:
    with Emulator(seed=3) as one, Emulator(seed=3) as other:
        assert ask(one) == ask(other)


def test_another_seed_gives_other_ids_texts_vectors_and_pictures() -> None:
    with Emulator(seed=1) as one, Emulator(seed=2) as other:
        assert all(mine != yours for mine, yours in zip(ask(one), ask(other), strict=True))


def test_a_reset_gives_the_answers_of_the_beginning() -> None:
    with Emulator() as emulator:
        first = ask(emulator)
        emulator.reset()
        assert ask(emulator) == first


def test_a_reset_forgets_what_was_kept(openai_emulator: Emulator, http: httpx.Client) -> None:
    http.post("/files", files={"file": b"content"}, data={"purpose": "batch"})
    http.post("/responses", json={"model": "gpt-4o", "input": "Hi"})
    openai_emulator.reset()
    assert openai_emulator.requests == []
    assert http.get("/files").json()["data"] == []


def test_requests_are_written_down(openai_emulator: Emulator, http: httpx.Client) -> None:
    http.post("/embeddings", params={"a": "b"}, json={"input": "Hi"}, headers={"X-Mine": "1"})
    (request,) = openai_emulator.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1/embeddings", "a=b")
    assert request.headers["x-mine"] == "1"
    assert request.json() == {"input": "Hi"}
    assert request.body == b'{"input":"Hi"}'


def test_requests_that_are_refused_are_written_down_too(openai_emulator: Emulator) -> None:
    httpx.get(f"{openai_emulator.base_url}/nowhere")
    assert [request.path for request in openai_emulator.requests] == ["/v1/nowhere"]


async def test_the_application_runs_without_a_server() -> None:
    emulator = Emulator()
    transport = httpx.ASGITransport(emulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator/v1") as client:
        answer = await client.get("/models", headers={"authorization": "Bearer any"})
    assert answer.json()["object"] == "list"
    assert [request.path for request in emulator.requests] == ["/v1/models"]
