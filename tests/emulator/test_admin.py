from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from openai_core_emulator import Emulator

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
START = 1_767_225_600
DAY = 86_400


def first(http: httpx.Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/organization/{path}").json()["data"][0]
    return found


def test_an_organization_is_there_from_the_beginning(http: httpx.Client) -> None:
    people = http.get("/organization/users").json()
    assert [user["role"] for user in people["data"]] == ["owner", "reader"]
    project = first(http, "projects")
    (key,) = http.get(f"/organization/projects/{project['id']}/api_keys").json()["data"]
    assert key["owner"]["user"]["id"] == people["data"][0]["id"]
    assert http.get("/organization/audit_logs").json()["data"] == []


def test_a_reset_brings_the_same_organization_back(http: httpx.Client, openai_emulator: Emulator) -> None:
    before = http.get("/organization/users").json()
    http.delete(f"/organization/users/{before['data'][1]['id']}")
    openai_emulator.reset()
    assert http.get("/organization/users").json() == before


def test_somebody_who_leaves_the_organization_leaves_its_groups_and_projects(http: httpx.Client) -> None:
    user = http.get("/organization/users").json()["data"][1]
    project = first(http, "projects")
    group = http.post("/organization/groups", json={"name": "Support"}).json()
    members, people = f"/organization/groups/{group['id']}/users", f"/organization/projects/{project['id']}/users"
    http.post(members, json={"user_id": user["id"]})
    http.post(people, json={"user_id": user["id"], "role": "member"})
    assert http.delete(f"/organization/users/{user['id']}").status_code == 200
    assert http.get(members).json()["data"] == []
    assert user["id"] not in {each["id"] for each in http.get(people).json()["data"]}


def test_every_new_project_has_roles_and_rate_limits(http: httpx.Client) -> None:
    project_id = http.post("/organization/projects", json={"name": "Search"}).json()["id"]
    roles = http.get(f"/projects/{project_id}/roles").json()
    assert [role["name"] for role in roles["data"]] == ["owner", "member"]
    assert (roles["has_more"], roles["next"]) == (False, None)
    assert http.get(f"/organization/projects/{project_id}/rate_limits").json()["data"]


@pytest.mark.parametrize("query", ["group_by=model", "group_by[]=model", "group_by=model&group_by=batch"])
def test_lists_in_a_query_come_with_brackets_or_without(http: httpx.Client, query: str) -> None:
    answer = http.get(f"/organization/usage/completions?start_time={START}&{query}").json()
    results = [result for bucket in answer["data"] for result in bucket["results"]]
    assert {result["model"] for result in results} == {"gpt-5", "gpt-5-mini"}


def test_usage_begins_somewhere_and_goes_on_until_now(
    http: httpx.Client, refused: Refused, openai_emulator: Emulator
) -> None:
    assert refused(400, "GET", "/organization/usage/images")["param"] == "start_time"
    openai_emulator.advance(20 * DAY)
    page = http.get("/organization/usage/images", params={"start_time": START, "limit": 31}).json()
    assert len(page["data"]) == 21
    assert (page["has_more"], page["next_page"]) == (False, None)


def test_another_seed_has_other_usage(http: httpx.Client) -> None:
    with Emulator(seed=7) as other:
        url = f"{other.base_url}/organization/usage/embeddings"
        theirs = http.get(url, params={"start_time": START}).json()
    ours = http.get("/organization/usage/embeddings", params={"start_time": START}).json()
    assert theirs != ours


@pytest.mark.parametrize(
    ("method", "url", "body", "param"),
    [
        ("POST", "/organization/groups", {}, "name"),
        ("POST", "/organization/groups", {"name": "a" * 256}, "name"),
        ("POST", "/organization/roles", {"role_name": "a"}, "permissions"),
        ("POST", "/organization/projects", {"name": "a", "colour": "red"}, "colour"),
        (
            "POST",
            "/organization/spend_limit",
            {"threshold_amount": 1, "currency": "EUR", "interval": "month"},
            "currency",
        ),
        ("POST", "/organization/data_retention", {}, "retention_type"),
    ],
)
def test_what_cannot_be_is_refused(refused: Refused, method: str, url: str, body: dict[str, Any], param: str) -> None:
    assert refused(400, method, url, json=body)["param"] == param


def test_there_is_room_for_so_many_certificates(http: httpx.Client, refused: Refused) -> None:
    body = {"certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"}
    assert {http.post("/organization/certificates", json=body).status_code for _ in range(50)} == {200}
    assert refused(400, "POST", "/organization/certificates", json=body)["code"] == "too_many_certificates"


def test_a_key_is_needed(http: httpx.Client) -> None:
    assert http.get("/organization/users", headers={"authorization": ""}).status_code == 401
