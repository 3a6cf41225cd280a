from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

if TYPE_CHECKING:
    from openai_core_emulator import Emulator

ReadEvents = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def session_client(openai_emulator_server: Emulator) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {openai_emulator_server.api_key}"}
    with httpx.Client(base_url=openai_emulator_server.base_url, headers=headers) as client:
        yield client


@pytest.fixture
def http(openai_emulator: Emulator, session_client: httpx.Client) -> httpx.Client:
    """A plain HTTP client that knows the emulator's address and key; the emulator's memory is empty."""
    assert str(session_client.base_url) == f"{openai_emulator.base_url}/"
    return session_client


@pytest.fixture
def read_events(http: httpx.Client) -> ReadEvents:
    """Send a request and read its answer as server-sent events, checking how they are written."""

    def read(method: str, url: str, **sent: Any) -> list[dict[str, Any]]:
        response = http.request(method, url, **sent)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.text.endswith("\n\n")
        events = []
        for block in response.text.removesuffix("\n\n").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            if fields["data"] == "[DONE]":
                events.append({"done": True})
                continue
            document = json.loads(fields["data"])
            assert fields.get("event") == document.get("type")
            events.append(document)
        return events

    return read


@pytest.fixture
def refused(http: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Send a request that has to be refused with this status, and give its error."""

    def send(status: int, method: str, url: str, **sent: Any) -> dict[str, Any]:
        response = http.request(method, url, **sent)
        assert response.status_code == status, response.text
        error = response.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        return cast("dict[str, Any]", error)

    return send
