"""Calls of functions in a stream: their pieces are put together, the functions run, and the answer is streamed, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from openai_core import Client

if TYPE_CHECKING:
    from openai_core_chat.params import ChatCompletionMessageParam

MODEL: Final = "gpt-5-mini"
TOOLS: Final[Any] = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def get_weather(city: str) -> str:
    """What the weather is like."""
    return f"sunny in {city}"


def main() -> None:
    """Stream, call, stream."""
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is the weather in Paris?"}]
    with Client() as client:
        with client.chat.completions.create_stream(model=MODEL, messages=messages, tools=TOOLS) as stream:
            for chunk in stream:
                for choice in chunk.choices:
                    for piece in choice.delta.tool_calls or ():
                        print(piece.to_json())
            message = stream.final().choices[0].message
        messages.append(message)
        for call in message.tool_calls or ():
            if call.type == "function":
                output = get_weather(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": output})
        with client.chat.completions.create_stream(model=MODEL, messages=messages, tools=TOOLS) as stream:
            for chunk in stream:
                for choice in chunk.choices:
                    print(choice.delta.content or "", end="", flush=True)


if __name__ == "__main__":
    main()
