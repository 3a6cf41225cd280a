from __future__ import annotations

import pytest

from openai_core import NotFoundError
from openai_core.errors import DeadlineExceededError
from openai_core_assistants.types import Run

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")


async def test_a_run_is_waited_for(client, settled, assistant, openai_emulator, asked):
    run = await settled(client.threads.create_and_run(assistant_id=assistant.id))
    openai_emulator.requests.clear()
    seen = []
    done = await settled(
        client.threads.runs.wait(
            run.thread_id, run.id, interval=0, on_progress=lambda run: seen.append(run.status), deadline=60
        )
    )
    assert isinstance(done, Run)
    assert (done.id, done.status) == (run.id, "completed")
    assert seen == ["in_progress", "completed"]
    assert asked(openai_emulator) == [("GET", f"/threads/{run.thread_id}/runs/{run.id}")] * 2


async def test_a_run_is_made_and_waited_for_until_it_wants_something(
    *, client, settled, assistant, thread_of, openai_emulator, asked
):
    thread = await thread_of("What is the weather in Paris?")
    seen = []
    run = await settled(
        client.threads.runs.create_and_wait(
            thread.id,
            assistant_id=assistant.id,
            instructions="Be exact.",
            interval=0,
            on_progress=lambda run: seen.append(run.status),
        )
    )
    assert seen == ["queued", "in_progress", "requires_action"]
    path = f"/threads/{thread.id}/runs"
    assert asked(openai_emulator) == [
        ("POST", path, {"assistant_id": assistant.id, "instructions": "Be exact."}),
        ("GET", f"{path}/{run.id}"),
        ("GET", f"{path}/{run.id}"),
    ]
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    openai_emulator.requests.clear()
    outputs = [{"tool_call_id": call.id, "output": "Sunny"}]
    done = await settled(
        client.threads.runs.submit_tool_outputs_and_wait(
            thread.id, run.id, tool_outputs=outputs, interval=0, on_progress=lambda run: seen.append(run.status)
        )
    )
    assert (done.id, done.status) == (run.id, "completed")
    assert seen[3:] == ["queued", "in_progress", "completed"]
    assert asked(openai_emulator)[0] == ("POST", f"{path}/{run.id}/submit_tool_outputs", {"tool_outputs": outputs})


async def test_a_thread_is_started_run_and_waited_for(client, settled, assistant, openai_emulator, asked):
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    run = await settled(client.threads.create_and_run_and_wait(assistant_id=assistant.id, thread=thread, interval=0))
    assert run.status == "completed"
    assert asked(openai_emulator)[0] == ("POST", "/threads/runs", {"assistant_id": assistant.id, "thread": thread})
    answer = (await settled(client.threads.messages.list(run.thread_id))).data[0]
    assert "Hello" in answer.text


async def test_a_run_that_is_cancelled_meanwhile_ends_the_waiting(client, settled, assistant):
    run = await settled(client.threads.create_and_run(assistant_id=assistant.id))
    await settled(client.threads.runs.cancel(run.thread_id, run.id))
    assert (await settled(client.threads.runs.wait(run.thread_id, run.id, interval=0))).status == "cancelled"


async def test_waiting_ends_at_the_deadline(client, settled, assistant, openai_emulator):
    run = await settled(client.threads.create_and_run(assistant_id=assistant.id))
    with pytest.raises(DeadlineExceededError, match="the status is 'in_progress'"):
        await settled(client.threads.runs.wait(run.thread_id, run.id, interval=60, deadline=5))
    # The next look would come too late, so that it isn't waited for.
    assert [request.method for request in openai_emulator.requests] == ["POST", "GET"]
    with pytest.raises(DeadlineExceededError, match="the status is 'in_progress'"):
        await settled(
            client.threads.create_and_run_and_wait(assistant_id=assistant.id, interval=60, deadline=5, options={})
        )


async def test_options_go_with_every_call(client, settled, assistant, openai_emulator):
    options = {"headers": {"X-Trace": "7"}}
    await settled(client.threads.create_and_run_and_wait(assistant_id=assistant.id, interval=0, options=options))
    assert [request.headers.get("x-trace") for request in openai_emulator.requests] == ["7"] * 3


async def test_what_cannot_be_waited_for_is_told_at_once(client, settled, assistant, thread_of, openai_emulator):
    thread = await thread_of("Hello")
    with pytest.raises(NotFoundError, match="run_none"):
        await settled(client.threads.runs.wait(thread.id, "run_none", interval=0))
    openai_emulator.requests.clear()
    for wrong in ({"assistant_id": assistant.id, "stream": True}, {"assistant": assistant.id}, {}):
        with pytest.raises(TypeError, match=r"^create_and_wait\(\)"):
            await settled(client.threads.runs.create_and_wait(thread.id, **wrong))
    assert openai_emulator.requests == []
