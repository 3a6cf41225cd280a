from __future__ import annotations

from openai_core import UnknownModel
from openai_core_responses.types import Response

BASE = {"id": "r", "object": "response", "created_at": 1, "model": "m", "output": []}


def read(output):
    return Response.model_construct(
        **{**BASE, "output": Response.model_validate({**BASE, "output": output, **NULLS}).output}
    )


NULLS = {
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": None,
    "parallel_tool_calls": True,
    "temperature": None,
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
}


def message(*texts):
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []} for text in texts]
    return {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": content}


def test_the_text_of_all_messages_is_joined():
    assert read([message("a", "b"), message("c")]).output_text == "abc"


def test_there_is_no_text_without_a_message():
    assert read([]).output_text == ""


def test_items_that_nobody_knows_are_passed_over():
    response = read([{"type": "thought", "deep": True}, message("a")])
    assert isinstance(response.output[0], UnknownModel)
    assert response.output[0].deep is True
    assert response.output_text == "a"
