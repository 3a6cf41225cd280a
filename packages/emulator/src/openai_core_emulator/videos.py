"""Videos: https://platform.openai.com/docs/api-reference/videos."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from .call import Answer, Call, Content, Operation
from .errors import bad, not_found
from .fields import FILE, REQUIRED_STRING, STRING, Field, one_of
from .forms import Upload
from .models import require
from .pictures import draw, format_of
from .resources import Kind, move_on

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUR: Final = 3600
_PROGRESS: Final = {"queued": 0, "in_progress": 50, "completed": 100}
_FAILING: Final = "fail"
"""A video fails whose prompt begins with this word."""

_PROMPT: Final = Field(("string",), required=True, longest=32_000)
_SIZE: Final = one_of("720x1280", "1280x720", "1024x1792", "1792x1024")
_OF_ALL: Final = {"prompt": _PROMPT, "model": STRING, "seconds": one_of("4", "8", "12"), "size": _SIZE}
_IMAGE: Final = {"file_id": STRING, "image_url": STRING}
_CREATE: Final = {**_OF_ALL, "input_reference": Field(("object",), properties=_IMAGE)}
_CREATE_FORM: Final = {**_OF_ALL, "input_reference": Field(("file", "object"), properties=_IMAGE)}
_NAMED: Final = {"id": REQUIRED_STRING}
_EDIT: Final = {"prompt": _PROMPT, "video": Field(("object",), required=True, properties=_NAMED)}
_EDIT_FORM: Final = {"prompt": _PROMPT, "video": Field(("file", "object"), required=True, properties=_NAMED)}
_LONGER: Final = {"seconds": one_of("4", "8", "12", "16", "20", required=True)}


def _make(call: Call, _: str, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": given.get("model") or "sora-2",
        "status": "queued",
        "progress": 0,
        "created_at": call.state.now(),
        "completed_at": None,
        "expires_at": None,
        "size": given.get("size") or "720x1280",
        "seconds": given.get("seconds") or "4",
        "remixed_from_video_id": given.get("remixed_from_video_id"),
        "error": None,
    }


def _look(call: Call, video: dict[str, Any]) -> None:
    if video["status"] not in {"queued", "in_progress"}:
        return
    move_on(video)
    if video["status"] == "completed" and video["prompt"].lower().startswith(_FAILING):
        video["status"] = "failed"
        video["error"] = {"code": "moderation_blocked", "message": "The prompt asks for a video that fails."}
        return
    video["progress"] = _PROGRESS[video["status"]]
    if video["status"] == "completed":
        video["completed_at"] = call.state.now()
        video["expires_at"] = video["completed_at"] + _HOUR


_VIDEOS: Final = Kind("/videos", "video_id", prefix="video_", object="video", make=_make, look=_look)


def _create(call: Call) -> Answer:
    body = dict(call.body)
    require(call.state, body.get("model") or "sora-2")
    reference = body.pop("input_reference", None)
    if isinstance(reference, Upload):
        if format_of(reference.content) is None:
            raise bad("Invalid image file: expected PNG, JPEG or WebP.", param="input_reference")
    elif reference is not None:
        if bool(reference.get("file_id")) == bool(reference.get("image_url")):
            raise bad("Exactly one of 'file_id' and 'image_url' must be given.", param="input_reference")
        if reference.get("file_id"):
            call.state.file(reference["file_id"])
    return _VIDEOS.add(call, body)


def _source(call: Call, video_id: str) -> dict[str, Any]:
    """A finished video that another one is made from."""
    video = _VIDEOS.shelf(call).get(video_id)
    if video is None:
        raise not_found(f"No video found with id '{video_id}'.", param="video")
    if video["status"] != "completed":
        raise bad(f"The video '{video_id}' is {video['status']}, not completed.", param="video")
    return video


def _given(call: Call) -> Mapping[str, Any]:
    """What a new video takes over from the one that it is made from."""
    video = call.body["video"]
    if isinstance(video, Upload):
        if not _is_video(video):
            raise bad("Invalid video file: expected MP4.", param="video")
        return {"size": "720x1280", "seconds": "4"}
    return _source(call, video["id"])


def _is_video(upload: Upload) -> bool:
    return upload.content[4:8] == b"ftyp"


def _edit(call: Call) -> Answer:
    source = _given(call)
    return _VIDEOS.add(call, {"prompt": call.body["prompt"], **{name: source[name] for name in ("size", "seconds")}})


def _extend(call: Call) -> Answer:
    source = _given(call)
    seconds = str(int(source["seconds"]) + int(call.body["seconds"]))
    return _VIDEOS.add(call, {"prompt": call.body["prompt"], "size": source["size"], "seconds": seconds})


def _remix(call: Call) -> Answer:
    source = _source(call, call.path["video_id"])
    taken = {name: source[name] for name in ("model", "size", "seconds")}
    return _VIDEOS.add(call, {"prompt": call.body["prompt"], "remixed_from_video_id": source["id"], **taken})


def _content(call: Call) -> Answer:
    video = _VIDEOS.find(call)
    if video["status"] != "completed":
        message = f"Video is not ready yet, use GET /v1/videos/{video['id']} to check status."
        raise not_found(message)
    if call.state.now() > video["expires_at"]:
        raise not_found(f"The files of video '{video['id']}' have expired.")
    variant = call.query.get("variant") or "video"
    if variant == "video":
        return Content(_film(int(video["seconds"])), "video/mp4")
    width, _, height = video["size"].partition("x")
    digest = call.state.digest("video", variant, video["prompt"])
    return Content(draw(digest, (int(width), int(height)), "webp"), "image/webp")


def _film(seconds: int) -> bytes:
    """An MP4 file as long as the video, with nothing to see: https://www.iso.org/standard/83102.html."""
    one = 1 << 16
    matrix = struct.pack(">9I", one, 0, 0, 0, one, 0, 0, 0, 1 << 30)
    times = struct.pack(">4I", 0, 0, 1000, 1000 * seconds)
    head = bytes(4) + times + struct.pack(">IH10x", one, 256) + matrix + bytes(24) + struct.pack(">I", 1)
    return _box(b"ftyp", b"isom" + bytes(4) + b"isommp42") + _box(b"moov", _box(b"mvhd", head))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _create_character(call: Call) -> Answer:
    if not _is_video(call.body["video"]):
        raise bad("Invalid video file: expected MP4.", param="video")
    character_id = call.state.new_id("char_")
    made = {"id": character_id, "name": call.body["name"], "created_at": call.state.now()}
    call.state.shelf("/videos/characters")[character_id] = made
    return made


def _character(call: Call) -> Answer:
    wanted, shelf = call.path["character_id"], call.state.shelf("/videos/characters")
    if wanted not in shelf:
        raise not_found(f"No character found with id '{wanted}'.", param="character_id")
    return shelf[wanted]


_CHARACTER: Final = {"name": Field(("string",), required=True, longest=80), "video": FILE}

OPERATIONS: Final = (
    *_VIDEOS.operations(["list"]),
    Operation("POST", "/videos", _create, body=_CREATE, form=_CREATE_FORM, model=True),
    Operation("POST", "/videos/characters", _create_character, form=_CHARACTER),
    Operation("GET", "/videos/characters/{character_id}", _character),
    Operation("POST", "/videos/edits", _edit, body=_EDIT, form=_EDIT_FORM, model=True),
    Operation(
        "POST", "/videos/extensions", _extend, body={**_EDIT, **_LONGER}, form={**_EDIT_FORM, **_LONGER}, model=True
    ),
    *_VIDEOS.operations(["retrieve", "delete"]),
    Operation(
        "GET",
        "/videos/{video_id}/content",
        _content,
        query={"variant": one_of("video", "thumbnail", "spritesheet")},
    ),
    Operation(
        "POST", "/videos/{video_id}/remix", _remix, body={"prompt": _PROMPT}, form={"prompt": _PROMPT}, model=True
    ),
)
