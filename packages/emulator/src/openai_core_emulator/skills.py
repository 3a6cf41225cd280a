"""Skills and their versions: https://platform.openai.com/docs/api-reference/skills."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from .call import Answer, Call, Content, Operation, page
from .errors import bad, not_found
from .fields import PAGE, REQUIRED_STRING, Field, Fields
from .resources import Kind

if TYPE_CHECKING:
    from .forms import Upload

_MANIFEST: Final = "SKILL.md"
_HEAD: Final = re.compile(r"\A---\r?\n(?P<fields>.*?)^---\s*$", re.DOTALL | re.MULTILINE)
_FIELD: Final = re.compile(r"^(?P<name>\w+):[ \t]*(?P<value>.*?)\s*$", re.MULTILINE)

_FILES: Final = Field(("array", "file"), required=True, fewest=1, most=500, items=Field(("file",)))
_CREATE: Final[Fields] = {"files": _FILES}
_CREATE_VERSION: Final[Fields] = {**_CREATE, "default": Field(("boolean",))}

SKILLS: Final = Kind("/skills", "skill_id", prefix="skill_", object="skill")


def _bundle(call: Call) -> tuple[dict[str, str], bytes]:
    """The name and description of the skill that was sent, and its files in an archive."""
    given = call.body["files"]
    uploads: list[Upload] = given if isinstance(given, list) else [given]
    single = uploads[0].content if len(uploads) == 1 else b""
    files = _unpacked(single) if single[:2] == b"PK" else {each.filename: each.content for each in uploads}
    manifests = [name for name in files if name.rpartition("/")[2] == _MANIFEST]
    if len(manifests) != 1:
        message = f"A skill has one {_MANIFEST}, and this has {len(manifests)}."
        raise bad(message, param="files", code="invalid_skill")
    folder = manifests[0].removesuffix(_MANIFEST)
    if not folder or any(not name.startswith(folder) for name in files):
        raise bad(f"All files of a skill are in one folder, that of {_MANIFEST}.", param="files", code="invalid_skill")
    head = _HEAD.match(files[manifests[0]].decode(errors="replace"))
    said = {found["name"]: found["value"].strip("'\"") for found in _FIELD.finditer(head["fields"] if head else "")}
    if not said.get("name") or not said.get("description"):
        message = f"{_MANIFEST} begins with a head that has a 'name' and a 'description'."
        raise bad(message, param="files", code="invalid_skill")
    return {"name": said["name"], "description": said["description"]}, _packed(files)


def _unpacked(archive: bytes) -> dict[str, bytes]:
    try:
        with ZipFile(BytesIO(archive)) as opened:
            return {info.filename: opened.read(info) for info in opened.infolist() if not info.is_dir()}
    except (BadZipFile, NotImplementedError, RuntimeError) as error:
        raise bad("The zip archive could not be read.", param="files", code="invalid_skill") from error


def _packed(files: dict[str, bytes]) -> bytes:
    archive = BytesIO()
    with ZipFile(archive, "w") as opened:
        for name in sorted(files):
            # Without the time of day, the same files make the same archive.
            opened.writestr(ZipInfo(name), files[name])
    return archive.getvalue()


def _versions(call: Call) -> dict[str, dict[str, Any]]:
    """The versions of the skill that is called, by their numbers, oldest first."""
    return call.state.shelf(f"versions of {SKILLS.find(call)['id']}")


def _version(call: Call, number: str) -> dict[str, Any]:
    versions = _versions(call)
    if number not in versions:
        raise not_found(f"No version '{number}' of skill '{call.path['skill_id']}' found.", param="version")
    return versions[number]


def _add_version(call: Call, skill: dict[str, Any], said: dict[str, str], archive: bytes) -> dict[str, Any]:
    number = str(int(skill.get("latest_version", "0")) + 1)
    version = {
        "id": call.state.new_id("skillver_"),
        "object": "skill.version",
        "skill_id": skill["id"],
        "version": number,
        "created_at": call.state.now(),
        **said,
    }
    call.state.shelf(f"versions of {skill['id']}")[number] = version
    call.state.shelf("archives of skills")[version["id"]] = {"content": archive}
    skill["latest_version"] = number
    return version


def _make_default(skill: dict[str, Any], version: dict[str, Any]) -> None:
    skill.update(default_version=version["version"], name=version["name"], description=version["description"])


def _create(call: Call) -> Answer:
    said, archive = _bundle(call)
    skill = SKILLS.add(call, {**said, "created_at": call.state.now()})
    _make_default(skill, _add_version(call, skill, said, archive))
    return skill


def _update(call: Call) -> Answer:
    skill = SKILLS.find(call)
    _make_default(skill, _version(call, call.body["default_version"]))
    return skill


def _create_version(call: Call) -> Answer:
    skill = SKILLS.find(call)
    version = _add_version(call, skill, *_bundle(call))
    if call.body.get("default"):
        _make_default(skill, version)
    return version


def _list_versions(call: Call) -> Answer:
    return page(list(_versions(call).values()), call.query, order="desc")


def _retrieve_version(call: Call) -> Answer:
    return _version(call, call.path["version"])


def _delete_version(call: Call) -> Answer:
    version = _version(call, call.path["version"])
    skill = SKILLS.find(call)
    if version["version"] == skill["default_version"]:
        raise bad("The default version can't be deleted; choose another one first.", param="version")
    versions = _versions(call)
    del versions[version["version"]]
    skill["latest_version"] = list(versions)[-1]
    return {"id": version["id"], "object": "skill.version.deleted", "deleted": True, "version": version["version"]}


def _content(call: Call) -> Answer:
    number = call.path.get("version") or SKILLS.find(call)["default_version"]
    version = _version(call, number)
    content = call.state.shelf("archives of skills")[version["id"]]["content"]
    return Content(content, "application/zip")


OPERATIONS: Final = (
    Operation("POST", SKILLS.path, _create, form=_CREATE),
    *SKILLS.operations(("list",)),
    Operation("POST", "/skills/{skill_id}", _update, body={"default_version": REQUIRED_STRING}),
    *SKILLS.operations(("retrieve", "delete")),
    Operation("GET", "/skills/{skill_id}/content", _content),
    Operation("POST", "/skills/{skill_id}/versions", _create_version, form=_CREATE_VERSION),
    Operation("GET", "/skills/{skill_id}/versions", _list_versions, query=PAGE),
    Operation("GET", "/skills/{skill_id}/versions/{version}", _retrieve_version),
    Operation("DELETE", "/skills/{skill_id}/versions/{version}", _delete_version),
    Operation("GET", "/skills/{skill_id}/versions/{version}/content", _content),
)
