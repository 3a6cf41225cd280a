"""The emulated model: what it makes of a question, whichever API asked it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from .errors import bad
from .example import ExampleMaker
from .text import compose, count, cut_at, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .state import State

_WORD: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Tool:
    """A function or a custom tool that the model may call.

    Args:
        name: of the tool.
        schema: of the arguments; None for a custom tool, which takes free text.
    """

    name: str
    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether tools are called, and which.

    Args:
        mode: `none`, `auto` (those whose name the prompt mentions), or `required`.
        names: the tools to choose from; empty for all.
    """

    mode: Literal["none", "auto", "required"] = "auto"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked.

    Args:
        prompt: the last words said to it.
        after_tool: whether these are a tool's output, to be answered with text.
        tools: what it may call.
        tool_choice: whether it does.
        parallel: whether it may call several tools at once.
        schema: of the JSON document to answer with.
        json_object: whether to answer with some JSON object.
        stop: texts before which it stops.
        limit: of the tokens in the answer.
    """

    prompt: str
    after_tool: bool = False
    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice = ToolChoice()
    parallel: bool = True
    schema: Mapping[str, Any] | None = None
    json_object: bool = False
    stop: Sequence[str] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model wants made.

    Args:
        tool: what to call.
        payload: the arguments in JSON, or a custom tool's input.
    """

    tool: Tool
    payload: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered: text, or calls.

    Args:
        text: None when tools are called.
        calls: of tools.
        cut: whether the limit of tokens ended it.
    """

    text: str | None
    calls: Sequence[ToolCall] = ()
    cut: bool = False

    @property
    def tokens(self) -> int:
        """How many tokens it has."""
        return count(self.text or "") + sum(count(call.tool.name) + count(call.payload) for call in self.calls)


def answer(state: State, question: Question, choice: int = 0) -> Reply:
    """The model's answer.

    Args:
        state: whose seed decides.
        question: what is asked.
        choice: number of the answer, where several are wanted for one question.
    """
    called = _called(question)
    if called:
        return _calls(state, question, called, choice)
    if question.schema is not None:
        whole = _document(state, question.schema, question.prompt, choice)
    elif question.json_object:
        whole = json.dumps({"answer": compose(state, question.prompt, choice)}, ensure_ascii=False)
    else:
        whole = compose(state, question.prompt, choice)
    pieces = tokens(cut_at(whole, question.stop))
    cut = question.limit is not None and len(pieces) > question.limit
    return Reply("".join(pieces[: question.limit] if cut else pieces), cut=cut)


def _called(question: Question) -> Sequence[Tool]:
    choice = question.tool_choice
    if choice.mode == "none":
        return ()
    offered = [tool for tool in question.tools if not choice.names or tool.name in choice.names]
    if choice.mode == "required":
        return offered[:1]
    if question.after_tool:
        return ()
    said = {word.lower() for word in _WORD.findall(question.prompt)}
    mentioned = [tool for tool in offered if said & {word.lower() for word in _WORD.findall(tool.name)}]
    return mentioned if question.parallel else mentioned[:1]


def _calls(state: State, question: Question, called: Sequence[Tool], choice: int) -> Reply:
    left = question.limit
    calls: list[ToolCall] = []
    for tool in called:
        whole = question.prompt if tool.schema is None else _document(state, tool.schema, question.prompt, choice)
        pieces = tokens(whole)
        calls.append(ToolCall(tool, "".join(pieces[:left] if left is not None else pieces)))
        if left is not None and len(pieces) > left:
            return Reply(None, calls, cut=True)
        left = None if left is None else left - len(pieces)
    return Reply(None, calls)


def _document(state: State, schema: Mapping[str, Any], prompt: str, choice: int) -> str:
    def chance(below: int, path: str) -> int:
        return state.chance(below, "example", prompt, str(choice), path)

    words = _WORD.findall(prompt)
    # Names make better values than verbs: "the weather in Paris" is asked about Paris.
    names = [word for word in words[1:] if word[0].isupper()]
    maker = ExampleMaker(schema, names or words, chance)
    try:
        return json.dumps(maker.make(), ensure_ascii=False)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        message = f"Invalid schema: no document could be made for it ({type(error).__name__}: {error})."
        raise bad(message, code="invalid_json_schema") from error
