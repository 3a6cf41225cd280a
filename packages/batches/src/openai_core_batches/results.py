"""What a batch answered, line by line: each an answer of the type that its operation has, or an error."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic_core import from_json, to_json

from openai_core import logs
from openai_core.call import redacted_text
from openai_core.decoding import decoder
from openai_core.errors import APIError, APIResponseValidationError, error_in_stream, parse_error, status_class
from openai_core.model import answering
from openai_core.response import ResponseInfo
from openai_core.transport.protocol import Headers
from openai_core_batches.requests import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from openai_core.lenient import Drift
    from openai_core_batches.requests import BatchOperations
    from openai_core_batches.types.batches import Batch

T = TypeVar("T")


class BatchResult(Generic[T]):
    """What became of one operation of a batch.

    Attributes:
        custom_id: the operation's name.
        error: why there is no answer, `None` if there is one; of the class that it would have had in a response.
        request_id: the server's name for the request.
    """

    __slots__ = ("_answer", "custom_id", "error", "request_id")

    def __init__(
        self, custom_id: str, answer: T | None = None, error: APIError | None = None, request_id: str | None = None
    ) -> None:
        self.custom_id = custom_id
        self.error = error
        self.request_id = request_id
        self._answer = answer

    @property
    def answer(self) -> T:
        """The answer.

        Raises:
            APIError: if there is none: `error`.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self._answer)

    def __repr__(self) -> str:
        return f"<BatchResult {self.custom_id!r}: {self._answer if self.error is None else self.error!r}>"


def read_results(lines: Iterable[bytes | str], operations: BatchOperations[T] | type[T]) -> Iterator[BatchResult[T]]:
    """Read the lines of a batch's output file or error file, one after the other and in their order.

    `client.batches.results` does more. This is for files that are too large to have all answers in memory:

        with open(path, "rb") as lines:
            for result in read_results(lines, ChatCompletion):
                ...

    Args:
        lines: the lines, such as those of an open file.
        operations: what was asked, by which the answers are typed; or the type of all answers. Lines about other
            operations are left out.

    Raises:
        APIResponseValidationError: if a line is none of a batch's.
    """
    if isinstance(lines, (str, bytes, PathLike)):
        raise TypeError("lines are those of an open file: with open(path, 'rb') as lines: ...")
    returns = _Returns(operations)
    reported: set[Drift] = set()

    def on_drift(drift: Drift) -> None:
        if drift not in reported:
            reported.add(drift)
            logs.info("the batch's answers differ from the API description: %s", drift)

    for number, line in enumerate(lines, 1):
        if line.strip():
            custom_id, told = _told(line, number)
            if custom_id in returns:
                yield _result(custom_id, told, returns[custom_id], on_drift)


class _Returns:
    """What each line is read as."""

    def __init__(self, operations: Any) -> None:
        # A type that was given by the caller is that of all lines.
        self._all: type[Any] | None = None
        self._each: dict[str, Any] = {}
        if isinstance(operations, type):
            self._all = operations
        else:
            self._each = {name: operation.endpoint.returns for name, operation in pairs(operations)}

    def __contains__(self, custom_id: str) -> bool:
        return self._all is not None or custom_id in self._each

    def __getitem__(self, custom_id: str) -> Any:
        return self._all or self._each[custom_id]


def _told(line: bytes | str, number: int) -> tuple[str, Mapping[str, Any]]:
    try:
        told = from_json(line)
    except ValueError as error:
        raise APIResponseValidationError(f"line {number} of the batch's file is no JSON: {error}") from error
    if not isinstance(told, dict) or not isinstance(told.get("custom_id"), str):
        raise APIResponseValidationError(f"line {number} of the batch's file names no operation", body=told)
    return told["custom_id"], told


def _result(
    custom_id: str, told: Mapping[str, Any], returns: Any, on_drift: Callable[[Drift], None]
) -> BatchResult[Any]:
    response = told.get("response")
    if not isinstance(response, dict):
        return BatchResult(custom_id, error=error_in_stream({"error": told.get("error")}, APIError))
    status, request_id, body = response.get("status_code") or 0, response.get("request_id"), response.get("body")
    if not 200 <= status < 300:  # noqa: PLR2004
        return BatchResult(custom_id, error=_status_error(status, request_id, body), request_id=request_id)
    headers = Headers({"content-type": "application/json", "x-request-id": request_id or ""})
    info = ResponseInfo(status, f"{custom_id!r} in the batch", headers, ())
    try:
        answer = decoder(returns).read(info, to_json(body), on_drift)
    except APIError as error:
        return BatchResult(custom_id, error=error, request_id=request_id)
    return BatchResult(custom_id, answering(answer, request_id), request_id=request_id)


def _status_error(status: int, request_id: str | None, body: object) -> APIError:
    parsed = parse_error(body)
    message = parsed.pop("message") or f"the request was answered {status}"
    return status_class(status)(redacted_text(message), status=status, request_id=request_id, body=body, **parsed)


def without_answer(batch: Batch, custom_id: str, line: int) -> BatchResult[Any]:
    """The result of an operation of which neither file of the batch tells.

    Args:
        batch: the batch, at its end.
        custom_id: the operation's name.
        line: where it stood in the file of requests, from 1 on.
    """
    told = (batch.errors.data if batch.errors else None) or []
    of_line = [error for error in told if error.line == line]
    others = [error for error in told if error.line is None]
    for error in (*of_line, *others):
        refused = {"error": {"code": error.code, "message": error.message, "param": error.param}}
        return BatchResult(custom_id, error=error_in_stream(refused, APIError))
    message = f"the batch {batch.id} is {batch.status} and has no answer to {custom_id!r}"
    if told:
        message += f": its file of requests was refused, for line {told[0].line}: {told[0].message}"
    return BatchResult(custom_id, error=APIError(message, code=f"batch_{batch.status}"))
