"""Connections, whichever transport makes them: proxies, certificates, many at once, cancelled, kept and closed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import httpx2
import pytest

from openai_core import AsyncClient, Client
from openai_core.errors import APIConnectionError, ConfigurationError
from openai_core.operation import BinaryEndpoint, Endpoint

WRITE = Endpoint("POST", "/things", "builtins:dict")
READ = Endpoint("GET", "/things", "builtins:dict")
DOWNLOAD = BinaryEndpoint("GET", "/content", None)

FAR = "http://api.example.invalid/v1"


def say_ok(exchange):
    exchange.json({"name": "ok"}, x_request_id="req_1")


def hold(exchange):
    """Let the client wait for the headers until it goes."""
    exchange.gone()


def hold_within_the_body(exchange):
    exchange.head(content_length=100)
    exchange.send(b'{"na')
    exchange.gone()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def proxy(server):
    proxy = type(server)()
    proxy.address = proxy.url.removesuffix("/v1")
    yield proxy
    proxy.stop()


class TestProxies:
    @pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
    def test_the_environments_proxy_is_used(self, make_client, proxy, monkeypatch, name):
        monkeypatch.setenv(name, proxy.address)
        proxy.script(say_ok)

        assert make_client(base_url=FAR).send(WRITE.operation(body={"name": "a"})) == {"name": "ok"}

        (request,) = proxy.requests
        assert request.target == f"{FAR}/things"
        assert request.headers["host"] == "api.example.invalid"
        assert request.json_body == {"name": "a"}

    def test_a_proxy_without_a_scheme_is_one_of_http(self, make_client, proxy, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", proxy.address.removeprefix("http://"))
        proxy.script(say_ok)

        make_client(base_url=FAR).send(WRITE.operation())

        assert len(proxy.requests) == 1

    def test_a_proxy_gets_its_own_password(self, make_client, proxy, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", proxy.address.replace("://", "://user:pass@"))
        proxy.script(say_ok)

        make_client(base_url=FAR).send(WRITE.operation())

        assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"

    def test_https_goes_through_a_tunnel(self, make_client, proxy, monkeypatch, transport):
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        proxy.script(lambda exchange: exchange.answer(status=403))

        # pyreqwest doesn't tell the status that a proxy has answered with.
        with pytest.raises(APIConnectionError, match="tunnel error" if transport == "pyreqwest" else "403"):
            make_client(base_url="https://api.example.invalid/v1", max_retries=0).send(WRITE.operation())

        (request,) = proxy.requests
        assert (request.method, request.target) == ("CONNECT", "api.example.invalid:443")
        assert "authorization" not in request.headers

    @pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "socks://127.0.0.1:1", "ftp://user:pass@127.0.0.1:1"])
    @pytest.mark.only_on("httpx", "httptools", "httpx2", reason="it is httpx that needs another package")
    def test_one_that_can_not_be_used_says_what_to_do(self, make_client, monkeypatch, address):
        monkeypatch.setenv("ALL_PROXY", address)
        monkeypatch.setitem(sys.modules, "socksio", None)

        with pytest.raises(ConfigurationError, match=r"'(socks5?|ftp)' for this server.*pip install socksio") as caught:
            make_client(base_url=FAR).send(WRITE.operation())

        assert "pass" not in str(caught.value)

    @pytest.mark.parametrize("exempt", ["127.0.0.1", "localhost,127.0.0.1", "*"])
    def test_no_proxy_is_honoured(self, make_client, server, proxy, monkeypatch, exempt):
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", exempt)
        server.script(say_ok)
        proxy.script(say_ok)

        make_client().send(WRITE.operation())

        assert server.requests[0].target == "/v1/things"
        assert proxy.requests == []

    def test_no_proxy_leaves_other_hosts_to_the_proxy(self, make_client, server, proxy, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", ".example.invalid")
        proxy.script(say_ok)

        make_client().send(WRITE.operation())

        assert proxy.requests[0].target == f"{server.url}/things"
        assert server.requests == []


# The contexts that read certificates are counted: each takes longer than a call.
TLS = """
import asyncio, ssl, sys
from openai_core import APIConnectionError, AsyncClient, Client, RetryPolicy
from openai_core.operation import Endpoint
from openai_core.plugins import transports

transport, plain, *secure = sys.argv[1:]
operation = Endpoint("POST", "/things", "builtins:dict").operation()
settings = {"api_key": "sk-test", "retry": RetryPolicy(0), "transport": transport}
made = []
if transport != "httpx":
    transports.get(transport)  # aiohttp makes one for itself.
create = ssl.create_default_context
ssl.create_default_context = lambda *args, **named: made.append(named) or create(*args, **named)


async def call(url):
    async with AsyncClient(base_url=url, **settings) as client:
        return await client.send(operation)


if transport != "aiohttp":
    Client(base_url=plain, **settings).send(operation)
asyncio.run(call(plain))
print("plain", len(made))
try:
    for url in secure * 2:
        if transport != "aiohttp":
            with Client(base_url=url, **settings) as client:
                print(client.send(operation))
        print(asyncio.run(call(url)))
except APIConnectionError as error:
    print(error)
print("secure", len(made))
"""


class TestTls:
    @pytest.fixture
    def secure_urls(self, server, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate[1:])

        class SecureServer(type(server)):
            def _serve(self, connection, number):
                try:
                    connection = context.wrap_socket(connection, server_side=True)
                except OSError:
                    return  # The client doesn't trust this server.
                super()._serve(connection, number)

        servers = [SecureServer(), SecureServer()]
        for secure in servers:
            secure.script(say_ok)
        yield [secure.url.replace("http:", "https:") for secure in servers]
        for secure in servers:
            secure.stop()

    @pytest.fixture
    def run(self, transport, server, secure_urls, monkeypatch):
        def run(**environment):
            monkeypatch.delenv("SSL_CERT_DIR", raising=False)
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            server.script(say_ok)
            command = [sys.executable, "-c", textwrap.dedent(TLS), transport, server.url, *secure_urls]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout.splitlines()

        return run

    def test_certificates_of_the_environment_are_trusted_and_read_once_in_a_process(self, run, certificate, transport):
        """By two clients of two servers in both colours; plain HTTP needs none."""
        answers = run(SSL_CERT_FILE=str(certificate[0]))

        calls = 4 if transport == "aiohttp" else 8
        # pyreqwest reads them without Python.
        contexts = 0 if transport == "pyreqwest" else 1
        assert answers == ["plain 0", *["{'name': 'ok'}"] * calls, f"secure {contexts}"]

    def test_other_certificates_are_not(self, run, transport):
        _, error, _ = run()

        assert ("invalid peer certificate" if transport == "pyreqwest" else "certificate verify failed") in error
        assert "can this machine reach it" in error


@pytest.mark.only_on(
    "httpx", "aiohttp", "httpx2", reason="pyreqwest can't end a request before the headers of its answer are there"
)
class TestCancelling:
    @pytest.mark.parametrize("handler", [hold, hold_within_the_body])
    @pytest.mark.parametrize("endpoint", [WRITE, DOWNLOAD])
    def test_calls_that_wait_for_an_answer_leave_no_connection(self, transport, server, runner, handler, endpoint):
        server.script(handler)
        client = AsyncClient(api_key="sk-test", base_url=server.url, transport=transport)

        async def call():
            answer = await client.send(endpoint.operation())
            return await answer.read() if endpoint is DOWNLOAD else answer

        async def cancel_many():
            tasks = [asyncio.create_task(call()) for _ in range(200)]
            assert await asyncio.to_thread(server.has_received, 200)
            for task in tasks:
                await asyncio.sleep(0)
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
            assert await asyncio.to_thread(server.has_open, 0)

            server.script(say_ok)
            for _ in range(5):
                assert await client.send(WRITE.operation()) == {"name": "ok"}
            assert server.connections == 201

        runner.run(cancel_many())

    def test_no_cancelled_call_leaves_a_connection_when_the_client_is_closed(self, transport, server, runner):
        """Cancelled after each number of turns of the loop, before, while and after the connection is made."""
        server.script(say_ok)
        client = AsyncClient(api_key="sk-test", base_url=server.url, transport=transport)

        async def cancel_many():
            for turns in range(200):
                task = asyncio.create_task(client.send(WRITE.operation()))
                for _ in range(turns % 50):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                assert task.cancelled() or task.result() == {"name": "ok"}
            assert await client.send(WRITE.operation()) == {"name": "ok"}
            await client.close()
            assert await asyncio.to_thread(server.has_open, 0)

        runner.run(cancel_many())

    def test_calls_on_their_way_leave_no_connection(self, transport, server, runner):
        server.script(hold)
        client = AsyncClient(api_key="sk-test", base_url=server.url, transport=transport)

        async def cancel_many():
            for turns in range(50):
                task = asyncio.create_task(client.send(WRITE.operation()))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                assert task.cancelled()
            assert await asyncio.to_thread(server.has_open, 0)

        runner.run(cancel_many())

    def test_a_cancelled_call_leaves_the_others_alone(self, transport, server, runner):
        go_on = threading.Event()

        def answer_when_told(exchange):
            go_on.wait(10)
            say_ok(exchange)

        server.script(answer_when_told)

        async def cancel_every_other():
            async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
                tasks = [asyncio.create_task(client.send(WRITE.operation())) for _ in range(20)]
                assert await asyncio.to_thread(server.has_received, 20)
                for task in tasks[::2]:
                    task.cancel()
                await asyncio.wait(tasks[::2])
                go_on.set()
                return await asyncio.gather(*tasks[1::2])

        assert runner.run(cancel_every_other()) == [{"name": "ok"}] * 10

    def test_a_timeout_around_a_call_ends_it(self, transport, server, runner):
        server.script(hold)

        async def call():
            client = AsyncClient(api_key="sk-test", base_url=server.url, transport=transport)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.send(WRITE.operation())
            return await asyncio.to_thread(server.has_open, 0)

        assert runner.run(call())
        assert len(server.requests) == 1


class TestManyAtOnce:
    COUNT = 60

    @pytest.fixture
    def meeting(self, server):
        """Answers nobody before all are there."""
        barrier = threading.Barrier(self.COUNT)

        def meet(exchange):
            barrier.wait(10)
            exchange.json({"number": exchange.json_body["number"]})

        server.script(meet)

    def test_async_calls(self, transport, server, runner, meeting):
        async def call_all():
            async with AsyncClient(
                api_key="sk-test", base_url=server.url, transport=transport, max_retries=0
            ) as client:
                calls = (client.send(WRITE.operation(body={"number": number})) for number in range(self.COUNT))
                return await asyncio.gather(*calls)

        assert runner.run(call_all()) == [{"number": number} for number in range(self.COUNT)]
        assert server.has_open(0)

    @pytest.mark.parametrize("colour", ["sync"])
    def test_calls_of_threads(self, colour, transport, server, meeting):
        with (
            Client(api_key="sk-test", base_url=server.url, transport=transport, max_retries=0) as client,
            ThreadPoolExecutor(self.COUNT) as pool,
        ):
            answers = pool.map(lambda number: client.send(WRITE.operation(body={"number": number})), range(self.COUNT))
            assert list(answers) == [{"number": number} for number in range(self.COUNT)]

        assert server.has_open(0)


class TestKeeping:
    def test_a_connection_is_used_again(self, client, server, transport):
        server.script(say_ok)

        for _ in range(3):
            client.send(WRITE.operation())

        assert server.was_reached_over(1, transport)

    def test_one_that_the_server_has_ended_meanwhile_is_replaced(self, client, server):
        def say_ok_and_go(exchange):
            say_ok(exchange)
            exchange.hang_up()

        server.script(say_ok_and_go)

        for _ in range(3):
            assert client.send(WRITE.operation()) == {"name": "ok"}
            assert server.has_open(0)

        assert len(server.requests) == 3

    def test_so_is_one_that_ends_while_a_request_is_sent_over_it(self, client, server):
        """It can't be told from a connection that breaks, and so is another attempt."""
        server.script(say_ok, lambda exchange: exchange.hang_up(), say_ok)
        client.send(WRITE.operation())

        response = client.send_raw(WRITE.operation())

        assert [attempt.status for attempt in response.attempts] == [None, 200]
        assert len({exchange.headers["idempotency-key"] for exchange in server.requests[1:]}) == 1


class TestUnasked:
    """What comes with an answer and was never asked for would be taken for the answer of the next request."""

    @staticmethod
    def say_more(exchange):
        stray = b'{"name": "stray"}'
        answers = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body) for body in (b"{}", stray)]
        exchange.send(b"".join(answers))

    def test_an_answer(self, client, server):
        server.script(self.say_more, say_ok)

        assert client.send(WRITE.operation()) == {}
        assert client.send(WRITE.operation()) == {"name": "ok"}

    @pytest.mark.only_on(
        "httpx", "httptools", "httpx2", "aiohttp", reason="pyreqwest hears of it in a thread of its own"
    )
    def test_an_answer_that_comes_later(self, client, server, colour, runner):
        def say_ok_and_more(exchange):
            say_ok(exchange)
            self.say_more(exchange)
            said.set()

        said = threading.Event()
        server.script(say_ok_and_more, say_ok)

        assert client.send(WRITE.operation()) == {"name": "ok"}
        assert said.wait(5)
        if colour == "async":
            runner.run(asyncio.sleep(0))
        assert client.send(WRITE.operation()) == {"name": "ok"}

    @pytest.mark.parametrize("library", [httpx, httpx2])
    @pytest.mark.only_on("httpx", reason="clients are of httpx or httpx2")
    def test_an_answer_over_a_client_of_the_user_s(self, make_client, server, colour, runner, library):
        server.script(self.say_more, say_ok)
        theirs = library.Client() if colour == "sync" else library.AsyncClient()
        client = make_client(http_client=theirs)

        assert client.send(WRITE.operation()) == {}
        assert client.send(WRITE.operation()) == {"name": "ok"}

        theirs.close() if colour == "sync" else runner.run(theirs.aclose())


class TestBroken:
    def test_a_body_that_stops_making_sense_is_a_failure_at_once(self, make_client, server):
        """Also after some of it has come: nothing more of it is waited for."""
        begun = threading.Event()

        def break_off(exchange):
            exchange.begin(content_type="application/octet-stream")
            exchange.chunk(b"some")
            assert begun.wait(10)
            exchange.send(b"zz\r\nnonsense\r\n")
            exchange.hang_up()

        server.script(break_off)
        client = make_client(max_retries=0, timeout=60)
        pieces = iter(client.send(DOWNLOAD.operation()))
        assert next(pieces) == b"some"
        begun.set()
        started = time.monotonic()

        with pytest.raises(APIConnectionError):
            list(pieces)

        assert time.monotonic() - started < 30


class TestClosing:
    def test_a_client_that_has_not_called_can_be_closed(self, client, server):
        client.close()

        assert server.connections == 0

    def test_it_can_be_closed_twice(self, client, server):
        server.script(say_ok)
        client.send(WRITE.operation())

        client.close()
        client.close()

        assert server.has_open(0)

    def test_a_download_that_is_closed_ends_its_connection_and_no_other(self, client, server, transport):
        server.script(hold_within_the_body, say_ok)
        content = client.send(DOWNLOAD.operation())
        client.send(WRITE.operation())

        content.close()

        assert server.has_open(1)
        for _ in range(2):
            client.send(WRITE.operation())
        assert server.was_reached_over(2, transport)

    def test_an_answer_that_is_read_gives_its_connection_back(self, client, server, transport):
        server.script(lambda exchange: exchange.answer(b"bytes"))

        for _ in range(3):
            assert client.send(DOWNLOAD.operation()).read() == b"bytes"

        assert server.was_reached_over(1, transport)

    def test_an_error_gives_its_connection_back(self, client, server, transport):
        server.script(lambda exchange: exchange.json({}, 500), lambda exchange: exchange.json({}, 500), say_ok)

        client.send(WRITE.operation())

        assert server.was_reached_over(1, transport)


@pytest.mark.parametrize("colour", ["async"])
@pytest.mark.only_on(
    "httpx", "httptools", "httpx2", "aiohttp", reason="pyreqwest ends it when the time to connect is over, in 5 s"
)
async def test_a_handshake_that_is_given_up_ends_its_connection(transport, colour):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        async with AsyncClient(api_key="sk-test", base_url=url, transport=transport) as client:
            call = asyncio.ensure_future(client.send(WRITE.operation()))
            connection, _ = await asyncio.to_thread(listener.accept)
            with connection:
                connection.settimeout(4)
                assert await asyncio.to_thread(connection.recv, 65536)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
                assert await asyncio.to_thread(connection.recv, 65536) == b""
