"""What holds for the methods and events of all domains alike."""

from __future__ import annotations

from importlib import import_module
from typing import Any, get_args

import pytest

from openai_core.model import TypedEvent, UnknownModel, members
from tests.test_every_operation import METHODS, OPERATIONS

BETA = {
    "assistants": "assistants=v2",
    "chatkit": "chatkit_beta=v1",
    "realtime.sessions": "assistants=v2",
    "realtime.transcription_sessions": "assistants=v2",
    "responses_beta": "responses_multi_agent=v1",
    "threads": "assistants=v2",
    "vector_stores": "assistants=v2",
}
STREAMS = {path: method._endpoint for path, method in OPERATIONS.items() if hasattr(method._endpoint, "ends")}
UNIONS = {
    "webhooks": "openai_core_webhooks.events:WebhookEvent",
    "realtime": "openai_core_realtime.types:RealtimeServerEvent",
    "realtime translation": "openai_core_realtime.types:RealtimeTranslationServerEvent",
    **{path: endpoint.returns for path, endpoint in STREAMS.items()},
}
# Pieces of an answer, which have no type of their own.
CHUNKS = {"chat.completions.create_stream", "completions.create_stream"}


def named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("path", [path for path in UNIONS if path not in CHUNKS])
def test_every_event_tells_its_type_and_its_id(path):
    events = members(named(UNIONS[path]))
    assert events
    for event in (*events, UnknownModel):
        assert issubclass(event, TypedEvent), event
        assert "event_id" in event.model_fields or isinstance(event.event_id, property), event


@pytest.mark.parametrize("path", CHUNKS)
def test_a_chunk_is_no_event(path):
    assert not get_args(named(UNIONS[path]))


@pytest.mark.parametrize("path", OPERATIONS)
def test_the_beta_header_is_sent_where_the_api_wants_it(path):
    wanted = next((value for group, value in BETA.items() if f"{path}.".startswith(f"{group}.")), None)
    assert (OPERATIONS[path]._endpoint.headers or {}).get("OpenAI-Beta") == wanted


@pytest.mark.parametrize("path", [path for path, method in METHODS["sync"].items() if path not in OPERATIONS])
def test_a_method_by_hand_is_the_same_function_in_both_colours(path):
    assert METHODS["async"][path]._build is METHODS["sync"][path]._build


@pytest.mark.parametrize("path", [path for path in METHODS["sync"] if path.rpartition(".")[2].endswith("wait")])
def test_a_wait_takes_a_deadline(path):
    import inspect

    parameters = inspect.signature(METHODS["sync"][path]).parameters
    assert {"deadline", "interval", "on_progress", "options"} <= parameters.keys()
