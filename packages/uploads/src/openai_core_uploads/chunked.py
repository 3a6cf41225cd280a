"""Large files in parts: several on their way at a time, none in memory, none sent again that has arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from inspect import iscoroutinefunction
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from openai_core.errors import InvalidRequestError, OpenAIError
from openai_core.files import parts_of
from openai_core.operation import OMIT
from openai_core.steps import pause, send, together, within
from openai_core_uploads.operations import parts, uploads
from openai_core_uploads.state import UploadInterruptedError, UploadState, interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openai_core.files import FileInput, FileSource
    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_files.params import ExpiresAfterParam
    from openai_core_uploads.types.uploads import Upload

Purpose: TypeAlias = Literal["assistants", "batch", "fine-tune", "vision"]

_LARGEST_PART: Final = 64 * 1024 * 1024


def upload_file(
    file: FileInput,
    *,
    purpose: Purpose,
    part_size: int = _LARGEST_PART,
    limit: int = 4,
    md5: str | bool = False,
    expires_after: ExpiresAfterParam | Omit = OMIT,
    on_progress: Callable[[UploadState], None] | None = None,
    deadline: float | None = None,
    options: RequestOptions | None = None,
) -> Steps[Upload]:
    """Upload a large file in parts, several at a time.

    The parts are read while they are sent, and again for each attempt. An upload that fails, is cancelled or is given
    up stays at the server, which drops it an hour after it was begun: until then `resume` goes on with it.

    Args:
        file: What to upload: a path, bytes, a file opened in binary mode that can seek, or
            `(name, content[, media type])`. Up to 8 GB.
        purpose: What the file is for: `assistants`, `batch`, `fine-tune` or `vision`; it decides which types are
            allowed.
        part_size: Bytes of each part, from 1 to 64 MiB.
        limit: How many parts are on their way at a time, 1 or more.
        md5: MD5 of the whole file in hexadecimal digits, for the server to compare when all parts are there, after a
            resumption too. `True` reckons it, for which the file is read once before it is sent.
        expires_after: When the file that is made is deleted by itself:
            `{"anchor": "created_at", "seconds": 3600}`, from one hour to 30 days.
        on_progress: Called with how far the upload is, when it is begun and whenever a part has arrived; one call at a
            time, in a sync client from several threads. Its argument can be kept, to resume after a crash.
        deadline: Seconds for all of it.
        options: Options of each call.

    Returns:
        The upload; what it made is in its `file`.

    Raises:
        UploadInterruptedError: if a part can't be sent, the parts can't be made a file, or the deadline is over. It
            holds what `resume` needs; `__cause__` tells what went wrong.
        InvalidRequestError: if the file is empty or can't be read from the middle, or a number makes no sense.
        APIError: if the upload can't be begun.

    [API reference](https://platform.openai.com/docs/api-reference/uploads)
    """
    pieces = _cut(file, part_size, limit)
    size = sum(piece.size or 0 for piece in pieces)
    yield from within(deadline)
    checksum = (yield from _md5(pieces)) if md5 is True else (md5 or None)
    upload = yield from send(
        uploads.create(
            bytes=size,
            filename=pieces[0].name,
            mime_type=pieces[0].media_type,
            purpose=purpose,
            expires_after=expires_after,
            options=options,
        )
    )
    begun = UploadState(upload.id, size, part_size, (None,) * len(pieces), upload.expires_at, checksum)
    return (yield from _finish(pieces, begun, limit=limit, on_progress=on_progress, options=options))


def resume(
    file: FileInput,
    interrupted: UploadInterruptedError | UploadState | Mapping[str, Any],
    *,
    limit: int = 4,
    on_progress: Callable[[UploadState], None] | None = None,
    deadline: float | None = None,
    options: RequestOptions | None = None,
) -> Steps[Upload]:
    """Go on with an upload that was interrupted: only the parts that are missing are sent.

    Args:
        file: The same file, unchanged. Only an upload that was begun with `md5` notices if it isn't.
        interrupted: The error that `upload_file` raised, its `.state`, what `on_progress` was called with last, or a
            mapping of its fields, as JSON gives it.
        limit: How many parts are on their way at a time, 1 or more.
        on_progress: As for `upload_file`.
        deadline: Seconds for all of it.
        options: Options of each call.

    Returns:
        The upload; what it made is in its `file`.

    Raises:
        UploadInterruptedError: as `upload_file`; also if the server has dropped the upload by now.
        InvalidRequestError: if the file isn't as large as it was.

    [API reference](https://platform.openai.com/docs/api-reference/uploads)
    """
    state = _state(interrupted)
    pieces = _cut(file, state.part_size, limit)
    size = sum(piece.size or 0 for piece in pieces)
    if (size, len(pieces)) != (state.size, len(state.part_ids)):
        raise InvalidRequestError(
            f"the file has {size} bytes, but {state.upload_id} was begun with one of {state.size}; upload it anew",
            param="file",
        )
    yield from within(deadline)
    return (yield from _finish(pieces, state, limit=limit, on_progress=on_progress, options=options))


def _state(interrupted: UploadInterruptedError | UploadState | Mapping[str, Any]) -> UploadState:
    match interrupted:
        case UploadState():
            return interrupted
        case UploadInterruptedError():
            return interrupted.state
        case Mapping():
            return UploadState(**interrupted)
        case _:
            raise InvalidRequestError(
                f"an upload is resumed from an UploadInterruptedError or its .state, not from {interrupted!r}",
                param="interrupted",
            )


def _cut(file: FileInput, part_size: int, limit: int) -> Sequence[FileSource]:
    if not 1 <= part_size <= _LARGEST_PART:
        raise InvalidRequestError(f"part_size is 1 to {_LARGEST_PART} bytes, not {part_size}", param="part_size")
    if limit < 1:
        raise InvalidRequestError(f"limit is 1 part at a time or more, not {limit}", param="limit")
    pieces = parts_of(file, part_size)
    if not pieces:
        raise InvalidRequestError("the file is empty, which no upload can be", param="file")
    return pieces


def _finish(
    pieces: Sequence[FileSource],
    state: UploadState,
    *,
    limit: int,
    on_progress: Callable[[UploadState], None] | None,
    options: RequestOptions | None,
) -> Steps[Upload]:
    """Send the parts that haven't arrived, and make a file of all."""
    if iscoroutinefunction(on_progress):
        raise TypeError("on_progress of an upload is called from where parts are sent; pass a plain function")
    lock = Lock()

    def reached() -> None:
        if on_progress:
            on_progress(state)

    def add(number: int) -> Steps[None]:
        nonlocal state
        part = yield from send(parts.create(state.upload_id, data=pieces[number], options=options))
        with lock:
            ids = state.part_ids
            state = replace(state, part_ids=(*ids[:number], part.id, *ids[number + 1 :]))
            reached()

    missing = [number for number, id_ in enumerate(state.part_ids) if id_ is None]
    reached()
    try:
        yield from together(map(add, missing), limit=limit)
        part_ids = [id_ for id_ in state.part_ids if id_ is not None]
        complete = uploads.complete(state.upload_id, part_ids=part_ids, md5=state.md5 or OMIT, options=options)
        return (yield from send(complete))
    except OpenAIError as error:
        raise interrupted(error, state) from error


def _md5(pieces: Sequence[FileSource]) -> Steps[str]:
    digest = hashlib.md5(usedforsecurity=False)
    for piece in pieces:
        for some in piece.pieces():
            digest.update(some)
            # An event loop has its turn, and the deadline too.
            yield from pause(0)
    return digest.hexdigest()
