from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from openai_core_emulator import Emulator

Refused = Callable[..., dict[str, Any]]


def finished(http: httpx.Client) -> Any:
    video = http.post("/videos", json={"prompt": "a cat"}).json()
    for _ in range(2):
        video = http.get(f"/videos/{video['id']}").json()
    assert video["status"] == "completed"
    return video


def test_json_is_taken_as_well_as_a_form(http: httpx.Client) -> None:
    made = http.post("/videos", json={"prompt": "a cat", "input_reference": {"image_url": "https://example.com/a.png"}})
    assert made.json()["status"] == "queued"
    source = {"video": {"id": finished(http)["id"]}}
    assert http.post("/videos/edits", json={"prompt": "a dog", **source}).json()["prompt"] == "a dog"
    assert http.post("/videos/extensions", json={"prompt": "on", "seconds": "8", **source}).json()["seconds"] == "12"


def test_a_film_is_a_chain_of_boxes_and_as_long_as_it_says(http: httpx.Client) -> None:
    film = http.get(f"/videos/{finished(http)['id']}/content").content
    position, names = 0, []
    while position < len(film):
        names.append(film[position + 4 : position + 8])
        position += int.from_bytes(film[position : position + 4])
    assert (position, names) == (len(film), [b"ftyp", b"moov"])
    head = film.index(b"mvhd")
    timescale, duration = (int.from_bytes(film[head + start :][:4]) for start in (16, 20))
    assert duration / timescale == 4


def test_the_files_of_a_video_expire_after_an_hour(
    http: httpx.Client, refused: Refused, openai_emulator: Emulator
) -> None:
    video = finished(http)
    assert video["expires_at"] == video["completed_at"] + 3600
    openai_emulator.advance(3601)
    assert "expired" in refused(404, "GET", f"/videos/{video['id']}/content")["message"]


@pytest.mark.parametrize(
    ("url", "body", "param"),
    [
        ("/videos", {}, "prompt"),
        ("/videos", {"prompt": "a", "seconds": "5"}, "seconds"),
        ("/videos", {"prompt": "a", "seconds": 4}, "seconds"),
        ("/videos", {"prompt": "a", "size": "1x1"}, "size"),
        ("/videos", {"prompt": "a", "input_reference": {}}, "input_reference"),
        ("/videos/edits", {"prompt": "a", "video": {}}, "video.id"),
        ("/videos/extensions", {"prompt": "a", "video": {"id": "video_1"}}, "seconds"),
    ],
)
def test_wrong_parameters_are_refused(refused: Refused, url: str, body: dict[str, Any], param: str) -> None:
    assert refused(400, "POST", url, json=body)["param"] == param


@pytest.mark.parametrize("url", ["/videos/edits", "/videos/characters"])
def test_files_that_are_no_videos_are_refused(refused: Refused, url: str) -> None:
    form = {"name": "Tom"} if url.endswith("characters") else {"prompt": "a dog"}
    assert refused(400, "POST", url, data=form, files={"video": ("a.mp4", b"no")})["param"] == "video"


def test_an_image_to_begin_with_has_to_be_one(refused: Refused) -> None:
    error = refused(400, "POST", "/videos", data={"prompt": "a"}, files={"input_reference": ("a.png", b"no")})
    assert error["param"] == "input_reference"


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "/videos/video_none", None),
        ("GET", "/videos/characters/char_none", None),
        ("POST", "/videos/video_none/remix", {"prompt": "a"}),
        ("POST", "/videos/edits", {"prompt": "a", "video": {"id": "video_none"}}),
    ],
)
def test_what_is_not_there_is_not_found(refused: Refused, method: str, url: str, body: Any) -> None:
    assert "none" in refused(404, method, url, json=body)["message"]
