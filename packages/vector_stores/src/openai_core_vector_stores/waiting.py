"""Files take their time until they are searchable: wait for one, for many, or for a whole store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.operation import OMIT
from openai_core.steps import send, tell, until, within
from openai_core_vector_stores.operations import file_batches, files, vector_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_vector_stores.params import FileChunkingStrategyParam, VectorStoreFileEntryParam
    from openai_core_vector_stores.types.vector_stores import VectorStore, VectorStoreFile, VectorStoreFileBatch

_UNDER_WAY = "in_progress"


def wait(
    vector_store_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStore], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStore]:
    """Wait until a vector store has no file in progress any more.

    Args:
        vector_store_id: ID of the vector store.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the server goes on with the files.
        on_progress: Called with the store after each look; its `file_counts` tell how far it is.
        options: Options of each look.

    Returns:
        The store in its last state. Files may have failed, and the store may have expired: see `file_counts` and
        `status`.

    Raises:
        DeadlineExceededError: if there are files in progress until then.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores/retrieve)
    """
    return until(
        vector_stores.retrieve(vector_store_id, options=options),
        lambda store: store.status != _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )


def wait_for_file(
    vector_store_id: str,
    file_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStoreFile], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFile]:
    """Wait until a file of a vector store is searchable or has failed.

    Args:
        vector_store_id: ID of the vector store.
        file_id: ID of the file.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the server goes on with the file.
        on_progress: Called with the file after each look.
        options: Options of each look.

    Returns:
        The file in its last state. One that has failed is returned too: see `status` and `last_error`.

    Raises:
        DeadlineExceededError: if the file is in progress until then.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-files/getFile)
    """
    return until(
        files.retrieve(vector_store_id, file_id, options=options),
        lambda file: file.status != _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )


def wait_for_batch(
    vector_store_id: str,
    batch_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStoreFileBatch], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFileBatch]:
    """Wait until all files of a batch are searchable or have failed.

    Args:
        vector_store_id: ID of the vector store.
        batch_id: ID of the batch of files.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the server goes on with the files.
        on_progress: Called with the batch after each look; its `file_counts` tell how far it is.
        options: Options of each look.

    Returns:
        The batch in its last state. Files may have failed: see `file_counts`, and
        `file_batches.list_files(..., filter="failed")` for which.

    Raises:
        DeadlineExceededError: if there are files in progress until then.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-file-batches/getBatch)
    """
    return until(
        file_batches.retrieve(vector_store_id, batch_id, options=options),
        lambda batch: batch.status != _UNDER_WAY,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )


def create_file_and_wait(
    vector_store_id: str,
    *,
    file_id: str,
    attributes: Mapping[str, str | float | bool] | Omit | None = OMIT,
    chunking_strategy: FileChunkingStrategyParam | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStoreFile], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFile]:
    """Add a file to a vector store, and wait until it is searchable or has failed.

    Args:
        vector_store_id: ID of the vector store.
        file_id: ID of the file.
        attributes: Up to 16 pairs to filter a search by.
        chunking_strategy: How the file is cut; see `vector_stores.files.create`.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it; the server goes on with the file.
        on_progress: Called with the file when it is added and after each look.
        options: Options of each call.

    Returns:
        The file in its last state. One that has failed is returned too: see `status` and `last_error`.

    Raises:
        DeadlineExceededError: if the file is in progress until then.
        APIError: if a call fails.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-files/createFile)
    """
    yield from within(deadline)
    file = yield from send(
        files.create(
            vector_store_id,
            file_id=file_id,
            attributes=attributes,
            chunking_strategy=chunking_strategy,
            options=options,
        )
    )
    yield from tell(on_progress, file)
    if file.status != _UNDER_WAY:
        return file
    return (
        yield from wait_for_file(vector_store_id, file.id, interval=interval, on_progress=on_progress, options=options)
    )


def create_batch_and_wait(
    vector_store_id: str,
    *,
    file_ids: Sequence[str] | Omit = OMIT,
    files: Sequence[VectorStoreFileEntryParam] | Omit = OMIT,
    attributes: Mapping[str, str | float | bool] | Omit | None = OMIT,
    chunking_strategy: FileChunkingStrategyParam | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[VectorStoreFileBatch], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[VectorStoreFileBatch]:
    """Add many files to a vector store at once, and wait until all are searchable or have failed.

    Args:
        vector_store_id: ID of the vector store.
        file_ids: IDs of the files, up to 2000. Pass these or `files`.
        files: Files with attributes and chunking of their own, up to 2000. Pass these or `file_ids`.
        attributes: Up to 16 pairs for every file of `file_ids`, to filter a search by.
        chunking_strategy: How the files of `file_ids` are cut; see `vector_stores.files.create`.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it; the server goes on with the files.
        on_progress: Called with the batch when it is begun and after each look; its `file_counts` tell how far it is.
        options: Options of each call.

    Returns:
        The batch in its last state. Files may have failed: see `file_counts`, and
        `file_batches.list_files(..., filter="failed")` for which.

    Raises:
        DeadlineExceededError: if there are files in progress until then.
        APIError: if a call fails.

    [API reference](https://platform.openai.com/docs/api-reference/vector-stores-file-batches/createBatch)
    """
    yield from within(deadline)
    batch = yield from send(
        file_batches.create(
            vector_store_id,
            file_ids=file_ids,
            files=files,
            attributes=attributes,
            chunking_strategy=chunking_strategy,
            options=options,
        )
    )
    yield from tell(on_progress, batch)
    if batch.status != _UNDER_WAY:
        return batch
    return (
        yield from wait_for_batch(
            vector_store_id, batch.id, interval=interval, on_progress=on_progress, options=options
        )
    )
