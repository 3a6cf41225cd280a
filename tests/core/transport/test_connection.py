"""A connection of the default transport: when it is made, what it carries, and when it is of no use any more."""

from __future__ import annotations

import asyncio
import gc
import socket
import weakref

import pytest

from openai_core.options import Timeout
from openai_core.retrying import Deadline
from openai_core.transport.connection import AsyncConnection, Connection
from openai_core.transport.exchange import Phases, phases_of
from openai_core.transport.h11 import H11Reader
from openai_core.transport.http1 import place, sent
from openai_core.transport.httptools import HttptoolsReader
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut, Request


class Connected:
    """A connection of either colour, used as the sync one is."""

    def __init__(self, colour, settled, url, read):
        self.own = (Connection if colour == "sync" else AsyncConnection)(place(url), None, read)
        self._url = url
        self._settled = settled

    async def send(self, method="GET", content=None, deadline=None):
        request = Request(method, self._url, {}, content, Timeout(), deadline)
        awaited = isinstance(self.own, AsyncConnection)
        written = sent(request, phases_of(request, Phases), awaited=awaited)
        return await self._settled((self.own.handle_async_request if awaited else self.own.handle_request)(written))

    async def read(self, answer):
        return await self._settled(answer.read())

    async def pieces(self, answer):
        return [piece async for piece in answer] if isinstance(self.own, AsyncConnection) else list(answer)

    async def close(self):
        if self.own is not None:
            await self._settled(self.own.close() if isinstance(self.own, Connection) else self.own.aclose())


@pytest.fixture(params=[H11Reader, HttptoolsReader])
def read(request):
    return request.param


@pytest.fixture
async def connected(colour, settled, server, read):
    server.script(lambda exchange: exchange.answer(b"body"))
    connected = Connected(colour, settled, f"{server.url}/things", read)
    yield connected
    await connected.close()


async def test_it_is_made_for_the_first_request_and_carries_the_next_ones_too(connected, server):
    assert server.connections == 0

    for _ in range(2):
        answer = await connected.send()
        assert await connected.read(answer) == b"body"
        assert connected.own.is_idle()
        assert not connected.own.has_expired()

    assert server.connections == 1


async def test_before_it_is_made_it_can_be_closed_and_is_of_no_use(connected, server):
    assert connected.own.has_expired()
    assert not connected.own.is_idle()

    await connected.close()

    assert server.connections == 0


async def test_one_that_can_not_be_made_is_none(colour, settled, read):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    connected = Connected(colour, settled, url, read)

    with pytest.raises(ConnectionFailed):
        await connected.send()

    assert not connected.own.is_idle()


async def test_making_it_takes_no_longer_than_the_deadline(connected, colour, monkeypatch):
    """Nor than its phase, which is longer here."""

    def connect(address, timeout):
        assert timeout == pytest.approx(0.001)
        raise TimeoutError

    async def connect_async(*address, **how):
        await asyncio.Event().wait()

    if colour == "sync":
        monkeypatch.setattr(socket, "create_connection", connect)
    else:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect_async)

    with pytest.raises(PhaseTimedOut):
        await connected.send(deadline=Deadline(0))


async def test_a_body_comes_in_pieces_or_whole(connected, server):
    server.script(lambda exchange: exchange.answer(b"a" * 300_000))

    whole = await connected.read(await connected.send())
    pieces = await connected.pieces(await connected.send())

    assert whole == b"".join(pieces) == b"a" * 300_000
    assert server.connections == 1


async def test_an_answer_that_was_left_reads_nothing_of_the_next_one(connected):
    left = await connected.send()
    await connected.read(left)
    left.end()
    await connected.send()

    with pytest.raises(ConnectionFailed, match="the answer is closed"):
        await connected.read(left)
    with pytest.raises(ConnectionFailed, match="the answer is closed"):
        await connected.pieces(left)


async def test_one_that_is_not_read_to_its_end_is_of_no_use(connected, server):
    server.script(lambda exchange: exchange.answer(b"a" * 300_000))

    await connected.send()

    assert not connected.own.is_idle()


async def test_an_answer_to_a_question_for_the_headers_has_no_body(connected, server):
    server.script(lambda exchange: exchange.head(200, content_length=7))

    answer = await connected.send("HEAD")

    assert dict(answer.headers)[b"content-length"] == b"7"
    assert await connected.read(answer) == b""


async def test_a_server_that_answers_and_goes_before_it_has_heard_everything_is_heard(connected, server):
    """It says why, such as that a body is too large."""

    def refuse(exchange):
        exchange.json({"error": "too large"}, 413)
        exchange.hang_up()

    server.script(refuse)

    answer = await connected.send("POST", b"a" * 50_000)

    assert answer.status == 413
    assert await connected.read(answer) == b'{"error": "too large"}'


async def test_one_that_is_closed_is_let_go(connected):
    """Nothing waits on for what is late on it: a timer would hold it for as long as the timeout."""
    await connected.read(await connected.send())
    await connected.close()
    held = weakref.ref(connected.own.stream)

    connected.own = None
    await asyncio.sleep(0)
    gc.collect()

    assert held() is None
