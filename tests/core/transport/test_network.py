"""Encrypted sockets: where they end, and how long they may take for what."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
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
from openai_core.transport.network import connected
from openai_core.transport.protocol import ConnectionFailed, PhaseTimedOut, Request


@pytest.fixture
def tls(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    tls_context.cache_clear()
    yield tls_context()
    tls_context.cache_clear()


@pytest.fixture
def serve(certificate):
    """Serves one encrypted connection in a thread; gives where."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate[1:])
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


async def test_one_whose_connection_is_cut_off_is_not_whole(send, serve):
    """Anybody on the way can do that, and so choose how much of it there seems to be."""
    with pytest.raises(ConnectionFailed):
        await send(serve(answer_to_the_end))


async def test_a_server_that_takes_no_more_is_not_awaited_for_its_answer(send, serve):
    """But for as long as it may take for a piece of a request, however much of that waits to be encrypted."""
    over = threading.Event()
    url = serve(lambda connection: over.wait(10))

    try:
        with pytest.raises(PhaseTimedOut):
            await asyncio.wait_for(send(url, b"a" * 20_000_000, write=0.1, read=60), 9)
    finally:
        over.set()


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
