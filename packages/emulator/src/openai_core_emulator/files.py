"""Files: https://platform.openai.com/docs/api-reference/files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from .call import Answer, Call, Content, Operation, page
from .errors import bad
from .fields import FILE, STRING, Field, one_of
from .forms import Upload
from .state import StoredFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import State

_PURPOSES: Final = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_KEPT_IN: Final = frozenset({"assistants", "user_data"})
"""The purposes whose files can be read by models but not downloaded."""

_CHECKED: Final = "fine-tune"
"""The purpose whose files are looked through before they can be used."""

_HOUR: Final = 3600
_LONGEST_PAGE: Final = 10_000

EXPIRES_AFTER: Final = Field(
    ("object",),
    properties={
        "anchor": one_of("created_at", required=True),
        "seconds": Field(("integer",), required=True, minimum=_HOUR, maximum=30 * 24 * _HOUR),
    },
)
"""When a file is deleted by itself."""

_CREATE: Final = {"file": FILE, "purpose": one_of(*_PURPOSES, required=True), "expires_after": EXPIRES_AFTER}
_LIST: Final = {
    "purpose": STRING,
    "after": STRING,
    "limit": Field(("integer",), minimum=1, maximum=_LONGEST_PAGE),
    "order": one_of("asc", "desc"),
}


def _create(call: Call) -> Answer:
    upload = call.body["file"]
    assert isinstance(upload, Upload)  # noqa: S101 - the table above has seen to it
    if not upload.content:
        raise bad("The file is empty.", param="file", code="empty_file")
    body = call.body
    return keep(call.state, upload.filename, upload.content, body["purpose"], body.get("expires_after"))


def keep(
    state: State, filename: str, content: bytes, purpose: str, expires_after: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Remember a file, and give what is known about it."""
    created = state.now()
    info: dict[str, Any] = {
        "id": state.new_id("file-", 22),
        "object": "file",
        "bytes": len(content),
        "created_at": created,
        "filename": filename,
        "purpose": purpose,
        "status": "uploaded" if purpose == _CHECKED else "processed",
    }
    if expires_after:
        info["expires_at"] = created + expires_after["seconds"]
    state.files[info["id"]] = StoredFile(info, content)
    return dict(info)


def _list(call: Call) -> Answer:
    call.state.drop_expired_files()
    purpose = call.query.get("purpose")
    found = [_looked_through(each) for each in call.state.files.values() if purpose in {None, each.info["purpose"]}]
    return page(found, call.query, limit=_LONGEST_PAGE, order="desc")


def _retrieve(call: Call) -> Answer:
    return _looked_through(call.state.file(call.path["file_id"]))


def _looked_through(stored: StoredFile) -> dict[str, Any]:
    """What is known about a file, once somebody looks at it."""
    info = stored.info
    if info["status"] == "uploaded":
        line = _first_bad_line(stored.content)
        info["status"] = "error" if line else "processed"
        if line:
            info["status_details"] = f"Invalid file format. Line {line} is not valid JSON."
    return info


def _first_bad_line(content: bytes) -> int:
    """The number of the first line that is no JSON object, 0 if all are."""
    for number, line in enumerate(content.splitlines(), 1):
        try:
            good = isinstance(json.loads(line), dict)
        except ValueError:
            good = False
        if not good:
            return number
    return 0


def _delete(call: Call) -> Answer:
    file_id = call.state.file(call.path["file_id"]).info["id"]
    del call.state.files[file_id]
    return {"id": file_id, "object": "file", "deleted": True}


def _content(call: Call) -> Answer:
    stored = call.state.file(call.path["file_id"])
    if stored.info["purpose"] in _KEPT_IN:
        raise bad(f"Not allowed to download files of purpose: {stored.info['purpose']}")
    name = quote(stored.info["filename"])
    headers = {"content-disposition": f"attachment; filename*=utf-8''{name}"}
    return Content(stored.content, "application/octet-stream", headers)


OPERATIONS: Final = (
    Operation("GET", "/files", _list, query=_LIST),
    Operation("POST", "/files", _create, form=_CREATE),
    Operation("GET", "/files/{file_id}", _retrieve),
    Operation("DELETE", "/files/{file_id}", _delete),
    Operation("GET", "/files/{file_id}/content", _content),
)
