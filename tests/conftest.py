"""One scenario for both colours: tests take `client`, `settled` and `each`, and run once sync, once async."""

from __future__ import annotations

import gc
import inspect
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import respx
from hypothesis import settings
from starlette.middleware import Middleware

from openai_core import AsyncClient, Client
from openai_core_emulator import Emulator
from tests.transports import TRANSPORTS, send_over
from tests.witness import Witness

# Machines are shared and slow at times; what fails here has to fail for everybody.
settings.register_profile("openai-core", deadline=None, derandomize=True)
settings.load_profile("openai-core")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let all tests run over another transport than the default one."""
    parser.addoption("--transport", choices=TRANSPORTS, help="the one transport over which all tests run")


def pytest_configure(config: pytest.Config) -> None:
    """Let the clients of all tests send over the transport that is asked for."""
    asked = config.getoption("--transport")
    if asked not in {None, "httpx"}:
        send_over(asked)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What looks back on all tests comes last; what isn't for the transport that was asked for doesn't come."""
    items.sort(key=lambda item: "test_every_operation_is_sent" in item.name)
    asked = config.getoption("--transport")
    out = []
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        transport = given.get("transport", asked)
        if (transport, given.get("colour")) == ("aiohttp", "sync") or asked not in {None, transport}:
            out.append(item)
        if (only := item.get_closest_marker("only_on")) and transport not in {None, *only.args}:
            item.add_marker(pytest.mark.skip(reason=only.kwargs["reason"]))
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is made here is no garbage: none is looked for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def kept() -> None:
    """Whoever looks for a test's garbage needn't look through what was there before its module."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def witness(pytestconfig: pytest.Config) -> Witness:
    """Sees what the emulator is asked and what it answers in all tests."""
    pytestconfig.stash[Witness.KEY] = found = Witness(os.environ.get("OPENAI_CORE_SPEC"))
    return found


@pytest.fixture(scope="session")
def openai_emulator_server(pytestconfig: pytest.Config, witness: Witness) -> Iterator[Emulator]:
    """The running emulator, in sight of the witness."""
    with Emulator(middleware=[Middleware(witness.watch)]) as emulator:
        yield emulator


@pytest.fixture
def openai_emulator(openai_emulator: Emulator, witness: Witness) -> Iterator[Emulator]:
    """The running emulator, empty; what goes well has to be as the API description says, where that is at hand."""
    witness.forget()
    yield openai_emulator
    assert witness.problems() == []


@pytest.fixture
def surroundings(
    openai_emulator: Emulator, witness: Witness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Emulator]:
    """For programs that are run as they stand: the emulator in the place of every server, and a folder to write to."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_BASE_URL", "OLLAMA_URL", "GEMINI_URL"):
        monkeypatch.setenv(name, openai_emulator.base_url)
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "sk-emulator")
    # What they wait for is done at the second look.
    monkeypatch.setattr("openai_core.steps._FIRST_WAIT", 0.01)
    yield openai_emulator
    # Some show how to send what the API description doesn't know.
    witness.forget()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """An authority, and the certificate of a server with its key: some don't take what certifies itself.

    From Python 3.13 on an authority has to say that it signs certificates.
    """
    folder = tmp_path_factory.mktemp("tls")
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj"
    server = "/CN=test -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=CA:FALSE"
    for options in (
        "/CN=authority -addext keyUsage=critical,keyCertSign -out authority.pem -keyout authority.key",
        f"{server} -CA authority.pem -CAkey authority.key -out server.pem -keyout server.key",
    ):
        subprocess.run(f"{request} {options}".split(), cwd=folder, check=True, capture_output=True)
    return folder / "authority.pem", folder / "server.pem", folder / "server.key"


@pytest.fixture
def over_httpx(request: pytest.FixtureRequest) -> None:
    """For a test that has respx answer in the place of servers."""
    if request.config.getoption("--transport") not in {None, "httpx"}:
        pytest.skip("respx stands in for httpx alone")


@pytest.fixture
def router(over_httpx: None) -> Iterator[respx.MockRouter]:
    """Answers in the place of every server; what it isn't told about it refuses."""
    with respx.mock() as router:
        yield router


@pytest.fixture(params=["sync", "async"])
async def client(request, openai_emulator) -> AsyncIterator[Any]:
    """A client of either colour that talks to the emulator, and takes only what is as it has to be."""
    arguments = {
        "api_key": openai_emulator.api_key,
        "base_url": openai_emulator.base_url,
        "max_retries": 0,
        "validation": "lenient" if request.node.get_closest_marker("odd_answers") else "strict",
    }
    if request.param == "sync":
        with Client(**arguments) as client:
            yield client
    else:
        async with AsyncClient(**arguments) as client:
            yield client


@pytest.fixture
def settled():
    """Awaits what has to be awaited, and hands through what is there."""

    async def settle(value: Any) -> Any:
        return await value if inspect.isawaitable(value) else value

    return settle


@pytest.fixture
def each():
    """Everything that a stream or a list gives, of either colour; or what a function makes of each as it comes."""

    async def gather(many: Any, look: Callable[[Any], Any] = lambda one: one) -> list[Any]:
        if hasattr(many, "__aiter__"):
            return [look(one) async for one in many]
        return [look(one) for one in many]

    return gather


@pytest.fixture
def entered():
    """Enters a session of either colour."""

    @asynccontextmanager
    async def enter(session: Any) -> AsyncIterator[Any]:
        if hasattr(session, "__aenter__"):
            async with session:
                yield session
        else:
            with session:
                yield session

    return enter


@pytest.fixture
def as_described(openai_emulator, described):
    """Judges all that has gone through the emulator's sockets, by the names of the schemas of both sides."""

    def judge(server: str = "RealtimeServerEvent", client: str | None = "RealtimeClientEvent") -> None:
        assert described(server, openai_emulator.sockets.sent) == []
        if client is not None:
            assert described(client, openai_emulator.sockets.received) == []

    return judge


@pytest.fixture(scope="session")
def described() -> Callable[[str, list[Any]], list[str]]:
    """What is wrong with events, by the schema of the API description that has this name."""
    spec = os.environ.get("OPENAI_CORE_SPEC")
    if spec is None:
        return lambda name, events: []
    components = json.loads(Path(spec).read_text(encoding="utf-8"))["components"]
    validators: dict[str, Any] = {}

    def problems(name: str, events: list[Any]) -> list[str]:
        if name not in validators:
            schema = {"$ref": f"#/components/schemas/{name}", "components": components}
            validators[name] = jsonschema_rs.Draft202012Validator(schema)
        return [f"{event['type']}: {error}"[:500] for event in events for error in validators[name].iter_errors(event)]

    return problems
