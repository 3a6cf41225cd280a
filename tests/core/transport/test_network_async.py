"""Sockets of event loops: what comes, and the room that it takes on its way."""

from __future__ import annotations

import asyncio
import socket
import ssl
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from openai_core.transport.exchange import Phases
from openai_core.transport.network_async import AsyncSocketStream
from openai_core.transport.protocol import ConnectionFailed

KB = 1024
PIECE = 1000
LONG = 16 * 1024 * KB
LOOPS = 4


@pytest.fixture
def serve():
    """Sends to so many connections, each in a thread, what a function gives for its number; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = ThreadPoolExecutor()

    def serve(pieces, many=1):
        def send(number):
            connection, _ = listener.accept()
            with connection:
                for piece in pieces(number):
                    connection.sendall(piece)
                    connection.recv(1)

        for number in range(many):
            threads.submit(send, number)
        return listener.getsockname()[1]

    with listener, threads:
        yield serve


async def connected(port):
    stream = AsyncSocketStream()
    stream.phases = Phases(connect=10.0, read=10.0, write=10.0)
    stream.phases.deadline = None
    await stream.connect("127.0.0.1", port)
    return stream


async def test_a_short_piece_takes_little_room(serve):
    stream = await connected(serve(lambda _: [bytes(PIECE)] * 2))
    assert len(await stream.read()) == PIECE
    tracemalloc.start()
    try:
        await stream.write(b".")
        await stream.flush()
        assert len(await stream.read()) == PIECE
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        stream.abort()
    assert most < 64 * KB


async def test_what_comes_before_it_is_encrypted_is_no_answer(serve):
    """Anybody on the way can have said it, and let the server go on from there."""
    stream = await connected(serve(lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]))
    await stream._wait("read")

    with pytest.raises(ConnectionFailed, match="before it could be encrypted"):
        await stream.start_tls(ssl.create_default_context(), "127.0.0.1")

    stream.abort()


async def test_one_that_is_closed_while_it_is_being_encrypted_fails_at_once(serve):
    """Rather than to be one that isn't encrypted."""
    stream = await connected(serve(lambda _: []))
    begun = asyncio.ensure_future(stream.start_tls(ssl.create_default_context(), "127.0.0.1"))
    await asyncio.sleep(0)
    stream.abort()

    with pytest.raises(ConnectionFailed):
        await begun


def test_loops_in_several_threads_dont_get_each_others_bytes(serve):
    port = serve(lambda number: [bytes([number]) * LONG], LOOPS)

    async def come():
        stream = await connected(port)
        found, size = set(), 0
        while size < LONG:
            piece = await stream.read()
            found |= {*piece}
            size += len(piece)
        stream.abort()
        return found

    with ThreadPoolExecutor() as threads:
        found = [each.result() for each in [threads.submit(asyncio.run, come()) for _ in range(LOOPS)]]
    assert sorted(map(list, found)) == [[number] for number in range(LOOPS)]
