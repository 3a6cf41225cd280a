from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]

MANIFEST = b"---\nname: \"sums\"\r\ndescription: 'Adds: numbers'\n---\nText\n"


def send(http: httpx.Client, url: str, name: str = "s/SKILL.md") -> Any:
    response = http.post(url, files=[("files[]", (name, MANIFEST))])
    assert response.status_code == 200, response.text
    return response.json()


def test_name_and_description_come_from_the_head_of_the_manifest(http: httpx.Client) -> None:
    skill = send(http, "/skills")
    assert (skill["name"], skill["description"]) == ("sums", "Adds: numbers")


def test_the_same_files_make_the_same_archive(http: httpx.Client) -> None:
    first, second = (http.get(f"/skills/{send(http, '/skills')['id']}/content").content for _ in range(2))
    assert first == second


def test_versions_are_told_by_number(http: httpx.Client, refused: Refused) -> None:
    url = f"/skills/{send(http, '/skills')['id']}"
    version = send(http, f"{url}/versions")
    assert version["version"] == "2"
    refused(404, "GET", f"{url}/versions/{version['id']}")
    assert refused(404, "POST", url, json={"default_version": "7"})["param"] == "version"
    listed = http.get(f"{url}/versions", params={"after": version["id"]}).json()["data"]
    assert [each["version"] for each in listed] == ["1"]
    http.delete(url)
    refused(404, "GET", f"{url}/versions/1")


def test_a_skill_is_sent_as_files(http: httpx.Client, refused: Refused) -> None:
    assert refused(400, "POST", "/skills", json={})["code"] == "unsupported_content_type"
    assert refused(400, "POST", "/skills", files={"other": b"x"})["param"] == "other"
