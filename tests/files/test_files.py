from __future__ import annotations

from io import BytesIO

import pytest

from openai_core import DeadlineExceededError, InvalidRequestError, NotFoundError
from openai_core.files import tracked
from openai_core_files.types import FileDeleted, FileObject
from tests.forms import parts

LINES = b'{"a": 1}\n'


async def test_a_file_is_uploaded_and_read_back(client, settled, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(LINES * 1000)
    file = await settled(client.files.create(file=path, purpose="batch"))
    assert isinstance(file, FileObject)
    assert (file.filename, file.bytes) == ("lines.jsonl", len(LINES) * 1000)
    target = tmp_path / "back.jsonl"
    content = await settled(client.files.content(file.id))
    await settled(content.save(target))
    assert target.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (lambda: ("a.jsonl", LINES), "a.jsonl"),
        (lambda: ("b.jsonl", BytesIO(LINES), "application/jsonl"), "b.jsonl"),
        (lambda: LINES, None),
    ],
)
async def test_a_file_is_given_in_many_ways(client, settled, given, name):
    file = await settled(client.files.create(file=given(), purpose="user_data"))
    assert file.bytes == len(LINES)
    assert name is None or file.filename == name


async def test_a_list_walks_all_pages(client, settled, each):
    made = [await settled(client.files.create(file=(f"{n}.txt", b"x"), purpose="user_data")) for n in range(5)]
    await settled(client.files.create(file=("other.jsonl", LINES), purpose="batch"))
    pages = await settled(client.files.list(limit=2, purpose="user_data", order="asc"))
    assert [file.id for file in pages.data] == [file.id for file in made[:2]]
    listed = await each(client.files.list(limit=2, purpose="user_data", order="asc"))
    assert [file.id for file in listed] == [file.id for file in made]
    sizes = [len(page.data) for page in await each(client.files.list(limit=2, purpose="user_data").pages())]
    assert sizes == [2, 2, 1]


async def test_nested_fields_of_a_form_arrive(client, settled):
    file = await settled(
        client.files.create(
            file=("a.txt", b"x"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600}
        )
    )
    assert file.expires_at == file.created_at + 3600


async def test_each_call_is_sent_as_the_api_wants_it(client, settled, each, openai_emulator):
    file = await settled(client.files.create(file=("a.jsonl", LINES), purpose="batch"))
    assert await each(client.files.list(after="file-0", limit=5, order="asc", purpose="batch")) == [file]
    assert await settled(client.files.retrieve(file.id)) == file
    assert await settled((await settled(client.files.content(file.id))).read()) == LINES
    deleted = await settled(client.files.delete(file.id))
    assert isinstance(deleted, FileDeleted)
    assert (deleted.id, deleted.deleted) == (file.id, True)
    create, *others = openai_emulator.requests
    assert (create.method, create.path) == ("POST", "/v1/files")
    assert sorted(parts(create)) == [("file", "a.jsonl", LINES), ("purpose", None, b"batch")]
    assert [(request.method, request.path, request.query) for request in others] == [
        ("GET", "/v1/files", "after=file-0&limit=5&order=asc&purpose=batch"),
        ("GET", f"/v1/files/{file.id}", ""),
        ("GET", f"/v1/files/{file.id}/content", ""),
        ("DELETE", f"/v1/files/{file.id}", ""),
    ]


async def test_a_deleted_file_is_gone(client, settled):
    file = await settled(client.files.create(file=("a.txt", b"x"), purpose="user_data"))
    assert (await settled(client.files.delete(file.id))).deleted is True
    with pytest.raises(NotFoundError):
        await settled(client.files.retrieve(file.id))


async def test_an_id_that_leaves_its_place_is_refused_before_anything_is_sent(client, settled, openai_emulator):
    with pytest.raises(InvalidRequestError, match="file_id"):
        await settled(client.files.retrieve("../x"))
    assert openai_emulator.requests == []


async def test_progress_of_an_upload_and_of_a_download_is_told(client, settled, tmp_path):
    path, sent, came = tmp_path / "lines.jsonl", [], []
    path.write_bytes(LINES * 100_000)
    size = path.stat().st_size
    file = await settled(
        client.files.create(file=tracked(path, lambda *progress: sent.append(progress)), purpose="batch")
    )
    assert (file.filename, file.bytes) == ("lines.jsonl", size)
    content = await settled(client.files.content(file.id))
    assert content.size == size
    back = await settled(content.save(tmp_path / "back.jsonl", on_progress=lambda *progress: came.append(progress)))
    assert back.read_bytes() == path.read_bytes()
    for told in (sent, came):
        assert len(told) > 2
        assert told == sorted(told)
        assert told[-1] == (size, size)
    assert sent[0] == (0, size)


async def test_waiting_ends_when_a_file_is_processed(client, settled, openai_emulator):
    file = await settled(client.files.create(file=("train.jsonl", LINES), purpose="fine-tune"))
    assert file.status == "uploaded"
    seen = []
    done = await settled(client.files.wait(file.id, interval=0, on_progress=seen.append))
    assert isinstance(done, FileObject)
    assert (done.id, done.status) == (file.id, "processed")
    assert seen == [done]
    assert [request.path for request in openai_emulator.requests[1:]] == [f"/v1/files/{file.id}"]


async def test_waiting_gives_a_file_that_cannot_be_used_too(client, settled):
    file = await settled(client.files.create(file=("train.jsonl", LINES + b"oops"), purpose="fine-tune"))
    done = await settled(client.files.wait(file.id, interval=0))
    assert (done.status, done.status_details) == ("error", "Invalid file format. Line 2 is not valid JSON.")


async def test_a_file_that_will_not_be_ready_in_time_is_not_waited_for(client, settled, openai_emulator):
    """Nothing moves here, as every look shows the same."""

    def stuck(operation):
        response = yield operation
        response.content = response.content.replace(b'"processed"', b'"uploaded"')
        return response

    file = await settled(client.files.create(file=("a.txt", b"x"), purpose="user_data"))
    other = type(client)(api_key="x", base_url=openai_emulator.base_url, middleware=[stuck])
    with pytest.raises(DeadlineExceededError, match=r"the status is 'uploaded'.*wait again"):
        await settled(other.files.wait(file.id, interval=60, deadline=30))
    await settled(other.close())


async def test_waiting_for_a_file_that_is_not_there_is_an_error(client, settled):
    with pytest.raises(NotFoundError):
        await settled(client.files.wait("file-none", interval=0))
