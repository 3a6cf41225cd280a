"""Runs of an eval take their time: wait for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.steps import until
from openai_core_evals.operations import runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_evals.types.evals import EvalRun

_UNDER_WAY = frozenset({"queued", "in_progress"})


def wait(
    eval_id: str,
    run_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[EvalRun], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[EvalRun]:
    """Wait until a run is finished.

    Args:
        eval_id: ID of the eval.
        run_id: ID of the run.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the run goes on.
        on_progress: Called with the run after each look; its `result_counts` grow.
        options: Options of each look.

    Returns:
        The run in its last state. One that has failed or was canceled is returned too: see `status` and `error`.

    Raises:
        DeadlineExceededError: if the run isn't finished in time.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/evals/getRun)
    """
    return until(
        runs.retrieve(eval_id, run_id, options=options),
        lambda run: run.status not in _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )
