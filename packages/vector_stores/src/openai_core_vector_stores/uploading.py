"""From a file on this machine to one that a vector store searches, in a single call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_core.errors import InvalidRequestError, OpenAIError
from openai_core.files import is_file
from openai_core.operation import OMIT
from openai_core.steps import send, together, within
from openai_core_files.operations.files import create as create_file
from openai_core_vector_stores.operations.files import create as add_file
from openai_core_vector_stores.waiting import create_batch_and_wait, create_file_and_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from openai_core.files import FileInput
    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_vector_stores.params import FileChunkingStrategyParam
    from openai_core_vector_stores.types.vector_stores import VectorStoreFile, VectorStoreFileBatch

_PURPOSE: Final = "assistants"


def upload(
    vector_store_id: str,
    *,
    file: FileInput,
    attributes: Mapping[str, str | float | bool] | Omit | None = OMIT,
    chunking_strategy: FileChunkingStrategyParam | Omit = OMIT,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFile]:
    """Upload a file and add it to a vector store.

    Args:
        vector_store_id: ID of the vector store.
        file: What to upload: a path, bytes, a file opened in binary mode, or `(name, content[, media type])`.
        attributes: Up to 16 pairs to filter a search by.
        chunking_strategy: How the file is cut; see `vector_stores.files.create`.
        options: Options of each call.

    Returns:
        The file, which is `in_progress` until it is searchable.

    Raises:
        APIError: if a call fails. If it can't be added, a note of the error tells the ID of the file, which stays.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-files/createFile)
    """
    uploaded = yield from send(create_file(file=file, purpose=_PURPOSE, options=options))
    try:
        return (
            yield from send(
                add_file(
                    vector_store_id,
                    file_id=uploaded.id,
                    attributes=attributes,
                    chunking_strategy=chunking_strategy,
                    options=options,
                )
            )
        )
    except OpenAIError as error:
        _tell_of(error, [uploaded.id])
        raise


def upload_and_wait(
    vector_store_id: str,
    *,
    file: FileInput,
    attributes: Mapping[str, str | float | bool] | Omit | None = OMIT,
    chunking_strategy: FileChunkingStrategyParam | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStoreFile], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFile]:
    """Upload a file, add it to a vector store, and wait until it is searchable or has failed.

    Args:
        vector_store_id: ID of the vector store.
        file: What to upload: a path, bytes, a file opened in binary mode, or `(name, content[, media type])`.
        attributes: Up to 16 pairs to filter a search by.
        chunking_strategy: How the file is cut; see `vector_stores.files.create`.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it.
        on_progress: Called with the file when it is added and after each look.
        options: Options of each call.

    Returns:
        The file in its last state. One that has failed is returned too: see `status` and `last_error`.

    Raises:
        DeadlineExceededError: if the file isn't searchable in time.
        APIError: if a call fails. A note of the error tells the ID of the file, which stays.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-files/createFile)
    """
    yield from within(deadline)
    uploaded = yield from send(create_file(file=file, purpose=_PURPOSE, options=options))
    try:
        return (
            yield from create_file_and_wait(
                vector_store_id,
                file_id=uploaded.id,
                attributes=attributes,
                chunking_strategy=chunking_strategy,
                interval=interval,
                on_progress=on_progress,
                options=options,
            )
        )
    except OpenAIError as error:
        _tell_of(error, [uploaded.id])
        raise


def upload_batch_and_wait(
    vector_store_id: str,
    *,
    files: Sequence[FileInput],
    file_ids: Sequence[str] = (),
    attributes: Mapping[str, str | float | bool] | Omit | None = OMIT,
    chunking_strategy: FileChunkingStrategyParam | Omit = OMIT,
    limit: int = 5,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStoreFileBatch], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFileBatch]:
    """Upload files, add them to a vector store, and wait until all are searchable or have failed.

    Args:
        vector_store_id: ID of the vector store.
        files: What to upload, up to 2000 together with `file_ids`: each a path, bytes, a file opened in binary mode, or
            `(name, content[, media type])`.
        file_ids: IDs of files to add that are uploaded already.
        attributes: Up to 16 pairs for every file, to filter a search by.
        chunking_strategy: How the files are cut; see `vector_stores.files.create`.
        limit: How many files are on their way at a time, 1 or more.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it.
        on_progress: Called with the batch when it is begun and after each look; its `file_counts` tell how far it is.
        options: Options of each call.

    Returns:
        The batch in its last state. Files may have failed: see `file_counts`, and
        `file_batches.list_files(..., filter="failed")` for which.

    Raises:
        DeadlineExceededError: if not all files are searchable in time.
        APIError: if a call fails. A note of the error tells the IDs of the files that are uploaded, which stay.
        InvalidRequestError: if there is no file, or one of them can't be read.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-file-batches/createBatch)
    """
    if is_file(files):
        raise InvalidRequestError("files is a list of files, also of a single one: [file]", param="files")
    files = list(files)
    if not files and not file_ids:
        raise InvalidRequestError("there is no file to add; pass files, file_ids or both", param="files")
    if limit < 1:
        raise InvalidRequestError(f"limit is 1 file at a time or more, not {limit}", param="limit")
    uploaded: dict[int, str] = {}

    def upload_one(number: int) -> Steps[None]:
        uploaded[number] = (yield from send(create_file(file=files[number], purpose=_PURPOSE, options=options))).id

    yield from within(deadline)
    try:
        yield from together(map(upload_one, range(len(files))), limit=limit)
        return (
            yield from create_batch_and_wait(
                vector_store_id,
                file_ids=[*(uploaded[number] for number in range(len(files))), *file_ids],
                attributes=attributes,
                chunking_strategy=chunking_strategy,
                interval=interval,
                on_progress=on_progress,
                options=options,
            )
        )
    except OpenAIError as error:
        _tell_of(error, uploaded.values())
        raise


def _tell_of(error: OpenAIError, file_ids: Collection[str]) -> None:
    """Let an error tell of what was uploaded before it: nobody else does."""
    if file_ids:
        error.add_note(f"uploaded, and still there: {', '.join(file_ids)}")
