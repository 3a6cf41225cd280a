"""Files: https://platform.openai.com/docs/api-reference/files."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from .call import Answer, Call, Content, Operation, page
from .errors import bad
from .fields import FILE, STRING, Field, one_of
from .forms import Upload
from .state import StoredFile

_PURPOSES: Final = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_KEPT_IN: Final = frozenset({"assistants", "user_data"})
"""The purposes whose files can be read by models but not downloaded."""

_HOUR: Final = 3600
_LONGEST_PAGE: Final = 10_000

_CREATE: Final = {
    "file": FILE,
    "purpose": one_of(*_PURPOSES, required=True),
    "expires_after": Field(
        ("object",),
        properties={
            "anchor": one_of("created_at", required=True),
            "seconds": Field(("integer",), required=True, minimum=_HOUR, maximum=30 * 24 * _HOUR),
        },
    ),
}
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
    created = call.state.now()
    info = {
        "id": call.state.new_id("file-", 22),
        "object": "file",
        "bytes": len(upload.content),
        "created_at": created,
        "filename": upload.filename,
        "purpose": call.body["purpose"],
        "status": "processed",
    }
    if expiry := call.body.get("expires_after"):
        info["expires_at"] = created + expiry["seconds"]
    call.state.files[info["id"]] = StoredFile(info, upload.content)
    return info


def _list(call: Call) -> Answer:
    call.state.drop_expired_files()
    purpose = call.query.get("purpose")
    found = [stored.info for stored in call.state.files.values() if purpose in {None, stored.info["purpose"]}]
    return page(found, call.query, limit=_LONGEST_PAGE, order="desc")


def _retrieve(call: Call) -> Answer:
    return call.state.file(call.path["file_id"]).info


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
