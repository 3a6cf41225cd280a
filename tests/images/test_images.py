from __future__ import annotations

from base64 import b64decode

import pytest

from openai_core import BadRequestError
from openai_core_images.types import (
    ImageEditCompletedEvent,
    ImageEditPartialImageEvent,
    ImageGenCompletedEvent,
    ImageGenPartialImageEvent,
    ImagesResponse,
)
from tests.forms import files, texts

PNG = b"\x89PNG\r\n\x1a\n"
MODEL = "gpt-image-1"
OLD = "dall-e-2"


def picture(image):
    return b64decode(image.b64_json)


@pytest.fixture
async def cat(client, settled):
    """A picture's bytes."""
    made = await settled(client.images.generate(model=MODEL, prompt="a cat", size="1024x1024"))
    return picture(made.data[0])


async def test_images_are_made_from_a_prompt(client, settled, openai_emulator):
    asked = {"model": MODEL, "prompt": "a cat", "n": 2, "size": "1024x1024", "quality": "low", "background": "opaque"}
    made = await settled(client.images.generate(**asked))
    assert isinstance(made, ImagesResponse)
    assert all(picture(image).startswith(PNG) for image in made.data)
    assert (len(made.data), made.size, made.quality, made.background) == (2, "1024x1024", "low", "opaque")
    (request,) = openai_emulator.requests
    assert (request.method, request.path) == ("POST", "/v1/images/generations")
    assert request.json() == asked


async def test_previews_are_streamed_before_the_image(client, each, openai_emulator):
    stream = client.images.generate_stream(model=MODEL, prompt="a cat", partial_images=2)
    events = await each(stream)
    assert [type(event) for event in events] == [ImageGenPartialImageEvent] * 2 + [ImageGenCompletedEvent]
    assert [event.partial_image_index for event in events[:-1]] == [0, 1]
    assert picture(events[-1]).startswith(PNG)
    assert stream.outcome == "complete"
    request = openai_emulator.requests[-1]
    assert request.headers["accept"] == "text/event-stream"
    assert request.json() == {"model": MODEL, "prompt": "a cat", "partial_images": 2, "stream": True}


async def test_each_of_several_streamed_images_arrives(client, each):
    stream = client.images.generate_stream(model=MODEL, prompt="a cat", n=2)
    events = await each(stream)
    assert [event.type for event in events] == ["image_generation.completed"] * 2
    assert stream.outcome == "complete"


async def test_one_image_is_edited(client, settled, openai_emulator, cat, tmp_path):
    path = tmp_path / "cat.png"
    path.write_bytes(cat)
    edited = await settled(client.images.edit(model=MODEL, image=path, prompt="a dog", input_fidelity="high"))
    assert isinstance(edited, ImagesResponse)
    assert picture(edited.data[0]).startswith(PNG)
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/images/edits")
    assert files(request) == [("image", "cat.png", cat)]
    assert texts(request) == [("input_fidelity", "high"), ("model", MODEL), ("prompt", "a dog")]


async def test_several_images_are_edited_where_a_mask_allows_it(client, settled, openai_emulator, cat, tmp_path):
    path = tmp_path / "cat.png"
    path.write_bytes(cat)
    with path.open("rb") as opened:
        edited = await settled(
            client.images.edit(model=MODEL, image=[path, ("b.png", cat), opened], mask=cat, prompt="a dog", n=2)
        )
    assert len(edited.data) == 2
    assert edited.usage.input_tokens_details.image_tokens > 0
    assert files(openai_emulator.requests[-1]) == [
        ("image[]", "cat.png", cat),
        ("image[]", "b.png", cat),
        ("image[]", "cat.png", cat),
        ("mask", "file.png", cat),
    ]


async def test_an_edit_is_streamed(client, each, openai_emulator, cat):
    events = await each(client.images.edit_stream(model=MODEL, image=cat, prompt="a dog", partial_images=1))
    assert [type(event) for event in events] == [ImageEditPartialImageEvent, ImageEditCompletedEvent]
    assert picture(events[-1]).startswith(PNG)
    sent = [("model", MODEL), ("partial_images", "1"), ("prompt", "a dog"), ("stream", "true")]
    assert texts(openai_emulator.requests[-1]) == sent


async def test_an_image_is_varied(client, settled, openai_emulator, cat):
    varied = await settled(
        client.images.create_variation(
            model=OLD, image=("cat.png", cat), n=2, size="256x256", response_format="b64_json", user="me"
        )
    )
    assert isinstance(varied, ImagesResponse)
    assert len({image.b64_json for image in varied.data}) == 2
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/images/variations")
    assert files(request) == [("image", "cat.png", cat)]
    assert dict(texts(request)) == {
        "model": OLD,
        "n": "2",
        "response_format": "b64_json",
        "size": "256x256",
        "user": "me",
    }


async def test_what_is_no_image_is_refused(client, settled):
    with pytest.raises(BadRequestError, match="PNG, JPEG or WebP"):
        await settled(client.images.edit(model=MODEL, image=("cat.png", b"meow"), prompt="a dog"))
