"""What is made of a response: a value of the caller's type, or the end of a tool loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openai_core.errors import (
    AnswerError,
    AnswerRefusedError,
    AnswerTruncatedError,
    AnswerValidationError,
    APIError,
    error_in_stream,
)
from openai_core.structured import output_format

if TYPE_CHECKING:
    from openai_core.structured import OutputFormat
    from openai_core.tool_loop import ToolCall
    from openai_core_responses.params.items import ResponseInputItemParam
    from openai_core_responses.types.responses import Response

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ParsedResponse(Generic[T]):
    """A response that was read as a type.

    Attributes:
        parsed: what was asked for.
        response: the whole of it: its id, usage and output items.
    """

    parsed: T
    response: Response

    @property
    def _request_id(self) -> str | None:
        """As `response` has it."""
        return self.response._request_id  # noqa: SLF001 - public for all its underscore


@dataclass(frozen=True, slots=True)
class ResponseToolRun:
    """What came of a tool loop.

    Attributes:
        response: the last one.
        items: what was said: the input, the output of every response, and those of the tools; to go on with as `input`.
        calls: all calls of tools, in order.
    """

    response: Response
    items: list[ResponseInputItemParam]
    calls: list[ToolCall]

    @property
    def _request_id(self) -> str | None:
        """As `response` has it."""
        return self.response._request_id  # noqa: SLF001 - public for all its underscore

    @property
    def text(self) -> str:
        """The last response's text; empty if it has none."""
        return self.response.output_text

    def parse(self, returns: type[T] | OutputFormat[T], /) -> T:
        """Read the last response as a type, whose format the loop was given in `text`.

        Raises:
            AnswerError: as `responses.parse`.
        """
        return read(output_format(returns), self.response).parsed


def read(wanted: OutputFormat[T], response: Response, **facts: Any) -> ParsedResponse[T]:
    """Read a response as a type.

    Args:
        wanted: the format that was asked for.
        response: what came.
        facts: about the response, for errors.

    Raises:
        AnswerTruncatedError: if it was cut off.
        AnswerRefusedError: if the model refused, or a filter held it back.
        AnswerValidationError: if it isn't of the type.
        AnswerError: if it has no text.
        APIError: if the server failed to make it, of the class that this has elsewhere.
    """
    text = response.output_text
    check_end(response, **facts)
    facts |= {"answer": response, "text": text}
    refusal = _refusal(response)
    if refusal:
        raise AnswerRefusedError(f"the model refused: {refusal}", refusal=refusal, **facts)
    if not text:
        calls = any(item.type == "function_call" for item in response.output or ())
        why = "the model calls tools and gives no answer yet; run_tools() runs them"
        raise AnswerError(why if calls else f"the answer has no text; its status is {response.status!r}", **facts)
    try:
        return ParsedResponse(wanted.read(text), response)
    except AnswerValidationError as error:
        raise AnswerValidationError(error.message, body=error.body, **facts) from None


def check_end(response: Response, **facts: Any) -> None:
    """Make sure that a response came to its end.

    Raises:
        AnswerTruncatedError: if it was cut off.
        AnswerRefusedError: if a filter held it back.
        APIError: if the server failed to make it.
    """
    if response.status == "failed":
        error = response.error.to_dict() if response.error else None
        # The status of the HTTP response isn't that of what it tells.
        facts.pop("status", None)
        raise error_in_stream({"error": error}, APIError, **facts)
    if response.status == "incomplete":
        reason = response.incomplete_details.reason if response.incomplete_details else None
        facts |= {"answer": response, "text": response.output_text}
        if reason == "content_filter":
            raise AnswerRefusedError("a filter held the answer back", **facts)
        spent = f" after {response.usage.output_tokens} tokens" if response.usage else ""
        advice = "; raise max_output_tokens" if reason == "max_output_tokens" else f" ({reason})"
        raise AnswerTruncatedError(f"the answer was cut off{spent}{advice}", **facts)


def _refusal(response: Response) -> str:
    parts = [part for item in response.output or () if item.type == "message" for part in item.content]
    return "".join(part.refusal for part in parts if part.type == "refusal")
