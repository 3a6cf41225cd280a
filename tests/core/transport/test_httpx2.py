"""What is particular to the transport on httpx2."""

from __future__ import annotations

import subprocess
import sys

import pytest

from openai_core.errors import ConfigurationError
from openai_core.operation import Endpoint

WRITE = Endpoint("POST", "/things", "builtins:dict")

pytestmark = pytest.mark.only_on("httpx2", reason="it is about httpx2")


@pytest.fixture
def transport():
    return "httpx2"


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.delitem(sys.modules, "openai_core.transport.httpx2", raising=False)

    with pytest.raises(ConfigurationError, match=r"install openai-core\[httpx2\]"):
        __import__("openai_core.transport.httpx2")


def test_it_sends_through_what_users_have_put_around_httpx2(make_client, server, colour, monkeypatch):
    import httpx2

    kind = httpx2.HTTPTransport if colour == "sync" else httpx2.AsyncHTTPTransport
    name = "handle_request" if colour == "sync" else "handle_async_request"
    original, seen = getattr(kind, name), []
    monkeypatch.setattr(kind, name, lambda own, request: seen.append(str(request.url)) or original(own, request))
    server.script(lambda exchange: exchange.json({"name": "ok"}))

    make_client().send(WRITE.operation())

    assert seen == [f"{server.url}/things"]


@pytest.mark.parametrize(("transport", "libraries"), [("httpx2", {"httpx2"}), ("aiohttp", {"aiohttp"})])
@pytest.mark.only_on("httpx2", "aiohttp", reason="each loads the library of its name")
def test_a_transport_loads_its_own_library_alone(server, transport, libraries):
    code = (
        "import asyncio, sys; from openai_core import AsyncClient; from openai_core.operation import Endpoint\n"
        "client = AsyncClient(api_key='k', base_url=sys.argv[1], transport=sys.argv[2])\n"
        "asyncio.run(client.send(Endpoint('POST', '/things', 'builtins:dict').operation()))\n"
        "print(*{'httpx', 'httpcore', 'httpx2', 'aiohttp', 'pyreqwest'} & sys.modules.keys())"
    )
    server.script(lambda exchange: exchange.json({"name": "ok"}))

    done = subprocess.run([sys.executable, "-c", code, server.url, transport], capture_output=True, text=True)

    assert set(done.stdout.split()) == libraries, done.stderr
