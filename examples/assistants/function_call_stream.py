"""A streamed run that wants a function called: what it gave is submitted, and that is streamed as well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from openai_core import Client

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openai_core.params import FunctionDefinitionParam
    from openai_core_assistants.types import Run


def get_temperature(city: str) -> str:
    """How warm it is."""
    return f"21 degrees in {city}"


def show(events: Iterable[Any]) -> Run | None:
    """Print what is said; gives the run if it wants something."""
    for event in events:
        if event.event == "thread.message.delta":
            print(event.data.delta.text, end="", flush=True)
        elif event.event == "thread.run.requires_action":
            run: Run = event.data
            return run
    return None


def main() -> None:
    """Stream, answer, stream."""
    function: FunctionDefinitionParam = {
        "name": "get_temperature",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    with Client() as client:
        assistant = client.assistants.create(
            model="gpt-5-mini",
            tools=[{"type": "function", "function": function}],
        )
        thread = client.threads.create(messages=[{"role": "user", "content": "What is the temperature in Oslo?"}])
        with client.threads.runs.create_stream(thread.id, assistant_id=assistant.id) as events:
            run = show(events)
        if run and run.required_action:
            calls = run.required_action.submit_tool_outputs.tool_calls
            outputs = [get_temperature(**json.loads(call.function.arguments)) for call in calls]
            with client.threads.runs.submit_tool_outputs_stream(
                thread.id,
                run.id,
                tool_outputs=[
                    {"tool_call_id": call.id, "output": output} for call, output in zip(calls, outputs, strict=True)
                ],
            ) as events:
                show(events)
        client.threads.delete(thread.id)
        client.assistants.delete(assistant.id)


if __name__ == "__main__":
    main()
