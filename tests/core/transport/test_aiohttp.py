"""What is particular to the transport on aiohttp."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from openai_core import AsyncClient, Client
from openai_core.errors import ConfigurationError
from openai_core.operation import BinaryEndpoint, Endpoint

READ = Endpoint("GET", "/things", "builtins:dict")
DOWNLOAD = BinaryEndpoint("GET", "/content", None)

pytestmark = pytest.mark.only_on("aiohttp", reason="it is about aiohttp")


@pytest.fixture
def transport():
    return "aiohttp"


@pytest.fixture
def colour():
    return "async"


def say_ok(exchange):
    exchange.json({"name": "ok"})


def test_a_sync_client_is_told_what_to_do():
    with pytest.raises(ConfigurationError, match="'aiohttp' is for an AsyncClient") as caught:
        Client(api_key="sk-test", transport="aiohttp")

    assert "leave transport= out of this Client" in str(caught.value)


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "openai_core.transport.aiohttp", raising=False)

    with pytest.raises(ConfigurationError, match=r"install openai-core\[aiohttp\]"):
        __import__("openai_core.transport.aiohttp")


async def test_what_has_ended_while_the_loop_was_held_up_is_not_sent_over(server):
    def say_ok_and_go(exchange):
        say_ok(exchange)
        exchange.hang_up()

    server.script(say_ok_and_go)
    async with AsyncClient(api_key="sk-test", base_url=server.url, transport="aiohttp") as client:
        for _ in range(3):
            response = await client.send_raw(READ.operation())
            assert [attempt.status for attempt in response.attempts] == [200]
            assert server.has_open(0)


def test_it_sends_a_request_once_whatever_its_method(make_client, server):
    """Aiohttp itself would send a read again, uncounted."""
    server.script(say_ok, lambda exchange: exchange.hang_up(), say_ok)
    client = make_client()
    client.send(READ.operation())

    response = client.send_raw(READ.operation())

    assert [attempt.status for attempt in response.attempts] == [None, 200]
    assert len(server.requests) == 3


def test_what_came_before_a_break_is_given(make_client, server):
    def break_off(exchange):
        exchange.head(content_length=100)
        exchange.send(b"came")
        exchange.hang_up()

    server.script(break_off)
    came = []

    with pytest.raises(Exception, match="failed"):
        came.extend(make_client().send(DOWNLOAD.operation()))

    assert came == [b"came"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "ftp://127.0.0.1:1"])
def test_a_proxy_that_it_doesnt_know_is_named(make_client, monkeypatch, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)

    with pytest.raises(ConfigurationError, match=f"no proxy like {proxy.partition(':')[0]}; for SOCKS use"):
        make_client(base_url="http://api.example.invalid/v1").send(READ.operation())


FORKED = """
import asyncio, os, sys, threading
from openai_core import AsyncClient
from openai_core.operation import Endpoint

client = AsyncClient(api_key="sk-test", base_url=sys.argv[1], transport="aiohttp", timeout=5, max_retries=0)
READ = Endpoint("GET", "/things", "builtins:dict").operation()

async def main():
    await client.send(READ)
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        print(await client.send(READ))
    else:
        thread = threading.Thread(target=lambda: asyncio.run(client.send(READ)))
        thread.start()
        thread.join()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_does_not_deafen_its_parent(server):
    """When it ends, it drops the connections of its parent, which stay in order."""
    server.script(say_ok)

    command = [sys.executable, "-W", "ignore", "-c", FORKED, server.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert done.stdout == "{'name': 'ok'}\n"
    assert done.stderr == ""
