"""A connection of the default transport: when it is made, what it carries, and when it is of no use any more."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import weakref
from threading import Event

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
    """Nor than its phase, which is longer here; however many addresses there are to try."""
    tried = []
    several = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))] * 3

    def connect(own, address):
        tried.append(address)
        Event().wait(own.gettimeout())
        raise TimeoutError

    async def connect_async(*address, **how):
        await asyncio.Event().wait()

    if colour == "sync":
        monkeypatch.setattr(socket, "getaddrinfo", lambda *host, **how: several)
        monkeypatch.setattr(socket.socket, "connect", connect)
    else:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect_async)

    with pytest.raises(PhaseTimedOut):
        await connected.send(deadline=Deadline(0.2))

    assert len(tried) == (colour == "sync")


@pytest.mark.parametrize("colour", ["sync"])
async def test_the_next_address_is_tried_where_one_refuses(connected, server, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        refusing = listener.getsockname()
    told = int(server.url.split(":")[2].partition("/")[0])
    several = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", each) for each in (refusing, ("127.0.0.1", told))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *host, **how: several)

    assert await connected.read(await connected.send()) == b"body"


async def test_once_the_deadline_is_over_nothing_begins(connected, server):
    with pytest.raises(PhaseTimedOut, match="the deadline is over"):
        await connected.send(deadline=Deadline(0))

    assert server.connections == 0


async def test_a_body_without_an_end_ends_with_the_deadline(connected, server):
    """Although something of it is always there, so that none of it is waited for."""

    def go_on(exchange):
        exchange.head(transfer_encoding="chunked")
        while True:
            exchange._socket.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")

    server.script(go_on)

    with pytest.raises(PhaseTimedOut):
        await connected.read(await connected.send(deadline=Deadline(0.2)))


async def test_a_host_that_none_can_be_called_is_a_failure(colour, settled, read):
    with pytest.raises(ConnectionFailed):
        await Connected(colour, settled, "http://a..b/", read).send()


async def test_an_answer_whose_connection_is_closed_is_not_whole(connected, server, colour):
    """Nor waited for: as long as the server says nothing, it would be by another thread."""
    server.script(lambda exchange: exchange.head() or exchange.send(b"part") or exchange.gone())
    answer = await connected.send()
    pieces = iter(answer) if colour == "sync" else aiter(answer)
    assert (next(pieces) if colour == "sync" else await anext(pieces)) == b"part"
    rest = asyncio.create_task(asyncio.to_thread(answer.read) if colour == "sync" else answer.read())
    await asyncio.sleep(0)

    await connected.close()

    with pytest.raises(ConnectionFailed):
        await asyncio.wait_for(rest, 10)


@pytest.mark.parametrize("colour", ["async"])
async def test_two_tasks_can_not_wait_for_one_answer(connected, server, colour):
    """What comes would wake one of them alone."""
    server.script(lambda exchange: exchange.head(content_length=4) or exchange.gone())
    answer = await connected.send()
    first = asyncio.create_task(answer.read())
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="one task at a time"):
        await answer.read()

    await connected.close()
    with pytest.raises(ConnectionFailed):
        await first


def test_uvloop_makes_it_too(server, read):
    uvloop = pytest.importorskip("uvloop", reason="there is none for this system")
    server.script(lambda exchange: exchange.answer(b"body"))
    # It has more than one address.
    url = server.url.replace("127.0.0.1", "localhost")

    async def call():
        connection = AsyncConnection(place(url), None, read)
        request = Request("GET", url, {}, None, Timeout())
        written = sent(request, phases_of(request, Phases), awaited=True)
        try:
            return await (await connection.handle_async_request(written)).read()
        finally:
            await connection.aclose()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(call()) == b"body"


@pytest.mark.parametrize("colour", ["sync"])
async def test_a_forked_process_does_not_end_that_of_its_parent(connected, colour, monkeypatch):
    await connected.read(await connected.send())
    with connected.own.stream._socket.dup() as parents:
        with monkeypatch.context() as forked:
            forked.setattr(os, "getpid", lambda: -1)
            await connected.close()

        parents.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert parents.recv(9) == b"HTTP/1.1 "


@pytest.mark.parametrize("colour", ["async"])
async def test_nor_does_it_deafen_the_loop_of_its_parent(connected, server, colour, monkeypatch):
    """What the loop listens with is both processes'."""
    server.script(lambda exchange: exchange.head(content_length=4) or exchange.gone())
    await connected.send()
    listening = connected.own.stream._raw
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: -1)
        await connected.close()

    assert connected.own.stream.is_readable()
    assert not listening.is_closing()
    listening.abort()


@pytest.mark.parametrize("kind", [Connection, AsyncConnection])
async def test_how_it_is_encrypted_is_not_changed_for_it(kind, read):
    """While another thread connects: OpenSSL reads that without a lock."""
    kind(place("https://127.0.0.1/"), object(), read)


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
