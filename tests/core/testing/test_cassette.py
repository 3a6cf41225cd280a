"""A server is recorded, and then isn't needed any more."""

from __future__ import annotations

import inspect
import json
from contextlib import suppress
from threading import Semaphore

import pytest

from openai_core import NotFoundError
from openai_core.testing import Cassette, UnexpectedRequestError

ASKED = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Count to three."}]}
KEY = "sk-hunter2hunter2"


@pytest.fixture(params=["sync", "async"])
def colour(request) -> str:
    return request.param


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cassettes" / "talk.json"


def client_of(cassette, colour, **settings):
    return cassette.client(**settings) if colour == "sync" else cassette.async_client(**settings)


@pytest.fixture
def talk(settled, each):
    """What is recorded: an answer, a stream, bytes, and an error."""

    async def talked(client):
        answer = await settled(client.chat.completions.create(**ASKED))
        chunks = await each(client.chat.completions.create_stream(**ASKED))
        file = await settled(client.files.create(file=("a.bin", b"\xff\x00" * 50), purpose="batch"))
        content = client.files.content(file.id)
        content = await settled((await content if inspect.isawaitable(content) else content).read())
        with pytest.raises(NotFoundError) as error:
            await settled(client.files.retrieve("file-none"))
        await settled(client.close())
        return answer, chunks, content, str(error.value).partition(" (status")[0]

    return talked


@pytest.fixture
async def recorded(path, colour, talk, openai_emulator):
    with Cassette(path) as cassette:
        assert cassette.recording
        client = client_of(cassette, colour, api_key=KEY, base_url=openai_emulator.base_url)
        return await talk(client)


@pytest.mark.parametrize("how", [{}, {"timing": True}, {"split": 1}, {"split": 2}], ids=str)
async def test_what_was_recorded_is_played(path, colour, talk, recorded, how):
    with Cassette(path, **how) as cassette:
        assert not cassette.recording
        # Nobody listens there.
        assert await talk(client_of(cassette, colour, base_url="http://127.0.0.1:9/v1")) == recorded


@pytest.mark.usefixtures("recorded")
def test_no_key_and_no_header_of_a_request_is_in_the_file(path):
    text = path.read_text("utf-8")
    assert "hunter2" not in text
    assert "uthorization" not in text
    assert "user-agent" not in text.lower()
    assert json.loads(text)["version"] == 1


async def test_a_key_that_the_server_repeats_is_hidden(path, colour, settled, openai_emulator):
    with Cassette(path) as cassette:
        client = client_of(cassette, colour, api_key=KEY, base_url=openai_emulator.base_url)
        await settled(client.chat.completions.create(**{**ASKED, "messages": [{"role": "user", "content": KEY}]}))
        await settled(client.close())
    assert "hunter2" not in path.read_text("utf-8")


@pytest.mark.usefixtures("recorded")
async def test_another_request_says_how_it_differs(path, colour, settled):
    client = client_of(Cassette(path), colour)
    with pytest.raises(UnexpectedRequestError, match=r"body\.temperature is 1, and not absent"):
        await settled(client.chat.completions.create(**ASKED, temperature=1))
    with pytest.raises(UnexpectedRequestError, match="GET /v1/models isn't expected"):
        await settled(client.models.list())


@pytest.mark.usefixtures("recorded")
async def test_each_answer_is_played_once(path, colour, settled):
    client = client_of(Cassette(path), colour)
    await settled(client.chat.completions.create(**ASKED))
    with pytest.raises(UnexpectedRequestError):
        await settled(client.chat.completions.create(**ASKED))


@pytest.mark.usefixtures("recorded")
async def test_a_file_is_recorded_anew_on_request(path, colour, settled, openai_emulator):
    with Cassette(path, record=True) as cassette:
        client = client_of(cassette, colour, api_key=KEY, base_url=openai_emulator.base_url)
        await settled(client.models.list())
        await settled(client.close())
    assert [each["request"]["path"] for each in json.loads(path.read_text("utf-8"))["exchanges"]] == ["/v1/models"]


def with_events(*values):
    """Answers with events, cut in the middle of each."""

    def handle(exchange):
        exchange.begin()
        for value in values:
            data = f"data: {json.dumps(value)}\n\n".encode()
            for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
                exchange.chunk(piece)
        exchange.chunk(b"data: [DONE]\n\n")
        exchange.end()

    return handle


async def recording(path, colour, settled, server, do, *handlers, **settings):
    """Record what a scenario does, and play it; gives what it gave when it was played, and the file."""
    server.script(*handlers)
    outcomes = []
    for _ in range(2):
        with Cassette(path) as cassette:
            given = {"base_url": server.url, **({} if not cassette.recording else {"api_key": KEY, **settings})}
            client = client_of(cassette, colour, **given)
            outcomes.append(await do(client))
            await settled(client.close())
    assert len(server.requests) == len(handlers)
    return outcomes, path.read_text("utf-8")


SECRETS = {
    "admin_key": (
        lambda client: client.admin.organization.admin_api_keys.create(name="mine"),
        {"object": "organization.admin_api_key", "id": "key_1", "name": "mine", "value": "sk-admin-hunter2"},
    ),
    "client_secret": (
        lambda client: client.realtime.client_secrets.create(),
        {"value": "ek_hunter2", "expires_at": 1, "session": {"type": "realtime"}},
    ),
    "unlike any": (
        lambda client: client.realtime.client_secrets.create(),
        {"value": "hunter2", "expires_at": 1, "session": {"type": "realtime"}},
    ),
    "chatkit": (
        lambda client: client.chatkit.sessions.create(user="u", workflow={"id": "w"}),
        {"object": "chatkit.session", "id": "s", "client_secret": "ek_hunter2", "user": "u"},
    ),
    "mcp": (
        lambda client: client.responses.create(
            model="m",
            input="hi",
            tools=[
                {
                    "type": "mcp",
                    "server_label": "shop",
                    "server_url": "https://me:hunter2@shop.example/?api_key=hunter2",
                    "authorization": "hunter2",
                    "headers": {"X-Shop": "hunter2"},
                }
            ],
        ),
        {"object": "response", "id": "r", "output": []},
    ),
}


@pytest.mark.parametrize("name", SECRETS)
async def test_no_secret_of_either_side_is_in_the_file(path, colour, settled, server, name):
    call, answer = SECRETS[name]

    async def do(client):
        return await settled(call(client))

    settings = {"admin_key": "sk-admin-me", "query": {"api_key": "hunter2", "key": "hunter2"}}
    # The player is asked in the same way, and has other keys.
    server.script(lambda exchange: exchange.json(answer))
    with Cassette(path) as cassette:
        client = client_of(cassette, colour, api_key=KEY, base_url=server.url, **settings)
        recorded = await do(client)
        await settled(client.close())
    text = path.read_text("utf-8")
    assert "hunter2" not in text
    with Cassette(path) as cassette:
        client = client_of(cassette, colour, query={"api_key": "other", "key": "other"})
        played = await do(client)
    assert type(played) is type(recorded)
    assert played.model_fields_set == recorded.model_fields_set


async def test_a_key_that_is_streamed_back_in_pieces_is_hidden(path, colour, settled, server):
    words = ["My key", " is ", "SECRET", "SECRETSE", "CRET1", ", really"]
    read = Semaphore(0)

    def say(exchange):
        exchange.begin()
        for word in words:
            exchange.event({"choices": [{"index": 0, "delta": {"content": word}}]})
            # One by one: what comes together is one piece.
            assert read.acquire(timeout=10)
        exchange.event("[DONE]")
        exchange.end()

    async def do(client):
        text = ""
        async for chunk in one_by_one(client.chat.completions.create_stream(**ASKED)):
            text += chunk.choices[0].delta.content
            read.release()
        return text

    outcomes, text = await recording(path, colour, settled, server, do, say, api_key="SECRETSECRETSECRET1")
    assert outcomes == ["My key is SECRETSECRETSECRET1, really", "My key is ***, really"]
    assert "SECRET" not in text
    # All of the pieces came when they came.
    assert len(json.loads(text)["exchanges"][0]["chunks"]) >= len(words)


async def one_by_one(stream):
    """What comes of a stream of either colour."""
    if hasattr(stream, "__aiter__"):
        async for each in stream:
            yield each
    else:
        for each in stream:
            yield each


async def test_a_key_in_bytes_is_hidden(path, colour, settled, server):
    async def do(client):
        content = client.files.content("f")
        return await settled((await content if inspect.isawaitable(content) else content).read())

    content = b"\xff\x00" + KEY.encode() + b"\xfe"
    outcomes, _ = await recording(path, colour, settled, server, do, lambda exchange: exchange.answer(content))
    assert outcomes == [content, b"\xff\x00sk-" + b"*" * (len(KEY) - 3) + b"\xfe"]


@pytest.mark.parametrize("key", ["ollama", "lm-studio", "hunter2-HUNTER2-hunter2"])
async def test_a_key_that_is_in_the_request_can_be_played(path, colour, settled, server, key):
    asked = {"model": f"{key}/qwen", "messages": [{"role": "user", "content": f"hi {key}"}]}

    async def do(client):
        return (await settled(client.chat.completions.create(**asked))).model

    answer = {"object": "chat.completion", "id": "c", "created": 1, "choices": [], "model": f"{key}/qwen"}
    outcomes, text = await recording(
        path, colour, settled, server, do, lambda exchange: exchange.json(answer), api_key=key
    )
    hidden = "hunter2" in key
    assert outcomes == [f"{key}/qwen", "***/qwen" if hidden else f"{key}/qwen"]
    assert (key in text) is not hidden


async def test_a_test_that_fails_leaves_no_file(path, colour, settled, server):
    server.script(lambda exchange: exchange.json({"object": "list", "data": []}))

    async def fail(cassette):
        with cassette:
            client = client_of(cassette, colour, api_key=KEY, base_url=server.url)
            await settled(client.models.list())
            await settled(client.close())
            raise ValueError("of the test")

    with pytest.raises(ValueError, match="of the test") as error:
        await fail(Cassette(path))
    assert not path.exists()
    assert "isn't written" in error.value.__notes__[0]
    # What was there stays.
    path.parent.mkdir()
    path.write_text("before", "utf-8")
    with pytest.raises(ValueError, match="of the test"):
        await fail(Cassette(path, record=True))
    assert path.read_text("utf-8") == "before"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.usefixtures("recorded")
async def test_a_request_that_was_swallowed_is_told_at_the_end(path, colour, settled):
    async def swallow(cassette):
        with cassette, suppress(Exception):
            await settled(client_of(cassette, colour).models.list())

    with pytest.raises(
        UnexpectedRequestError, match=r"GET /v1/models isn't expected\nwhat is expected is POST /v1/chat"
    ):
        await swallow(Cassette(path))


@pytest.mark.usefixtures("recorded")
async def test_what_is_used_up_and_what_to_do_is_said(path, colour, settled):
    client = client_of(Cassette(path), colour)
    await settled(client.chat.completions.create(**ASKED))
    asked = {**ASKED, "messages": [*ASKED["messages"], {"role": "user", "content": "Again."}]}
    with pytest.raises(
        UnexpectedRequestError, match=r"body\.messages has 2 items, and not 1; too much is body\.messages\[1\]"
    ) as error:
        await settled(client.chat.completions.create(**asked))
    assert "record" in str(error.value).splitlines()[-1]


@pytest.mark.parametrize("key", ["my-short-key", "k3y-1", "Tr0ub4dor"])
async def test_a_key_of_the_client_is_gone_whatever_it_looks_like(path, colour, settled, openai_emulator, key):
    async def talk(client):
        asked = {
            "model": "gpt-5-mini",
            "messages": [{"role": "user", "content": f"Say {key}."}],
            "metadata": {key: key},
        }
        answer = await settled(client.chat.completions.create(**asked, store=True))
        file = await settled(client.files.create(file=("a.txt", f"key: {key}\n".encode()), purpose="batch"))
        content = client.files.content(file.id)
        content = await settled((await content if inspect.isawaitable(content) else content).read())
        with pytest.raises(NotFoundError):
            await settled(client.files.retrieve(key))
        await settled(client.close())
        return answer, content

    with Cassette(path) as cassette:
        await talk(client_of(cassette, colour, api_key=key, base_url=openai_emulator.base_url))
    assert key not in path.read_text("utf-8")
    with Cassette(path) as cassette:
        answer, content = await talk(client_of(cassette, colour, api_key=key, base_url=openai_emulator.base_url))
    assert key not in answer.model_dump_json()
    assert content == b"key: ***\n"


EXCHANGE = {
    "request": {"method": "GET", "path": "/v1/models", "query": {}, "body": None},
    "status": 200,
    "headers": {},
    "chunks": [[0.0, "{}"]],
}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "is no cassette, for it is no JSON: "),
        (b"\xff\xfe", "is no cassette, for it is no text: "),
        ("[]", "it has no version"),
        ({}, "it has no version"),
        ({"version": 99}, "is a cassette of version 99, and this openai-core reads version 1"),
        ({"version": 1}, "it has no list of exchanges"),
        ({"version": 1, "exchanges": [EXCHANGE, {**EXCHANGE, "status": None}]}, r"exchanges\[1\] lacks something"),
        ({"version": 1, "exchanges": [{**EXCHANGE, "chunks": [["x", "{}"]]}]}, r"exchanges\[0\] lacks something"),
        ({"version": 1, "exchanges": [{**EXCHANGE, "request": {"method": "GET"}}]}, r"exchanges\[0\] lacks something"),
        ({"version": 1, "exchanges": [5]}, r"exchanges\[0\] lacks something"),
    ],
    ids=str,
)
def test_a_file_that_is_no_cassette_is_told_when_it_is_opened(tmp_path, written, said):
    path = tmp_path / "talk.json"
    path.write_bytes(
        written
        if isinstance(written, bytes)
        else (written if isinstance(written, str) else json.dumps(written)).encode()
    )
    with pytest.raises(ValueError, match=said) as caught:
        Cassette(path)
    assert str(path) in str(caught.value)
    assert "delete it to have it recorded anew, or pass record=True" in str(caught.value)


def test_a_cassette_that_there_is_not_is_to_be_recorded(path):
    with pytest.raises(FileNotFoundError, match=r"there is no cassette .*talk\.json: record it once, with record=True"):
        Cassette(path, record=False)
