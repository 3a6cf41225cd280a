"""Containers and their files: https://platform.openai.com/docs/api-reference/containers.

No code ever runs in them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from .call import Answer, Call, Content, Operation
from .errors import bad, not_found
from .fields import FILE, OBJECT, REQUIRED_STRING, STRING, Field, Fields, one_of
from .forms import Upload
from .resources import Kind
from .skills import SKILLS

_MINUTES: Final = 20
_CREATE: Final[Fields] = {
    "name": REQUIRED_STRING,
    "file_ids": Field(("array",), items=STRING),
    "expires_after": Field(
        ("object",),
        properties={
            "anchor": one_of("last_active_at", required=True),
            "minutes": Field(("integer",), required=True, minimum=1),
        },
    ),
    "memory_limit": one_of("1g", "4g", "16g", "64g"),
    "network_policy": Field(
        ("object",),
        properties={
            "type": one_of("disabled", "allowlist", required=True),
            "allowed_domains": Field(("array",), fewest=1, items=STRING),
        },
    ),
    "skills": Field(
        ("array",),
        items=Field(
            ("object",),
            properties={
                "type": one_of("skill_reference", "inline", required=True),
                "skill_id": STRING,
                "source": OBJECT,
            },
        ),
    ),
}


def _new_container(call: Call, _id: str, given: dict[str, Any]) -> dict[str, Any]:
    created = call.state.now()
    usual = {"expires_after": {"anchor": "last_active_at", "minutes": _MINUTES}, "memory_limit": "1g"}
    return {"created_at": created, "status": "running", "last_active_at": created, **usual, **given}


def _look(call: Call, container: dict[str, Any]) -> None:
    if call.state.now() > container["last_active_at"] + 60 * container["expires_after"]["minutes"]:
        container["status"] = "expired"


CONTAINERS: Final = Kind(
    "/containers",
    "container_id",
    prefix="cntr_",
    object="container",
    make=_new_container,
    look=_look,
    query={"name": STRING},
)
FILES: Final = Kind(
    "/containers/{container_id}/files", "file_id", prefix="cfile_", object="container.file", parent=CONTAINERS
)


def _create(call: Call) -> Answer:
    given = {name: value for name, value in call.body.items() if name not in {"file_ids", "skills"}}
    if policy := given.get("network_policy"):
        # Secrets are taken, and never shown again.
        given["network_policy"] = {name: policy[name] for name in ("type", "allowed_domains") if name in policy}
    for each in call.body.get("skills") or ():
        if each["type"] == "skill_reference":
            SKILLS.find(replace(call, path={"skill_id": each.get("skill_id", "")}))
    copied = [call.state.file(file_id) for file_id in call.body.get("file_ids") or ()]
    container = CONTAINERS.add(call, given)
    at = replace(call, path={"container_id": container["id"]})
    for stored in copied:
        _put(at, stored.info["filename"], stored.content)
    return container


def _running(call: Call) -> dict[str, Any]:
    """The container that is called, which is used by that.

    Raises:
        Refusal: if it has expired.
    """
    container = CONTAINERS.find(call)
    _look(call, container)
    if container["status"] == "expired":
        raise not_found("Container is expired.", param="container_id")
    container["last_active_at"] = call.state.now()
    return container


def _put(call: Call, name: str, content: bytes) -> dict[str, Any]:
    container = _running(call)
    file = FILES.add(call, {})
    file.update(
        container_id=container["id"],
        created_at=container["last_active_at"],
        bytes=len(content),
        path=f"/mnt/data/{name}",
        source="user",
    )
    call.state.shelf("contents of containers")[file["id"]] = {"content": content}
    return file


def _create_file(call: Call) -> Answer:
    upload = call.body.get("file")
    if isinstance(upload, Upload):
        return _put(call, upload.filename, upload.content)
    if call.body.get("file_id"):
        stored = call.state.file(call.body["file_id"])
        return _put(call, stored.info["filename"], stored.content)
    raise bad("Either 'file' or 'file_id' is needed.", param="file", code="missing_required_parameter")


def _content(call: Call) -> Answer:
    _running(call)
    file = FILES.find(call)
    return Content(call.state.shelf("contents of containers")[file["id"]]["content"], "application/octet-stream")


_FILE: Final[Fields] = {"file": replace(FILE, required=False), "file_id": STRING}

OPERATIONS: Final = (
    Operation("POST", CONTAINERS.path, _create, body=_CREATE),
    *CONTAINERS.operations(("list", "retrieve", "delete")),
    Operation("POST", FILES.path, _create_file, body={"file_id": STRING}, form=_FILE),
    *FILES.operations(("list", "retrieve", "delete")),
    Operation("GET", f"{FILES.path}/{{file_id}}/content", _content),
)
