from __future__ import annotations

import inspect
import os
from base64 import b64encode

import httpx
import pytest

from openai_core import FileSaveError
from openai_core_images.types import ImagesResponse

PNG = b"\x89PNG\r\n\x1a\n" + b"a"
JPEG = b"\xff\xd8\xff" + b"b"
WEBP = b"RIFF\x04\0\0\0WEBP"
FAR = "https://pictures.example"


@pytest.fixture(params=["sync", "async"])
def save(request):
    """Saves in either colour."""

    async def saved(images, folder, **options):
        method = images.save if request.param == "sync" else images.save_async
        paths = method(folder, **options)
        return await paths if inspect.isawaitable(paths) else paths

    return saved


def answer(*data):
    return ImagesResponse.model_validate({"created": 1, "data": list(data)})


def encoded(content):
    return {"b64_json": b64encode(content).decode()}


async def test_images_in_the_answer_become_files_named_after_what_they_are(save, tmp_path):
    folder = tmp_path / "new" / "folder"
    paths = await save(answer(encoded(PNG), encoded(JPEG), encoded(WEBP)), folder)
    assert [path.read_bytes() for path in paths] == [PNG, JPEG, WEBP]
    assert [path.suffix for path in paths] == [".png", ".jpg", ".webp"]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert [path.name.split("-")[:2] for path in paths] == [["image", str(number)] for number in (1, 2, 3)]


@pytest.fixture
def named_by_the_environment(monkeypatch):
    for name in ("API_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", f"{name.lower()}-of-the-environment")


@pytest.mark.usefixtures("named_by_the_environment")
async def test_images_behind_urls_are_fetched_without_a_key(client, settled, save, openai_emulator, tmp_path):
    made = await settled(client.images.generate(model="dall-e-2", prompt="a cat", n=3, size="256x256"))
    paths = await save(made, tmp_path)
    assert len(set(paths)) == 3
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    fetched = [request for request in openai_emulator.requests if request.method == "GET"]
    assert {f"{openai_emulator.base_url}{request.path.removeprefix('/v1')}" for request in fetched} == {
        image.url for image in made.data
    }
    for request in fetched:
        credentials = {"authorization", "api-key", "cookie", "openai-organization", "openai-project"}
        assert not credentials & request.headers.keys()
        assert not [value for value in request.headers.values() if "environment" in value]


async def test_the_query_of_a_url_arrives_as_it_is(save, tmp_path, router):
    url = f"{FAR}/a/../../../etc/x.exe?sig=a%2Bb/c%3D&se=2026-01-01T00:00:00Z"
    route = router.get(host="pictures.example").mock(return_value=httpx.Response(200, content=PNG))
    (path,) = await save(answer({"url": url}), tmp_path / "inside")
    assert route.calls.last.request.url.query == b"sig=a%2Bb/c%3D&se=2026-01-01T00:00:00Z"
    assert path.parent == tmp_path / "inside"
    assert [each.name for each in tmp_path.iterdir()] == ["inside"]


async def test_what_a_server_says_about_itself_does_not_get_into_the_name(save, tmp_path):
    images = answer(encoded(PNG))
    images.created = "../../evil"
    (path,) = await save(images, tmp_path)
    assert list(tmp_path.iterdir()) == [path]


async def test_saving_again_changes_nothing_and_another_answer_loses_nothing(save, tmp_path):
    first = await save(answer(encoded(PNG)), tmp_path)
    assert await save(answer(encoded(PNG)), tmp_path) == first
    (other,) = await save(answer(encoded(PNG + b"other")), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert other.read_bytes() == PNG + b"other"


async def test_what_cannot_be_saved_is_told_of_each_image_and_the_others_are_there(save, tmp_path, router):
    images = answer(
        encoded(PNG),
        {"url": f"{FAR}/gone.png?sig=secret"},
        {},
        encoded(b"<html>"),
        {"b64_json": "no base64!"},
        {"url": "file:///etc/passwd"},
        {"url": "https://[broken"},
        encoded(JPEG),
    )
    router.get(f"{FAR}/gone.png").mock(return_value=httpx.Response(403, content=b"<Error/>"))
    with pytest.raises(FileSaveError) as caught:
        await save(images, tmp_path)
    lines = str(caught.value).splitlines()
    said = ["403", "neither", "<html>", "base64", "http", "http"]
    assert [line.split(" can't be saved: ")[0] for line in lines] == [f"image {n} of 8" for n in range(2, 8)]
    assert all(word in line for word, line in zip(said, lines, strict=True))
    assert "secret" not in str(caught.value)
    assert len(caught.value.__cause__.exceptions) == 6
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == sorted([PNG, JPEG])


async def test_one_failure_is_told_as_it_is(save, tmp_path):
    with pytest.raises(FileSaveError, match=r"image 1 of 1 can't be saved: it is no PNG") as caught:
        await save(answer(encoded(b"x")), tmp_path)
    assert caught.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_cannot_be_made_is_named(save, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileSaveError, match=r"exists .*file"):
        await save(answer(encoded(PNG)), tmp_path / "file")


async def test_a_file_that_cannot_be_written_leaves_no_part_of_it(save, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileSaveError, match="No space left"):
        await save(answer(encoded(PNG)), tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_a_deadline_ends_the_fetching(save, tmp_path, router):
    router.get(f"{FAR}/a.png").mock(return_value=httpx.Response(503, headers={"retry-after": "60"}))
    with pytest.raises(FileSaveError, match="deadline of 5 s"):
        await save(answer({"url": f"{FAR}/a.png"}), tmp_path, deadline=5)


async def test_an_answer_without_images_saves_none(save, tmp_path):
    assert await save(answer(), tmp_path / "none") == []
    assert await save(ImagesResponse.model_validate({"created": 1}), tmp_path / "none") == []
    assert not (tmp_path / "none").exists()
