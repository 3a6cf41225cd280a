from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
URL = "/content_provenance_checks"


def test_a_recording_has_no_manifest(http: httpx.Client) -> None:
    answer = http.post(URL, files={"file": b"OggS c2pa OpenAI"}).json()
    assert answer["object"] == "content_provenance_check"
    assert [result["type"] for result in answer["results"]] == ["synthid"]


def test_what_cannot_be_is_refused(refused: Refused) -> None:
    assert refused(400, "POST", URL, data={"name": "a"}, files={"picture": b"a"})["param"] == "name"
    assert refused(400, "POST", URL, files={"file": b""})["param"] == "file"
    assert refused(400, "POST", URL, json={"file": "a"})["code"] == "unsupported_content_type"
