"""A function call there and back, once whole and once streamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from openai_core import Client

if TYPE_CHECKING:
    from openai_core_responses.params import FunctionToolParam, ResponseInputItemParam

MODEL: Final = "gpt-5-mini"
WEATHER: Final[FunctionToolParam] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


def get_weather(city: str) -> str:
    """What the weather is like."""
    return f"Sunny, 21 degrees in {city}"


def whole(client: Client) -> None:
    """Wait for the whole response, call what it asks for, and send the results."""
    items: list[ResponseInputItemParam] = [{"role": "user", "content": "What is the weather in Paris?"}]
    response = client.responses.create(model=MODEL, input=items, tools=[WEATHER])
    items += response.output
    for item in response.output:
        if item.type == "function_call":
            output = get_weather(**json.loads(item.arguments))
            items.append({"type": "function_call_output", "call_id": item.call_id, "output": output})
    print(client.responses.create(model=MODEL, input=items, tools=[WEATHER]).output_text)


def streamed(client: Client) -> None:
    """See the arguments of each call grow, told apart by the item that they belong to."""
    arguments: dict[str, str] = {}
    question = "What is the weather in Oslo?"
    with client.responses.create_stream(model=MODEL, input=question, tools=[WEATHER]) as events:
        for event in events:
            if event.type == "response.function_call_arguments.delta":
                arguments[event.item_id] = arguments.get(event.item_id, "") + event.delta
            elif event.type == "response.function_call_arguments.done":
                print(f"\n{event.item_id} is called with {arguments[event.item_id]}")


def main() -> None:
    """Both."""
    with Client() as client:
        whole(client)
        streamed(client)


if __name__ == "__main__":
    main()
