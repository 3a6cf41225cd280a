from __future__ import annotations

import pytest
from starlette.middleware import Middleware
from starlette.responses import Response

from openai_core import APIResponseValidationError, AsyncClient, Client
from openai_core_assistants.types import Run
from openai_core_emulator import Emulator

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")


async def test_a_streamed_run_gives_the_run(client, settled, assistant):
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread)
    run = await settled(stream.final())
    assert isinstance(run, Run)
    assert run.status == "completed"
    assert run.id == (await settled(client.threads.runs.retrieve(run.thread_id, run.id))).id


async def test_a_run_that_wants_functions_called_is_given_their_outputs(*, client, settled, assistant, thread_of):
    thread = await thread_of("What is the weather in Paris?")
    runs = client.threads.runs
    run = await settled(runs.create_stream(thread.id, assistant_id=assistant.id).final())
    assert run.status == "requires_action"
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    outputs = [{"tool_call_id": call.id, "output": "Sunny"}]
    done = await settled(runs.submit_tool_outputs_stream(thread.id, run.id, tool_outputs=outputs).final())
    assert (done.id, done.status) == (run.id, "completed")


async def test_a_run_that_failed_is_returned(*, client, settled, each, assistant, thread_of):
    thread = await thread_of("Use the broken one")
    broken = {"type": "function", "function": {"name": "broken", "parameters": {"$ref": "#/nowhere"}}}
    stream = client.threads.runs.create_stream(thread.id, assistant_id=assistant.id, tools=[broken])
    events = await each(stream)
    run = await settled(stream.final())
    assert run == events[-1].data
    assert run.status == "failed"


async def test_a_snapshot_is_the_run_as_it_was_told_last(client, settled, each, assistant):
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread)
    seen = []

    def look(event):
        if event.event.startswith("thread.run.") and not event.event.startswith("thread.run.step."):
            seen.append(event.data.status)
        if seen:
            assert stream.snapshot().status == seen[-1]

    await each(stream, look)
    assert seen[0] == "queued"
    assert stream.snapshot() == await settled(stream.final())


class NoRun:
    """Answers with a stream that tells of a step, and of no run."""

    def __init__(self, app):
        pass

    async def __call__(self, scope, receive, send):
        body = b'event: thread.run.step.hummed\ndata: {"tune":"low"}\n\nevent: done\ndata: [DONE]\n\n'
        await Response(body, media_type="text/event-stream")(scope, receive, send)


@pytest.mark.parametrize("colour", ["sync", "async"])
async def test_a_stream_without_a_run_has_none(colour):
    with Emulator(middleware=[Middleware(NoRun)]) as emulator:
        arguments = {"api_key": emulator.api_key, "base_url": emulator.base_url, "max_retries": 0}
        if colour == "sync":
            with Client(**arguments) as client, pytest.raises(APIResponseValidationError, match="isn't a Run"):
                client.threads.create_and_run_stream(assistant_id="asst_1").final()
            return
        async with AsyncClient(**arguments) as client:
            with pytest.raises(APIResponseValidationError, match="isn't a Run"):
                await client.threads.create_and_run_stream(assistant_id="asst_1").final()
