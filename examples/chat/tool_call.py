"""Functions that a model asks for are called at the same time; the answer to their results is streamed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from openai_core import AsyncClient

if TYPE_CHECKING:
    from openai_core_chat.params import ChatCompletionMessageParam

MODEL: Final = "gpt-5-mini"
TOOLS: Final[Any] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    for name, description in (("get_weather", "The weather in a city."), ("get_time", "The time in a city."))
]


async def get_weather(city: str) -> str:
    """What the weather is like."""
    return f"sunny in {city}"


async def get_time(city: str) -> str:
    """What time it is."""
    return f"noon in {city}"


FUNCTIONS: Final = {"get_weather": get_weather, "get_time": get_time}


async def main() -> None:
    """Ask, call, and stream."""
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "What is the weather and the time in Paris?"}
    ]
    async with AsyncClient() as client:
        completion = await client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        message = completion.choices[0].message
        messages.append(message)
        calls = [call for call in message.tool_calls or () if call.type == "function"]
        outputs = await asyncio.gather(
            *(FUNCTIONS[call.function.name](**json.loads(call.function.arguments)) for call in calls)
        )
        for call, output in zip(calls, outputs, strict=True):
            messages.append({"role": "tool", "tool_call_id": call.id, "content": output})
        async with client.chat.completions.create_stream(model=MODEL, messages=messages, tools=TOOLS) as chunks:
            async for chunk in chunks:
                for choice in chunk.choices:
                    print(choice.delta.content or "", end="", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
