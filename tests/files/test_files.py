from __future__ import annotations

from io import BytesIO

import pytest

from openai_core import InvalidRequestError, NotFoundError
from openai_core_files.types import FileObject

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


async def test_a_deleted_file_is_gone(client, settled):
    file = await settled(client.files.create(file=("a.txt", b"x"), purpose="user_data"))
    assert (await settled(client.files.delete(file.id))).deleted is True
    with pytest.raises(NotFoundError):
        await settled(client.files.retrieve(file.id))


async def test_an_id_that_leaves_its_place_is_refused_before_anything_is_sent(client, settled, openai_emulator):
    with pytest.raises(InvalidRequestError, match="file_id"):
        await settled(client.files.retrieve("../x"))
    assert openai_emulator.requests == []
