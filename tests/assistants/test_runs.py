from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_assistants.types import Run, RunList, RunStep, RunStepList

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

RESULTS = "step_details.tool_calls[*].file_search.results[*].content"


async def rested(client, settled, run):
    """The run when it goes on no more."""
    while run.status in {"queued", "in_progress", "cancelling"}:
        run = await settled(client.threads.runs.retrieve(run.thread_id, run.id))
    return run


async def test_a_run_answers_a_thread(*, client, settled, each, openai_emulator, asked, assistant, thread_of):
    thread = await thread_of("Hello")
    runs = client.threads.runs
    queued = await settled(runs.create(thread.id, assistant_id=assistant.id))
    assert isinstance(queued, Run)
    assert (queued.status, queued.thread_id, queued.assistant_id) == ("queued", thread.id, assistant.id)
    assert (queued.model, queued.instructions) == ("gpt-4.1", "Be brief.")
    assert (await settled(runs.retrieve(thread.id, queued.id))).status == "in_progress"
    done = await settled(runs.retrieve(thread.id, queued.id))
    assert (done.status, done.required_action, done.last_error) == ("completed", None, None)
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens > 0
    path = f"/threads/{thread.id}/runs"
    assert asked(openai_emulator) == [
        ("POST", path, {"assistant_id": assistant.id}),
        ("GET", f"{path}/{queued.id}"),
        ("GET", f"{path}/{queued.id}"),
    ]
    (answer,) = await each(client.threads.messages.list(thread.id, run_id=queued.id))
    assert (answer.role, answer.run_id, answer.assistant_id) == ("assistant", queued.id, assistant.id)
    assert "Hello" in answer.text


async def test_a_run_can_differ_from_its_assistant(*, client, settled, openai_emulator, asked, assistant, thread_of):
    thread = await thread_of("Hello")
    wanted = {
        "assistant_id": assistant.id,
        "additional_instructions": "Be polite.",
        "additional_messages": [{"role": "user", "content": "And a good day"}],
        "instructions": "Be long.",
        "max_completion_tokens": 1000,
        "max_prompt_tokens": 2000,
        "metadata": {"n": "1"},
        "model": "gpt-4o",
        "parallel_tool_calls": False,
        "reasoning_effort": "low",
        "response_format": "auto",
        "temperature": 0.1,
        "tool_choice": "none",
        "tools": [{"type": "code_interpreter"}],
        "top_p": 0.5,
        "truncation_strategy": {"type": "last_messages", "last_messages": 5},
    }
    run = await settled(client.threads.runs.create(thread.id, include=[RESULTS], **wanted))
    assert asked(openai_emulator) == [("POST", f"/threads/{thread.id}/runs", wanted)]
    assert openai_emulator.requests[0].query.startswith("include[]=step_details.tool_calls")
    assert (run.model, run.instructions, run.metadata) == ("gpt-4o", "Be long.\nBe polite.", {"n": "1"})
    assert (run.tool_choice, run.tools[0].type, run.truncation_strategy.last_messages) == (
        "none",
        "code_interpreter",
        5,
    )
    await rested(client, settled, run)
    answer = (await settled(client.threads.messages.list(thread.id))).data[0]
    assert "And a good day" in answer.text


async def test_runs_are_listed_and_their_metadata_changed(*, client, settled, each, openai_emulator, asked, assistant):
    run = await settled(client.threads.create_and_run(assistant_id=assistant.id))
    await rested(client, settled, run)
    again = await settled(client.threads.runs.create(run.thread_id, assistant_id=assistant.id))
    openai_emulator.requests.clear()
    first = await settled(client.threads.runs.list(run.thread_id, limit=1, order="asc", before="run_1"))
    assert isinstance(first.page, RunList)
    assert [one.id for one in first.data] == [run.id]
    assert [one.id for one in await each(client.threads.runs.list(run.thread_id, limit=1))] == [again.id, run.id]
    changed = await settled(client.threads.runs.update(run.thread_id, run.id, metadata={"seen": "yes"}))
    assert (changed.id, changed.metadata) == (run.id, {"seen": "yes"})
    path = f"/threads/{run.thread_id}/runs"
    *listed, update = asked(openai_emulator)
    assert listed == [("GET", path)] * 3
    assert openai_emulator.requests[0].query == "before=run_1&limit=1&order=asc"
    assert update == ("POST", f"{path}/{run.id}", {"metadata": {"seen": "yes"}})


async def test_a_thread_is_started_and_run_in_one_call(client, settled, openai_emulator, asked, assistant):
    wanted = {
        "assistant_id": assistant.id,
        "thread": {"messages": [{"role": "user", "content": "Hello"}], "metadata": {"n": "1"}},
        "tool_resources": {"code_interpreter": {"file_ids": []}},
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    }
    run = await settled(client.threads.create_and_run(**wanted))
    assert isinstance(run, Run)
    assert run.status == "queued"
    assert asked(openai_emulator) == [("POST", "/threads/runs", wanted)]
    assert (await settled(client.threads.retrieve(run.thread_id))).metadata == {"n": "1"}
    run = await rested(client, settled, run)
    assert run.required_action.submit_tool_outputs.tool_calls[0].function.name == "get_weather"


async def test_a_run_gets_the_outputs_of_functions(
    *, client, settled, each, openai_emulator, asked, assistant, thread_of
):
    thread = await thread_of("What is the weather in Paris?")
    runs = client.threads.runs
    run = await rested(client, settled, await settled(runs.create(thread.id, assistant_id=assistant.id)))
    assert run.status == "requires_action"
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    assert (call.function.name, call.function.arguments) == ("get_weather", '{"city": "Paris"}')

    with pytest.raises(BadRequestError, match=call.id):
        await settled(runs.submit_tool_outputs(thread.id, run.id, tool_outputs=[]))
    openai_emulator.requests.clear()
    outputs = [{"tool_call_id": call.id, "output": "Sunny, 21 degrees"}]
    queued = await settled(runs.submit_tool_outputs(thread.id, run.id, tool_outputs=outputs))
    assert isinstance(queued, Run)
    assert (queued.status, queued.required_action) == ("queued", None)
    path = f"/threads/{thread.id}/runs/{run.id}"
    assert asked(openai_emulator) == [("POST", f"{path}/submit_tool_outputs", {"tool_outputs": outputs})]

    assert (await rested(client, settled, queued)).status == "completed"
    answer = (await settled(client.threads.messages.list(thread.id))).data[0]
    assert "Sunny, 21 degrees" in answer.text
    with pytest.raises(BadRequestError, match="do not accept tool outputs"):
        await settled(runs.submit_tool_outputs(thread.id, run.id, tool_outputs=outputs))

    openai_emulator.requests.clear()
    calling, writing = await each(runs.steps.list(thread.id, run.id, order="asc", limit=1, include=[RESULTS]))
    assert isinstance(calling, RunStep)
    assert (calling.type, calling.status, calling.run_id) == ("tool_calls", "completed", run.id)
    (called,) = calling.step_details.tool_calls
    assert (called.id, called.function.output) == (call.id, "Sunny, 21 degrees")
    assert writing.step_details.message_creation.message_id == answer.id
    one = await settled(runs.steps.retrieve(thread.id, run.id, writing.id, include=[RESULTS]))
    assert one == writing
    page = await settled(runs.steps.list(thread.id, run.id, before=writing.id))
    assert isinstance(page.page, RunStepList)
    assert asked(openai_emulator) == [
        *[("GET", f"{path}/steps")] * 2,
        ("GET", f"{path}/steps/{writing.id}"),
        ("GET", f"{path}/steps"),
    ]
    included = "include[]=step_details.tool_calls%5B%2A%5D.file_search.results%5B%2A%5D.content"
    assert openai_emulator.requests[0].query == f"{included}&limit=1&order=asc"
    assert openai_emulator.requests[2].query == included


async def test_a_run_is_cancelled(*, client, settled, openai_emulator, asked, assistant, thread_of):
    thread = await thread_of("What is the weather in Paris?")
    run = await settled(client.threads.runs.create(thread.id, assistant_id=assistant.id))
    run = await rested(client, settled, run)
    openai_emulator.requests.clear()
    stopping = await settled(client.threads.runs.cancel(thread.id, run.id))
    assert isinstance(stopping, Run)
    assert stopping.status == "cancelling"
    assert asked(openai_emulator) == [("POST", f"/threads/{thread.id}/runs/{run.id}/cancel")]
    stopped = await rested(client, settled, stopping)
    assert stopped.status == "cancelled"
    assert stopped.cancelled_at > stopped.created_at
    (step,) = (await settled(client.threads.runs.steps.list(thread.id, run.id))).data
    assert (step.status, step.cancelled_at) == ("cancelled", stopped.cancelled_at)
    with pytest.raises(BadRequestError, match="Cannot cancel run with status 'cancelled'"):
        await settled(client.threads.runs.cancel(thread.id, run.id))


async def test_what_cannot_be_run_is_refused(client, settled, assistant, thread_of):
    thread = await thread_of("Hello")
    with pytest.raises(NotFoundError, match="asst_none"):
        await settled(client.threads.runs.create(thread.id, assistant_id="asst_none"))
    with pytest.raises(NotFoundError, match="thread_none"):
        await settled(client.threads.runs.create("thread_none", assistant_id=assistant.id))
    with pytest.raises(BadRequestError) as refused:
        await settled(client.threads.runs.create(thread.id, assistant_id=assistant.id, max_prompt_tokens=1))
    assert refused.value.param == "max_prompt_tokens"
    with pytest.raises(TypeError, match=r"create\(\) doesn't stream; call create_stream\(\) instead"):
        await settled(client.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True))
