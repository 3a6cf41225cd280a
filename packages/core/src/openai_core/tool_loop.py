"""Calling the tools that a model asks for: what is the same for chat completions and responses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from openai_core.encoding import fields_of, json_bytes
from openai_core.errors import (
    AnswerValidationError,
    APIError,
    InvalidRequestError,
    ToolRoundsError,
)
from openai_core.model import ApiModel
from openai_core.options import merged
from openai_core.steps import call, can_call, together
from openai_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from openai_core.operation import Operation
    from openai_core.steps import Steps

T = TypeVar("T")

ToolFunctions: TypeAlias = "Sequence[Tool[..., Any] | Callable[..., Any]]"
"""Functions that a model may call: as they are, or made tools by `openai_core.tools.tool`."""
OnToolError: TypeAlias = Literal["tell", "raise"]
"""What to do when a call fails: tell the model, which may do better, or raise."""


@dataclass(frozen=True, slots=True)
class WantedCall:
    """A call that the model wants made.

    Args:
        id: what its output has to name.
        name: of the tool.
        arguments: as the model wrote them.
    """

    id: str
    name: str
    arguments: str

    @classmethod
    def told(cls, item: Any, id_field: str, told: Any) -> WantedCall:
        """The call that an answer tells of, also where a server leaves out something or writes it in another way.

        Args:
            item: the part of the answer. One that has no id gets one, for the output has to name it.
            id_field: the item's field for its id.
            told: what has the tool's name and its arguments.
        """
        if not getattr(item, id_field, None) and isinstance(item, ApiModel):
            setattr(item, id_field, f"call_{token_hex(12)}")
        fields = fields_of(told) if isinstance(told, (ApiModel, Mapping)) else {}
        written = fields.get("arguments", fields.get("input"))
        if not isinstance(written, str):
            written = "" if written is None else json_bytes(written).decode()
        return cls(str(getattr(item, id_field, "")), str(fields.get("name") or ""), written)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that was made.

    Attributes:
        id: the model's name for the call.
        name: of the tool.
        arguments: as the model wrote them.
        output: what the model was told: the result, or what went wrong.
        error: what went wrong: the function's exception, an `AnswerValidationError` for arguments that don't fit, an
            `InvalidRequestError` for a tool that there isn't.
        seconds: how long it took.
    """

    id: str
    name: str
    arguments: str
    output: str
    error: Exception | None
    seconds: float


class Rounds:
    """What a tool loop goes by: the model is asked, the tools that it wants are run, and again.

    Args:
        functions: of each tool.
        max_rounds: how often the model is asked.
        limit: how many tools run at a time.
        on_error: what to do when a call fails.
        on_call: told of every call.

    Attributes:
        tools: by name.
        calls: those that were made.

    Raises:
        InvalidRequestError: if there is no tool, two have one name, one can't be described, or a number is below 1.
    """

    def __init__(
        self,
        functions: ToolFunctions,
        *,
        max_rounds: int,
        limit: int,
        on_error: OnToolError,
        on_call: Callable[[ToolCall], None] | None,
    ) -> None:
        for name, value in (("max_rounds", max_rounds), ("limit", limit)):
            if value < 1:
                raise InvalidRequestError(f"{name} is 1 or more, not {value}", param=name)
        if on_error not in {"tell", "raise"}:
            raise InvalidRequestError(f"on_tool_error is 'tell' or 'raise', not {on_error!r}", param="on_tool_error")
        self.tools = _by_name(functions)
        self.calls: list[ToolCall] = []
        self._round = 0
        self._max_rounds = max_rounds
        self._limit = limit
        self._raises = on_error == "raise"
        self._on_call = on_call

    def check(self) -> Steps[None]:
        """Make sure that the client can call all of them, before anything is sent."""
        for each in self.tools.values():
            yield from can_call(each.function, is_async=each.is_async)

    @contextmanager
    def keeping(self, conversation: Sequence[Any]) -> Iterator[None]:
        """Give errors the conversation so far, in `partial`."""
        try:
            yield
        except APIError as error:
            error.partial = tuple(conversation)
            raise

    def request(self, ask: Operation[T], body: Mapping[str, Any]) -> Operation[T]:
        """The next request.

        Args:
            ask: the first.
            body: what it says now.
        """
        self._round += 1
        asked = ask.replace(body=body)
        if self._round > 1:
            if _forces((ask.body or {}).get("tool_choice")):
                # A model that must call a tool never comes to its answer.
                asked = asked.replace(body={"tool_choice": "auto"})
            if key := (ask.options or {}).get("idempotency_key"):
                # Another round is another request.
                asked.options = merged(ask.options, {"idempotency_key": f"{key}-{self._round}"})
        return asked

    def run(self, wanted: Sequence[WantedCall], answer: Any) -> Steps[list[ToolCall]]:
        """Make the calls of an answer, so many at a time; gives what became of each, in order.

        Args:
            wanted: the calls.
            answer: what they came in.

        Raises:
            ToolRoundsError: if nobody would be told what they give.
            Exception: what the first call failed with, if failures are to be raised.
        """
        if self._round >= self._max_rounds:
            names = ", ".join(each.name for each in wanted)
            raise ToolRoundsError(
                f"the model still calls tools ({names}) after {self._round} rounds; go on with .partial, or raise "
                "max_rounds",
                answer=answer,
            )
        if len(wanted) == 1:
            called = [(yield from self._one(wanted[0]))]
        else:
            called = yield from together(map(self._one, wanted), limit=min(self._limit, len(wanted)))
        self.calls += called
        if self._on_call:
            for each in called:
                self._on_call(each)
        return called

    def _one(self, wanted: WantedCall) -> Steps[ToolCall]:
        begun = time.monotonic()
        output, error = yield from self._outcome(wanted)
        if error is not None and self._raises:
            error.add_note(f"the model had called {wanted.name}({wanted.arguments})")
            raise error
        seconds = time.monotonic() - begun
        return ToolCall(wanted.id, wanted.name, wanted.arguments, output, error, seconds)

    def _outcome(self, wanted: WantedCall) -> Steps[tuple[str, Exception | None]]:
        called = self.tools.get(wanted.name)
        if called is None:
            text = f"there is no tool {wanted.name!r}; there is {', '.join(self.tools)}"
            return f"Error: {text}", InvalidRequestError(text, param="name")
        try:
            bound = called.bound(wanted.arguments)
        except AnswerValidationError as error:
            return f"Error: {error.message}", error
        result, failure = yield from call(_guarded_async(bound) if called.is_async else _guarded(bound))
        if failure is not None:
            return f"Error: {type(failure).__name__}: {failure}", failure
        try:
            return result if isinstance(result, str) else json_bytes(result).decode(), None
        except InvalidRequestError as unwritten:
            return f"Error: the result of {wanted.name} can't be written", unwritten


def _guarded(function: Callable[[], Any]) -> Callable[[], tuple[Any, Exception | None]]:
    def run() -> tuple[Any, Exception | None]:
        try:
            return function(), None
        except Exception as error:  # noqa: BLE001 - the model is told
            return None, error

    return run


def _guarded_async(function: Callable[[], Any]) -> Callable[[], Any]:
    async def run() -> tuple[Any, Exception | None]:
        try:
            return await function(), None
        except Exception as error:  # noqa: BLE001 - as above
            return None, error

    return run


def _by_name(functions: ToolFunctions) -> dict[str, Tool[..., Any]]:
    if callable(functions):
        raise InvalidRequestError(f"tools come in a list: [{getattr(functions, '__name__', functions)}]")
    found: dict[str, Tool[..., Any]] = {}
    for each in functions:
        made = each if isinstance(each, Tool) else Tool(each)
        if made.name in found:
            raise InvalidRequestError(
                f"two tools have the name {made.name!r}, by which the model calls them; give one another with "
                "tool(..., name=...)",
                param="name",
            )
        found[made.name] = made
    if not found:
        raise InvalidRequestError("there is no tool to run; without one, create() answers")
    return found


def _forces(choice: Any) -> bool:
    """Whether a `tool_choice` makes the model call something."""
    if choice is None or isinstance(choice, str):
        return choice == "required"
    fields = fields_of(choice)
    if fields.get("type") == "allowed_tools":
        return fields_of(fields.get("allowed_tools") or fields).get("mode") == "required"
    return True
