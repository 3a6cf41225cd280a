"""How far an upload is, so that it can go on after an interruption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openai_core.errors import APIStatusError, OpenAIError

if TYPE_CHECKING:
    from collections.abc import Sequence

_GONE: Final = frozenset({400, 404})
"""What the server answers about an upload that has expired, was cancelled or is complete, or whose parts don't fit."""


@dataclass(frozen=True, slots=True)
class UploadState:
    """How far an upload is: what another process needs to go on with it. `dataclasses.asdict` makes JSON of it.

    Args:
        upload_id: ID of the upload.
        size: of the whole file, in bytes.
        part_size: of each part but the last one, in bytes.
        part_ids: IDs of the parts in order, `None` for those that haven't arrived.
        expires_at: when the server drops the upload, in seconds since 1970.
        md5: of the whole file as it was when the upload was begun, if the server shall compare it.
    """

    upload_id: str
    size: int
    part_size: int
    part_ids: Sequence[str | None]
    expires_at: int
    md5: str | None = None

    @property
    def sent(self) -> int:
        """How many bytes have arrived."""
        parts = len(self.part_ids)
        last = self.size - (parts - 1) * self.part_size
        return sum(
            self.part_size if number < parts else last for number, id_ in enumerate(self.part_ids, 1) if id_ is not None
        )


class UploadInterruptedError(OpenAIError):
    """An upload that didn't come to its end, and can go on: `client.uploads.resume(file, error)`.

    What went wrong is its `__cause__`.

    Attributes:
        state: how far it is.
    """

    def __init__(self, message: str, *, state: UploadState) -> None:
        super().__init__(message)
        self.state = state


def interrupted(cause: OpenAIError, state: UploadState) -> UploadInterruptedError:
    """The error that tells how to go on.

    Args:
        cause: what went wrong.
        state: how far the upload is.
    """
    if isinstance(cause, APIStatusError) and cause.status in _GONE:
        return UploadInterruptedError(f"{state.upload_id} can't go on: {cause}. Upload the file anew", state=state)
    missing = sum(id_ is None for id_ in state.part_ids)
    what = (
        f"{missing} of the {len(state.part_ids)} parts of {state.upload_id} haven't arrived"
        if missing
        else f"all parts of {state.upload_id} have arrived, but they aren't a file yet"
    )
    return UploadInterruptedError(
        f"{what}: {cause}. The server keeps what it has until the upload is an hour old: go on with "
        "client.uploads.resume(file, error), where error is this error or its .state",
        state=state,
    )
