"""Training takes its time: wait for a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.steps import until
from openai_core_fine_tuning.operations import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_fine_tuning.types.fine_tuning import FineTuningJob

_UNDER_WAY = frozenset({"validating_files", "queued", "running"})


def wait(
    fine_tuning_job_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[FineTuningJob], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[FineTuningJob]:
    """Wait until a job has come to its end, or is paused.

    Args:
        fine_tuning_job_id: ID of the job.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the job goes on.
        on_progress: Called with the job after each look.
        options: Options of each look.

    Returns:
        The job in its last state. One that has failed or was cancelled is returned too, and one that is paused, as it
        would wait for somebody to resume it: see `status` and `error`.

    Raises:
        DeadlineExceededError: if the job hasn't come to its end in time.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/fine-tuning/retrieve)
    """
    return until(
        jobs.retrieve(fine_tuning_job_id, options=options),
        lambda job: job.status not in _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )
