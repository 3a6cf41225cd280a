from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_skills.types import (
    DeletedSkill,
    DeletedSkillVersion,
    Skill,
    SkillList,
    SkillVersion,
    SkillVersionList,
)

MANIFEST = b"---\nname: sums\ndescription: Adds up numbers.\n---\nRun scripts/add.py.\n"
SCRIPT = b"print(sum(map(int, input().split())))\n"
FILES = [("sums/SKILL.md", MANIFEST), ("sums/scripts/add.py", SCRIPT)]


def manifest(name):
    return MANIFEST.replace(b"sums", name.encode())


def archive(files):
    made = BytesIO()
    with ZipFile(made, "w") as opened:
        for name, content in files:
            opened.writestr(name, content)
    return made.getvalue()


def contents(packed):
    with ZipFile(BytesIO(packed)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def asked(emulator):
    """The operations that the emulator was asked for: method and path below `/v1`."""
    return [(request.method, request.path.removeprefix("/v1")) for request in emulator.requests]


async def test_a_skill_is_uploaded_from_its_files_and_fetched_as_an_archive(client, settled, openai_emulator, tmp_path):
    skill = await settled(client.skills.create(files=FILES))
    assert isinstance(skill, Skill)
    assert (skill.name, skill.description) == ("sums", "Adds up numbers.")
    assert (skill.default_version, skill.latest_version) == ("1", "1")
    (sent,) = openai_emulator.requests
    assert (sent.method, sent.path) == ("POST", "/v1/skills")
    assert b'name="files[]"; filename="sums/SKILL.md"\r\nContent-Type: text/markdown' in sent.body
    assert b'name="files[]"; filename="sums/scripts/add.py"' in sent.body

    assert await settled(client.skills.retrieve(skill.id)) == skill
    content = await settled(client.skills.content.retrieve(skill.id))
    assert content.media_type == "application/zip"
    saved = await settled(content.save(tmp_path / "sums.zip"))
    assert contents(saved.read_bytes()) == dict(FILES)

    deleted = await settled(client.skills.delete(skill.id))
    assert isinstance(deleted, DeletedSkill)
    assert (deleted.id, deleted.deleted) == (skill.id, True)
    with pytest.raises(NotFoundError, match=skill.id):
        await settled(client.skills.content.retrieve(skill.id))
    path = f"/skills/{skill.id}"
    assert asked(openai_emulator)[1:] == [
        ("GET", path),
        ("GET", f"{path}/content"),
        ("DELETE", path),
        ("GET", f"{path}/content"),
    ]


async def test_a_skill_is_uploaded_as_an_archive(client, settled, openai_emulator):
    skill = await settled(client.skills.create(files=("sums.zip", archive(FILES))))
    assert skill.name == "sums"
    assert b'name="files"; filename="sums.zip"\r\nContent-Type: application/zip' in openai_emulator.requests[0].body
    content = await settled(client.skills.content.retrieve(skill.id))
    assert contents(await settled(content.read())) == dict(FILES)


async def test_skills_are_listed_page_by_page(client, settled, each, openai_emulator):
    for name in ("a", "b", "c"):
        await settled(client.skills.create(files=[(f"{name}/SKILL.md", manifest(name))]))
    openai_emulator.requests.clear()
    page = await settled(client.skills.list(limit=2, order="asc"))
    assert isinstance(page.page, SkillList)
    assert openai_emulator.requests[0].query == "limit=2&order=asc"
    assert [skill.name for skill in await each(client.skills.list(limit=2, order="asc"))] == ["a", "b", "c"]
    assert len(openai_emulator.requests) == 3


async def test_a_skill_has_versions(client, settled, each, openai_emulator):
    skill = await settled(client.skills.create(files=FILES))
    openai_emulator.requests.clear()
    second = await settled(client.skills.versions.create(skill.id, files=[("sums/SKILL.md", manifest("products"))]))
    assert isinstance(second, SkillVersion)
    assert (second.skill_id, second.version, second.name) == (skill.id, "2", "products")
    third = await settled(
        client.skills.versions.create(skill.id, files=("c.zip", archive([("c/SKILL.md", manifest("c"))])), default=True)
    )
    assert b'name="default"\r\n\r\ntrue\r\n' in openai_emulator.requests[-1].body
    now = await settled(client.skills.retrieve(skill.id))
    assert (now.name, now.default_version, now.latest_version) == ("c", "3", "3")

    chosen = await settled(client.skills.update(skill.id, default_version="2"))
    assert isinstance(chosen, Skill)
    assert (chosen.name, chosen.default_version, chosen.latest_version) == ("products", "2", "3")
    assert openai_emulator.requests[-1].json() == {"default_version": "2"}
    page = await settled(client.skills.versions.list(skill.id, limit=2, order="asc"))
    assert isinstance(page.page, SkillVersionList)
    assert openai_emulator.requests[-1].query == "limit=2&order=asc"
    versions = await each(client.skills.versions.list(skill.id, limit=2))
    assert [version.version for version in versions] == ["3", "2", "1"]
    assert openai_emulator.requests[-1].query == f"limit=2&after={second.id}"
    assert await settled(client.skills.versions.retrieve(skill.id, "2")) == second
    content = await settled(client.skills.versions.content.retrieve(skill.id, "1"))
    assert contents(await settled(content.read())) == dict(FILES)

    deleted = await settled(client.skills.versions.delete(skill.id, "3"))
    assert isinstance(deleted, DeletedSkillVersion)
    assert (deleted.id, deleted.version, deleted.deleted) == (third.id, "3", True)
    with pytest.raises(NotFoundError, match="'3'"):
        await settled(client.skills.versions.retrieve(skill.id, "3"))
    with pytest.raises(BadRequestError, match="default version"):
        await settled(client.skills.versions.delete(skill.id, "2"))
    path = f"/skills/{skill.id}"
    assert asked(openai_emulator) == [
        ("POST", f"{path}/versions"),
        ("POST", f"{path}/versions"),
        ("GET", path),
        ("POST", path),
        ("GET", f"{path}/versions"),
        ("GET", f"{path}/versions"),
        ("GET", f"{path}/versions"),
        ("GET", f"{path}/versions/2"),
        ("GET", f"{path}/versions/1/content"),
        ("DELETE", f"{path}/versions/3"),
        ("GET", f"{path}/versions/3"),
        ("DELETE", f"{path}/versions/2"),
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("sums/add.py", SCRIPT)], "has one SKILL.md"),
        ([*FILES, ("sums/more/SKILL.md", MANIFEST)], "has one SKILL.md"),
        ([*FILES, ("other/a.py", SCRIPT)], "in one folder"),
        ([("SKILL.md", MANIFEST)], "in one folder"),
        ([("sums/SKILL.md", b"Adds up numbers.")], "'name' and a 'description'"),
        (("sums.zip", b"PK\x03\x04 and nothing more"), "could not be read"),
        ([], "files"),
    ],
)
async def test_what_is_no_skill_is_refused(client, settled, files, reason):
    with pytest.raises(BadRequestError, match=reason) as refused:
        await settled(client.skills.create(files=files))
    assert refused.value.param == "files"
