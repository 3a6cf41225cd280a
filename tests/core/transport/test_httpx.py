"""The default transport: what users put around or in the place of its connections."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
from contextlib import suppress
from types import SimpleNamespace

import httpcore
import httpx
import pytest
import respx

from openai_core.errors import RateLimitError
from openai_core.operation import BinaryEndpoint, Endpoint
from openai_core.transport.httpx import Watch, is_replaced

WRITE = Endpoint("POST", "/things", "builtins:dict")
READ = Endpoint("GET", "/things", "builtins:dict")
DOWNLOAD = BinaryEndpoint("GET", "/content", None)
FAR = "http://api.example.invalid/v1"


def say_ok(exchange):
    exchange.json({"name": "ok"}, x_request_id="req_1")


pytestmark = pytest.mark.only_on("httpx", reason="it is about what is put around httpx")


@pytest.fixture
def transport():
    return "httpx"


def connected_to(server):
    """The sockets of this process that lead to a server."""
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    sockets = [each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() >= 0]
    return [each for each in sockets if suppressed(each.getpeername) == ("127.0.0.1", port)]


def suppressed(ask):
    with suppress(OSError):
        return ask()
    return None


class TestSockets:
    def test_keepalive_is_on(self, make_client, server):
        """Without it a connection that a NAT has forgotten is waited on until the timeout."""
        server.script(say_ok)

        make_client().send(WRITE.operation())

        (own,) = connected_to(server)
        options = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert [own.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in options] == [60, 15, 4]


DIRECT = """
import asyncio, sys
from openai_core import AsyncClient, Client
from openai_core.operation import Endpoint

operation = Endpoint("POST", "/things", "builtins:dict").operation()
settings = {"api_key": "sk-test", "base_url": sys.argv[1]}
Client(**settings).send(operation)
print("httpx" in sys.modules)
asyncio.run(AsyncClient(**settings).send(operation))
print("httpx" in sys.modules)
"""


class TestDirectly:
    def test_a_call_doesnt_load_httpx(self, server):
        server.script(say_ok)

        done = subprocess.run([sys.executable, "-c", DIRECT, server.url], capture_output=True, text=True, check=False)

        assert done.stdout.splitlines() == ["False", "False"], done.stderr

    def test_a_connection_that_the_server_has_ended_meanwhile_costs_no_attempt(self, client, server):
        def say_ok_and_go(exchange):
            say_ok(exchange)
            exchange.hang_up()

        server.script(say_ok_and_go)
        for _ in range(3):
            assert len(client.send_raw(WRITE.operation()).attempts) == 1
            assert server.has_open(0)

    def test_a_short_request_is_one_packet(self, make_client, server, monkeypatch):
        sent = []
        send = socket.socket.send
        monkeypatch.setattr(socket.socket, "send", lambda own, data: sent.append(bytes(data)) or send(own, data))
        server.script(say_ok)

        make_client().send(WRITE.operation(body={"name": "a"}))

        (request,) = [data for data in sent if b"/v1/things" in data]
        assert request.endswith(b'{"name":"a"}')


class TestWatch:
    """Whether somebody has put something in the place of a library's methods."""

    @pytest.fixture
    def watch(self):
        return Watch("handle_request", ("httpx", "HTTPTransport"), ("httpcore", "ConnectionPool"))

    @pytest.mark.parametrize(
        "other",
        [lambda self, request: None, print, httpx.HTTPTransport.handle_request],
        ids=["a function", "no function", "another library's"],
    )
    def test_what_others_have_put_in_is_seen(self, watch, monkeypatch, other):
        kind = httpcore.ConnectionPool
        assert not is_replaced(kind.handle_request, httpcore)
        assert not watch.sees_others()

        monkeypatch.setattr(kind, "handle_request", other)

        assert is_replaced(kind.handle_request, httpcore)
        assert watch.sees_others()
        monkeypatch.undo()
        assert not watch.sees_others()

    def test_nobody_has_changed_what_nobody_has_imported(self, watch, monkeypatch):
        monkeypatch.delitem(sys.modules, "httpcore")
        monkeypatch.delitem(sys.modules, "httpx")

        assert not watch.sees_others()

    def test_a_library_may_just_be_on_its_way_in(self, watch, monkeypatch):
        monkeypatch.setitem(sys.modules, "httpcore", SimpleNamespace())

        assert not watch.sees_others()


class TestMocks:
    """With which users test."""

    @pytest.mark.parametrize("part", ["ConnectionPool", "HTTPConnection"])
    def test_what_records_httpcore_sees_everything(self, client, server, colour, monkeypatch, part):
        """As vcrpy does, and others that trace."""
        name = "handle_request" if colour == "sync" else "handle_async_request"
        kind = getattr(httpcore, part if colour == "sync" else f"Async{part}")
        original = getattr(kind, name)
        seen = []
        monkeypatch.setattr(kind, name, lambda own, request: seen.append(request.url.target) or original(own, request))
        server.script(say_ok)

        assert client.send(WRITE.operation()) == {"name": "ok"}

        assert seen == [b"/v1/things"]

    def test_pytest_httpx_mocks_it(self, make_client, httpx_mock):
        httpx_mock.add_response(method="POST", url="https://api.example.invalid/v1/things", json={"name": "mocked"})

        answer = make_client(base_url="https://api.example.invalid/v1").send(WRITE.operation(body={"name": "a"}))

        assert answer == {"name": "mocked"}
        request = httpx_mock.get_request()
        assert request.read() == b'{"name":"a"}'
        assert request.headers["authorization"] == "Bearer sk-test"

    def test_pytest_httpx_mocks_failures_too(self, make_client, httpx_mock):
        httpx_mock.add_exception(httpx.ReadTimeout("too slow"))
        httpx_mock.add_response(status_code=429, json={"error": {"message": "busy"}}, is_reusable=True)

        with pytest.raises(RateLimitError, match="busy") as caught:
            make_client(base_url=FAR).send(WRITE.operation())

        assert [attempt.error for attempt in caught.value.attempts] == [
            "APITimeoutError",
            "RateLimitError",
            "RateLimitError",
        ]

    def test_pytest_httpx_mocks_downloads(self, make_client, httpx_mock):
        httpx_mock.add_response(content=b"bytes")

        assert make_client(base_url=FAR).send(DOWNLOAD.operation()).read() == b"bytes"

    def test_respx_mocks_it(self, make_client):
        with respx.mock as router:
            route = router.post("https://api.example.invalid/v1/things").respond(json={"name": "mocked"})
            client = make_client(base_url="https://api.example.invalid/v1")

            assert client.send(WRITE.operation(body={"name": "a"})) == {"name": "mocked"}

        assert route.call_count == 1
        assert route.calls.last.request.content == b'{"name":"a"}'

    def test_respx_mocks_failures_too(self, make_client):
        with respx.mock as router:
            answers = [httpx.ConnectError("no way"), httpx.Response(500), httpx.Response(200, json={"name": "ok"})]
            router.get(f"{FAR}/things").mock(side_effect=answers)

            response = make_client(base_url=FAR).send_raw(READ.operation())

        assert [attempt.status for attempt in response.attempts] == [None, 500, 200]
        assert response.parse() == {"name": "ok"}

    def test_respx_mocks_a_client_that_has_already_called(self, client, server):
        server.script(say_ok)
        client.send(READ.operation())

        with respx.mock as router:
            router.get(f"{server.url}/things").respond(json={"name": "mocked"})
            assert client.send(READ.operation()) == {"name": "mocked"}

        assert client.send(READ.operation()) == {"name": "ok"}
        assert len(server.requests) == 2


class TestHttpClient:
    @pytest.fixture
    def seen(self):
        return []

    @pytest.fixture
    def http_client(self, colour, runner, seen):
        """A client of the user's, with hooks."""

        async def note_async(value):
            seen.append(type(value).__name__)

        def note(value):
            seen.append(type(value).__name__)

        hook = note if colour == "sync" else note_async
        settings = {
            "event_hooks": {"request": [hook], "response": [hook]},
            "cookies": {"own": "cookie"},
            "headers": {"x-own": "header"},
            "trust_env": False,
        }
        if colour == "sync":
            with httpx.Client(**settings) as client:
                yield client
        else:
            client = httpx.AsyncClient(**settings)
            yield client
            runner.run(client.aclose())

    def test_everything_is_sent_through_it(self, make_client, server, http_client, seen):
        server.script(lambda exchange: exchange.json({}, 500), say_ok)

        assert make_client(http_client=http_client).send(WRITE.operation(body={"name": "a"})) == {"name": "ok"}

        assert seen == ["Request", "Response"] * 2
        request = server.requests[-1]
        assert request.headers["cookie"] == "own=cookie"
        assert request.headers["x-own"] == "header"
        assert request.headers["authorization"] == "Bearer sk-test"
        assert request.headers["user-agent"].startswith("openai-core/")
        assert request.json_body == {"name": "a"}

    def test_files_and_downloads_too(self, make_client, server, http_client, seen, tmp_path):
        upload = Endpoint("POST", "/files", "builtins:dict", multipart=("file",))
        path = tmp_path / "data.txt"
        path.write_bytes(b"what is in the file")
        server.script(say_ok, lambda exchange: exchange.answer(b"bytes"))
        client = make_client(http_client=http_client)

        assert client.send(upload.operation(body={"file": path})) == {"name": "ok"}
        assert client.send(DOWNLOAD.operation()).read() == b"bytes"

        assert b"what is in the file" in server.requests[0].body
        assert seen == ["Request", "Response"] * 2

    def test_its_own_redirects_are_off(self, make_client, server, http_client):
        """It wouldn't know which keys to drop."""
        http_client.follow_redirects = True
        server.script(lambda exchange: exchange.answer(status=302, location="/v1/elsewhere"), say_ok)

        response = make_client(http_client=http_client).send_raw(READ.operation())

        assert [attempt.status for attempt in response.attempts] == [302, 200]

    def test_it_stays_open_when_the_client_is_closed(self, make_client, server, http_client):
        server.script(say_ok)
        client = make_client(http_client=http_client)
        client.send(WRITE.operation())

        client.close()

        assert not http_client.is_closed
        client.send(WRITE.operation())
        assert server.connections == 1
