"""Sessions over websockets that a test answers, and that go nowhere."""

from __future__ import annotations

import inspect
import json

import pytest

from openai_core import APIConnectionError, ApiGroup, AsyncApiGroup, AuthenticationError, Socket, WebSocketClosedError
from openai_core.sockets import AsyncSocketMethod, SocketMethod
from openai_core.testing import Answers, Cassette, Events, Refusal, UnexpectedRequestError

DELTA = {"type": "response.output_text.delta", "delta": "Hi", "event_id": "e1"}
DONE = {"type": "response.done", "event_id": "e2", "response": {}}
UPDATE = {"type": "session.update", "session": {"type": "realtime"}}


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture(params=["sync", "async"])
def client_of(request):
    def made(source, **settings):
        return source.client(**settings) if request.param == "sync" else source.async_client(**settings)

    return made


@pytest.fixture
def client(client_of, answers):
    # Whoever listens there would be asked in vain.
    return client_of(answers, base_url="http://127.0.0.1:9/v1")


async def settled(value):
    return await value if inspect.isawaitable(value) else value


@pytest.fixture
def heard():
    """What a session brings after one event was sent."""

    async def listen(session, event=UPDATE):
        await settled(session.open())
        try:
            await settled(session.send(event))
            if hasattr(session, "__aiter__"):
                return [each async for each in session]
            return list(session)
        finally:
            await settled(session.close())

    return listen


async def test_what_was_sent_raw_is_seen_as_the_event_that_it_is_or_as_it_is(client, answers):
    answers.on(client.realtime.connect, Events(DELTA))
    session = client.realtime.connect(model="gpt-realtime")
    await settled(session.open())
    await settled(session.send_raw(json.dumps(UPDATE)))
    await settled(session.send_raw("no JSON"))
    assert json.loads(await settled(session.receive_raw())) == DELTA
    await settled(session.close())
    assert answers.requests[0].body == [UPDATE, "no JSON"]


async def test_a_session_follows_the_script(client, answers, heard):
    answers.on(client.realtime.connect, Events(DELTA, DONE))
    events = await heard(client.realtime.connect(model="gpt-realtime"))
    assert [event.type for event in events] == ["response.output_text.delta", "response.done"]
    (sent,) = answers.requests
    assert (sent.method, sent.path, sent.query) == ("GET", "/v1/realtime", {"model": "gpt-realtime"})
    assert sent.body == [UPDATE]


async def test_many_events_are_sent(client, answers):
    answers.on(client.realtime.connect, Events(DELTA))
    session = await settled(client.realtime.connect().open())
    for _ in range(100):
        await settled(session.send(UPDATE))
    # All but those since the last ping are known to have arrived.
    assert len(session.unconfirmed) == 100 % 32
    await settled(session.close())
    assert answers.requests[0].body == [UPDATE] * 100


async def test_sessions_at_one_address_are_told_apart(client, answers, heard):
    answers.on(client.realtime.connect_transcription, Events(DELTA))
    answers.on(client.realtime.connect, Events(DONE))
    answers.on(client.responses.create, {"id": "no session"})
    assert [each.type for each in await heard(client.realtime.connect())] == ["response.done"]
    assert [each.type for each in await heard(client.realtime.connect_transcription())] == [DELTA["type"]]
    with pytest.raises(UnexpectedRequestError):
        await settled(client.responses.connect().open())
    answers.on("GET /responses", Events(DONE))
    await settled((await settled(client.responses.connect().open())).close())


async def test_a_session_that_nobody_answers_says_what_to_do_and_goes_nowhere(client, answers):
    answers.on(client.models.list, {}).on("POST /responses", {})
    with pytest.raises(UnexpectedRequestError) as error:
        await settled(client.realtime.connect(model="gpt-realtime").open())
    expected, nothing, advice = str(error.value).splitlines()
    assert (expected, nothing) == ("GET /v1/realtime isn't expected", "nothing is, or is any more")
    assert "as in on(client.realtime.connect, Events(...)), or use a whole server, openai-core[emulator]" in advice


async def test_a_session_is_refused_or_breaks(client, answers, heard):
    answers.on(client.realtime.connect, Refusal(401, "who are you?"))
    with pytest.raises(AuthenticationError, match="who are you"):
        await settled(client.realtime.connect().open())
    answers.on(client.realtime.connect, OSError("no route to host"))
    with pytest.raises(APIConnectionError, match="no route to host"):
        await settled(client.realtime.connect(options={"max_retries": 0}).open())
    answers.on(client.realtime.connect, Events(DELTA, breaks=True))
    with pytest.raises(WebSocketClosedError) as error:
        await heard(client.realtime.connect(on_reconnect=lambda lost: False))
    assert error.value.unconfirmed == (UPDATE,)


async def test_a_connection_that_broke_is_made_anew(client, answers, heard):
    answers.on(client.realtime.connect, Events(DONE))
    answers.on(client.realtime.connect, Events(DELTA, breaks=True), times=1)
    assert [each.type for each in await heard(client.realtime.connect())] == [DELTA["type"], "response.done"]
    assert len(answers.requests) == 2


async def test_a_function_answers_by_what_was_asked(client, answers, heard):
    answers.on(client.realtime.connect, lambda sent: Events({**DELTA, "delta": sent.query["model"]}))
    (event,) = await heard(client.realtime.connect(model="m"))
    assert event.delta == "m"


async def test_what_is_no_answer_to_a_session_is_refused(client, answers):
    with pytest.raises(TypeError, match="a session is answered with Events"):
        answers.on(client.realtime.connect, {"id": "no session"})
    answers.on(client.realtime.connect, lambda sent: {"id": "no session"})
    with pytest.raises(TypeError, match="a session is answered with Events"):
        await settled(client.realtime.connect().open())
    with pytest.raises(TypeError, match="a session begins without a body"):
        answers.on(client.realtime.connect, Events(), body={"model": "m"})


def talk(*, topic: str) -> Socket:
    return Socket(f"/talk/{topic}", dict)


class Talks(ApiGroup):
    talk = SocketMethod(talk)


class AsyncTalks(AsyncApiGroup):
    talk = AsyncSocketMethod(talk)


def test_a_third_party_s_sessions_are_answered_too(answers):
    client = answers.client()
    answers.on(AsyncTalks(answers.async_client()).talk, Events({"type": "x"}))
    with Talks(client).talk(topic="weather") as session:
        assert [dict(each) for each in session] == [{"type": "x"}]


@pytest.mark.parametrize("record", [True, False])
async def test_a_cassette_refuses_sessions(client_of, tmp_path, record):
    path = tmp_path / "talk.json"
    path.write_text('{"version": 1, "exchanges": []}', "utf-8")
    cassette = Cassette(path, record=record)
    client = client_of(cassette, api_key="sk-hunter2", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(UnexpectedRequestError, match="a cassette neither records nor plays: use the emulator"):
        await settled(client.responses.connect().open())
    await settled(client.close())
