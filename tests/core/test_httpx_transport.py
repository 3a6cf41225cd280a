"""The default transport: its connections, and what users put around or in the place of them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import respx

from openai_core import AsyncClient, Client
from openai_core.errors import APIConnectionError, RateLimitError
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


@pytest.fixture
def transport():
    return "httpx"


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


class TestSockets:
    def test_keepalive_is_on(self, make_client, server):
        """Without it a connection that a NAT has forgotten is waited on until the timeout."""
        found = []

        def look(request):
            reply = yield request
            own = reply._response.extensions["network_stream"].get_extra_info("socket")
            options = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
            found.append(own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
            found.extend(own.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in options)
            return reply

        server.script(say_ok)

        make_client(attempt_middleware=[look]).send(WRITE.operation())

        assert found == [1, 60, 15, 4]


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

    def test_https_goes_through_a_tunnel(self, make_client, proxy, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        proxy.script(lambda exchange: exchange.answer(status=403))

        with pytest.raises(APIConnectionError, match="403"):
            make_client(base_url="https://api.example.invalid/v1", max_retries=0).send(WRITE.operation())

        (request,) = proxy.requests
        assert (request.method, request.target) == ("CONNECT", "api.example.invalid:443")
        assert "authorization" not in request.headers

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

plain, *secure = sys.argv[1:]
operation = Endpoint("POST", "/things", "builtins:dict").operation()
settings = {"api_key": "sk-test", "retry": RetryPolicy(0)}
made = []
create = ssl.create_default_context
ssl.create_default_context = lambda *args, **named: made.append(named) or create(*args, **named)


async def call(url):
    async with AsyncClient(base_url=url, **settings) as client:
        return await client.send(operation)


Client(base_url=plain, **settings).send(operation)
asyncio.run(call(plain))
print("plain", len(made))
try:
    for url in secure * 2:
        with Client(base_url=url, **settings) as client:
            print(client.send(operation))
        print(asyncio.run(call(url)))
except APIConnectionError as error:
    print(error)
print("secure", len(made))
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    paths = folder / "cert.pem", folder / "key.pem"
    files = ["-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return paths


class TestTls:
    @pytest.fixture
    def secure_urls(self, server, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)

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
    def run(self, server, secure_urls, monkeypatch):
        def run(**environment):
            monkeypatch.delenv("SSL_CERT_DIR", raising=False)
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            server.script(say_ok)
            command = [sys.executable, "-c", textwrap.dedent(TLS), server.url, *secure_urls]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout.splitlines()

        return run

    def test_certificates_of_the_environment_are_trusted_and_read_once_in_a_process(self, run, certificate):
        """By two clients of two servers in both colours; plain HTTP needs none."""
        answers = run(SSL_CERT_FILE=str(certificate[0]))

        assert answers == ["plain 0", *["{'name': 'ok'}"] * 8, "secure 1"]

    def test_other_certificates_are_not(self, run):
        _, error, _ = run()

        assert "certificate verify failed" in error
        assert "can this machine reach it" in error


class TestMocks:
    """With which users test."""

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


class TestCancelling:
    @pytest.mark.parametrize("handler", [hold, hold_within_the_body])
    @pytest.mark.parametrize("endpoint", [WRITE, DOWNLOAD])
    def test_calls_that_wait_for_an_answer_leave_no_connection(self, server, runner, handler, endpoint):
        server.script(handler)
        client = AsyncClient(api_key="sk-test", base_url=server.url)

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

    def test_no_cancelled_call_leaves_a_connection_when_the_client_is_closed(self, server, runner):
        """Cancelled after each number of turns of the loop, before, while and after the connection is made."""
        server.script(say_ok)
        client = AsyncClient(api_key="sk-test", base_url=server.url)

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

    def test_calls_on_their_way_leave_no_connection(self, server, runner):
        server.script(hold)
        client = AsyncClient(api_key="sk-test", base_url=server.url)

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

    def test_a_cancelled_call_leaves_the_others_alone(self, server, runner):
        go_on = threading.Event()

        def answer_when_told(exchange):
            go_on.wait(10)
            say_ok(exchange)

        server.script(answer_when_told)

        async def cancel_every_other():
            async with AsyncClient(api_key="sk-test", base_url=server.url) as client:
                tasks = [asyncio.create_task(client.send(WRITE.operation())) for _ in range(20)]
                assert await asyncio.to_thread(server.has_received, 20)
                for task in tasks[::2]:
                    task.cancel()
                await asyncio.wait(tasks[::2])
                go_on.set()
                return await asyncio.gather(*tasks[1::2])

        assert runner.run(cancel_every_other()) == [{"name": "ok"}] * 10

    def test_a_timeout_around_a_call_ends_it(self, server, runner):
        server.script(hold)

        async def call():
            client = AsyncClient(api_key="sk-test", base_url=server.url)
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

    def test_async_calls(self, server, runner, meeting):
        async def call_all():
            async with AsyncClient(api_key="sk-test", base_url=server.url, max_retries=0) as client:
                calls = (client.send(WRITE.operation(body={"number": number})) for number in range(self.COUNT))
                return await asyncio.gather(*calls)

        assert runner.run(call_all()) == [{"number": number} for number in range(self.COUNT)]
        assert server.has_open(0)

    def test_calls_of_threads(self, server, meeting):
        with (
            Client(api_key="sk-test", base_url=server.url, max_retries=0) as client,
            ThreadPoolExecutor(self.COUNT) as pool,
        ):
            answers = pool.map(lambda number: client.send(WRITE.operation(body={"number": number})), range(self.COUNT))
            assert list(answers) == [{"number": number} for number in range(self.COUNT)]

        assert server.has_open(0)


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

    def test_a_download_that_is_closed_ends_its_connection_and_no_other(self, client, server):
        server.script(say_ok, hold_within_the_body, say_ok)
        client.send(WRITE.operation())
        content = client.send(DOWNLOAD.operation())

        content.close()

        assert server.has_open(0)
        client.send(WRITE.operation())
        assert server.connections == 2

    def test_an_answer_that_is_read_gives_its_connection_back(self, client, server):
        server.script(lambda exchange: exchange.answer(b"bytes"))

        for _ in range(3):
            assert client.send(DOWNLOAD.operation()).read() == b"bytes"

        assert server.connections == 1

    def test_an_error_gives_its_connection_back(self, client, server):
        server.script(lambda exchange: exchange.json({}, 500), say_ok)

        client.send(WRITE.operation())

        assert server.connections == 1
