"""What is made of a completion: a value of the caller's type, or the end of a tool loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openai_core.errors import AnswerError, AnswerRefusedError, AnswerTruncatedError, AnswerValidationError
from openai_core.structured import output_format

if TYPE_CHECKING:
    from openai_core.structured import OutputFormat
    from openai_core.tool_loop import ToolCall
    from openai_core_chat.params import ChatCompletionMessageParam
    from openai_core_chat.types.chat import ChatCompletion, Choice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ParsedChatCompletion(Generic[T]):
    """An answer that was read as a type.

    Attributes:
        parsed: what was asked for.
        completion: the whole answer: its id, usage and message, which can go back into `messages`.
    """

    parsed: T
    completion: ChatCompletion

    @property
    def _request_id(self) -> str | None:
        """As `completion` has it."""
        return self.completion._request_id  # noqa: SLF001 - public for all its underscore


@dataclass(frozen=True, slots=True)
class ChatToolRun:
    """What came of a tool loop.

    Attributes:
        completion: the last answer.
        messages: the whole conversation, the last answer's message included, to go on with.
        calls: all calls of tools, in order.
    """

    completion: ChatCompletion
    messages: list[ChatCompletionMessageParam]
    calls: list[ToolCall]

    @property
    def _request_id(self) -> str | None:
        """As `completion` has it."""
        return self.completion._request_id  # noqa: SLF001 - public for all its underscore

    @property
    def text(self) -> str:
        """The last answer's text; empty if it has none."""
        return self.completion.choices[0].message.content or ""

    def parse(self, returns: type[T] | OutputFormat[T], /) -> T:
        """Read the last answer as a type, whose format the loop was given as `response_format`.

        Raises:
            AnswerError: as `parse` of completions.
        """
        return read(output_format(returns), self.completion).parsed


def read(wanted: OutputFormat[T], completion: ChatCompletion, **facts: Any) -> ParsedChatCompletion[T]:
    """Read the answer as a type.

    Args:
        wanted: the format that was asked for.
        completion: what came.
        facts: about the response, for errors.

    Raises:
        AnswerTruncatedError: if it was cut off.
        AnswerRefusedError: if the model refused, or a filter held it back.
        AnswerValidationError: if it isn't of the type.
        AnswerError: if it has no text.
    """
    choice = first_choice(completion, **facts)
    message = choice.message
    check_end(choice, completion, **facts)
    facts |= {"answer": completion, "text": message.content}
    if message.refusal:
        raise AnswerRefusedError(f"the model refused: {message.refusal}", refusal=message.refusal, **facts)
    if message.tool_calls and not message.content:
        raise AnswerError("the model calls tools and gives no answer yet; run_tools() runs them", **facts)
    if not message.content:
        raise AnswerError("the answer has no text", **facts)
    try:
        return ParsedChatCompletion(wanted.read(message.content), completion)
    except AnswerValidationError as error:
        raise AnswerValidationError(error.message, body=error.body, **facts) from None


def first_choice(completion: ChatCompletion, **facts: Any) -> Choice:
    """The answer in a completion that holds one.

    Raises:
        AnswerError: if it holds none.
    """
    if not completion.choices:
        raise AnswerError("the completion holds no answer: choices is empty", answer=completion, **facts)
    return completion.choices[0]


def check_end(choice: Choice, completion: ChatCompletion, **facts: Any) -> None:
    """Make sure that an answer came to its end.

    Raises:
        AnswerTruncatedError: if it was cut off.
        AnswerRefusedError: if a filter held it back.
    """
    # Not every server says why an answer ends.
    reason = getattr(choice, "finish_reason", None)
    facts |= {"answer": completion, "text": choice.message.content}
    if reason == "content_filter":
        raise AnswerRefusedError("a filter held the answer back", **facts)
    if reason == "length":
        spent = f" after {completion.usage.completion_tokens} tokens" if completion.usage else ""
        raise AnswerTruncatedError(f"the answer was cut off{spent}; raise max_completion_tokens", **facts)
