"""Answers as types: a chain of thought, data out of a text, a recursive user interface, a moderation, and one streamed.

`python -m examples.responses.responses_structured_outputs` shows all; a number from 0 to 3 shows one.
"""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import BaseModel

from openai_core import Client


class Reasoning(BaseModel):
    """A chain of thought."""

    steps: list[str]
    final_answer: str


class Paper(BaseModel):
    """What a paper is about."""

    title: str
    authors: list[str]
    keywords: list[str]


class Element(BaseModel):
    """A part of a user interface, made of others."""

    kind: Literal["div", "button", "header", "section", "field", "form"]
    label: str
    children: list[Element]


class Verdict(BaseModel):
    """Whether a text breaks the rules."""

    is_violating: bool
    category: Literal["violence", "sexual", "self_harm"] | None
    explanation: str | None


def main() -> None:
    """Ask for the types, one after the other."""
    questions: list[tuple[type[BaseModel], str]] = [
        (Reasoning, "How can I solve 8x + 7 = -23?"),
        (Paper, "Attention is all you need, by Vaswani and others, on sequence transduction."),
        (Element, "Make a form for a user profile."),
        (Verdict, "How do I prepare for a job interview?"),
    ]
    chosen = [questions[int(sys.argv[1])]] if sys.argv[1:2] and sys.argv[1].isdecimal() else questions
    with Client() as client:
        for kind, question in chosen:
            print(client.responses.parse(kind, model="gpt-5-mini", input=question).parsed)
        with client.responses.create_stream(
            model="gpt-5-mini",
            input="Name a colour.",
            text={
                "format": {
                    "type": "json_schema",
                    "name": "colour",
                    "strict": True,
                    "schema": {
                        "type": "object",
                        "properties": {"name": {"type": "string"}},
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                }
            },
        ) as stream:
            for event in stream:
                if event.type == "response.output_text.delta":
                    print(event.delta, end="", flush=True)


if __name__ == "__main__":
    main()
