"""Waiting until a run rests: it has come to its end, or wants something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_core.method import forwards
from openai_core.steps import send, tell, until, within
from openai_core_assistants.operations import runs, threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from openai_core.operation import Operation
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_assistants.params import RunCreateParam, ThreadRunCreateParam, ToolOutputParam
    from openai_core_assistants.types import Run

_GOING_ON: Final = frozenset({"queued", "in_progress", "cancelling"})


def wait(
    thread_id: str,
    run_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Run], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[Run]:
    """Wait until a run has come to its end, or wants the outputs of functions.

    Args:
        thread_id: ID of the thread.
        run_id: ID of the run.
        interval: Seconds between two looks. By default they grow from half a second to ten.
        deadline: Seconds after which to give up; the run goes on. By default there is no end to waiting.
        on_progress: Told the run as each look has found it.
        options: Options of each look.

    Returns:
        The run. Its `status` is `completed`, `requires_action`, `failed`, `cancelled`, `incomplete` or `expired`.

    Raises:
        DeadlineExceededError: if it still goes on when the time is over.

    [API reference](https://platform.openai.com/docs/api-reference/runs/getRun)
    """
    look = runs.retrieve(thread_id, run_id, options=options)
    return until(look, _rests, interval=interval, deadline=deadline, on_progress=on_progress)


@forwards(runs.create)
def create_and_wait(
    thread_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Run], None] | None = None,
    options: RequestOptions | None = None,
    **run: Unpack[RunCreateParam],
) -> Steps[Run]:
    """Let an assistant answer a thread, and wait until it has, or wants the outputs of functions.

    Args:
        thread_id: ID of the thread.
        interval: Seconds between two looks. By default they grow from half a second to ten.
        deadline: Seconds after which to give up; the run goes on. By default there is no end to waiting.
        on_progress: Told the run as it was made, and as each look has found it.
        options: Options of each call.
        run: What `threads.runs.create` takes: `assistant_id`, and whatever shall differ from the assistant.

    Returns:
        The run, as `threads.runs.wait` gives it.

    Raises:
        DeadlineExceededError: if it still goes on when the time is over.

    [API reference](https://platform.openai.com/docs/api-reference/runs/createRun)
    """
    # The request's fields are `create`'s parameters but for `stream`, which `create` refuses with a TypeError.
    begin = runs.create(thread_id, options=options, **run)  # type: ignore[misc]
    return _send_and_wait(begin, interval, deadline, on_progress, options)


def submit_tool_outputs_and_wait(
    thread_id: str,
    run_id: str,
    *,
    tool_outputs: Sequence[ToolOutputParam],
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Run], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[Run]:
    """Give a run the outputs of the functions that it wants called, and wait until it rests again.

    Args:
        thread_id: ID of the thread.
        run_id: ID of the run.
        tool_outputs: For each call in the run's `required_action` what the function gave.
        interval: Seconds between two looks. By default they grow from half a second to ten.
        deadline: Seconds after which to give up; the run goes on. By default there is no end to waiting.
        on_progress: Told the run as it goes on, and as each look has found it.
        options: Options of each call.

    Returns:
        The run, as `threads.runs.wait` gives it.

    Raises:
        DeadlineExceededError: if it still goes on when the time is over.

    [API reference](https://platform.openai.com/docs/api-reference/runs/submitToolOutputs)
    """
    submit = runs.submit_tool_outputs(thread_id, run_id, tool_outputs=tool_outputs, options=options)
    return _send_and_wait(submit, interval, deadline, on_progress, options)


@forwards(threads.create_and_run)
def create_thread_and_wait(
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Run], None] | None = None,
    options: RequestOptions | None = None,
    **run: Unpack[ThreadRunCreateParam],
) -> Steps[Run]:
    """Start a thread, let an assistant answer it, and wait until it has, or wants the outputs of functions.

    Args:
        interval: Seconds between two looks. By default they grow from half a second to ten.
        deadline: Seconds after which to give up; the run goes on. By default there is no end to waiting.
        on_progress: Told the run as it was made, and as each look has found it.
        options: Options of each call.
        run: What `threads.create_and_run` takes: `assistant_id`, the `thread`, and whatever shall differ from the
            assistant.

    Returns:
        The run, as `threads.runs.wait` gives it; its `thread_id` tells where the answer is.

    Raises:
        DeadlineExceededError: if it still goes on when the time is over.

    [API reference](https://platform.openai.com/docs/api-reference/runs/createThreadAndRun)
    """
    begin = threads.create_and_run(options=options, **run)  # type: ignore[misc]  # as above
    return _send_and_wait(begin, interval, deadline, on_progress, options)


def _send_and_wait(
    begin: Operation[Run],
    interval: float | None,
    deadline: float | None,
    on_progress: Callable[[Run], None] | None,
    options: RequestOptions | None,
) -> Steps[Run]:
    yield from within(deadline)
    run = yield from send(begin)
    yield from tell(on_progress, run)
    if _rests(run):
        return run
    return (yield from wait(run.thread_id, run.id, interval=interval, on_progress=on_progress, options=options))


def _rests(run: Run) -> bool:
    return run.status not in _GOING_ON
