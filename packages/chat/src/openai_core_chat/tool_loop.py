"""Conversations in which the model calls functions of the caller's, until it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_core.method import forwards
from openai_core.steps import send, within
from openai_core_chat.operations import completions
from openai_core_chat.parsing import refuse_many

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from openai_core.operation import Operation
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core.tool_loop import OnToolError, Rounds, ToolCall, ToolFunctions, WantedCall
    from openai_core_chat.answers import ChatToolRun
    from openai_core_chat.params import ChatCompletionCreateParam
    from openai_core_chat.types.chat import ChatCompletion, ChatCompletionMessage


@forwards(completions.create)
def run_tools(
    functions: ToolFunctions,
    /,
    *,
    max_rounds: int = 10,
    limit: int = 8,
    on_tool_error: OnToolError = "tell",
    on_call: Callable[[ToolCall], None] | None = None,
    deadline: float | None = None,
    options: RequestOptions | None = None,
    **request: Unpack[ChatCompletionCreateParam],
) -> Steps[ChatToolRun]:
    """Let the model call functions, tell it what they gave, and go on until it answers.

    A sync client takes plain functions and runs those that are called at once in threads. An async client awaits async
    functions and runs plain ones in threads.

    Args:
        functions: What the model may call: functions with annotations, or what `openai_core.tools.tool` makes of them.
        max_rounds: How often the model is asked at most, 1 or more.
        limit: How many functions run at a time, 1 or more.
        on_tool_error: What happens when a function raises, its arguments don't fit, or there is none of the name: the
            model is told so (`tell`), or it is raised (`raise`).
        on_call: Told every call, in order, when all calls of a round are done.
        deadline: Seconds after which to give up. Plain functions then run in threads, in a sync client, too; one that
            is still running is left to itself.
        options: Options of each call of the API.
        request: What `chat.completions.create` takes: `model`, `messages` and more. `tools` are those that the server
            runs itself. A `tool_choice` that makes the model call something counts in the first round.

    Returns:
        The last `completion`, its `text`, all `calls`, and the whole conversation as `messages`, to go on with.

    Raises:
        InvalidRequestError: for a function that can't be described, or an async one in a sync client. Nothing was sent.
        ToolRoundsError: if the model still calls functions in the last round; these aren't run.
        AnswerTruncatedError: if an answer was cut off; what it calls isn't run.
        AnswerRefusedError: if a filter held an answer back.
        APIError: as `create`. Those of this library's errors that end the loop hold the conversation in `partial`.

    [API reference](https://platform.openai.com/docs/api-reference/chat/create) ·
    [Guide](https://platform.openai.com/docs/guides/function-calling)
    """
    from openai_core.tool_loop import Rounds

    refuse_many(request)
    ask = completions.create(options=options, **request)  # type: ignore[misc]  # as in `parse`
    rounds = Rounds(functions, max_rounds=max_rounds, limit=limit, on_error=on_tool_error, on_call=on_call)
    return _until_answered(ask, rounds, deadline)


def _until_answered(ask: Operation[ChatCompletion], rounds: Rounds, deadline: float | None) -> Steps[ChatToolRun]:
    from openai_core_chat.answers import ChatToolRun, check_end, first_choice

    yield from within(deadline)
    yield from rounds.check()
    body: Any = ask.body
    messages = [*body["messages"]]
    tools = [*(each.for_chat() for each in rounds.tools.values()), *(body.get("tools") or ())]
    with rounds.keeping(messages):
        while True:
            completion = yield from send(rounds.request(ask, {"messages": messages, "tools": tools}))
            choice = first_choice(completion)
            messages.append(choice.message)
            check_end(choice, completion)
            wanted = _wanted(choice.message)
            if not wanted:
                return ChatToolRun(completion, messages, rounds.calls)
            called = yield from rounds.run(wanted, completion)
            messages += [{"role": "tool", "tool_call_id": each.id, "content": each.output} for each in called]


def _wanted(message: ChatCompletionMessage) -> list[WantedCall]:
    from openai_core.tool_loop import WantedCall

    return [
        WantedCall.told(each, "id", getattr(each, "custom" if each.type == "custom" else "function", {}))
        for each in message.tool_calls or ()
    ]
