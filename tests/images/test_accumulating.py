from __future__ import annotations

import json
from base64 import b64decode

import pytest

from openai_core_images.accumulating import ImagesAccumulator
from openai_core_images.types import ImagesResponse

MODEL = "gpt-image-1"


async def test_a_stream_gives_at_its_end_what_generate_gives(client, settled, tmp_path):
    asked = {"model": MODEL, "prompt": "a cat", "output_format": "png"}
    made = await settled(client.images.generate(**asked))
    final = await settled(client.images.generate_stream(**asked, partial_images=2).final())
    assert isinstance(final, ImagesResponse)
    assert {**final.to_dict(), "data": [], "created": 0} == {**made.to_dict(), "data": [], "created": 0}
    assert final.created > made.created
    (path,) = final.save(tmp_path)
    assert path.read_bytes().startswith(b"\x89PNG")


async def test_all_of_several_images_are_in_it(client, settled, each):
    stream = client.images.generate_stream(model=MODEL, prompt="a cat", n=3)
    events = await each(stream)
    final = await settled(stream.final())
    assert [image.b64_json for image in final.data] == [event.b64_json for event in events]
    assert final.usage.output_tokens == sum(event.usage.output_tokens for event in events)
    assert final.usage.input_tokens_details.text_tokens == 3 * events[0].usage.input_tokens_details.text_tokens


async def test_an_edit_is_an_answer_too(client, settled):
    made = await settled(client.images.generate(model=MODEL, prompt="a cat"))
    cat = made.data[0]
    stream = client.images.edit_stream(model=MODEL, image=("cat.png", b64decode(cat.b64_json)), prompt="a dog")
    final = await settled(stream.final())
    assert len(final.data) == 1
    assert final.data[0].b64_json != cat.b64_json


async def test_a_snapshot_has_the_images_that_are_ready_and_the_sketch_of_the_next(client, settled, each):
    stream = client.images.generate_stream(model=MODEL, prompt="a cat", n=2, partial_images=2)
    told = await each(stream, lambda event: (event, [image.b64_json for image in stream.snapshot().data]))
    ready = []
    for event, seen in told:
        assert seen == [*ready, event.b64_json]
        if event.type == "image_generation.completed":
            ready.append(event.b64_json)
    assert len(ready) == 2
    assert len(told) > 2
    assert stream.snapshot() == await settled(stream.final())


def images(*events):
    accumulator = ImagesAccumulator()
    for event in events:
        accumulator.add(json.dumps(event).encode())
    return accumulator.result()


@pytest.mark.parametrize("usage", [None, {"total_tokens": 1, "new": "x"}])
def test_what_the_description_doesnt_know_is_kept(usage):
    event = {"type": "image_generation.completed", "b64_json": "YQ==", "created_at": 1, "usage": usage, "hint": "h"}
    made = images(event, event)
    assert made["hint"] == "h"
    assert made["created"] == 1
    assert made["usage"] == (usage and {"total_tokens": 2, "new": "x"})
    assert made["data"] == [{"b64_json": "YQ=="}] * 2
    assert not {"type", "created_at", "b64_json"} & made.keys()
