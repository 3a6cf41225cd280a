"""An answer that fits a JSON schema written by hand."""

from __future__ import annotations

import json

from openai_core import Client


def main() -> None:
    """Solve an equation, step by step."""
    step = {
        "type": "object",
        "properties": {"explanation": {"type": "string"}, "output": {"type": "string"}},
        "required": ["explanation", "output"],
        "additionalProperties": False,
    }
    schema = {
        "type": "object",
        "properties": {"steps": {"type": "array", "items": step}, "final_answer": {"type": "string"}},
        "required": ["steps", "final_answer"],
        "additionalProperties": False,
    }
    with Client() as client:
        completion = client.chat.completions.create(
            model="gpt-5-mini",
            messages=[{"role": "user", "content": "How can I solve 8x + 7 = -23?"}],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "math_reasoning", "strict": True, "schema": schema},
            },
        )
    answer = json.loads(completion.choices[0].message.content or "{}")
    for number, each in enumerate(answer["steps"], 1):
        print(number, each["explanation"], each["output"])
    print(answer["final_answer"])


if __name__ == "__main__":
    main()
