"""From operations to their answers, by way of a batch."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, TypeVar

from openai_core.errors import APIError, DeadlineExceededError, InvalidRequestError
from openai_core.operation import OMIT
from openai_core.steps import pause, read, send, tell, until, within
from openai_core_batches.operations import batches
from openai_core_batches.requests import endpoint, pairs, request_file
from openai_core_batches.results import read_results, without_answer
from openai_core_files.operations import files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_batches.params import BatchFileExpirationAfterParam
    from openai_core_batches.requests import BatchOperations
    from openai_core_batches.results import BatchResult
    from openai_core_batches.types.batches import Batch
    from openai_core_files.params import ExpiresAfterParam

T = TypeVar("T")

_ENDS: Final = frozenset({"completed", "failed", "expired", "cancelled"})
_AT_ONCE: Final = 64


def submit(
    operations: BatchOperations[Any],
    *,
    metadata: Mapping[str, str] | Omit | None = OMIT,
    input_expires_after: ExpiresAfterParam | Omit = OMIT,
    output_expires_after: BatchFileExpirationAfterParam | Omit = OMIT,
    options: RequestOptions | None = None,
) -> Steps[Batch]:
    """Start a batch from operations: check them, upload them as a file, and create the batch.

        batch = client.batches.submit(
            {name: client.responses.create.operation(model="gpt-5-mini", input=text) for name, text in texts.items()}
        )

    Args:
        operations: What to ask: operations under names of your own, by which the answers are told apart; a mapping, or
            pairs. All call one endpoint. Up to 50,000, and 200 MB as a file.
        metadata: Up to 16 pairs to find the batch by: keys up to 64 characters, values up to 512.
        input_expires_after: When the file of requests is deleted by itself:
            `{"anchor": "created_at", "seconds": 259200}`, from one hour to 30 days.
        output_expires_after: When the files of answers and errors are deleted by themselves, likewise.
        options: Options of each call.

    Returns:
        The batch. Keep its `id`: `results` can read it tomorrow, and in another process.

    Raises:
        InvalidRequestError: if there is no operation, two have one name, they don't call the same endpoint, or one
            can't be part of a batch, as it sends files or streams its answer. Nothing was sent.
        APIError: if a call fails.

    [API reference](https://platform.openai.com/docs/api-reference/batch/create)
    """
    named = pairs(operations)
    requests = yield from request_file(named)
    file = yield from send(
        files.create(file=requests, purpose="batch", expires_after=input_expires_after, options=options)
    )
    called: Any = endpoint(named)
    return (
        yield from send(
            batches.create(
                completion_window="24h",
                # The server knows best what can be called in a batch.
                endpoint=called,
                input_file_id=file.id,
                metadata=metadata,
                output_expires_after=output_expires_after,
                options=options,
            )
        )
    )


def wait(
    batch_id: str,
    *,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Batch], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[Batch]:
    """Wait until a batch has come to its end.

    Args:
        batch_id: ID of the batch.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the batch goes on.
        on_progress: Called with the batch after each look; its `request_counts` grow.
        options: Options of each look.

    Returns:
        The batch in its last state. One that has failed, expired or was cancelled is returned too: see `status` and
        `errors`, and `results` for what was answered all the same.

    Raises:
        DeadlineExceededError: if the batch hasn't come to its end in time.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/batch/retrieve)
    """
    return until(
        batches.retrieve(batch_id, options=options),
        _has_ended,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
    )


def results(
    batch: Batch | str, operations: BatchOperations[T] | type[T], *, options: RequestOptions | None = None
) -> Steps[list[BatchResult[T]]]:
    """Read what a finished batch answered, each answer typed, in the order of its operations.

        for result in client.batches.results(batch, operations):
            print(result.custom_id, result.error or result.answer.output_text)

    Args:
        batch: The batch, or its ID.
        operations: What it was submitted with: there is a result for each. Or the type of its answers, such as
            `ChatCompletion`, where that isn't at hand any more: then there is a result for each line, those with an
            answer first.
        options: Options of each call.

    Returns:
        The results. Each has an `answer`, or an `error` of the class that the same failure has in a response; an
        operation that the batch didn't get to has an error whose `code` tells why, such as `batch_expired`.

    Raises:
        InvalidRequestError: if the batch hasn't come to its end.
        APIError: if a call fails; also if the batch has failed and its operations aren't at hand.

    [API reference](https://platform.openai.com/docs/guides/batch)
    """
    if isinstance(batch, str) or not _has_ended(batch):
        batch = yield from send(batches.retrieve(batch if isinstance(batch, str) else batch.id, options=options))
    if not _has_ended(batch):
        raise InvalidRequestError(
            f"{batch.id} is {batch.status} and has no results yet; client.batches.wait({batch.id!r}) waits for its end"
        )
    found: list[BatchResult[T]] = []
    for file_id in (batch.output_file_id, batch.error_file_id):
        if file_id:
            lines = BytesIO((yield from read(files.content(file_id, options=options))))
            for result in read_results(lines, operations):
                found.append(result)
                if len(found) % _AT_ONCE == 0:
                    # Many lines take long to read: an event loop has its turn.
                    yield from pause(0)
    if isinstance(operations, type):
        if batch.status == "failed" and not found:
            # Nobody may take this for a batch of nothing.
            raise without_answer(batch, "all", 0).error or APIError(f"the batch {batch.id} has failed")
        return found
    by_name = {result.custom_id: result for result in found}
    return [
        by_name.get(name) or without_answer(batch, name, line) for line, (name, _) in enumerate(pairs(operations), 1)
    ]


def run(
    operations: BatchOperations[T],
    *,
    metadata: Mapping[str, str] | Omit | None = OMIT,
    input_expires_after: ExpiresAfterParam | Omit = OMIT,
    output_expires_after: BatchFileExpirationAfterParam | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[Batch], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[list[BatchResult[T]]]:
    """Submit operations as a batch, wait for its end, and read the results.

    Args:
        operations: As for `submit`.
        metadata: Up to 16 pairs to find the batch by: keys up to 64 characters, values up to 512.
        input_expires_after: When the file of requests is deleted by itself:
            `{"anchor": "created_at", "seconds": 259200}`, from one hour to 30 days.
        output_expires_after: When the files of answers and errors are deleted by themselves, likewise.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it. A batch may take a day.
        on_progress: Called with the batch when it is begun and after each look; its `request_counts` grow.
        options: Options of each call.

    Returns:
        The results, one for each operation and in their order; see `results`.

    Raises:
        DeadlineExceededError: if the batch hasn't come to its end in time. A note of the error tells its ID, with which
            `wait` and `results` go on.
        InvalidRequestError: as `submit`.
        APIError: if a call fails.

    [API reference](https://platform.openai.com/docs/guides/batch)
    """
    yield from within(deadline)
    batch = yield from submit(
        operations,
        metadata=metadata,
        input_expires_after=input_expires_after,
        output_expires_after=output_expires_after,
        options=options,
    )
    yield from tell(on_progress, batch)
    try:
        batch = yield from wait(batch.id, interval=interval, on_progress=on_progress, options=options)
        return (yield from results(batch, operations, options=options))
    except DeadlineExceededError as error:
        error.add_note(f"the batch is {batch.id}")
        raise


def _has_ended(batch: Batch) -> bool:
    return batch.status in _ENDS
