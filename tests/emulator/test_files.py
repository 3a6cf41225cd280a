from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from openai_core_emulator import Emulator

Refused = Callable[..., dict[str, Any]]


def upload(http: httpx.Client, name: str = "a.jsonl", purpose: str = "batch", **form: str) -> Any:
    response = http.post("/files", files={"file": (name, b"\x00content\xff")}, data={"purpose": purpose, **form})
    assert response.status_code == 200, response.text
    return response.json()


def test_an_uploaded_file_is_kept_byte_for_byte(http: httpx.Client) -> None:
    info = upload(http, "süß.bin")
    assert (info["bytes"], info["filename"], info["purpose"]) == (9, "süß.bin", "batch")
    assert http.get(f"/files/{info['id']}").json() == info
    content = http.get(f"/files/{info['id']}/content")
    assert content.content == b"\x00content\xff"
    assert content.headers["content-disposition"] == "attachment; filename*=utf-8''s%C3%BC%C3%9F.bin"


def test_a_deleted_file_is_gone(http: httpx.Client, refused: Refused) -> None:
    file_id = upload(http)["id"]
    assert http.delete(f"/files/{file_id}").json() == {"id": file_id, "object": "file", "deleted": True}
    for method, url in (("GET", ""), ("DELETE", ""), ("GET", "/content")):
        assert file_id in refused(404, method, f"/files/{file_id}{url}")["message"]


def test_files_are_listed_newest_first_in_pages(http: httpx.Client) -> None:
    ids = [upload(http)["id"] for _ in range(5)]
    first = http.get("/files", params={"limit": 2}).json()
    assert [each["id"] for each in first["data"]] == [ids[4], ids[3]]
    assert (first["first_id"], first["last_id"], first["has_more"]) == (ids[4], ids[3], True)
    last = http.get("/files", params={"after": ids[1]}).json()
    assert ([each["id"] for each in last["data"]], last["has_more"]) == ([ids[0]], False)
    oldest = http.get("/files", params={"order": "asc", "limit": 1}).json()
    assert [each["id"] for each in oldest["data"]] == [ids[0]]


def test_files_are_listed_by_purpose(http: httpx.Client) -> None:
    upload(http, purpose="batch")
    wanted = upload(http, purpose="vision")
    assert http.get("/files", params={"purpose": "vision"}).json()["data"] == [wanted]


def test_a_file_expires_when_its_time_is_over(http: httpx.Client, openai_emulator: Emulator, refused: Refused) -> None:
    info = upload(http, **{"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"})
    assert info["expires_at"] == info["created_at"] + 3600
    openai_emulator.advance(3000)
    assert http.get(f"/files/{info['id']}").status_code == 200
    openai_emulator.advance(700)
    assert http.get("/files").json()["data"] == []
    refused(404, "GET", f"/files/{info['id']}")


@pytest.mark.parametrize(
    ("form", "param", "code"),
    [
        ({}, "purpose", "missing_required_parameter"),
        ({"purpose": "fun"}, "purpose", "invalid_value"),
        ({"purpose": "batch", "x": "y"}, "x", "unknown_parameter"),
        (
            {"purpose": "batch", "expires_after[anchor]": "created_at"},
            "expires_after.seconds",
            "missing_required_parameter",
        ),
        (
            {"purpose": "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "1"},
            "expires_after.seconds",
            "integer_below_min_value",
        ),
        (
            {"purpose": "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "soon"},
            "expires_after.seconds",
            "invalid_type",
        ),
    ],
)
def test_wrong_forms_are_refused(refused: Refused, form: dict[str, str], param: str, code: str) -> None:
    error = refused(400, "POST", "/files", files={"file": b"x"}, data=form)
    assert (error["param"], error["code"]) == (param, code)


def test_an_upload_without_a_file_is_refused(refused: Refused) -> None:
    error = refused(400, "POST", "/files", files={"purpose": (None, "batch")})
    assert (error["param"], error["code"]) == ("file", "missing_required_parameter")
    error = refused(400, "POST", "/files", files={"purpose": (None, "batch"), "file": (None, "text")})
    assert (error["param"], error["code"]) == ("file", "invalid_type")
    assert refused(400, "POST", "/files", files={"file": b""}, data={"purpose": "batch"})["code"] == "empty_file"


def test_a_file_for_fine_tuning_is_looked_through_when_somebody_asks(http: httpx.Client) -> None:
    sent = http.post("/files", files={"file": ("a.jsonl", b'{"a": 1}\n[]')}, data={"purpose": "fine-tune"}).json()
    assert sent["status"] == "uploaded"
    (listed,) = http.get("/files").json()["data"]
    assert (listed["status"], listed["status_details"]) == ("error", "Invalid file format. Line 2 is not valid JSON.")
    sent = http.post("/files", files={"file": ("a.jsonl", b'{"a": 1}\n')}, data={"purpose": "fine-tune"}).json()
    assert http.get(f"/files/{sent['id']}").json() == {**sent, "status": "processed"}


def test_files_for_models_cannot_be_downloaded(http: httpx.Client, refused: Refused) -> None:
    file_id = upload(http, purpose="user_data")["id"]
    assert "user_data" in refused(400, "GET", f"/files/{file_id}/content")["message"]
