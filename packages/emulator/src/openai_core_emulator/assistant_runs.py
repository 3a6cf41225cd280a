"""Runs of assistants and their steps: https://platform.openai.com/docs/api-reference/runs.

A run is queued when it is made, in progress at the first look, and done at the second. A stream does it all at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from . import asking, assistants, models, text
from .assistants import ASSISTANTS, BEFORE, MESSAGES, THREADS, schema_of
from .call import Answer, Call, Events, Operation
from .errors import Refusal, bad
from .fields import BOOLEAN, METADATA, REQUIRED_STRING, STRING, Field, Fields, one_of
from .generation import Question, Reply, ToolChoice, answer
from .resources import Kind
from .sse import data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Event = tuple[str, dict[str, Any]]

_ACTIVE: Final = frozenset({"queued", "in_progress", "requires_action", "cancelling"})
_LIFETIME: Final = 600
"""Seconds after which a run that isn't done expires."""

_TOKENS: Final = Field(("integer",), minimum=256)
_INCLUDE: Final[Fields] = {
    "include": Field(("array",), items=one_of("step_details.tool_calls[*].file_search.results[*].content")),
}
_CREATE: Final[Fields] = {
    **assistants.SAMPLING,
    "additional_instructions": STRING,
    "additional_messages": assistants.NEW_MESSAGES,
    "assistant_id": REQUIRED_STRING,
    "instructions": STRING,
    "max_completion_tokens": _TOKENS,
    "max_prompt_tokens": _TOKENS,
    "metadata": METADATA,
    "model": STRING,
    "parallel_tool_calls": BOOLEAN,
    "reasoning_effort": asking.REASONING_EFFORT,
    "stream": BOOLEAN,
    "tool_choice": Field(("string", "object"), properties={"type": REQUIRED_STRING}),
    "tools": Field(("array",), most=20, items=assistants.TOOL),
    "truncation_strategy": Field(("object",), properties={"type": one_of("auto", "last_messages", required=True)}),
}
_CREATE_WITH_THREAD: Final[Fields] = {
    **{name: field for name, field in _CREATE.items() if not name.startswith("additional_")},
    "thread": Field(("object",), properties=assistants.NEW_THREAD),
    "tool_resources": assistants.TOOL_RESOURCES,
}
_OUTPUT: Final = Field(("object",), properties={"tool_call_id": REQUIRED_STRING, "output": STRING})
_SUBMIT: Final[Fields] = {"tool_outputs": Field(("array",), required=True, items=_OUTPUT), "stream": BOOLEAN}


def _look(call: Call, run: dict[str, Any]) -> None:
    """Let time go by for a run that is looked at."""
    if run["status"] in _ACTIVE and call.state.now() > run["expires_at"]:
        _stop(call, run, "expired")
    elif run["status"] == "queued":
        _take_up(call, run)
    elif run["status"] == "in_progress":
        for _ in _finish(call, run):
            pass
    elif run["status"] == "cancelling":
        _stop(call, run, "cancelled")


RUNS: Final = Kind(
    "/threads/{thread_id}/runs",
    "run_id",
    prefix="run_",
    object="thread.run",
    update={"metadata": METADATA},
    look=_look,
    parent=THREADS,
    query=BEFORE,
)
STEPS: Final = Kind(
    "/threads/{thread_id}/runs/{run_id}/steps",
    "step_id",
    prefix="step_",
    object="thread.run.step",
    parent=RUNS,
    query={**BEFORE, **_INCLUDE},
)


def _create(call: Call) -> Answer:
    run = _begin(call)
    return _answered(call, run, [("thread.run.created", run)])


def _create_with_thread(call: Call) -> Answer:
    at = assistants.add_thread(call, call.body.get("thread") or {})
    run = _begin(at)
    return _answered(at, run, [("thread.created", THREADS.find(at)), ("thread.run.created", run)])


def _answered(call: Call, run: dict[str, Any], before: Iterable[Event]) -> Answer:
    # All of it is done by the time the first event goes out, so that a stream that is left leaves nothing half done.
    return Events([*_written(_all(call, run, before))]) if call.body.get("stream") else run


def _begin(call: Call) -> dict[str, Any]:
    THREADS.find(call)
    _refuse_beside_a_run(call, "already has an active run {}.")
    given = {name: value for name, value in call.body.items() if value is not None}
    assistant = ASSISTANTS.find(replace(call, path={"assistant_id": given["assistant_id"]}))
    used = {**assistant, **given}
    models.require(call.state, used["model"])
    asking.tool_choice(used, asking.tools(used["tools"]))
    schema_of(used["response_format"])
    assistants.add_messages(call, given.get("additional_messages", ()))
    instructions = [used["instructions"], given.get("additional_instructions")]
    created = call.state.now()
    run = RUNS.add(call, {})
    run.update(
        created_at=created,
        thread_id=call.path["thread_id"],
        assistant_id=assistant["id"],
        status="queued",
        required_action=None,
        last_error=None,
        expires_at=created + _LIFETIME,
        started_at=None,
        cancelled_at=None,
        failed_at=None,
        completed_at=None,
        incomplete_details=None,
        model=used["model"],
        instructions="\n".join(filter(None, instructions)),
        tools=used["tools"],
        metadata=given.get("metadata", {}),
        usage=None,
        temperature=used["temperature"],
        top_p=used["top_p"],
        max_prompt_tokens=given.get("max_prompt_tokens"),
        max_completion_tokens=given.get("max_completion_tokens"),
        truncation_strategy={"last_messages": None, **given.get("truncation_strategy", {"type": "auto"})},
        tool_choice=given.get("tool_choice", "auto"),
        parallel_tool_calls=given.get("parallel_tool_calls", True),
        response_format=used["response_format"],
    )
    return run


def _refuse_beside_a_run(call: Call, why: str) -> None:
    for run in RUNS.shelf(call).values():
        if run["status"] in _ACTIVE:
            raise bad(f"Thread {call.path['thread_id']} {why.format(run['id'])}")


def _create_message(call: Call) -> Answer:
    THREADS.find(call)
    _refuse_beside_a_run(call, "takes no messages while a run {} is active.")
    assistants.add_messages(call, [call.body])
    return list(MESSAGES.shelf(call).values())[-1]


def _cancel(call: Call) -> Answer:
    run = RUNS.find(call)
    if run["status"] not in _ACTIVE:
        raise bad(f"Cannot cancel run with status '{run['status']}'.")
    run.update(status="cancelling", required_action=None)
    return run


def _submit(call: Call) -> Answer:
    run = RUNS.find(call)
    if run["status"] != "requires_action":
        raise bad(f'Runs in status "{run["status"]}" do not accept tool outputs.')
    outputs = {each["tool_call_id"]: each.get("output") or "" for each in call.body["tool_outputs"]}
    step = _latest_step(call)
    wanted = [each["id"] for each in step["step_details"]["tool_calls"]]
    if outputs.keys() != set(wanted):
        raise bad(f"Expected tool outputs for call_ids {wanted}, got {list(outputs)}", param="tool_outputs")
    for each in step["step_details"]["tool_calls"]:
        each["function"]["output"] = outputs[each["id"]]
    step.update(status="completed", completed_at=call.state.now(), usage=_usage(call, run, 0))
    run.update(status="queued", required_action=None)
    return _answered(call, run, [("thread.run.step.completed", step)])


def _all(call: Call, run: dict[str, Any], before: Iterable[Event]) -> Iterator[Event]:
    """What a run does, from being queued until it rests."""
    yield from before
    yield "thread.run.queued", run
    _take_up(call, run)
    yield "thread.run.in_progress", run
    yield from _finish(call, run)


def _written(events: Iterable[Event]) -> Iterator[bytes]:
    for name, document in events:
        yield b"event: " + name.encode() + b"\n" + data(document)
    yield b"event: done\ndata: [DONE]\n\n"


def _take_up(call: Call, run: dict[str, Any]) -> None:
    run.update(status="in_progress", started_at=call.state.now())


def _finish(call: Call, run: dict[str, Any]) -> Iterator[Event]:
    """Let a run that is in progress answer, or call for functions; gives what happens, event by event."""
    at = replace(call, path={**call.path, "run_id": run["id"]})
    try:
        reply = answer(call.state, _question(at, run))
    except Refusal as refusal:
        error = {"code": "server_error", "message": refusal.error["message"]}
        run.update(status="failed", failed_at=call.state.now(), last_error=error)
        yield "thread.run.failed", run
        return
    yield from _call_functions(at, run, reply) if reply.calls else _write_message(at, run, reply)


def _question(call: Call, run: Mapping[str, Any]) -> Question:
    messages = MESSAGES.shelf(call).values()
    said = next((each for each in reversed(messages) if each["role"] == "user"), None)
    prompt = _said(said)
    step = _latest_step(call)
    if step:
        prompt = "\n".join(each["function"]["output"] for each in step["step_details"]["tool_calls"])
    offered = asking.tools(run["tools"])
    schema, json_object = schema_of(run["response_format"])
    return Question(
        prompt=prompt,
        after_tool=bool(step),
        tools=offered,
        # A function that must be called must be so once.
        tool_choice=ToolChoice("none") if step else asking.tool_choice(run, offered),
        parallel=run["parallel_tool_calls"],
        schema=schema,
        json_object=json_object,
    )


def _said(message: Mapping[str, Any] | None) -> str:
    parts = message["content"] if message else ()
    return "\n".join(part["text"]["value"] for part in parts if part["type"] == "text")


def _latest_step(call: Call) -> dict[str, Any]:
    """The step that a run took last; empty if it has taken none."""
    steps = list(STEPS.shelf(call).values())
    return steps[-1] if steps else {}


def _usage(call: Call, run: Mapping[str, Any], answered: int) -> dict[str, int]:
    messages = MESSAGES.shelf(call).values()
    asked = text.count(run["instructions"]) + sum(text.count(_said(each)) for each in messages)
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


def _new_step(call: Call, run: Mapping[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    step = STEPS.add(call, {})
    step.update(
        created_at=call.state.now(),
        assistant_id=run["assistant_id"],
        thread_id=run["thread_id"],
        run_id=run["id"],
        type=details["type"],
        status="in_progress",
        step_details=details,
        last_error=None,
        expired_at=None,
        cancelled_at=None,
        failed_at=None,
        completed_at=None,
        metadata={},
        usage=None,
    )
    return step


def _write_message(call: Call, run: dict[str, Any], reply: Reply) -> Iterator[Event]:
    message = assistants.add_message(call, "assistant", [])
    message.update(status="in_progress", completed_at=None, assistant_id=run["assistant_id"], run_id=run["id"])
    details = {"type": "message_creation", "message_creation": {"message_id": message["id"]}}
    step = _new_step(call, run, details)
    yield "thread.run.step.created", step
    yield "thread.run.step.in_progress", step
    yield "thread.message.created", message
    yield "thread.message.in_progress", message
    whole = reply.text or ""
    for piece in text.tokens(whole):
        part = {"index": 0, **assistants.text_part(piece)}
        delta = {"content": [part]}
        yield "thread.message.delta", {"id": message["id"], "object": "thread.message.delta", "delta": delta}
    usage = _usage(call, run, reply.tokens)
    now = call.state.now()
    message.update(status="completed", completed_at=now, content=[assistants.text_part(whole)])
    yield "thread.message.completed", message
    step.update(status="completed", completed_at=now, usage=usage)
    yield "thread.run.step.completed", step
    run.update(status="completed", completed_at=now, usage=usage)
    yield "thread.run.completed", run


def _call_functions(call: Call, run: dict[str, Any], reply: Reply) -> Iterator[Event]:
    step = _new_step(call, run, {"type": "tool_calls", "tool_calls": []})
    yield "thread.run.step.created", step
    yield "thread.run.step.in_progress", step
    calls: list[dict[str, Any]] = [
        {
            "id": call.state.new_id("call_", 24),
            "type": "function",
            "function": {"name": each.tool.name, "arguments": each.payload},
        }
        for each in reply.calls
    ]
    for index, each in enumerate(calls):
        function: dict[str, Any] = {**each["function"], "output": None}
        step["step_details"]["tool_calls"].append({**each, "function": function})
        yield _step_delta(step, {"index": index, **each, "function": {**function, "arguments": ""}})
        for piece in text.tokens(function["arguments"]):
            yield _step_delta(step, {"index": index, "type": "function", "function": {"arguments": piece}})
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}}
    run.update(status="requires_action", required_action=action)
    yield "thread.run.requires_action", run


def _step_delta(step: Mapping[str, Any], tool_call: dict[str, Any]) -> Event:
    delta = {"step_details": {"type": "tool_calls", "tool_calls": [tool_call]}}
    return "thread.run.step.delta", {"id": step["id"], "object": "thread.run.step.delta", "delta": delta}


def _stop(call: Call, run: dict[str, Any], status: str) -> None:
    now = call.state.now()
    run.update(status=status, required_action=None)
    if status == "cancelled":
        run["cancelled_at"] = now
    step = _latest_step(replace(call, path={**call.path, "run_id": run["id"]}))
    if step.get("status") == "in_progress":
        step.update({"status": status, f"{status}_at": now})


OPERATIONS: Final = (
    Operation("POST", "/threads/runs", _create_with_thread, body=_CREATE_WITH_THREAD, model=True),
    Operation("POST", MESSAGES.path, _create_message, body=assistants.MESSAGE),
    *MESSAGES.operations(("list", "retrieve", "update", "delete")),
    Operation("POST", RUNS.path, _create, body=_CREATE, query=_INCLUDE, model=True),
    *RUNS.operations(("list", "retrieve", "update")),
    Operation("POST", f"{RUNS.path}/{{run_id}}/cancel", _cancel),
    Operation("POST", f"{RUNS.path}/{{run_id}}/submit_tool_outputs", _submit, body=_SUBMIT, model=True),
    *STEPS.operations(("list", "retrieve")),
)
