"""A server is recorded, and then isn't needed any more."""

from __future__ import annotations

import inspect
import json

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
