"""A skill is a folder: its files under the names that the API tells them apart by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from openai_core.errors import InvalidRequestError
from openai_core.operation import OMIT
from openai_core.steps import send
from openai_core_skills.operations import skills, versions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_skills.types.skills import Skill, SkillVersion

_MANIFEST: Final = "SKILL.md"
_MOST_FILES: Final = 500
_LEFT_OUT: Final = frozenset({"__pycache__"})


def create_from_folder(folder: str | os.PathLike[str], *, options: RequestOptions | None = None) -> Steps[Skill]:
    """Upload a skill from its folder on this machine.

    Args:
        folder: The folder with the skill's `SKILL.md`. All files in it and in the folders below are uploaded, but for
            hidden ones and `__pycache__`; 500 at most.
        options: Options of this one call.

    Returns:
        What is known about the skill: its ID, and the name and description from `SKILL.md`.

    Raises:
        InvalidRequestError: for a folder without `SKILL.md`, with too many files, or with a link that leads out of it.
        APIError: if the server refuses the skill.

    [API reference](https://platform.openai.com/docs/api-reference/skills/create)
    """
    return send(skills.create(files=files_of(folder), options=options))


def create_version_from_folder(
    skill_id: str,
    folder: str | os.PathLike[str],
    *,
    default: bool | Omit = OMIT,
    options: RequestOptions | None = None,
) -> Steps[SkillVersion]:
    """Upload a new version of a skill from its folder on this machine.

    Args:
        skill_id: ID of the skill.
        folder: The folder with the skill's `SKILL.md`; what is uploaded is as for `skills.create_from_folder`.
        default: Whether this version becomes the default one.
        options: Options of this one call.

    Returns:
        What is known about the version, its number in `version`.

    Raises:
        InvalidRequestError: for a folder without `SKILL.md`, with too many files, or with a link that leads out of it.
        APIError: if the server refuses the version.

    [API reference](https://platform.openai.com/docs/api-reference/skills/versions/create)
    """
    return send(versions.create(skill_id, files=files_of(folder), default=default, options=options))


def files_of(folder: str | os.PathLike[str]) -> list[tuple[str, Path]]:
    """The files of a skill as `files=` takes them, each with its name from the folder on, such as `pdf/SKILL.md`.

    Args:
        folder: The folder with the skill's `SKILL.md`.

    Raises:
        InvalidRequestError: for a folder without `SKILL.md`, with too many files, or with a link that leads out of it.
    """
    root = Path(folder).resolve()
    if not (root / _MANIFEST).is_file():
        raise InvalidRequestError(
            f"{str(folder)!r} is no folder with a {_MANIFEST}, which every skill has", param="files"
        )
    found = [(f"{root.name}/{path.relative_to(root).as_posix()}", path) for path in sorted(_below(root, root))]
    if len(found) > _MOST_FILES:
        raise InvalidRequestError(
            f"{str(folder)!r} holds {len(found)} files, and a skill has {_MOST_FILES} at most", param="files"
        )
    return found


def _below(folder: Path, root: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in _LEFT_OUT:
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise InvalidRequestError(f"{str(path)!r} is a link that leads out of the skill's folder", param="files")
        if path.is_dir():
            # A link to a folder inside would show its files twice, or never end.
            yield from () if path.is_symlink() else _below(path, root)
        elif path.is_file():
            yield path
