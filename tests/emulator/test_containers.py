from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]


def test_a_file_is_copied_by_its_id_in_json(http: httpx.Client, refused: Refused) -> None:
    file = http.post("/files", data={"purpose": "user_data"}, files={"file": ("a.txt", b"abc")}).json()["id"]
    container = http.post("/containers", json={"name": "c"}).json()["id"]
    url = f"/containers/{container}/files"
    copied = http.post(url, json={"file_id": file}).json()
    assert (copied["path"], copied["bytes"]) == ("/mnt/data/a.txt", 3)
    assert http.get(f"{url}/{copied['id']}/content").content == b"abc"
    assert "file-none" in refused(404, "POST", url, json={"file_id": "file-none"})["message"]
    assert refused(400, "POST", url, json={})["param"] == "file"


def test_use_keeps_a_container_alive(http: httpx.Client, openai_emulator: Any) -> None:
    expiry = {"anchor": "last_active_at", "minutes": 1}
    url = "/containers/" + http.post("/containers", json={"name": "c", "expires_after": expiry}).json()["id"]
    for _ in range(3):
        openai_emulator.advance(40)
        http.post(f"{url}/files", files={"file": ("a.txt", b"abc")})
        assert http.get(url).json()["status"] == "running"
    openai_emulator.advance(60)
    assert http.get(url).json()["status"] == "expired"


def test_secrets_of_a_network_policy_are_never_shown(http: httpx.Client) -> None:
    secret = {"domain": "example.com", "name": "KEY", "value": "secret-7"}
    policy = {"type": "allowlist", "allowed_domains": ["example.com"], "domain_secrets": [secret]}
    response = http.post("/containers", json={"name": "c", "network_policy": policy})
    assert response.json()["network_policy"] == {"type": "allowlist", "allowed_domains": ["example.com"]}
    assert "secret-7" not in response.text
