"""Files for fine-tuning are looked through before they can be used: wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.steps import until
from openai_core_files.operations import files

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_files.types.files import FileObject

# The last two are what Azure says.
_UNDER_WAY = frozenset({"uploaded", "pending", "running"})


def wait(
    file_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[FileObject], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[FileObject]:
    """Wait until a file is processed.

    Args:
        file_id: ID of the file.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the server goes on with the file.
        on_progress: Called with what each look has shown.
        options: Options of each look.

    Returns:
        The file in its last state. One that can't be used is returned too: its `status` is `error`, and
        `status_details` may say why.

    Raises:
        DeadlineExceededError: if the file isn't processed in time.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/files/retrieve)
    """
    return until(
        files.retrieve(file_id, options=options),
        lambda file: file.status not in _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )
