"""The small model is held to a schema by a grammar; what it says within that is its own business."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel

from openai_core import AnswerTruncatedError
from openai_core.structured import OutputFormat
from openai_core.tools import tool

pytestmark = pytest.mark.local_model

ASKED = {"model": "any", "messages": [{"role": "user", "content": "Describe a ball."}], "temperature": 0}


class Ball(BaseModel):
    color: Literal["red", "green"]
    shape: Literal["round", "oval"] = "round"


def test_an_answer_is_of_the_type(client):
    answer = client.chat.completions.parse(Ball, max_completion_tokens=60, **ASKED)
    assert isinstance(answer.parsed, Ball)
    assert answer.completion.usage.completion_tokens <= 60


async def test_an_answer_is_of_the_type_async(async_client):
    answer = await async_client.chat.completions.parse(Literal["red", "green"], max_completion_tokens=60, **ASKED)
    assert answer.parsed in {"red", "green"}


def test_a_response_is_of_the_type(client):
    answer = client.responses.parse(Ball, model="any", input="Describe a ball.", temperature=0, max_output_tokens=60)
    assert isinstance(answer.parsed, Ball)


def test_a_streamed_response_keeps_to_the_schema(client):
    wanted = OutputFormat(Ball)
    text = {"format": wanted.for_responses()}
    with client.responses.create_stream(
        model="any", input="Describe a ball.", temperature=0, max_output_tokens=60, text=text
    ) as stream:
        said = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
    assert isinstance(wanted.read(said), Ball)


def test_an_answer_that_is_cut_off_is_an_error(client):
    with pytest.raises(AnswerTruncatedError) as caught:
        client.chat.completions.parse(Ball, max_completion_tokens=2, **ASKED)
    assert caught.value.answer.usage.completion_tokens == 2


def test_what_a_tool_takes_is_taken(client):
    """Whether the model calls it is its own business, too."""

    @tool
    def throw(ball: Literal["red", "green"]) -> str:
        """Throw a ball."""
        return f"threw the {ball} one"

    try:
        run = client.chat.completions.run_tools([throw], max_completion_tokens=12, max_rounds=2, **ASKED)
    except AnswerTruncatedError as error:
        messages = error.partial
    else:
        messages = run.messages
    assert messages[0] == ASKED["messages"][0]
    assert len(messages) > 1
