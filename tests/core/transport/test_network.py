"""Encrypted sockets: where they end, and how long they may take for what."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from openai_core.options import Timeout
from openai_core.retrying import Deadline
from openai_core.transport.connection import AsyncConnection, Connection
from openai_core.transport.environment import tls_context
from openai_core.transport.exchange import Phases, phases_of
from openai_core.transport.h11 import H11Reader
from openai_core.transport.http1 import place, sent
from openai_core.transport.httptools import HttptoolsReader
from openai_core.transport.network import SocketStream, connected
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut, Request


@pytest.fixture
def tls(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    tls_context.cache_clear()
    yield tls_context()
    tls_context.cache_clear()


@pytest.fixture
def context(certificate):
    """How the server encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate[1:])
    return context


@pytest.fixture
def serve(context):
    """Serves one encrypted connection in a thread; gives where."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def serve(handler):
        def run():
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                handler(connection)

        threads.append(threading.Thread(target=run))
        threads[0].start()
        return f"https://127.0.0.1:{listener.getsockname()[1]}/"

    yield serve
    listener.close()
    for thread in threads:
        thread.join(10)


@pytest.fixture(params=[H11Reader, HttptoolsReader])
def read(request):
    return request.param


@pytest.fixture
def send(colour, tls, read, settled):
    """Sends a request, and gives the whole body of its answer."""

    async def send(url, content=None, **timeout):
        request = Request("POST", url, {}, content, Timeout(**timeout))
        written = sent(request, phases_of(request, Phases), awaited=colour == "async")
        if colour == "sync":
            connection = Connection(place(url), tls, read)
            try:
                return await asyncio.to_thread(lambda: connection.handle_request(written).read())
            finally:
                connection.close()
        connection = AsyncConnection(place(url), tls, read)
        try:
            return await (await connection.handle_async_request(written)).read()
        finally:
            await connection.aclose()

    return send


def answer_to_the_end(connection):
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nbody")


async def test_an_answer_that_tells_no_length_ends_with_the_encryption(send, serve):
    def end(connection):
        answer_to_the_end(connection)
        # The client doesn't say that it has ended, too.
        with suppress(OSError):
            connection.unwrap()

    assert await send(serve(end)) == b"body"


async def test_a_server_that_speaks_another_protocol_too_is_told_which_one_is_spoken(send, serve, context):
    context.set_alpn_protocols(["h2", "http/1.1"])
    chosen = []

    def end(connection):
        chosen.append(connection.selected_alpn_protocol())
        answer_to_the_end(connection)
        with suppress(OSError):
            connection.unwrap()

    assert await send(serve(end)) == b"body"
    assert chosen == ["http/1.1"]


async def test_one_whose_connection_is_cut_off_is_not_whole(send, serve):
    """Anybody on the way can do that, and so choose how much of it there seems to be."""
    with pytest.raises(ConnectionFailed):
        await send(serve(answer_to_the_end))


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_one_that_is_taken_slowly_is_whole_although_its_connection_has_ended(tls, serve, read, loop):
    """What an event loop holds by then, it would drop if it were the one that is made to wait, not the server."""
    new_loop = pytest.importorskip(loop, reason="there is none for this system").new_event_loop
    size, said = 530_000, threading.Event()

    def answer_and_end(connection):
        # So that none of it waits for the client.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(size))
        connection.settimeout(0)
        with suppress(ssl.SSLWantReadError):
            connection.unwrap()
        socket.socket.shutdown(connection, socket.SHUT_WR)
        said.set()
        connection.settimeout(10)
        with suppress(OSError):
            socket.socket.recv(connection, 1)

    async def call(url):
        connection = AsyncConnection(place(url), tls, read)
        request = Request("GET", url, {}, None, Timeout(10))
        try:
            answer = await connection.handle_async_request(sent(request, phases_of(request, Phases), awaited=True))
            assert await asyncio.to_thread(said.wait, 10)
            for _ in range(100):
                await asyncio.sleep(0)
            return await answer.read()
        finally:
            await connection.aclose()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert len(runner.run(call(serve(answer_and_end)))) == size


async def test_a_server_that_takes_no_more_is_not_awaited_for_its_answer(send, serve):
    """But for as long as it may take for a piece of a request, however much of that waits to be encrypted."""
    over = threading.Event()
    url = serve(lambda connection: over.wait(10))

    try:
        with pytest.raises(PhaseTimedOut):
            await asyncio.wait_for(send(url, b"a" * 20_000_000, write=0.1, read=60), 9)
    finally:
        over.set()


class Held(socket.socket):
    """One that is read slowly."""

    def __init__(self, own):
        super().__init__(fileno=own.detach())
        self.reading, self.go = threading.Event(), threading.Event()

    def recv(self, size):
        self.reading.set()
        self.go.wait(10)
        return super().recv(size)


def test_one_that_is_closed_while_it_is_read_is_open_until_nobody_reads_it():
    """The next one that is opened would get its number, and be read from."""
    own, other = socket.socketpair()
    stream = SocketStream()
    stream.phases = TestNames.phases()
    stream._socket = held = Held(own)
    with other, ThreadPoolExecutor() as threads:
        reading = threads.submit(stream.read)
        assert held.reading.wait(10)

        stream.close()

        assert held.fileno() >= 0
        held.go.set()
        with pytest.raises(ConnectionFailed, match="the connection is closed"):
            reading.result(10)
        assert held.fileno() < 0


class TestNames:
    @staticmethod
    def phases(timeout=None, deadline=None):
        return phases_of(Request("GET", "http://api.example/", {}, None, timeout or Timeout(), deadline), Phases)

    @pytest.mark.parametrize("limit", ["connect", "deadline"])
    def test_one_that_nobody_answers_for_is_not_waited_for(self, monkeypatch, limit):
        asked, answered, look = threading.Event(), threading.Event(), socket.getaddrinfo

        def never(*host, flags=0, **how):
            if flags:
                return look(*host, flags=flags, **how)
            asked.set()
            answered.wait()
            return []

        monkeypatch.setattr(socket, "getaddrinfo", never)
        limits = {"timeout": Timeout(connect=0.2)} if limit == "connect" else {"deadline": Deadline(0.2)}

        with pytest.raises(PhaseTimedOut, match=r"the address of 'api\.example' wasn't found in time"):
            connected(b"api.example", 80, self.phases(**limits))

        assert asked.is_set()
        answered.set()

    def test_one_that_means_nothing_is_a_failure(self):
        with pytest.raises(socket.gaierror):
            connected(b"nobody.invalid", 80, self.phases())

    def test_one_that_means_this_machine(self):
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            connected(b"localhost", listener.getsockname()[1], self.phases()) as own,
        ):
            assert own.getpeername() == listener.getsockname()
