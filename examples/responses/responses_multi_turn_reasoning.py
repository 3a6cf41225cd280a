"""The whole output of a response, reasoning included, goes back as input beside the results of functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from openai_core import Client

if TYPE_CHECKING:
    from openai_core_responses.params import FunctionToolParam, ResponseInputItemParam


def get_population(city: str) -> int:
    """How many people live there."""
    return {"Paris": 2_100_000, "Oslo": 720_000}.get(city, 0)


def main() -> None:
    """Two turns of one thought."""
    tool: FunctionToolParam = {
        "type": "function",
        "name": "get_population",
        "description": "How many people live in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "strict": False,
    }
    items: list[ResponseInputItemParam] = [{"role": "user", "content": "How large is the population of Paris?"}]
    with Client() as client:
        first = client.responses.create(
            model="gpt-5-mini",
            input=items,
            tools=[tool],
            reasoning={"effort": "low", "summary": "auto"},
            include=["reasoning.encrypted_content"],
        )
        items += first.output
        for item in first.output:
            if item.type == "function_call":
                found = str(get_population(**json.loads(item.arguments)))
                items.append({"type": "function_call_output", "call_id": item.call_id, "output": found})
        second = client.responses.create(model="gpt-5-mini", input=items, tools=[tool])
    print([item.type for item in first.output], second.output_text)


if __name__ == "__main__":
    main()
