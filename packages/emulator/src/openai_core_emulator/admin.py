"""The administration of an organization: https://platform.openai.com/docs/api-reference/administration.

The emulated organization has an owner, a reader, the predefined roles, and a default project with an API key of the
owner's. What is done to it can be read in its audit log.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import admin_audit, admin_keys, admin_limits, admin_people, admin_projects, admin_usage
from .admin_people import PROJECT_ROLES, ROLES, USERS, add_project_user

if TYPE_CHECKING:
    from .call import Answer, Call, Operation
    from .resources import Kind

_SETTLED: Final = "organization"
_KEY_READ: Final = "api.organization.projects.api_keys.read"
_KEY_WRITE: Final = "api.organization.projects.api_keys.write"


def _settle(call: Call) -> None:
    """Let there be an organization, when it is first looked at."""
    marks = call.state.shelf(_SETTLED)
    if marks:
        return
    marks[_SETTLED] = {}
    owner = USERS.add(call, {"name": "Owner", "email": "owner@example.com", "role": "owner"})
    USERS.add(call, {"name": "Reader", "email": "reader@example.com", "role": "reader"})
    _define(call, ROLES, "owner", ["api.groups.read", "api.groups.write"])
    _define(call, ROLES, "reader", ["api.groups.read"])
    project = admin_projects.add_project(call, {"name": "Default project"})
    there = replace(call, path={"project_id": project["id"]})
    _furnish(there)
    member = add_project_user(there, owner, "owner")
    told = {name: member[name] for name in ("id", "name", "email", "role")}
    admin_keys.add_api_key(there, "First key", "user", {**told, "created_at": member["added_at"]})


def _furnish(call: Call) -> None:
    """The roles that there are in every project."""
    _define(call, PROJECT_ROLES, "owner", [_KEY_READ, _KEY_WRITE])
    _define(call, PROJECT_ROLES, "member", [_KEY_READ])


def _define(call: Call, kind: Kind, name: str, permissions: list[str]) -> None:
    kind.add(call, {"name": name, "permissions": permissions, "predefined_role": True})


def _in_an_organization(operation: Operation) -> Operation:
    changes_a_project = operation.method != "GET" and "{project_id}" in operation.path
    makes_a_project = operation.method == "POST" and operation.path == admin_projects.PROJECTS.path
    done = admin_audit.audited(operation)

    def handler(call: Call) -> Answer:
        _settle(call)
        if changes_a_project:
            admin_projects.refuse_archived(call)
        answer = done.handler(call)
        if makes_a_project:
            assert isinstance(answer, dict)  # noqa: S101 - see above
            _furnish(replace(call, path={"project_id": answer["id"]}))
        return answer

    return replace(operation, handler=handler)


OPERATIONS: Final = tuple(
    _in_an_organization(operation)
    for part in (admin_keys, admin_audit, admin_limits, admin_people, admin_projects, admin_usage)
    for operation in part.OPERATIONS
)
