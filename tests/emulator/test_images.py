from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Refused = Callable[..., dict[str, Any]]
ReadEvents = Callable[..., list[dict[str, Any]]]
MODERN = {"model": "gpt-image-1", "prompt": "a cat"}


def generate(http: httpx.Client, **body: Any) -> Any:
    response = http.post("/images/generations", json={"prompt": "a cat", **body})
    assert response.status_code == 200, response.text
    return response.json()


def picture(entry: dict[str, Any]) -> bytes:
    return base64.b64decode(entry["b64_json"], validate=True)


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height, after every chunk's checksum was found right."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    position, names = 8, []
    while position < len(png):
        length = int.from_bytes(png[position : position + 4])
        names.append(png[position + 4 : position + 8])
        checked = png[position + 4 : position + 8 + length]
        assert zlib.crc32(checked) == int.from_bytes(png[position + 8 + length : position + 12 + length])
        position += 12 + length
    assert (names[0], names[-1]) == (b"IHDR", b"IEND")
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "1024x1536"])
def test_pictures_have_the_size_that_was_asked_for(http: httpx.Client, size: str) -> None:
    answer = generate(http, model="gpt-image-1", size=size)
    assert answer["size"] == size
    assert "x".join(map(str, size_of(picture(answer["data"][0])))) == size


def test_several_pictures_differ(http: httpx.Client) -> None:
    data = generate(http, model="gpt-image-1", n=3)["data"]
    assert len({entry["b64_json"] for entry in data}) == 3


def test_the_prompt_decides_what_is_painted(http: httpx.Client) -> None:
    cat, dog = (generate(http, model="gpt-image-1", prompt=prompt)["data"] for prompt in ("a cat", "a dog"))
    assert cat != dog
    assert cat == generate(http, model="gpt-image-1", prompt="a cat")["data"]


@pytest.mark.parametrize(
    ("file_format", "start"), [("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")]
)
def test_pictures_come_in_each_format(http: httpx.Client, file_format: str, start: bytes) -> None:
    answer = generate(http, model="gpt-image-1", output_format=file_format)
    assert answer["output_format"] == file_format
    assert picture(answer["data"][0]).startswith(start)


def test_newer_models_tell_what_the_pictures_cost(http: httpx.Client) -> None:
    low, high = (generate(http, model="gpt-image-1", quality=quality, n=2) for quality in ("low", "high"))
    assert low["usage"]["total_tokens"] == low["usage"]["input_tokens"] + low["usage"]["output_tokens"]
    assert high["usage"]["output_tokens"] > low["usage"]["output_tokens"]
    assert "usage" not in generate(http, model="dall-e-2")


def test_older_models_give_addresses_that_can_be_fetched_without_a_key(http: httpx.Client) -> None:
    (entry,) = generate(http, model="dall-e-2", size="256x256")["data"]
    answer = httpx.get(entry["url"])
    assert answer.headers["content-type"] == "image/png"
    assert size_of(answer.content) == (256, 256)
    assert httpx.get(entry["url"] + "x").status_code == 404


def test_older_models_give_bytes_when_asked(http: httpx.Client) -> None:
    (entry,) = generate(http, model="dall-e-3", response_format="b64_json")["data"]
    assert size_of(picture(entry)) == (1024, 1024)
    assert "a cat" in entry["revised_prompt"]


def test_without_a_model_the_parameters_choose_one(http: httpx.Client) -> None:
    assert "url" in generate(http)["data"][0]
    assert "b64_json" in generate(http, output_format="png")["data"][0]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"model": "gpt-image-1", "response_format": "url"}, "response_format"),
        ({"model": "gpt-image-1", "size": "2x2"}, "size"),
        ({"model": "gpt-image-1", "n": 11}, "n"),
        ({"model": "gpt-image-1", "partial_images": 1}, "partial_images"),
        ({"model": "gpt-image-1", "partial_images": 4, "stream": True}, "partial_images"),
        ({"model": "gpt-image-1", "output_format": "jpeg", "background": "transparent"}, "background"),
        ({"model": "dall-e-2", "stream": True}, "stream"),
        ({"model": "dall-e-2", "prompt": "x" * 1001}, "prompt"),
        ({"model": "dall-e-3", "n": 2}, "n"),
        ({"model": "dall-e-3", "size": "256x256"}, "size"),
    ],
)
def test_what_a_model_cannot_do_is_refused(refused: Refused, body: dict[str, Any], param: str) -> None:
    assert refused(400, "POST", "/images/generations", json={"prompt": "a cat", **body})["param"] == param


def test_generation_can_be_streamed_with_partial_pictures(http: httpx.Client, read_events: ReadEvents) -> None:
    events = read_events("POST", "/images/generations", json={**MODERN, "stream": True, "partial_images": 2})
    kinds = ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event["type"] for event in events] == kinds
    assert [event.get("partial_image_index") for event in events] == [0, 1, None]
    assert {size_of(picture(event)) for event in events} == {(1024, 1024)}
    assert len({event["b64_json"] for event in events}) == 3
    assert events[-1]["b64_json"] == generate(http, model="gpt-image-1")["data"][0]["b64_json"]
    assert events[-1]["usage"]["output_tokens"] > 0


def test_pictures_can_be_edited_by_form(http: httpx.Client) -> None:
    png = picture(generate(http, model="gpt-image-1")["data"][0])
    for files in ({"image": png, "mask": png}, [("image[]", ("a.png", png)), ("image[]", ("b.png", png))]):
        form = {"prompt": "a hat", "n": "2", "model": "gpt-image-1"}
        answer = http.post("/images/edits", data=form, files=files).json()
        assert [size_of(picture(entry)) for entry in answer["data"]] == [(1024, 1024)] * 2
    assert answer["usage"]["input_tokens_details"]["image_tokens"] > 0


def test_pictures_can_be_edited_by_reference(http: httpx.Client, refused: Refused) -> None:
    png = picture(generate(http, model="gpt-image-1")["data"][0])
    file_id = http.post("/files", files={"file": png}, data={"purpose": "vision"}).json()["id"]
    data_url = "data:image/png;base64," + base64.b64encode(png).decode()
    images = [{"file_id": file_id}, {"image_url": data_url}, {"image_url": "https://example.com/a.png"}]
    answer = http.post("/images/edits", json={"prompt": "a hat", "images": images})
    assert answer.status_code == 200, answer.text
    refused(404, "POST", "/images/edits", json={"prompt": "a hat", "images": [{"file_id": "file-none"}]})
    refused(400, "POST", "/images/edits", json={"prompt": "a hat", "images": [{"image_url": "data:,x"}]})
    refused(400, "POST", "/images/edits", json={"prompt": "a hat", "images": [{}]})


def test_edits_can_be_streamed(http: httpx.Client, read_events: ReadEvents) -> None:
    png = picture(generate(http, model="gpt-image-1")["data"][0])
    form = {"prompt": "a hat", "stream": "true", "partial_images": "1"}
    events = read_events("POST", "/images/edits", data=form, files={"image": png})
    assert [event["type"] for event in events] == ["image_edit.partial_image", "image_edit.completed"]


def test_variations_are_made(http: httpx.Client, refused: Refused) -> None:
    png = picture(generate(http, model="gpt-image-1")["data"][0])
    form = {"size": "512x512", "response_format": "b64_json", "n": "2"}
    answer = http.post("/images/variations", data=form, files={"image": png}).json()
    assert [size_of(picture(entry)) for entry in answer["data"]] == [(512, 512)] * 2
    assert refused(400, "POST", "/images/variations", data={"n": "x"}, files={"image": png})["param"] == "n"
    form = {"model": "dall-e-3"}
    assert refused(400, "POST", "/images/variations", data=form, files={"image": png})["param"] == "model"


def test_what_is_no_picture_is_refused(refused: Refused) -> None:
    for url in ("/images/edits", "/images/variations"):
        form = {"prompt": "a hat"} if url.endswith("edits") else {}
        error = refused(400, "POST", url, data=form, files={"image": b"text"})
        assert (error["param"], error["code"]) == ("image", "invalid_image_file")
