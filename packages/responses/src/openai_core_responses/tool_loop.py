"""Responses in which the model calls functions of the caller's, until it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_core.method import forwards
from openai_core.steps import send, within
from openai_core_responses.operations import responses
from openai_core_responses.parsing import refuse_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from openai_core.operation import Operation
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core.tool_loop import OnToolError, Rounds, ToolCall, ToolFunctions
    from openai_core_responses.answers import ResponseToolRun
    from openai_core_responses.params.items import ResponseInputItemParam
    from openai_core_responses.params.responses import ResponseCreateParam
    from openai_core_responses.types.responses import Response


@forwards(responses.create)
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
    **request: Unpack[ResponseCreateParam],
) -> Steps[ResponseToolRun]:
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
        request: What `responses.create` takes: `model`, `input` and more, but no `background`. `tools` are those that
            the server runs itself. A `tool_choice` that makes the model call something counts in the first round. The
            server needs to keep nothing: all that was said is sent each time, but with a `conversation` only what is
            new.

    Returns:
        The last `response`, its `text`, all `calls`, and what was said as `items`, to go on with.

    Raises:
        InvalidRequestError: for a function that can't be described, or an async one in a sync client. Nothing was sent.
        ToolRoundsError: if the model still calls functions in the last round; these aren't run.
        AnswerTruncatedError: if a response was cut off; what it calls isn't run.
        AnswerRefusedError: if a filter held a response back.
        APIError: as `create`. Those of this library's errors that end the loop hold in `partial` what was said.

    [API reference](https://platform.openai.com/docs/api-reference/responses/create) ·
    [Guide](https://platform.openai.com/docs/guides/function-calling)
    """
    from openai_core.tool_loop import Rounds

    refuse_background(request)
    ask = responses.create(options=options, **request)  # type: ignore[misc]  # as in `parse`
    rounds = Rounds(functions, max_rounds=max_rounds, limit=limit, on_error=on_tool_error, on_call=on_call)
    return _until_answered(ask, rounds, deadline)


def _until_answered(ask: Operation[Response], rounds: Rounds, deadline: float | None) -> Steps[ResponseToolRun]:
    from openai_core.tool_loop import WantedCall
    from openai_core_responses.answers import ResponseToolRun, check_end

    yield from within(deadline)
    yield from rounds.check()
    body: Any = ask.body
    items: list[ResponseInputItemParam] = _items(body.get("input"))
    tools = [*(each.for_responses() for each in rounds.tools.values()), *(body.get("tools") or ())]
    sent = 0
    with rounds.keeping(items):
        while True:
            new = items[sent:] if body.get("conversation") else items
            response = yield from send(rounds.request(ask, {"input": new, "tools": tools}))
            output = response.output or []
            items += output
            sent = len(items)
            check_end(response)
            wanted = [WantedCall.told(item, "call_id", item) for item in output if item.type == "function_call"]
            if not wanted:
                return ResponseToolRun(response, items, rounds.calls)
            called = yield from rounds.run(wanted, response)
            outputs: list[ResponseInputItemParam] = [
                {"type": "function_call_output", "call_id": each.id, "output": each.output} for each in called
            ]
            items += outputs


def _items(given: Any) -> list[ResponseInputItemParam]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return [*(given or ())]
