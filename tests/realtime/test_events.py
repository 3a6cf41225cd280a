from __future__ import annotations

import json
import subprocess
import sys
from typing import get_args, get_type_hints

import pytest
from pydantic import TypeAdapter

from openai_core.model import UnknownModel
from openai_core_realtime import params, types


def read(union, **event):
    return TypeAdapter(union).validate_json(json.dumps({"event_id": "event_1", **event}))


def item(**fields):
    event = read(types.RealtimeServerEvent, type="conversation.item.added", item={"id": "item_1", **fields})
    assert isinstance(event, types.RealtimeServerEventConversationItemAdded)
    return event.item


def test_what_the_server_tells_is_read_by_its_type():
    piece = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0, "delta": "Hel"}
    event = read(types.RealtimeServerEvent, type="response.output_text.delta", **piece)
    assert isinstance(event, types.RealtimeServerEventResponseTextDelta)
    assert event.delta == "Hel"
    error = {"type": "invalid_request_error", "code": "invalid_event", "message": "No such event", "param": None}
    event = read(types.RealtimeServerEvent, type="error", error=error)
    assert isinstance(event, types.RealtimeServerEventError)
    assert isinstance(event.error, types.RealtimeError)
    assert event.error.code == "invalid_event"
    assert (event.event_type, event.event_id) == ("error", "event_1")
    session = {"type": "transcription", "id": "sess_1", "object": "realtime.transcription_session"}
    event = read(types.RealtimeServerEvent, type="session.created", session=session)
    assert isinstance(event.session, types.RealtimeTranscriptionSession)


def test_the_messages_of_a_conversation_are_told_apart_by_role():
    message = {"type": "message", "content": []}
    assert isinstance(item(**message, role="system"), types.RealtimeConversationItemMessageSystem)
    assert isinstance(item(**message, role="user"), types.RealtimeConversationItemMessageUser)
    assert isinstance(item(**message, role="assistant"), types.RealtimeConversationItemMessageAssistant)
    call = item(type="function_call", name="add", arguments="{}")
    assert isinstance(call, types.RealtimeConversationItemFunctionCall)


def test_what_a_translation_session_tells_is_read_by_its_type():
    event = read(types.RealtimeTranslationServerEvent, type="session.output_transcript.delta", delta="Bon")
    assert isinstance(event, types.RealtimeTranslationServerEventSessionOutputTranscriptDelta)
    session = {"id": "sess_1", "type": "translation", "expires_at": 1, "model": "m", "audio": {}}
    event = read(types.RealtimeTranslationServerEvent, type="session.created", session=session)
    assert isinstance(event, types.RealtimeTranslationServerEventSessionCreated)


def test_an_event_that_nobody_knew_is_kept():
    event = read(types.RealtimeServerEvent, type="session.hummed", tune="low")
    assert isinstance(event, UnknownModel)
    assert event.tune == "low"


@pytest.mark.parametrize(
    ("union", "count"), [("RealtimeClientEventParam", 11), ("RealtimeTranslationClientEventParam", 3)]
)
def test_each_event_of_a_client_is_named_after_its_type(union, count):
    members = get_args(getattr(params, union))
    assert len(members) == count
    for member in members:
        (kind,) = get_args(get_type_hints(member)["type"])
        words = "".join(word.capitalize() for word in kind.replace(".", "_").split("_"))
        assert member.__name__.removesuffix("Param").endswith(words.removeprefix("Session")), kind


def test_events_are_imported_without_what_sends_requests():
    code = (
        "import sys\n"
        "from openai_core_realtime.types import RealtimeServerEvent, RealtimeTranslationServerEvent\n"
        "from openai_core_realtime.params import RealtimeClientEventParam, RealtimeTranslationClientEventParam\n"
        "assert not {'httpx', 'websockets', 'openai_core.client'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
