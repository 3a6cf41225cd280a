"""The audit log: what the administration API was used for.

https://platform.openai.com/docs/api-reference/audit-logs
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from .admin_lists import BOTH_WAYS
from .admin_people import USERS
from .admin_projects import PROJECTS
from .call import Answer, Call, Operation, page
from .fields import BOOLEAN, INTEGER, STRING, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG: Final = "audit log"

_MADE: Final[Mapping[str, str]] = {
    "/organization/admin_api_keys": "api_key",
    "/organization/certificates": "certificate",
    "/organization/groups": "group",
    "/organization/invites": "invite",
    "/organization/projects": "project",
    "/organization/projects/{project_id}/api_keys": "api_key",
    "/organization/projects/{project_id}/rate_limits": "rate_limit",
    "/organization/projects/{project_id}/service_accounts": "service_account",
    "/organization/projects/{project_id}/service_accounts/{service_account_id}/api_keys": "api_key",
    "/organization/projects/{project_id}/users": "user",
    "/organization/roles": "role",
    "/organization/users": "user",
    "/projects/{project_id}/roles": "role",
}
"""What is written down when it is made, changed or deleted, by the path of the list of it."""

_CREATED: Final[Mapping[str, str]] = {"invite": "invite.sent", "user": "user.added"}
"""The types of the events of creation that aren't called `….created`."""

_ASSIGNED: Final = frozenset(
    {
        "/organization/groups/{group_id}/roles",
        "/organization/users/{user_id}/roles",
        "/projects/{project_id}/groups/{group_id}/roles",
        "/projects/{project_id}/users/{user_id}/roles",
    }
)
"""The lists of the roles that somebody has."""

_DONE: Final = {
    "activate": "certificates.activated",
    "archive": "project.archived",
    "deactivate": "certificates.deactivated",
}
"""What is done to something by a verb at the end of its path."""


def audited(operation: Operation) -> Operation:
    """The operation, writing down what it does if that belongs in the log."""
    kind = _event_type(operation)
    if kind is None:
        return operation

    def handler(call: Call) -> Answer:
        answer = operation.handler(call)
        assert isinstance(answer, dict)  # noqa: S101 - there are no streams and no files here
        _record(call, kind, answer)
        return answer

    return replace(operation, handler=handler)


def _event_type(operation: Operation) -> str | None:
    path, _, last = operation.path.rpartition("/")
    of_one, method = last.startswith("{"), operation.method
    listed = path if of_one else operation.path
    if method == "GET":
        return None
    if last in _DONE:
        return _DONE[last]
    if listed in _ASSIGNED:
        return "role.assignment.created" if method == "POST" else "role.assignment.deleted"
    noun = _MADE.get(listed)
    if noun is None:
        return None
    if method == "DELETE":
        return f"{noun}.deleted"
    return f"{noun}.updated" if of_one else _CREATED.get(noun, f"{noun}.created")


def _record(call: Call, kind: str, answer: Mapping[str, Any]) -> None:
    user = next(iter(USERS.shelf(call).values()))
    project_id: str = call.path.get("project_id") or next(iter(PROJECTS.shelf(call)))
    event: dict[str, Any] = {
        "id": call.state.new_id("audit_log-", 24),
        "type": kind,
        "effective_at": call.state.now(),
        "project": {"id": project_id, "name": PROJECTS.shelf(call)[project_id]["name"]},
        "actor": {
            "type": "api_key",
            "api_key": {"type": "user", "user": {"id": user["id"], "email": user["email"]}},
        },
        kind: _details(call, kind, answer),
    }
    call.state.shelf(_LOG)[event["id"]] = event


def _details(call: Call, kind: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if kind.startswith("certificates."):
        return {"certificates": [{"id": each["id"], "name": each["name"]} for each in answer["data"]]}
    if kind.startswith("role.assignment."):
        principal = "user" if "user_id" in call.path else "group"
        return {
            "id": call.body.get("role_id") or call.path["role_id"],
            "principal_id": call.path[f"{principal}_id"],
            "principal_type": principal,
            "resource_id": call.path.get("project_id", "organization"),
            "resource_type": "api.project" if "project_id" in call.path else "api.organization",
        }
    details: dict[str, Any] = {"id": answer["id"]}
    given = {name: value for name, value in call.body.items() if name != "certificate"}
    if kind.endswith(".updated"):
        details["changes_requested"] = given
    elif not kind.endswith((".deleted", ".archived")):
        details["data"] = given
    return details


def _list(call: Call) -> Answer:
    events = [each for each in call.state.shelf(_LOG).values() if _wanted(each, call.query)]
    return page(events, call.query)


def _wanted(event: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    if query.get("tenant_only"):
        # The emulated organization has no tenant.
        return False
    when, span = event["effective_at"], query.get("effective_at") or {}
    user = event["actor"]["api_key"]["user"]
    return (
        span.get("gt", when - 1) < when < span.get("lt", when + 1)
        and span.get("gte", when) <= when <= span.get("lte", when)
        and event["type"] in query.get("event_types", (event["type"],))
        and event["project"]["id"] in query.get("project_ids", (event["project"]["id"],))
        and user["id"] in query.get("actor_ids", (user["id"],))
        and user["email"] in query.get("actor_emails", (user["email"],))
        and ("resource_ids" not in query or event[event["type"]].get("id") in query["resource_ids"])
    )


_STRINGS: Final = Field(("array",), items=STRING)

OPERATIONS: Final = (
    Operation(
        "GET",
        "/organization/audit_logs",
        _list,
        query={
            **BOTH_WAYS,
            "effective_at": Field(("object",), properties=dict.fromkeys(("gt", "gte", "lt", "lte"), INTEGER)),
            "project_ids": _STRINGS,
            "event_types": _STRINGS,
            "actor_ids": _STRINGS,
            "actor_emails": _STRINGS,
            "resource_ids": _STRINGS,
            "tenant_only": BOOLEAN,
        },
    ),
)
