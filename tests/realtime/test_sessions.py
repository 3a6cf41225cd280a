"""Sessions over websockets with the emulator."""

from __future__ import annotations

import threading

import pytest

from openai_core import (
    AuthenticationError,
    BadRequestError,
    Client,
    InvalidRequestError,
    NotFoundError,
    Reconnect,
    RetryPolicy,
)
from openai_core_realtime import types
from openai_core_realtime.audio import append_audio, append_translation_audio, read_audio

LOUD = b"\x10\x20" * 2400  # 100 ms
SILENT = bytes(4800)


def said(text, **more):
    content = [{"type": "input_text", "text": text}]
    return {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": "user", "content": content, **more},
    }


async def until(session, settled, kind):
    """All events up to one of a type."""
    events = [await settled(session.receive(timeout=10))]
    while events[-1].type != kind:
        events.append(await settled(session.receive(timeout=10)))
    return events


def kinds(events):
    return [event.type for event in events]


async def test_a_conversation_in_text(client, settled, entered, openai_emulator, as_described):
    async with entered(client.realtime.connect(model="gpt-realtime")) as session:
        (created,) = await until(session, settled, "session.created")
        assert isinstance(created, types.RealtimeServerEventSessionCreated)
        assert (created.session.model, created.session.output_modalities) == ("gpt-realtime", ["audio"])
        await settled(
            session.send({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}})
        )
        (updated,) = await until(session, settled, "session.updated")
        assert updated.session.output_modalities == ["text"]
        await settled(session.send(said("Hello", id="item_mine")))
        added, done = await until(session, settled, "conversation.item.done")
        assert (added.type, added.item.id, done.item.content[0].text) == (
            "conversation.item.added",
            "item_mine",
            "Hello",
        )
        await settled(session.send({"type": "response.create", "event_id": "mine"}))
        events = await until(session, settled, "response.done")
    assert kinds(events)[:3] == ["response.created", "response.output_item.added", "conversation.item.added"]
    text = "".join(event.delta for event in events if isinstance(event, types.RealtimeServerEventResponseTextDelta))
    response = events[-1].response
    assert "“Hello”" in text
    assert (response.status, response.output[0].content[0].text) == ("completed", text)
    assert response.usage.output_tokens == sum(event.type == "response.output_text.delta" for event in events)
    (request,) = openai_emulator.requests
    assert (request.method, request.path, request.query) == ("GET", "/v1/realtime", "model=gpt-realtime")
    assert request.headers["authorization"] == f"Bearer {openai_emulator.api_key}"
    as_described()


async def test_what_is_spoken_is_answered_when_there_is_silence(client, settled, entered, as_described):
    async with entered(client.realtime.connect(model="gpt-realtime")) as session:
        for sound in (SILENT, LOUD, LOUD, SILENT):
            await settled(session.send(append_audio(sound)))
        events = await until(session, settled, "response.done")
    _, started, stopped, committed, added = events[:5]
    assert (started.type, started.audio_start_ms) == ("input_audio_buffer.speech_started", 100)
    assert (stopped.type, stopped.audio_end_ms) == ("input_audio_buffer.speech_stopped", 400)
    assert committed.item_id == started.item_id == added.item.id
    sound = b"".join(read_audio(event) for event in events if event.type == "response.output_audio.delta")
    spoken = "".join(event.delta for event in events if event.type == "response.output_audio_transcript.delta")
    assert any(sound)
    assert events[-1].response.output[0].content[0].transcript == spoken
    as_described()


async def test_sound_can_be_committed_and_cleared_by_hand(client, settled, entered, as_described):
    by_hand = {
        "type": "realtime",
        "audio": {"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}},
    }
    async with entered(client.realtime.connect(model="gpt-realtime")) as session:
        await settled(session.send({"type": "session.update", "session": by_hand}))
        await settled(session.send({"type": "input_audio_buffer.commit"}))
        assert (await until(session, settled, "error"))[-1].error.code == "input_audio_buffer_commit_empty"
        await settled(session.send(append_audio(LOUD)))
        await settled(session.send({"type": "input_audio_buffer.clear"}))
        await until(session, settled, "input_audio_buffer.cleared")
        await settled(session.send(append_audio(LOUD)))
        await settled(session.send({"type": "input_audio_buffer.commit"}))
        events = await until(session, settled, "conversation.item.input_audio_transcription.completed")
    assert kinds(events)[:3] == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    assert (events[-1].transcript, events[-1].usage.seconds) == ("100 ms of speech", 0.1)
    as_described()


async def test_functions_are_called_and_their_output_answered(client, settled, entered, as_described):
    tool = {
        "type": "function",
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    async with entered(client.realtime.connect(model="gpt-realtime")) as session:
        await settled(session.send({"type": "session.update", "session": {"type": "realtime", "tools": [tool]}}))
        await settled(session.send(said("The weather in Paris?")))
        await settled(session.send({"type": "response.create"}))
        events = await until(session, settled, "response.done")
        (call,) = events[-1].response.output
        assert (call.type, call.name, call.arguments) == ("function_call", "get_weather", '{"city": "Paris"}')
        deltas = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
        assert "".join(deltas) == call.arguments
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
        await settled(session.send({"type": "conversation.item.create", "item": output}))
        await settled(session.send({"type": "response.create", "response": {"output_modalities": ["text"]}}))
        events = await until(session, settled, "response.done")
    assert "rain" in events[-1].response.output[0].content[0].text
    as_described()


async def test_items_can_be_looked_at_put_in_between_cut_and_deleted(client, settled, entered, as_described):
    spoken = {"type": "message", "role": "assistant", "id": "b", "content": [{"type": "output_text", "text": "Hi"}]}
    async with entered(client.realtime.connect(model="gpt-realtime")) as session:
        await settled(session.send(said("first", id="a")))
        await settled(session.send({"type": "conversation.item.create", "item": spoken}))
        await settled(session.send({**said("between", id="c"), "previous_item_id": "a"}))
        events = await until(session, settled, "conversation.item.done")
        events += await until(session, settled, "conversation.item.done")
        events += await until(session, settled, "conversation.item.done")
        previous = [(event.item.id, event.previous_item_id) for event in events if event.type.endswith(".added")]
        assert previous == [("a", None), ("b", "a"), ("c", "a")]
        await settled(session.send({"type": "conversation.item.retrieve", "item_id": "c"}))
        await settled(
            session.send({"type": "conversation.item.truncate", "item_id": "b", "content_index": 0, "audio_end_ms": 5})
        )
        await settled(session.send({"type": "conversation.item.delete", "item_id": "c"}))
        await settled(session.send({"type": "conversation.item.retrieve", "item_id": "c"}))
        retrieved, truncated, deleted, error = await until(session, settled, "error")
    assert retrieved.item.content[0].text == "between"
    assert (truncated.item_id, truncated.audio_end_ms, deleted.item_id) == ("b", 5, "c")
    assert (error.error.code, error.error.param) == ("item_not_found", "item_id")
    as_described()


BAD = [
    ({"type": "session.updated"}, "invalid_value", "type"),
    ({"type": "session.update"}, "missing_required_parameter", "session"),
    ({"type": "session.update", "session": {"type": "realtime", "tone": 1}}, "unknown_parameter", "session.tone"),
    ({"type": "input_audio_buffer.append", "audio": "?"}, "invalid_value", "audio"),
    ({"type": "conversation.item.create", "item": {"type": "song"}}, "invalid_value", "item.type"),
    (said("a", role="nobody"), "invalid_value", "item.role"),
    (said("a", content=[{"type": "output_text"}]), "invalid_value", "item.content[0].type"),
    ({**said("a"), "previous_item_id": "x"}, "item_not_found", "item_id"),
    ({"type": "response.cancel"}, "response_cancel_not_active", None),
]


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_event_is_answered_with_an_error(bad, client, settled, entered, as_described):
    event, code, param = bad
    async with entered(client.realtime.connect(model="gpt-realtime")) as session:
        await settled(session.send({**event, "event_id": "mine"}))
        error = (await until(session, settled, "error"))[-1]
        assert isinstance(error, types.RealtimeServerEventError)
        assert (error.error.code, error.error.param, error.error.event_id) == (code, param, "mine")
        await settled(session.send(said("and on")))
        await until(session, settled, "conversation.item.done")
    as_described(client=None)


async def test_errors_are_raised_if_that_is_wanted(client, settled, entered):
    async with entered(client.realtime.connect(model="gpt-realtime", raise_errors=True)) as session:
        await settled(session.send({"type": "response.cancel"}))
        await settled(session.receive())
        with pytest.raises(BadRequestError, match="no active response found"):
            await settled(session.receive())
        await settled(session.send(said("and on")))
        await until(session, settled, "conversation.item.done")


async def test_a_transcription_session_writes_down_and_does_not_answer(
    client, settled, entered, openai_emulator, as_described
):
    async with entered(client.realtime.connect_transcription()) as session:
        update = {"type": "transcription", "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}
        await settled(session.send({"type": "session.update", "session": update}))
        created, updated = await until(session, settled, "session.updated")
        assert (created.session.type, updated.session.audio.input.transcription.model) == (
            "transcription",
            "gpt-4o-transcribe",
        )
        await settled(session.send(append_audio(LOUD)))
        await settled(session.send(append_audio(SILENT)))
        events = await until(session, settled, "conversation.item.input_audio_transcription.completed")
        deltas = [event.delta for event in events if event.type.endswith("transcription.delta")]
        assert "".join(deltas) == events[-1].transcript == "200 ms of speech"
        await settled(session.send({"type": "response.create"}))
        await until(session, settled, "error")
    assert openai_emulator.requests[0].query == "intent=transcription"
    as_described()


async def test_a_translation_session_translates_until_it_is_closed(client, settled, each, entered, as_described):
    async with entered(client.realtime.translations.connect(model="gpt-realtime-translate")) as session:
        update = {"audio": {"output": {"language": "fr"}}}
        await settled(session.send({"type": "session.update", "session": update}))
        await settled(session.send(append_translation_audio(LOUD)))
        await settled(session.send({"type": "session.close"}))
        events = await each(session)
    created, updated, heard, translated, spoken, closed = events
    assert isinstance(created, types.RealtimeTranslationServerEventSessionCreated)
    assert updated.session.audio.output.language == "fr"
    assert (heard.delta, translated.delta) == ("100 ms of speech", "[fr] 100 ms of speech")
    assert len(read_audio(spoken)) == len(LOUD)
    assert closed.type == "session.closed"
    as_described("RealtimeTranslationServerEvent", "RealtimeTranslationClientEvent")


async def test_a_call_that_was_answered_is_followed(client, settled, entered, openai_emulator):
    offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    answer = await settled(
        client.realtime.calls.answer(sdp=offer, session={"type": "realtime", "model": "gpt-realtime"})
    )
    assert answer.sdp.startswith("v=0")
    assert answer.call_id.startswith("rtc_")
    assert answer.location.endswith(f"/{answer.call_id}")
    async with entered(client.realtime.connect(call_id=answer.call_id)) as session:
        await until(session, settled, "session.created")
    assert openai_emulator.requests[-1].query == f"call_id={answer.call_id}"
    with pytest.raises(NotFoundError):
        await settled(client.realtime.connect(call_id="rtc_unknown").open())
    with pytest.raises(InvalidRequestError, match="a model or follows a call, not both"):
        client.realtime.connect(model="gpt-realtime", call_id=answer.call_id)


async def test_handshakes_are_refused_as_requests_are(client, settled, openai_emulator):
    with pytest.raises(BadRequestError, match="You must provide a model"):
        await settled(client.realtime.connect().open())
    with pytest.raises(NotFoundError) as caught:
        await settled(client.realtime.connect(model="does-not-exist").open())
    assert caught.value.code == "model_not_found"
    openai_emulator.sockets.refuse(401, "Incorrect API key provided.", code="invalid_api_key")
    with pytest.raises(AuthenticationError, match="Incorrect API key provided") as caught:
        await settled(client.realtime.connect(model="gpt-realtime").open())
    assert caught.value.request_id.startswith("req_")


@pytest.mark.parametrize("sound", [b"", bytes(15 * 2**20 + 1)])
def test_one_event_brings_so_much_sound(sound):
    with pytest.raises(ValueError, match="1 to 15728640 bytes"):
        append_audio(sound)


async def test_the_server_knows_nothing_after_a_reconnection(eager, settled, entered, openai_emulator):
    told: list[Reconnect] = []
    openai_emulator.sockets.close(1012, on="conversation.item.done", reason="deploying")
    async with entered(eager.realtime.connect(model="gpt-realtime", on_reconnect=told.append)) as session:
        await until(session, settled, "session.created")
        await settled(session.send(said("one", id="a")))
        again = await until(session, settled, "session.created")
        assert kinds(again) == ["conversation.item.added", "conversation.item.done", "session.created"]
        await settled(session.send({"type": "conversation.item.retrieve", "item_id": "a"}))
        (error,) = await until(session, settled, "error")
        assert error.error.code == "item_not_found"
    assert (told[0].error.close_code, told[0].attempt, told[0].unconfirmed) == (1012, 1, (said("one", id="a"),))


@pytest.mark.parametrize(
    "step", ["session.created", "response.created", "response.output_audio.delta", "response.done"]
)
async def test_a_connection_that_breaks_at_any_step_is_made_anew(step, eager, settled, entered, openai_emulator):
    openai_emulator.sockets.close(None, on=step)
    async with entered(eager.realtime.connect(model="gpt-realtime")) as session:
        await until(session, settled, "session.created")
        await settled(session.send(said("Hello")))
        await settled(session.send({"type": "response.create"}))
        if step == "session.created":
            await until(session, settled, "session.created")
        else:
            seen = await until(session, settled, "session.created")
            assert step in kinds(seen)
        await settled(session.send({"type": "response.create"}))
        assert (await until(session, settled, "response.done"))[-1].response.status == "completed"


async def test_ten_thousand_events_lose_none_through_three_reconnections(eager, settled, entered, openai_emulator):
    # An event that was sent arrives once, or is told as unsent or unconfirmed; all that the server said is received.
    questions = 3_400  # each is answered by two events
    at_once = 100
    doubtful: list[str] = []
    sockets = openai_emulator.sockets
    for code, after in ((1012, 850), (1011, 900), (1001, 777)):
        sockets.close(code, after=after)

    def note(reconnect: Reconnect) -> None:
        doubtful.extend(event["item"]["id"] for event in reconnect.unconfirmed)

    received = []
    reconnections = 0
    async with entered(eager.realtime.connect(model="gpt-realtime", on_reconnect=note)) as session:
        await settled(session.receive())
        for start in range(0, questions, at_once):
            for number in range(start, start + at_once):
                await settled(session.send(said("x", id=f"item_{number}")))
            done = 0
            # After a reconnection those that the server never answered are no longer waited for.
            while done < at_once:
                event = await settled(session.receive(timeout=10))
                received.append(event)
                if event.type == "session.created":
                    reconnections += 1
                    break
                done += event.type == "conversation.item.done"
        unsent = [event["item"]["id"] for event in session.unsent]
        # Whatever is still on its way comes before the answer to this.
        await settled(session.send({"type": "conversation.item.retrieve", "item_id": "last"}))
        received += await until(session, settled, "error")
    sent = [f"item_{number}" for number in range(questions)]
    arrived = [event["item"]["id"] for event in sockets.received if event["type"] == "conversation.item.create"]
    assert reconnections == 3
    assert len(arrived) == len(set(arrived))
    assert set(sent) == {*arrived, *doubtful, *unsent}
    # Few are in doubt: no more than were under way when a connection was lost.
    assert len(doubtful) <= 3 * at_once
    assert len(sockets.received) + len(sockets.sent) >= 9_500
    assert [event.event_id for event in received] == [event["event_id"] for event in sockets.sent[1:]]


def test_any_thread_may_send_while_the_connection_is_lost_and_made_anew(openai_emulator):
    sockets = openai_emulator.sockets
    sockets.close(1012, after=60)
    sockets.close(1011, after=50)
    senders, each = 4, 60
    doubtful: list[str] = []
    all_sent = threading.Event()
    last = {"type": "conversation.item.retrieve", "item_id": "last"}

    def note(reconnect: Reconnect) -> None:
        doubtful.extend(event["item"]["id"] for event in reconnect.unconfirmed if "item" in event)

    def send(name: int) -> None:
        for number in range(each):
            session.send(said("x", id=f"{name} {number}"))

    def send_all() -> None:
        threads = [threading.Thread(target=send, args=(name,)) for name in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        all_sent.set()
        session.send(last)

    client = Client(api_key="k", base_url=openai_emulator.base_url, retry=RetryPolicy(1, 0, 0))
    with client.realtime.connect(model="gpt-realtime", on_reconnect=note) as session:
        sending = threading.Thread(target=send_all)
        sending.start()
        while (event := session.receive(timeout=10)).type != "error":
            if event.type == "session.created" and all_sent.is_set():
                session.send(last)
        sending.join()
    sent = {f"{name} {number}" for name in range(senders) for number in range(each)}
    arrived = [event["item"]["id"] for event in sockets.received if "item" in event]
    assert len(arrived) == len(set(arrived))
    assert {*arrived, *doubtful} == sent
    for name in range(senders):
        numbers = [int(item.split()[1]) for item in arrived if item.startswith(f"{name} ")]
        assert numbers == sorted(numbers)
