from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from openai_core import InvalidRequestError
from openai_core_skills.folders import files_of
from openai_core_skills.types import Skill, SkillVersion

MANIFEST = "---\nname: sums\ndescription: Adds up numbers.\n---\n"


@pytest.fixture
def folder(tmp_path):
    """A skill's folder with what an editor and a run leave behind."""
    root = tmp_path / "sums"
    for name, text in {
        "SKILL.md": MANIFEST,
        "scripts/add.py": "print(1)\n",
        "scripts/__pycache__/add.pyc": "x",
        ".git/config": "x",
        ".env": "SECRET=1\n",
        "notes/a b.txt": "x",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


NAMES = ["sums/SKILL.md", "sums/notes/a b.txt", "sums/scripts/add.py"]


async def names_in(binary, settled):
    with ZipFile(BytesIO(await settled(binary.read()))) as opened:
        return opened.namelist()


async def test_a_skill_is_uploaded_from_its_folder(client, settled, folder, openai_emulator):
    skill = await settled(client.skills.create_from_folder(folder))
    assert isinstance(skill, Skill)
    assert (skill.name, skill.description) == ("sums", "Adds up numbers.")
    assert (openai_emulator.requests[0].method, openai_emulator.requests[0].path) == ("POST", "/v1/skills")
    assert await names_in(await settled(client.skills.content.retrieve(skill.id)), settled) == NAMES
    assert b"SECRET" not in openai_emulator.requests[0].body

    (folder / "SKILL.md").write_text(MANIFEST.replace("numbers", "more numbers"))
    version = await settled(client.skills.versions.create_from_folder(skill.id, str(folder), default=True))
    assert isinstance(version, SkillVersion)
    assert (version.version, version.description) == ("2", "Adds up more numbers.")
    assert openai_emulator.requests[-1].path == f"/v1/skills/{skill.id}/versions"
    assert (await settled(client.skills.retrieve(skill.id))).default_version == "2"
    assert await names_in(await settled(client.skills.versions.content.retrieve(skill.id, "2")), settled) == NAMES


async def test_a_folder_that_is_no_skill_is_refused_before_anything_is_sent(client, settled, folder, openai_emulator):
    with pytest.raises(InvalidRequestError, match=r"no folder with a SKILL\.md"):
        await settled(client.skills.create_from_folder(folder / "scripts"))
    with pytest.raises(InvalidRequestError, match=r"no folder with a SKILL\.md"):
        await settled(client.skills.versions.create_from_folder("skill_1", folder / "nowhere"))
    assert openai_emulator.requests == []


def test_the_names_begin_with_the_folder_however_it_is_given(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert [name for name, _ in files_of(".")] == NAMES


def test_a_link_is_followed_inside_the_folder_and_nowhere_else(folder, tmp_path):
    (folder / "again.py").symlink_to(folder / "scripts" / "add.py")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    assert [name for name, _ in files_of(folder)] == [NAMES[0], "sums/again.py", *NAMES[1:]]
    (tmp_path / "key").write_text("secret")
    (folder / "key").symlink_to(tmp_path / "key")
    with pytest.raises(InvalidRequestError, match="leads out"):
        files_of(folder)


def test_a_skill_has_500_files_at_most(folder):
    for number in range(498):
        (folder / f"{number}.txt").touch()
    with pytest.raises(InvalidRequestError, match="holds 501 files"):
        files_of(folder)
    (folder / "0.txt").unlink()
    assert len(files_of(folder)) == 500
