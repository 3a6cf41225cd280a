"""A small application: it sorts what customers write. `test_app.py` tests it without a key and without a bill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel

from openai_core import AnswerRefusedError

if TYPE_CHECKING:
    from openai_core import Client

INSTRUCTIONS: Final = "Sort the message of a customer, and say in a few words what it is about."


class Ticket(BaseModel):
    """What becomes of a message."""

    kind: Literal["praise", "complaint", "question", "unsorted"]
    summary: str


def sort_message(client: Client, message: str) -> Ticket:
    """Have a model sort a message; what it refuses to read is left to people.

    Args:
        client: who asks the model. That it is handed in, and not made here, is what makes this easy to test.
        message: what the customer wrote.
    """
    try:
        return client.responses.parse(Ticket, model="gpt-5-mini", instructions=INSTRUCTIONS, input=message).parsed
    except AnswerRefusedError:
        return Ticket(kind="unsorted", summary=message[:40])
