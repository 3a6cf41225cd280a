from __future__ import annotations

import subprocess
import sys

import pytest

from openai_core import BadRequestError, DeadlineExceededError, NotFoundError
from openai_core_videos.types import Video, VideoCharacter, VideoDeleted
from tests.forms import files, texts

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
MP4 = b"\0\0\0\x10ftypisom" + bytes(4)


@pytest.fixture
async def finished(client, settled):
    """A video that is finished."""
    return await settled(client.videos.create_and_wait(prompt="a cat", size="1280x720", seconds="8", interval=0))


async def test_a_video_is_made_waited_for_and_saved(client, settled, openai_emulator, tmp_path):
    begun = await settled(client.videos.create(prompt="a cat", model="sora-2-pro", size="1280x720", seconds="8"))
    assert isinstance(begun, Video)
    assert (begun.status, begun.progress, begun.model) == ("queued", 0, "sora-2-pro")
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/videos")
    sent = {"prompt": "a cat", "model": "sora-2-pro", "size": "1280x720", "seconds": "8"}
    assert dict(texts(request)) == sent
    seen = []
    video = await settled(client.videos.wait(begun.id, interval=0, on_progress=lambda each: seen.append(each.progress)))
    assert (video.id, video.status, video.completed_at is None) == (begun.id, "completed", False)
    assert seen == [50, 100]
    assert {(each.method, each.path) for each in openai_emulator.requests[1:]} == {("GET", f"/v1/videos/{begun.id}")}
    path = await settled(client.videos.download(video.id, tmp_path / "new" / "cat.mp4"))
    assert path.read_bytes()[4:8] == b"ftyp"
    assert openai_emulator.requests[-1].path == f"/v1/videos/{begun.id}/content"
    assert openai_emulator.requests[-1].query == ""


async def test_a_video_is_made_and_waited_for_in_one_call(client, settled, openai_emulator):
    seen = []
    video = await settled(
        client.videos.create_and_wait(
            prompt="a cat",
            input_reference=("cat.png", PNG),
            interval=0,
            deadline=60,
            on_progress=lambda video: seen.append(video.status),
        )
    )
    assert (video.status, video.size, video.seconds) == ("completed", "720x1280", "4")
    assert seen == ["queued", "in_progress", "completed"]
    begun = openai_emulator.requests[0]
    assert files(begun) == [("input_reference", "cat.png", PNG)]
    assert texts(begun) == [("prompt", "a cat")]


async def test_a_video_begins_with_an_image_that_the_server_has(client, settled, openai_emulator):
    file = await settled(client.files.create(file=("cat.png", PNG), purpose="vision"))
    video = await settled(client.videos.create(prompt="a cat", input_reference={"file_id": file.id}))
    assert video.status == "queued"
    assert texts(openai_emulator.requests[-1]) == [("input_reference[file_id]", file.id), ("prompt", "a cat")]


async def test_a_video_that_failed_is_returned_with_its_error(client, settled):
    video = await settled(client.videos.create_and_wait(prompt="Fail, please", interval=0))
    assert (video.status, video.error.code) == ("failed", "moderation_blocked")
    assert (await settled(client.videos.wait(video.id, interval=0))).status == "failed"


async def test_a_deadline_ends_the_wait(client, settled):
    begun = await settled(client.videos.create(prompt="a cat"))
    with pytest.raises(DeadlineExceededError, match="'in_progress'"):
        await settled(client.videos.wait(begun.id, interval=60, deadline=30))
    with pytest.raises(DeadlineExceededError):
        await settled(client.videos.create_and_wait(prompt="a cat", interval=60, deadline=30))


async def test_options_of_a_wait_go_with_every_look(client, settled, openai_emulator):
    options = {"headers": {"X-Trace": "7"}}
    await settled(client.videos.create_and_wait(prompt="a cat", interval=0, options=options))
    assert [request.headers.get("x-trace") for request in openai_emulator.requests] == ["7"] * 3


@pytest.mark.parametrize(
    ("variant", "media_type", "beginning"),
    [("video", "video/mp4", MP4[4:12]), ("thumbnail", "image/webp", b"RIFF"), ("spritesheet", "image/webp", b"RIFF")],
)
async def test_each_file_of_a_video_can_be_fetched(  # noqa: PLR0917 - three of them are parameters
    client, settled, openai_emulator, finished, variant, media_type, beginning
):
    content = await settled(client.videos.download_content(finished.id, variant=variant))
    assert content.media_type == media_type
    assert beginning in (await settled(content.read()))[:16]
    assert openai_emulator.requests[-1].query == f"variant={variant}"


async def test_a_thumbnail_is_saved(client, settled, finished, tmp_path):
    path = await settled(client.videos.download(finished.id, tmp_path / "cat.webp", variant="thumbnail"))
    assert path.read_bytes()[8:12] == b"WEBP"


async def test_a_video_that_is_not_finished_has_no_files(client, settled, tmp_path):
    begun = await settled(client.videos.create(prompt="a cat"))
    with pytest.raises(NotFoundError, match="not ready"):
        await settled(client.videos.download(begun.id, tmp_path / "cat.mp4"))
    assert list(tmp_path.iterdir()) == []


async def test_a_video_is_remixed_edited_and_extended(client, settled, openai_emulator, finished):
    remix = await settled(client.videos.remix(finished.id, prompt="a dog"))
    assert (remix.remixed_from_video_id, remix.prompt, remix.size) == (finished.id, "a dog", "1280x720")
    assert openai_emulator.requests[-1].path == f"/v1/videos/{finished.id}/remix"
    assert openai_emulator.requests[-1].json() == {"prompt": "a dog"}
    edited = await settled(client.videos.edit(video={"id": finished.id}, prompt="a bird"))
    assert (edited.seconds, edited.size, edited.status) == ("8", "1280x720", "queued")
    assert openai_emulator.requests[-1].path == "/v1/videos/edits"
    assert texts(openai_emulator.requests[-1]) == [("prompt", "a bird"), ("video[id]", finished.id)]
    extended = await settled(client.videos.extend(video={"id": finished.id}, prompt="it runs", seconds="20"))
    assert (extended.seconds, extended.prompt) == ("28", "it runs")
    assert openai_emulator.requests[-1].path == "/v1/videos/extensions"
    sent = [("prompt", "it runs"), ("seconds", "20"), ("video[id]", finished.id)]
    assert texts(openai_emulator.requests[-1]) == sent


async def test_a_video_of_ones_own_is_edited_and_extended(client, settled, openai_emulator, tmp_path):
    path = tmp_path / "cat.mp4"
    path.write_bytes(MP4)
    assert isinstance(await settled(client.videos.edit(video=path, prompt="a bird")), Video)
    assert files(openai_emulator.requests[-1]) == [("video", "cat.mp4", MP4)]
    assert isinstance(await settled(client.videos.extend(video=MP4, prompt="it runs", seconds="4")), Video)
    assert files(openai_emulator.requests[-1]) == [("video", "file.mp4", MP4)]


async def test_a_character_is_made_from_a_video(client, settled, openai_emulator):
    made = await settled(client.videos.create_character(name="Tom", video=("tom.mp4", MP4)))
    assert isinstance(made, VideoCharacter)
    assert made.name == "Tom"
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/videos/characters")
    assert texts(request) == [("name", "Tom")]
    assert files(request) == [("video", "tom.mp4", MP4)]
    assert await settled(client.videos.get_character(made.id)) == made
    assert openai_emulator.requests[-1].path == f"/v1/videos/characters/{made.id}"


async def test_videos_are_listed_page_by_page_and_deleted(client, settled, each, openai_emulator):
    made = [await settled(client.videos.create(prompt=f"cat {number}")) for number in range(3)]
    listed = await each(client.videos.list(limit=2, order="asc"))
    assert [video.id for video in listed] == [video.id for video in made]
    queries = [request.query for request in openai_emulator.requests[-2:]]
    assert queries == ["limit=2&order=asc", f"limit=2&order=asc&after={made[1].id}"]
    deleted = await settled(client.videos.delete(made[0].id))
    assert isinstance(deleted, VideoDeleted)
    assert (deleted.id, deleted.deleted) == (made[0].id, True)
    assert (openai_emulator.requests[-1].method, openai_emulator.requests[-1].path) == (
        "DELETE",
        f"/v1/videos/{made[0].id}",
    )
    with pytest.raises(NotFoundError):
        await settled(client.videos.retrieve(made[0].id))


async def test_a_video_that_is_not_finished_cannot_be_remixed(client, settled):
    begun = await settled(client.videos.create(prompt="a cat"))
    with pytest.raises(BadRequestError, match="queued, not completed"):
        await settled(client.videos.remix(begun.id, prompt="a dog"))


def test_who_calls_is_told_once_that_the_api_is_going_to_end_it(openai_emulator):
    """In a process of its own, as each operation warns but once."""
    program = f"""
import warnings
from openai_core import Client
client = Client(base_url={openai_emulator.base_url!r}, api_key="any")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    video = client.videos.create_and_wait(prompt="a cat", interval=0)
    client.videos.wait(video.id)
for each in caught:
    print(each.category.__name__, each.message, each.filename)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert [line.split(":")[0] for line in told.splitlines()] == [
        "DeprecationWarning POST /videos is deprecated",
        "DeprecationWarning GET /videos/{video_id} is deprecated",
    ]
    assert all(line.endswith("<string>") for line in told.splitlines())
