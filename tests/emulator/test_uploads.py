from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from openai_core_emulator import Emulator

Refused = Callable[..., dict[str, Any]]
ORDER = {"bytes": 4, "filename": "a.txt", "mime_type": "text/plain", "purpose": "assistants"}


def begin(http: httpx.Client, **changes: Any) -> Any:
    return http.post("/uploads", json={**ORDER, **changes}).json()


def add(http: httpx.Client, upload: Any, data: bytes) -> Any:
    return http.post(f"/uploads/{upload['id']}/parts", files={"data": data}).json()


def test_an_upload_shows_what_the_api_shows(http: httpx.Client) -> None:
    upload = begin(http)
    assert set(upload) == {"id", "object", "bytes", "filename", "purpose", "status", "created_at", "expires_at"}
    assert upload["id"].startswith("upload_")
    part = add(http, upload, b"abcd")
    assert part["id"].startswith("part_")
    done = http.post(f"/uploads/{upload['id']}/complete", json={"part_ids": [part["id"]]}).json()
    assert done == {**upload, "status": "completed", "file": http.get(f"/files/{done['file']['id']}").json()}


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"part_ids": []}, "part_ids"),
        ({"part_ids": ["part_none"]}, "part_ids[0]"),
        ({"part_ids": ["HALF"]}, "part_ids"),
        ({"part_ids": ["HALF", "HALF"], "md5": "0" * 32}, "md5"),
    ],
)
def test_what_cannot_be_completed_is_refused(http: httpx.Client, refused: Refused, sent: Any, param: str) -> None:
    upload = begin(http)
    half = add(http, upload, b"ab")["id"]
    ids = [half if each == "HALF" else each for each in sent["part_ids"]]
    assert refused(400, "POST", f"/uploads/{upload['id']}/complete", json={**sent, "part_ids": ids})["param"] == param


def test_an_upload_ends_after_an_hour(http: httpx.Client, refused: Refused, openai_emulator: Emulator) -> None:
    upload = begin(http)
    openai_emulator.advance(3601)
    url = f"/uploads/{upload['id']}"
    assert "is expired" in refused(400, "POST", f"{url}/parts", files={"data": b"abcd"})["message"]
    assert "is expired" in refused(400, "POST", f"{url}/cancel")["message"]


def test_a_completed_upload_is_over(http: httpx.Client, refused: Refused) -> None:
    upload = begin(http)
    part = add(http, upload, b"abcd")
    url = f"/uploads/{upload['id']}"
    http.post(f"{url}/complete", json={"part_ids": [part["id"]]})
    for path, sent in (
        ("parts", {"files": {"data": b"a"}}),
        ("complete", {"json": {"part_ids": ["x"]}}),
        ("cancel", {}),
    ):
        assert "is completed" in refused(400, "POST", f"{url}/{path}", **sent)["message"]


def test_wrong_uploads_are_refused(refused: Refused, http: httpx.Client) -> None:
    assert refused(400, "POST", "/uploads", json={**ORDER, "bytes": 0})["param"] == "bytes"
    assert refused(400, "POST", "/uploads", json={**ORDER, "purpose": "evals"})["param"] == "purpose"
    assert refused(400, "POST", f"/uploads/{begin(http)['id']}/parts", files={"data": b""})["param"] == "data"
    assert "upload_none" in refused(404, "POST", "/uploads/upload_none/cancel")["message"]
