from __future__ import annotations

from itertools import groupby

import pytest
from starlette.middleware import Middleware
from starlette.responses import Response

from openai_core import APIError, AsyncClient, Client, StreamTruncatedError
from openai_core_assistants.types import (
    Run,
    RunStep,
    Thread,
    ThreadCreated,
    ThreadMessage,
    ThreadMessageDelta,
    ThreadRunCompleted,
    ThreadRunRequiresAction,
    ThreadRunStepDelta,
)
from openai_core_emulator import Emulator

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

BEGUN = ["thread.run.queued", "thread.run.in_progress", "thread.run.step.created", "thread.run.step.in_progress"]
WRITTEN = [
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
]


def names(events):
    """The events by name, those that follow each other with one name once."""
    assert all(event.event_type == event.event for event in events)
    return [name for name, _ in groupby(event.event for event in events)]


async def test_a_thread_is_started_and_its_run_streamed(client, each, openai_emulator, asked, assistant):
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    events = await each(client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread))
    wanted = {"assistant_id": assistant.id, "thread": thread, "stream": True}
    assert asked(openai_emulator) == [("POST", "/threads/runs", wanted)]
    assert names(events) == ["thread.created", "thread.run.created", *BEGUN, *WRITTEN]
    assert isinstance(events[0], ThreadCreated)
    assert isinstance(events[0].data, Thread)
    assert isinstance(events[1].data, Run)
    assert events[1].data.thread_id == events[0].data.id
    (step,) = (event.data for event in events if event.event == "thread.run.step.created")
    assert isinstance(step, RunStep)
    deltas = [event for event in events if isinstance(event, ThreadMessageDelta)]
    (whole,) = (event.data for event in events if event.event == "thread.message.completed")
    assert isinstance(whole, ThreadMessage)
    assert "".join(event.data.delta.text for event in deltas) == whole.text
    assert len(deltas) > 3
    assert isinstance(events[-1], ThreadRunCompleted)
    assert events[-1].data.status == "completed"


async def test_a_run_is_streamed_on_after_its_functions_were_called(
    *, client, each, openai_emulator, asked, assistant, thread_of
):
    thread = await thread_of("What is the weather in Paris?")
    runs = client.threads.runs
    events = await each(runs.create_stream(thread.id, assistant_id=assistant.id, additional_instructions="Be exact."))
    wanted = {"assistant_id": assistant.id, "additional_instructions": "Be exact.", "stream": True}
    assert asked(openai_emulator) == [("POST", f"/threads/{thread.id}/runs", wanted)]
    assert names(events) == ["thread.run.created", *BEGUN, "thread.run.step.delta", "thread.run.requires_action"]
    pieces = [event.data.delta.step_details.tool_calls[0] for event in events if isinstance(event, ThreadRunStepDelta)]
    assert pieces[0].function.name == "get_weather"
    assert "".join(piece.function.arguments for piece in pieces) == '{"city": "Paris"}'
    assert isinstance(events[-1], ThreadRunRequiresAction)
    run = events[-1].data
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    assert call.id == pieces[0].id

    openai_emulator.requests.clear()
    outputs = [{"tool_call_id": call.id, "output": "Sunny"}]
    events = await each(runs.submit_tool_outputs_stream(thread.id, run.id, tool_outputs=outputs))
    path = f"/threads/{thread.id}/runs/{run.id}/submit_tool_outputs"
    assert asked(openai_emulator) == [("POST", path, {"tool_outputs": outputs, "stream": True})]
    assert names(events) == ["thread.run.step.completed", *BEGUN, *WRITTEN]
    assert "Sunny" in "".join(event.data.delta.text for event in events if isinstance(event, ThreadMessageDelta))


async def test_a_run_that_fails_says_why(client, each, assistant, thread_of):
    thread = await thread_of("Use the broken one")
    broken = {"type": "function", "function": {"name": "broken", "parameters": {"$ref": "#/nowhere"}}}
    events = await each(client.threads.runs.create_stream(thread.id, assistant_id=assistant.id, tools=[broken]))
    assert names(events)[-1] == "thread.run.failed"
    assert "Invalid schema" in events[-1].data.last_error.message


class Answers:
    """Answers everything with one stream."""

    def __init__(self, app, body):
        self.body = body

    async def __call__(self, scope, receive, send):
        await Response(self.body, media_type="text/event-stream")(scope, receive, send)


async def streamed(body, colour, each):
    with Emulator(middleware=[Middleware(Answers, body=body)]) as emulator:
        arguments = {"api_key": emulator.api_key, "base_url": emulator.base_url, "max_retries": 0}
        if colour == "sync":
            with Client(**arguments) as client:
                return await each(client.threads.create_and_run_stream(assistant_id="asst_1"))
        async with AsyncClient(**arguments) as client:
            return await each(client.threads.create_and_run_stream(assistant_id="asst_1"))


CREATED = b'event: thread.created\ndata: {"id":"thread_1","object":"thread","created_at":1,"metadata":{}}\n\n'
DONE = b"event: done\ndata: [DONE]\n\n"


@pytest.mark.parametrize("colour", ["sync", "async"])
async def test_an_event_that_nobody_knew_is_kept(colour, each):
    unknown, *_ = await streamed(b'event: thread.hummed\ndata: {"tune":"low"}\n\n' + DONE, colour, each)
    assert (unknown.event, unknown.data) == ("thread.hummed", {"tune": "low"})


@pytest.mark.parametrize("colour", ["sync", "async"])
async def test_an_error_in_a_stream_is_raised(colour, each):
    error = b'event: error\ndata: {"message":"Too much","type":"server_error","code":"overloaded","param":null}\n\n'
    with pytest.raises(APIError, match="Too much") as raised:
        await streamed(CREATED + error + DONE, colour, each)
    assert raised.value.code == "overloaded"


@pytest.mark.parametrize("colour", ["sync", "async"])
async def test_a_stream_that_breaks_off_is_no_whole_one(colour, each):
    with pytest.raises(StreamTruncatedError) as raised:
        await streamed(CREATED, colour, each)
    (event,) = raised.value.partial
    assert isinstance(event, ThreadCreated)
