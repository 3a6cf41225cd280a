"""Threads that ask something, and assistants that answer."""

from __future__ import annotations

import pytest

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def asked():
    """The operations that the emulator was asked for: method, path below `/v1`, and JSON body if there was one."""

    def read(emulator):
        found = []
        for request in emulator.requests:
            assert request.headers["openai-beta"] == "assistants=v2"
            path = request.path.removeprefix("/v1")
            found.append((request.method, path, *([request.json()] if request.body else [])))
        return found

    return read


@pytest.fixture
async def assistant(client, settled, openai_emulator):
    """An assistant with a function that it calls when the weather is spoken of."""
    made = await settled(client.assistants.create(model="gpt-4.1", instructions="Be brief.", tools=[WEATHER]))
    openai_emulator.requests.clear()
    return made


@pytest.fixture
def thread_of(client, settled, openai_emulator):
    """Starts a thread in which a user says something."""

    async def start(said):
        thread = await settled(client.threads.create(messages=[{"role": "user", "content": said}]))
        openai_emulator.requests.clear()
        return thread

    return start
