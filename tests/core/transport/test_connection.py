"""A connection of the default transport: when it is made, what it carries, and when it is of no use any more."""

from __future__ import annotations

import asyncio
import socket

import httpcore
import pytest

from openai_core.retrying import Deadline
from openai_core.transport.connection import AsyncConnection, Connection
from openai_core.transport.exchange import Phases


class Connected:
    """A connection of either colour, used as the sync one is."""

    def __init__(self, colour, settled, address):
        self.url = httpcore.URL(address)
        self.own = (Connection if colour == "sync" else AsyncConnection)(self.url.origin, None)
        self._settled = settled

    async def send(self, phases=None):
        headers = {"Host": "127.0.0.1"}
        request = httpcore.Request("GET", self.url, headers=headers, extensions={"timeout": phases or {}})
        if isinstance(self.own, Connection):
            return self.own.handle_request(request)
        return await self.own.handle_async_request(request)

    async def read(self, response):
        if isinstance(self.own, Connection):
            body = b"".join(response.stream)
        else:
            body = b"".join([piece async for piece in response.stream])
        await self._settled(response.stream.close() if isinstance(self.own, Connection) else response.stream.aclose())
        return body

    async def close(self):
        await self._settled(self.own.close() if isinstance(self.own, Connection) else self.own.aclose())


@pytest.fixture
async def connected(colour, settled, server):
    server.script(lambda exchange: exchange.answer(b"body"))
    connected = Connected(colour, settled, f"{server.url}/things")
    yield connected
    await connected.close()


async def test_it_is_made_for_the_first_request_and_carries_the_next_ones_too(connected, server):
    assert server.connections == 0

    for _ in range(2):
        response = await connected.send()
        assert not connected.own.is_idle()
        assert await connected.read(response) == b"body"
        assert connected.own.is_idle()
        assert not connected.own.has_expired()

    assert server.connections == 1


async def test_before_it_is_made_it_can_be_closed_and_is_of_no_use(connected, server):
    assert connected.own.has_expired()
    assert not connected.own.is_idle()

    await connected.close()

    assert server.connections == 0


async def test_one_that_can_not_be_made_is_none(colour, settled):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    connected = Connected(colour, settled, address)

    with pytest.raises(httpcore.ConnectError):
        await connected.send()

    assert not connected.own.is_idle()


async def test_making_it_takes_no_longer_than_the_deadline(connected, colour, monkeypatch):
    """What httpcore hands in is the timeout alone."""

    def connect(address, timeout):
        assert timeout == pytest.approx(0.001)
        raise TimeoutError

    async def connect_async(*address, **how):
        await asyncio.Event().wait()

    phases = Phases(connect=60)
    phases.deadline = Deadline(0)
    connected.own.stream.phases = phases
    if colour == "sync":
        monkeypatch.setattr(socket, "create_connection", connect)
    else:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect_async)

    with pytest.raises(httpcore.ConnectTimeout):
        await connected.send(phases)
