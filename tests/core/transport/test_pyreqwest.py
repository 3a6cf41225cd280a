"""What is particular to the transport on pyreqwest."""

from __future__ import annotations

import sys
import threading

import pytest

from openai_core.errors import ConfigurationError
from openai_core.operation import BinaryEndpoint, Endpoint

WRITE = Endpoint("POST", "/things", "builtins:dict")
DOWNLOAD = BinaryEndpoint("GET", "/content", None)

pytestmark = pytest.mark.only_on("pyreqwest", reason="it is about pyreqwest")


@pytest.fixture
def transport():
    return "pyreqwest"


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreqwest", None)
    for name in ("pyreqwest", "pyreqwest_async"):
        monkeypatch.delitem(sys.modules, f"openai_core.transport.{name}", raising=False)
    for name in [name for name in sys.modules if name.startswith("pyreqwest.")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(ConfigurationError, match=r"install openai-core\[pyreqwest\]"):
        __import__("openai_core.transport.pyreqwest")


@pytest.mark.parametrize("colour", ["sync"])
def test_a_thread_that_waits_for_a_short_answer_is_woken_once(make_client, server, colour, monkeypatch):
    from openai_core.transport.pyreqwest import _Loop

    waits = []
    run = _Loop.run
    monkeypatch.setattr(_Loop, "run", lambda own, coroutine: waits.append(coroutine.__name__) or run(own, coroutine))
    server.script(lambda exchange: exchange.json({"name": "ok"}))

    assert make_client().send(WRITE.operation()) == {"name": "ok"}

    assert len(waits) == 1


def test_a_long_answer_is_not_waited_for_with_its_headers(make_client, server):
    go_on = threading.Event()

    def in_two(exchange):
        exchange.head(content_length=100_000, content_type="application/json")
        exchange.send(b" " * 10)
        go_on.wait(10)
        exchange.send(b" " * 99_990)

    server.script(in_two)

    content = make_client().send(DOWNLOAD.operation())

    go_on.set()
    assert content.read() == b" " * 100_000


class TestExit:
    """What it prevents is one abort in fifty on a busy machine; here it is shown to wait."""

    @pytest.fixture
    def clock(self, monkeypatch):
        from openai_core.transport import pyreqwest_async

        class Clock:
            now = 1000.0
            slept = 0.0

            def monotonic(self):
                return self.now

            def sleep(self, seconds):
                self.slept += seconds

        monkeypatch.setattr(pyreqwest_async, "time", clock := Clock())
        return clock

    def test_it_waits_for_what_has_just_been_at_work(self, client, server, clock):
        from openai_core.transport.pyreqwest_async import _exit

        server.script(lambda exchange: exchange.json({"name": "ok"}))
        client.send(WRITE.operation())
        clock.now += 0.005

        _exit._wait()

        assert clock.slept == pytest.approx(0.015)

    def test_it_waits_for_nothing_else(self, client, server, clock):
        from openai_core.transport.pyreqwest_async import _exit

        server.script(lambda exchange: exchange.json({"name": "ok"}))
        client.send(WRITE.operation())
        clock.now += 0.02

        _exit._wait()

        assert clock.slept == 0
