"""What is particular to the transport on pyreqwest."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from openai_core import Timeout
from openai_core.errors import APITimeoutError, ConfigurationError
from openai_core.operation import BinaryEndpoint, Endpoint

WRITE = Endpoint("POST", "/things", "builtins:dict")
DOWNLOAD = BinaryEndpoint("GET", "/content", None)

pytestmark = pytest.mark.only_on("pyreqwest", reason="it is about pyreqwest")


def say_ok(exchange):
    exchange.json({"name": "ok"})


@pytest.fixture
def transport():
    return "pyreqwest"


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreqwest", None)
    for name in [name for name in sys.modules if name.startswith("openai_core.transport.pyreqwest")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith("pyreqwest.")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(ConfigurationError, match=r"install openai-core\[pyreqwest\]"):
        __import__("openai_core.transport.pyreqwest")


@pytest.mark.parametrize("colour", ["sync"])
def test_an_answer_that_is_read_whole_is_waited_for_once(make_client, server, colour, monkeypatch):
    from openai_core.transport.pyreqwest_waiting import Waiter

    waits = []
    wait = Waiter.wait
    monkeypatch.setattr(Waiter, "wait", lambda *arguments: waits.append(arguments) or wait(*arguments))
    server.script(say_ok)

    assert make_client().send(WRITE.operation()) == {"name": "ok"}

    assert len(waits) == 1


def test_an_answer_that_is_read_in_pieces_is_not_waited_for_with_its_headers(make_client, server):
    go_on = threading.Event()

    def in_two(exchange):
        exchange.head(content_length=100, content_type="application/json")
        exchange.send(b" " * 10)
        go_on.wait(10)
        exchange.send(b" " * 90)

    server.script(in_two)

    content = make_client().send(DOWNLOAD.operation())

    go_on.set()
    assert content.read() == b" " * 100


def test_a_header_that_is_no_ascii_is_left_out(client, server):
    server.script(lambda exchange: exchange.json({}, x_name="h\xe9llo", x_request_id="req_1"))

    headers = client.send_raw(WRITE.operation()).headers

    assert headers["x-request-id"] == "req_1"
    assert "x-name" not in headers


def test_a_header_that_comes_several_times_is_one(client, server):
    server.script(lambda exchange: exchange.json({}, x_name="a", X_Name="b"))

    assert client.send_raw(WRITE.operation()).headers["x-name"] == "a, b"


@pytest.mark.parametrize("pieces", [0, 3])
def test_the_read_timeout_bounds_each_piece_of_an_answer_that_is_read_whole(make_client, server, pieces):
    """Each piece, not their sum: what comes in time is waited for."""

    def piece_by_piece(exchange):
        exchange.head(content_length=10)
        for _ in range(pieces):
            exchange.send(b"1")
        exchange.gone()

    server.script(piece_by_piece)

    with pytest.raises(APITimeoutError):
        make_client(timeout=Timeout(read=0.1, idle=30), max_retries=0).send(WRITE.operation())


@pytest.mark.parametrize("colour", ["sync"])
def test_a_sync_client_brings_no_thread(make_client, server, colour):
    """It waits in the one that calls."""
    server.script(say_ok)
    client = make_client()
    before = threading.active_count()

    client.send(WRITE.operation())
    client.send(DOWNLOAD.operation()).read()

    assert threading.active_count() <= before + 2  # Those of the server, one for each connection.


# It says when it begins to wait, and what has come of it.
WAITING = """
import signal, sys
from openai_core import Client
from openai_core.operation import BinaryEndpoint, Endpoint
from openai_core.transport.pyreqwest_waiting import Waiter

url, waits_for = sys.argv[1:]
# What a shell starts in the background ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def say_so():
    Waiter.get = lambda self, **until: print("waiting", flush=True) or super(Waiter, self).get(**until)


with Client(api_key="sk-test", base_url=url, transport="pyreqwest") as client:
    try:
        if waits_for == "headers":
            say_so()
            client.send(Endpoint("POST", "/things", "builtins:dict").operation())
        else:
            content = client.send(BinaryEndpoint("GET", "/content", None).operation())
            say_so()
            content.read()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signal")
@pytest.mark.parametrize("waits_for", ["headers", "body"])
def test_ctrl_c_ends_a_call_that_waits(server, waits_for):
    def hold(exchange):
        if waits_for == "body":
            exchange.head(content_length=100)
        exchange.gone()

    server.script(hold)
    command = [sys.executable, "-c", WAITING, server.url, waits_for]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "waiting\n"
        assert server.has_received(1)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        if waits_for == "body":
            assert server.has_open(0)
        process.stdin.close()


class TestExit:
    """What it prevents is one abort in fifty on a busy machine; here it is shown to wait."""

    @pytest.fixture
    def clock(self, monkeypatch):
        from openai_core.transport import pyreqwest_exchange

        class Clock:
            now = 1000.0
            slept = 0.0

            def monotonic(self):
                return self.now

            def sleep(self, seconds):
                self.slept += seconds

        monkeypatch.setattr(pyreqwest_exchange, "time", clock := Clock())
        return clock

    def test_it_waits_for_what_has_just_been_at_work(self, client, server, clock):
        from openai_core.transport.pyreqwest_exchange import at_exit

        server.script(say_ok)
        client.send(WRITE.operation())
        clock.now += 0.005

        at_exit._wait()

        assert clock.slept == pytest.approx(0.015)

    def test_it_waits_for_nothing_else(self, client, server, clock):
        from openai_core.transport.pyreqwest_exchange import at_exit

        server.script(say_ok)
        client.send(WRITE.operation())
        clock.now += 0.02

        at_exit._wait()

        assert clock.slept == 0
