"""Checks of where a file comes from: https://platform.openai.com/docs/api-reference/content_provenance_checks."""

from __future__ import annotations

from typing import Any, Final

from .call import Answer, Call, Operation
from .errors import bad
from .fields import FILE
from .forms import Upload
from .pictures import format_of

_MANIFEST: Final = b"c2pa"
_ISSUER: Final = b"OpenAI"
_PALETTE: Final = b"PLTE\xf0\xf0\xf0"
"""What is in a PNG of the emulator's own, and takes the place of the watermark in a picture of OpenAI's models."""

_SOUNDS: Final = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9", b"OggS", b"fLaC")


def _create(call: Call) -> Answer:
    upload = call.body["file"]
    assert isinstance(upload, Upload)  # noqa: S101 - the table below has seen to it
    content = upload.content
    if format_of(content):
        results = [_manifest(content), _watermark(own=_PALETTE in content)]
    elif _is_sound(content):
        results = [_watermark(own=False)]
    else:
        raise bad("Unsupported file: expected an image or audio.", param="file", code="unsupported_file")
    return {"object": "content_provenance_check", "created_at": call.state.now(), "results": results}


def _is_sound(content: bytes) -> bool:
    if content[:4] == b"RIFF":
        return content[8:12] == b"WAVE"
    return content.startswith(_SOUNDS) or content[4:8] == b"ftyp"


def _manifest(content: bytes) -> dict[str, Any]:
    there, ours = _MANIFEST in content, _ISSUER in content
    return {
        "type": "c2pa",
        "outcome": "detected" if there and ours else "not_detected",
        # Nothing here checks a signature, so that none is trusted.
        "validation_state": "valid" if there else "not_present",
        "issuer": "OpenAI" if there and ours else None,
        "model": None,
        "generated_at": None,
    }


def _watermark(*, own: bool) -> dict[str, Any]:
    return {
        "type": "synthid",
        "outcome": "detected" if own else "not_detected",
        "model": None,
        "generated_at": None,
    }


OPERATIONS: Final = (Operation("POST", "/content_provenance_checks", _create, form={"file": FILE}),)
