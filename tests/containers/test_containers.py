from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_containers.types import Container, ContainerFile, ContainerFileList, ContainerList

LINES = b"a,b\n1,2\n"


def asked(emulator):
    """The operations that the emulator was asked for: method and path below `/v1`."""
    return [(request.method, request.path.removeprefix("/v1")) for request in emulator.requests]


async def test_a_container_lives_until_it_is_deleted(client, settled, openai_emulator):
    file = await settled(client.files.create(file=("a.csv", LINES), purpose="user_data"))
    skill = await settled(client.skills.create(files=[("s/SKILL.md", b"---\nname: s\ndescription: d\n---\n")]))
    openai_emulator.requests.clear()
    wanted = {
        "name": "numbers",
        "expires_after": {"anchor": "last_active_at", "minutes": 10},
        "file_ids": [file.id],
        "memory_limit": "4g",
        "network_policy": {"type": "allowlist", "allowed_domains": ["example.com"]},
        "skills": [{"type": "skill_reference", "skill_id": skill.id}],
    }
    made = await settled(client.containers.create(**wanted))
    assert isinstance(made, Container)
    assert (made.name, made.status, made.memory_limit, made.expires_after.minutes) == ("numbers", "running", "4g", 10)
    assert (made.network_policy.type, made.network_policy.allowed_domains) == ("allowlist", ["example.com"])
    assert [each.path for each in (await settled(client.containers.files.list(made.id))).data] == ["/mnt/data/a.csv"]

    fetched = await settled(client.containers.retrieve(made.id))
    assert (fetched.id, fetched.created_at) == (made.id, made.created_at)
    assert await settled(client.containers.delete(made.id)) is None
    with pytest.raises(NotFoundError, match=made.id):
        await settled(client.containers.retrieve(made.id))
    path = f"/containers/{made.id}"
    assert asked(openai_emulator) == [
        ("POST", "/containers"),
        ("GET", f"{path}/files"),
        ("GET", path),
        ("DELETE", path),
        ("GET", path),
    ]
    assert openai_emulator.requests[0].json() == wanted


async def test_containers_are_listed_by_name_and_page_by_page(client, settled, each, openai_emulator):
    made = [(await settled(client.containers.create(name=name))).id for name in ("a", "b", "a")]
    openai_emulator.requests.clear()
    page = await settled(client.containers.list(name="a", limit=1, order="asc"))
    assert isinstance(page.page, ContainerList)
    assert openai_emulator.requests[0].query == "limit=1&name=a&order=asc"
    assert [one.id for one in await each(client.containers.list(name="a", limit=1))] == [made[2], made[0]]
    assert [one.id for one in await each(client.containers.list())] == made[::-1]


async def test_a_file_is_put_into_a_container_read_and_removed(client, settled, openai_emulator, tmp_path):
    container = await settled(client.containers.create(name="numbers"))
    source = tmp_path / "numbers.csv"
    source.write_bytes(LINES * 100_000)
    openai_emulator.requests.clear()
    file = await settled(client.containers.files.create(container.id, file=source))
    assert isinstance(file, ContainerFile)
    assert (file.container_id, file.path, file.bytes) == (container.id, "/mnt/data/numbers.csv", len(LINES) * 100_000)
    (sent,) = openai_emulator.requests
    assert sent.headers["content-type"].startswith("multipart/form-data")
    assert b'name="file"; filename="numbers.csv"' in sent.body

    assert await settled(client.containers.files.retrieve(container.id, file.id)) == file
    content = await settled(client.containers.files.content.retrieve(container.id, file.id))
    saved = await settled(content.save(tmp_path / "new" / "back.csv"))
    assert saved.read_bytes() == source.read_bytes()
    assert await settled(client.containers.files.delete(container.id, file.id)) is None
    with pytest.raises(NotFoundError, match=file.id):
        await settled(client.containers.files.retrieve(container.id, file.id))
    path = f"/containers/{container.id}/files"
    assert asked(openai_emulator) == [
        ("POST", path),
        ("GET", f"{path}/{file.id}"),
        ("GET", f"{path}/{file.id}/content"),
        ("DELETE", f"{path}/{file.id}"),
        ("GET", f"{path}/{file.id}"),
    ]


async def test_an_uploaded_file_is_copied_into_a_container(client, settled, openai_emulator):
    uploaded = await settled(client.files.create(file=("a.csv", LINES), purpose="user_data"))
    container = await settled(client.containers.create(name="numbers"))
    openai_emulator.requests.clear()
    file = await settled(client.containers.files.create(container.id, file_id=uploaded.id))
    assert (file.path, file.bytes, file.source) == ("/mnt/data/a.csv", len(LINES), "user")
    content = await settled(client.containers.files.content.retrieve(container.id, file.id))
    assert await settled(content.read()) == LINES
    assert uploaded.id.encode() in openai_emulator.requests[0].body


async def test_files_are_listed_page_by_page(client, settled, each, openai_emulator):
    container = await settled(client.containers.create(name="numbers"))
    for name in ("a", "b", "c"):
        await settled(client.containers.files.create(container.id, file=(name, LINES)))
    openai_emulator.requests.clear()
    page = await settled(client.containers.files.list(container.id, limit=2, order="asc"))
    assert isinstance(page.page, ContainerFileList)
    assert openai_emulator.requests[0].query == "limit=2&order=asc"
    files = await each(client.containers.files.list(container.id, limit=2, order="asc"))
    assert [file.path for file in files] == ["/mnt/data/a", "/mnt/data/b", "/mnt/data/c"]


async def test_what_cannot_be_is_refused(client, settled, openai_emulator):
    container = await settled(client.containers.create(name="numbers"))
    with pytest.raises(BadRequestError, match="'file' or 'file_id'"):
        await settled(client.containers.files.create(container.id))
    with pytest.raises(NotFoundError, match="file-none"):
        await settled(client.containers.create(name="a", file_ids=["file-none"]))
    with pytest.raises(NotFoundError, match="skill_none"):
        await settled(
            client.containers.create(name="a", skills=[{"type": "skill_reference", "skill_id": "skill_none"}])
        )
    with pytest.raises(BadRequestError) as refused:
        await settled(client.containers.create(name="a", memory_limit="2g"))
    assert refused.value.param == "memory_limit"
    assert len(openai_emulator.requests) == 5


async def test_a_container_that_nobody_used_expires(client, settled, openai_emulator):
    container = await settled(client.containers.create(name="numbers"))
    openai_emulator.advance(20 * 60)
    assert (await settled(client.containers.retrieve(container.id))).status == "expired"
    with pytest.raises(NotFoundError, match="expired"):
        await settled(client.containers.files.create(container.id, file=("a.csv", LINES)))
