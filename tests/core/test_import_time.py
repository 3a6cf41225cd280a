"""What start-up loads. Modules are counted and not seconds, which differ with what else the machine does.

A step loads what it needs and no more, so that a program doesn't pay for what it doesn't use.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

CODE = """
import json, sys

before = {*sys.modules}
exec(sys.argv[1])
print(json.dumps(sorted({*sys.modules} - before)))
"""
IMPORT = "import openai_core"
CONFIGURE = "from openai_core import RateLimitError, RequestOptions, RetryPolicy, Timeout"
CLIENT = 'from openai_core import Client; client = Client(api_key="key", max_retries=0)'
ASYNC_CLIENT = 'from openai_core import AsyncClient; client = AsyncClient(api_key="key", max_retries=0)'
GROUP = f"{CLIENT}; client.chat.completions.create"
CALL = """
from openai_core import APIConnectionError, Client

try:
    Client(api_key="key", base_url="{url}", max_retries=0).chat.completions.create(model="m", messages=[])
except APIConnectionError:
    pass
"""
ANSWERED = """
from openai_core import Client

client = Client(api_key="key", base_url="{url}", transport="{transport}")
assert client.chat.completions.create(model="m", messages=[]).choices[0].message.content == "Hi"
"""
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}],
}
# Everything that a first call over HTTP may bring: what the requirements of core name, and what these need.
READING = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}


def loaded(code: str) -> set[str]:
    """The modules that some code loads in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", CODE, code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def libraries(modules: set[str]) -> set[str]:
    """The top names of those that don't come with Python, nor from this family."""
    tops = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    return {name for name in tops if not name.startswith(("_", "openai_core"))}


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith("openai_core")}


@pytest.fixture
def refusing():
    """The address of a server that refuses connections, by when all is loaded that sends a request."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@pytest.mark.parametrize(
    ("code", "allowed", "ceiling"),
    [
        (IMPORT, set(), 3),
        (CONFIGURE, set(), 7),
        (CLIENT, READING, 30),
        (ASYNC_CLIENT, READING, 30),
        (GROUP, READING | {"pluggy"}, 45),
    ],
)
def test_a_step_loads_no_library_that_it_has_no_use_for(code, allowed, ceiling):
    modules = loaded(code)
    assert libraries(modules) <= allowed
    assert not modules & {"asyncio", "http.client", "ssl", "urllib.request"}
    assert len(ours(modules)) <= ceiling


def test_a_call_loads_nothing_for_what_it_does_not_do(refusing):
    """Neither an event loop nor what only uploads, websockets, tools and long streams need."""
    modules = loaded(CALL.format(url=refusing))
    assert libraries(modules) <= READING | {"pluggy", "tenacity"}
    assert not modules & {"asyncio", "multiprocessing", "sqlite3", "unittest", "xml"}
    assert not {name.removeprefix("openai_core.") for name in ours(modules)} & {
        "accumulating",
        "binary",
        "lenient",
        "merging",
        "outbox",
        "schema",
        "session",
        "sockets",
        "structured",
        "testing",
        "tools",
        "websocket",
    }
    assert {name.partition(".")[0] for name in ours(modules)} == {"openai_core", "openai_core_chat"}
    assert len(ours(modules)) <= 50


@pytest.mark.parametrize(
    ("transport", "sending"),
    # pyreqwest imports asyncio, which imports logging.
    [("httpx", {"h11"}), ("httptools", {"httptools", "cython_runtime"}), ("pyreqwest", {"pyreqwest", "logging"})],
    ids=["httpx", "httptools", "pyreqwest"],
)
def test_a_first_answer_loads_nothing_for_what_others_have(server, transport, sending):
    """Neither httpx, nor a log that nobody reads, nor types that come in other answers."""
    server.script(lambda exchange: exchange.json(ANSWER))
    modules = loaded(ANSWERED.format(url=server.url, transport=transport))
    assert libraries(modules) <= READING | sending | {"pluggy"}
    assert not modules & {"email.parser", "logging", "mimetypes", "pydantic.type_adapter", "tenacity"} - sending
    assert not modules & {"openai_core.types.shared", "openai_core_chat.types.chunks", "openai_core.rate_limits"}
    assert len(ours(modules)) <= 56
