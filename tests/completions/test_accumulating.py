from __future__ import annotations

import json

from openai_core_completions.accumulating import CompletionAccumulator
from openai_core_completions.types import Completion

MODEL = "gpt-3.5-turbo-instruct"


def whole(*chunks):
    accumulator = CompletionAccumulator()
    for each in chunks:
        accumulator.add(json.dumps(each).encode())
    return Completion.model_validate_json(json.dumps(accumulator.result()))


async def test_a_stream_gives_at_its_end_what_create_gives(client, settled):
    asked = {"model": MODEL, "prompt": ["A cat", "A dog"], "echo": True, "logprobs": 2, "max_tokens": 100}
    made = await settled(client.completions.create(**asked))
    stream = client.completions.create_stream(**asked, stream_options={"include_usage": True})
    final = await settled(stream.final())
    assert isinstance(final, Completion)
    assert final.choices == made.choices
    assert final.usage == made.usage
    assert (final.object, final.model) == ("text_completion", MODEL)


async def test_a_text_that_was_cut_is_returned(client, settled, each):
    stream = client.completions.create_stream(model=MODEL, prompt="A cat", max_tokens=3)
    pieces = await each(stream)
    final = await settled(stream.final())
    assert final.choices[0].finish_reason == "length"
    assert final.choices[0].text == "".join(piece.choices[0].text for piece in pieces)


async def test_a_snapshot_is_what_has_come(client, each, settled):
    stream = client.completions.create_stream(model=MODEL, prompt="A cat")
    pieces, seen = zip(*await each(stream, lambda event: (event.choices[0].text, stream.snapshot())), strict=True)
    assert [one.choices[0].text for one in seen] == ["".join(pieces[: end + 1]) for end in range(len(pieces))]
    assert seen[0].choices[0].finish_reason is None
    assert stream.snapshot() == await settled(stream.final())


def test_fields_of_other_providers_are_kept():
    head = {"id": "1", "object": "text_completion", "created": 1, "model": "m"}
    made = whole(
        {**head, "choices": [{"text": "a", "index": 0, "finish_reason": None}]},
        {**head, "choices": [{"text": "b", "index": 0, "finish_reason": "stop", "stop_reason": 7}]},
        {**head, "choices": None, "provider": "p"},
    )
    assert made.provider == "p"
    assert made.choices[0].to_dict() == {
        "index": 0,
        "text": "ab",
        "finish_reason": "stop",
        "stop_reason": 7,
        "logprobs": None,
    }
