"""An answer that is read as a pydantic model: its schema is made of the type, and checked before anything is sent."""

from __future__ import annotations

from pydantic import BaseModel

from openai_core import Client


class Step(BaseModel):
    """One step of a solution."""

    explanation: str
    output: str


class Solution(BaseModel):
    """How an equation is solved."""

    steps: list[Step]
    final_answer: str


def main() -> None:
    """Solve an equation."""
    with Client() as client:
        answer = client.chat.completions.parse(
            Solution, model="gpt-5-mini", messages=[{"role": "user", "content": "How can I solve 8x + 7 = -23?"}]
        )
    for step in answer.parsed.steps:
        print(step.explanation, step.output)
    print(answer.parsed.final_answer, answer.completion.id)


if __name__ == "__main__":
    main()
