"""Uploads in parts: https://platform.openai.com/docs/api-reference/uploads."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from . import files
from .call import Answer, Call, Operation
from .errors import bad
from .fields import FILE, REQUIRED_STRING, STRING, Field, one_of
from .forms import Upload
from .resources import Kind

_LARGEST: Final = 8 * 2**30
_LARGEST_PART: Final = 64 * 2**20
_HOUR: Final = 3600
_SHOWN: Final = ("bytes", "filename", "purpose")
_CREATE: Final = {
    "bytes": Field(("integer",), required=True, minimum=1, maximum=_LARGEST),
    "filename": REQUIRED_STRING,
    "mime_type": REQUIRED_STRING,
    "purpose": one_of("assistants", "batch", "fine-tune", "vision", required=True),
    "expires_after": files.EXPIRES_AFTER,
}
_COMPLETE: Final = {"part_ids": Field(("array",), required=True, fewest=1, items=REQUIRED_STRING), "md5": STRING}


def _make(call: Call, upload_id: str, _: dict[str, Any]) -> dict[str, Any]:
    _wishes(call)[upload_id] = call.body.get("expires_after") or {}
    created = call.state.now()
    return {"created_at": created, "expires_at": created + _HOUR, "status": "pending"}


_UPLOADS: Final = Kind("/uploads", "upload_id", prefix="upload_", object="upload", make=_make)


def _wishes(call: Call) -> dict[str, dict[str, Any]]:
    """When the files that uploads become are to expire."""
    return call.state.shelf("expiry of uploaded files")


def _parts(call: Call) -> dict[str, dict[str, Any]]:
    """The parts of the upload that is called for, with their bytes."""
    return call.state.shelf(f"/uploads/{call.path['upload_id']}/parts")


def _create(call: Call) -> Answer:
    return _UPLOADS.add(call, {name: call.body[name] for name in _SHOWN})


def _pending(call: Call) -> dict[str, Any]:
    """The upload that is called for, if it still takes parts."""
    upload = _UPLOADS.find(call)
    if upload["status"] == "pending" and call.state.now() > upload["expires_at"]:
        upload["status"] = "expired"
    if upload["status"] != "pending":
        raise bad(f"The upload '{upload['id']}' is {upload['status']}.", param="upload_id")
    return upload


def _add_part(call: Call) -> Answer:
    upload = _pending(call)
    data = call.body["data"]
    assert isinstance(data, Upload)  # noqa: S101 - the table of fields has seen to it
    if not 0 < len(data.content) <= _LARGEST_PART:
        raise bad(f"A part has 1 to {_LARGEST_PART} bytes, not {len(data.content)}.", param="data")
    part = {
        "id": call.state.new_id("part_"),
        "object": "upload.part",
        "created_at": call.state.now(),
        "upload_id": upload["id"],
    }
    _parts(call)[part["id"]] = {"content": data.content}
    return part


def _complete(call: Call) -> Answer:
    upload, parts = _pending(call), _parts(call)
    for position, part_id in enumerate(call.body["part_ids"]):
        if part_id not in parts:
            raise bad(f"The upload '{upload['id']}' has no part '{part_id}'.", param=f"part_ids[{position}]")
    content = b"".join(parts[part_id]["content"] for part_id in call.body["part_ids"])
    if len(content) != upload["bytes"]:
        message = f"The parts have {len(content)} bytes together, but the upload was created for {upload['bytes']}."
        raise bad(message, param="part_ids")
    wanted, found = call.body.get("md5"), hashlib.md5(content, usedforsecurity=False).hexdigest()
    if wanted is not None and wanted.lower() != found:
        raise bad(f"The MD5 of the parts is {found}, not {wanted}.", param="md5")
    made = files.keep(call.state, upload["filename"], content, upload["purpose"], _wishes(call)[upload["id"]])
    parts.clear()
    upload.update(status="completed", file=made)
    return upload


def _cancel(call: Call) -> Answer:
    upload = _pending(call)
    _parts(call).clear()
    upload["status"] = "cancelled"
    return upload


OPERATIONS: Final = (
    Operation("POST", "/uploads", _create, body=_CREATE),
    Operation("POST", "/uploads/{upload_id}/parts", _add_part, form={"data": FILE}),
    Operation("POST", "/uploads/{upload_id}/complete", _complete, body=_COMPLETE),
    Operation("POST", "/uploads/{upload_id}/cancel", _cancel),
)
