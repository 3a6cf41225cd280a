from __future__ import annotations

from typing import Any

import httpx
import pytest

ASKED = {"model": "gpt-5", "input": "Hello"}
AGENTS = {"enabled": True}


@pytest.mark.parametrize(
    ("query", "status"), [("?beta=true", 200), ("?a=b&beta=true", 200), ("?beta=false", 400), ("", 400)]
)
def test_the_query_tells_the_beta_from_the_rest(http: httpx.Client, query: str, status: int) -> None:
    assert http.post(f"/responses{query}", json={**ASKED, "multi_agent": AGENTS}).status_code == status


@pytest.mark.parametrize(("agents", "made_by"), [(AGENTS, {"agent_name": "/root"}), ({"enabled": False}, None)])
def test_items_say_which_agent_made_them(http: httpx.Client, agents: dict[str, Any], made_by: Any) -> None:
    (item,) = http.post("/responses?beta=true", json={**ASKED, "multi_agent": agents}).json()["output"]
    assert item.get("agent") == made_by


def test_both_see_the_same_responses(http: httpx.Client) -> None:
    made = http.post("/responses?beta=true", json=ASKED).json()
    assert http.get(f"/responses/{made['id']}").json() == made
    assert http.delete(f"/responses/{made['id']}?beta=true").json()["deleted"] is True
