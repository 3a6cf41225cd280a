"""Operations as the file of requests that a batch works through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from openai_core.errors import InvalidRequestError
from openai_core.files import PIECE
from openai_core.operation import AnyOperation, Operation
from openai_core.steps import pause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai_core.steps import Steps

T = TypeVar("T")

BatchOperations: TypeAlias = Mapping[str, Operation[T]] | Sequence[tuple[str, Operation[T]]]
"""The operations of a batch, each under a name of your own, its `custom_id`: a mapping, or pairs."""

_PAIR: Final = 2
_PREFIX: Final = "/v1"
_AT_ONCE: Final = 64
"""How many lines are written or read before an event loop has its turn."""


def pairs(operations: BatchOperations[T]) -> Sequence[tuple[str, Operation[T]]]:
    """The operations with their names, in order.

    Raises:
        InvalidRequestError: if there is something else among them.
    """
    found = list(operations.items() if isinstance(operations, Mapping) else operations)
    for each in found:
        if not (isinstance(each, tuple) and len(each) == _PAIR and isinstance(each[1], AnyOperation)):
            raise InvalidRequestError(
                "a batch is made of operations under names of your own, a mapping such as "
                f"{{'a': client.responses.create.operation(...)}} or pairs, not of {each!r}",
                param="operations",
            )
    return found


class RequestFile:
    """The file of requests. It is written while it is sent, and again for each attempt, so that it is never in memory.

    Args:
        operations: with their names.
        size: of the file in bytes.
    """

    name = "batch.jsonl"
    media_type = "application/jsonl"
    replayable = True

    def __init__(self, operations: Sequence[tuple[str, Operation[Any]]], size: int) -> None:
        self.size: int | None = size
        self._operations = operations

    def pieces(self) -> Iterator[bytes]:
        """As `FileSource.pieces`."""
        piece = bytearray()
        for custom_id, operation in self._operations:
            piece += operation.to_batch_line(custom_id) + b"\n"
            while len(piece) >= PIECE:
                yield bytes(piece[:PIECE])
                del piece[:PIECE]
        if piece:
            yield bytes(piece)


def request_file(operations: Sequence[tuple[str, Operation[Any]]]) -> Steps[RequestFile]:
    """The file of requests of some operations.

    Raises:
        InvalidRequestError: if there is no operation, two have one name, they don't call the same endpoint, or one
            can't be part of a batch.
    """
    endpoint(operations)
    names: set[str] = set()
    size = 0
    for number, (custom_id, operation) in enumerate(operations):
        if custom_id in names:
            raise InvalidRequestError(
                f"two operations of the batch have the name {custom_id!r}, by which their answers are told apart",
                param="operations",
            )
        names.add(custom_id)
        try:
            size += len(operation.to_batch_line(custom_id)) + 1
        except InvalidRequestError as error:
            error.add_note(f"this is about the operation {custom_id!r} of the batch")
            raise
        if number % _AT_ONCE == _AT_ONCE - 1:
            yield from pause(0)
    return RequestFile(operations, size)


def endpoint(operations: Sequence[tuple[str, Operation[Any]]]) -> str:
    """What all operations call, such as `/v1/responses`.

    Raises:
        InvalidRequestError: if there is no operation, or two call different endpoints.
    """
    if not operations:
        raise InvalidRequestError("a batch has one operation or more; there is none", param="operations")
    called = {(operation.method, operation.path): custom_id for custom_id, operation in operations}
    if len(called) > 1:
        (first, one), (second, other), *_ = called.items()
        raise InvalidRequestError(
            f"all operations of a batch call one endpoint, but {one!r} calls {' '.join(first)} and {other!r} "
            f"{' '.join(second)}; make a batch of each",
            param="operations",
        )
    ((method, path),) = called
    if method != "POST":
        raise InvalidRequestError(f"{method} {path} can't be called in a batch", param="operations")
    return _PREFIX + path
