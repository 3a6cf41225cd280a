"""What happens in a streamed completion, as types: told apart by `type`, with the official library's names for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from openai_core.merging import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_core_chat.types.chat import ChatCompletionTokenLogprob
    from openai_core_chat.types.chunks import ChatCompletionChunk

__all__ = [
    "ArgumentsDelta",
    "ArgumentsDone",
    "ChatEvent",
    "ChunkEvent",
    "ContentDelta",
    "ContentDone",
    "ContentLogprobsDelta",
    "ContentLogprobsDone",
    "InputDelta",
    "InputDone",
    "RefusalDelta",
    "RefusalDone",
    "RefusalLogprobsDelta",
    "RefusalLogprobsDone",
]

Parsed = TypeVar("Parsed")


class Growing:
    """A text that comes in pieces. Events hold it, and how much of it had come, so that none holds a copy."""

    __slots__ = ("_pieces", "length")

    def __init__(self) -> None:
        self._pieces = Text()
        self.length = 0

    def add(self, piece: str) -> None:
        """Take in the next piece."""
        self._pieces.add(piece)
        self.length += len(piece)

    def until(self, length: int) -> str:
        """Its first characters."""
        return "".join(self._pieces)[:length]


@dataclass(frozen=True, slots=True)
class ChunkEvent:
    """A chunk has come. What it tells follows.

    Attributes:
        chunk: as the stream gave it.
    """

    type: Literal["chunk"] = field(default="chunk", init=False)
    chunk: ChatCompletionChunk


@dataclass(frozen=True, slots=True)
class _TextDelta:
    """A text of a choice goes on.

    Attributes:
        choice: index of the choice.
        delta: what comes next of the text.
    """

    choice: int
    delta: str
    _text: Growing = field(repr=False, compare=False)
    _length: int = field(repr=False)

    @property
    def snapshot(self) -> str:
        """The text so far, this delta included. It is joined anew each time: read it when somebody looks at it."""
        return self._text.until(self._length)


@dataclass(frozen=True, slots=True)
class ContentDelta(_TextDelta):
    """A choice's text goes on by `delta`; `snapshot` is all of it so far."""

    type: Literal["content.delta"] = field(default="content.delta", init=False)


@dataclass(frozen=True, slots=True)
class RefusalDelta(_TextDelta):
    """A choice's refusal goes on by `delta`; `snapshot` is all of it so far."""

    type: Literal["refusal.delta"] = field(default="refusal.delta", init=False)


@dataclass(frozen=True, slots=True)
class ContentDone(Generic[Parsed]):
    """A choice's text won't go on.

    Attributes:
        choice: index of the choice.
        content: the whole text.
        finish_reason: why it ends: `length` for one that was cut off; `None` if the server doesn't say.
    """

    type: Literal["content.done"] = field(default="content.done", init=False)
    choice: int
    content: str
    finish_reason: str | None
    _read: Callable[[], Parsed] = field(repr=False, compare=False)

    @property
    def parsed(self) -> Parsed:
        """The text read as the type that was asked for; `None` if none was.

        Raises:
            AnswerTruncatedError: if it was cut off.
            AnswerRefusedError: if the model refused, or a filter held it back.
            AnswerValidationError: if it isn't of the type.
        """
        return self._read()


@dataclass(frozen=True, slots=True)
class RefusalDone:
    """A choice's refusal won't go on.

    Attributes:
        choice: index of the choice.
        refusal: the whole of it.
    """

    type: Literal["refusal.done"] = field(default="refusal.done", init=False)
    choice: int
    refusal: str


@dataclass(frozen=True, slots=True)
class _CallDelta(_TextDelta):
    """What is written for a tool goes on. The first of a call may add nothing: it tells that the call begins.

    Attributes:
        index: which of the choice's calls it is, in the order in which they began: 0, 1, …
        id: the model's name for the call; `None` before the server has told it.
        name: of the tool; empty before the server has told it.
    """

    index: int
    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class ArgumentsDelta(_CallDelta):
    """The arguments of a function's call, JSON, go on by `delta`; `snapshot` is all of them so far."""

    type: Literal["tool_calls.function.arguments.delta"] = field(
        default="tool_calls.function.arguments.delta", init=False
    )


@dataclass(frozen=True, slots=True)
class InputDelta(_CallDelta):
    """The input of a custom tool goes on by `delta`; `snapshot` is all of it so far."""

    type: Literal["tool_calls.custom.input.delta"] = field(default="tool_calls.custom.input.delta", init=False)


@dataclass(frozen=True, slots=True)
class ArgumentsDone:
    """The arguments of a function's call are complete: it can be made.

    Those that were cut off, with a `finish_reason` of `length` or `content_filter`, never are.

    Attributes:
        choice: index of the choice.
        index: which of the choice's calls it is, in the order in which they began: 0, 1, …
        id: the model's name for the call, which its output has to name; `None` if the server gave none.
        name: of the function.
        arguments: JSON as the model wrote it; `openai_core.tools.tool(...).call` takes it.
    """

    type: Literal["tool_calls.function.arguments.done"] = field(
        default="tool_calls.function.arguments.done", init=False
    )
    choice: int
    index: int
    id: str | None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class InputDone:
    """The input of a custom tool is complete. One that was cut off never is.

    Attributes:
        choice: index of the choice.
        index: which of the choice's calls it is, in the order in which they began: 0, 1, …
        id: the model's name for the call, which its output has to name; `None` if the server gave none.
        name: of the tool.
        input: as the model wrote it.
    """

    type: Literal["tool_calls.custom.input.done"] = field(default="tool_calls.custom.input.done", init=False)
    choice: int
    index: int
    id: str | None
    name: str
    input: str


@dataclass(frozen=True, slots=True)
class _LogprobsDelta:
    """More tokens of a text, each with its probability.

    Attributes:
        choice: index of the choice.
        delta: the tokens that come next.
    """

    choice: int
    delta: list[ChatCompletionTokenLogprob]
    _tokens: list[ChatCompletionTokenLogprob] = field(repr=False, compare=False)
    _length: int = field(repr=False)

    @property
    def snapshot(self) -> list[ChatCompletionTokenLogprob]:
        """The tokens so far, these included, in a new list each time."""
        return self._tokens[: self._length]


@dataclass(frozen=True, slots=True)
class ContentLogprobsDelta(_LogprobsDelta):
    """More tokens of a choice's text: `delta`; `snapshot` is all of them so far."""

    type: Literal["logprobs.content.delta"] = field(default="logprobs.content.delta", init=False)


@dataclass(frozen=True, slots=True)
class RefusalLogprobsDelta(_LogprobsDelta):
    """More tokens of a choice's refusal: `delta`; `snapshot` is all of them so far."""

    type: Literal["logprobs.refusal.delta"] = field(default="logprobs.refusal.delta", init=False)


@dataclass(frozen=True, slots=True)
class ContentLogprobsDone:
    """All tokens of a choice's text.

    Attributes:
        choice: index of the choice.
        content: the tokens, each with its probability.
    """

    type: Literal["logprobs.content.done"] = field(default="logprobs.content.done", init=False)
    choice: int
    content: list[ChatCompletionTokenLogprob]


@dataclass(frozen=True, slots=True)
class RefusalLogprobsDone:
    """All tokens of a choice's refusal.

    Attributes:
        choice: index of the choice.
        refusal: the tokens, each with its probability.
    """

    type: Literal["logprobs.refusal.done"] = field(default="logprobs.refusal.done", init=False)
    choice: int
    refusal: list[ChatCompletionTokenLogprob]


ChatEvent: TypeAlias = (
    ChunkEvent
    | ContentDelta
    | ContentDone[Parsed]
    | RefusalDelta
    | RefusalDone
    | ArgumentsDelta
    | ArgumentsDone
    | InputDelta
    | InputDone
    | ContentLogprobsDelta
    | ContentLogprobsDone
    | RefusalLogprobsDelta
    | RefusalLogprobsDone
)
"""Whatever happens in a streamed completion. `match event.type` tells which it is, to type checkers too."""
