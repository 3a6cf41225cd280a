from __future__ import annotations

from base64 import b64decode

from openai_core_images.types import ImagesResponse

PNG = b"\x89PNG\r\n\x1a\n"
MODEL = "gpt-image-1"


def picture(image):
    return b64decode(image.b64_json)


async def test_images_are_made_from_a_prompt(client, settled):
    made = await settled(client.images.generate(model=MODEL, prompt="a cat", n=2, size="1024x1024"))
    assert isinstance(made, ImagesResponse)
    assert len(made.data) == 2
    assert all(picture(image).startswith(PNG) for image in made.data)


async def test_previews_are_streamed_before_the_image(client, each):
    stream = client.images.generate_stream(model=MODEL, prompt="a cat", partial_images=2)
    events = await each(stream)
    assert [event.type for event in events] == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert picture(events[-1]).startswith(PNG)
    assert stream.outcome == "complete"


async def test_images_are_edited_from_files(client, settled, each, tmp_path):
    made = await settled(client.images.generate(model=MODEL, prompt="a cat", size="1024x1024"))
    path = tmp_path / "cat.png"
    path.write_bytes(picture(made.data[0]))
    edited = await settled(client.images.edit(model=MODEL, image=[path, ("b.png", path.read_bytes())], prompt="a dog"))
    assert picture(edited.data[0]).startswith(PNG)
    events = await each(client.images.edit_stream(model=MODEL, image=path, prompt="a dog", partial_images=1))
    assert events[-1].type == "image_edit.completed"


async def test_an_image_is_varied(client, settled, tmp_path):
    made = await settled(
        client.images.generate(model="dall-e-2", prompt="a cat", size="256x256", response_format="b64_json")
    )
    varied = await settled(
        client.images.create_variation(
            model="dall-e-2", image=("cat.png", picture(made.data[0])), n=2, size="256x256", response_format="b64_json"
        )
    )
    assert len(varied.data) == 2
