"""The people of an organization and of its projects: users, invitations, groups, roles.

https://platform.openai.com/docs/api-reference/users
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .admin_lists import BY_NEXT, by_next, several
from .admin_projects import PROJECTS
from .call import Answer, Call, Operation, page
from .errors import bad, missing, not_found
from .fields import PAGE, REQUIRED_STRING, STRING, Field, one_of
from .resources import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WEEK: Final = 7 * 24 * 3600
_NAME: Final = Field(("string",), required=True, longest=255)
_PERMISSIONS: Final = Field(("array",), items=STRING)
_ROLE_ID: Final = {"role_id": REQUIRED_STRING}
_ONE_PROJECT: Final = f"{PROJECTS.path}/{{project_id}}"

USERS: Final = Kind(
    "/organization/users",
    "user_id",
    prefix="user-",
    object="organization.user",
    update={"role": STRING, "role_id": STRING, "technical_level": STRING, "developer_persona": STRING},
    make=lambda call, _id, _given: {"added_at": call.state.now()},
)
PROJECT_USERS: Final = Kind(
    f"{_ONE_PROJECT}/users",
    "user_id",
    prefix="user-",
    object="organization.project.user",
    update={"role": STRING},
    parent=PROJECTS,
    order="asc",
)
INVITES: Final = Kind(
    "/organization/invites",
    "invite_id",
    prefix="invite-",
    object="organization.invite",
    create={
        "email": REQUIRED_STRING,
        "role": one_of("owner", "reader", required=True),
        "projects": Field(
            ("array",),
            items=Field(
                ("object",), properties={"id": REQUIRED_STRING, "role": one_of("member", "owner", required=True)}
            ),
        ),
    },
    make=lambda call, _id, given: {
        "status": "pending",
        "created_at": (now := call.state.now()),
        "expires_at": now + _WEEK,
        "accepted_at": None,
        "projects": given.get("projects", []),
    },
)
GROUPS: Final = Kind(
    "/organization/groups",
    "group_id",
    prefix="group_",
    object="group",
    create={"name": _NAME},
    update={"name": _NAME},
    make=lambda call, _id, _given: {
        "created_at": call.state.now(),
        "is_scim_managed": False,
        "group_type": "group",
    },
)


def _list_users(call: Call) -> Answer:
    emails = call.query.get("emails")
    users = [each for each in USERS.shelf(call).values() if emails is None or each["email"] in emails]
    return page(users, call.query, order="asc")


def _update_user(call: Call) -> Answer:
    user = USERS.find(call)
    changes = {name: value for name, value in call.body.items() if value is not None}
    if "role_id" in changes:
        changes["role"] = _role(call, ROLES, changes.pop("role_id"))["name"]
    if changes.get("role", "owner") != "owner":
        _refuse_last_owner(call, user)
    user |= changes
    return user


def _delete_user(call: Call) -> Answer:
    user = USERS.find(call)
    _refuse_last_owner(call, user)
    del USERS.shelf(call)[user["id"]]
    for path, where in ((PROJECT_USERS.path, PROJECTS), (_MEMBERS, GROUPS)):
        for id_ in where.shelf(call):
            call.state.shelf(path.format_map({where.param: id_})).pop(user["id"], None)
    return {"object": f"{USERS.object}.deleted", "id": user["id"], "deleted": True}


def _refuse_last_owner(call: Call, user: Mapping[str, Any]) -> None:
    if [each["id"] for each in USERS.shelf(call).values() if each["role"] == "owner"] == [user["id"]]:
        raise bad("The organization's only owner has to stay its owner.", param="user_id")


def add_project_user(call: Call, user: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Let somebody into the project that is called."""
    made = {
        "object": PROJECT_USERS.object,
        "id": user["id"],
        "name": user["name"],
        "email": user["email"],
        "role": role,
        "added_at": call.state.now(),
    }
    PROJECT_USERS.shelf(call)[user["id"]] = made
    return made


def _create_project_user(call: Call) -> Answer:
    user_id, email = call.body.get("user_id"), call.body.get("email")
    if not user_id and not email:
        raise missing("user_id")
    for user in USERS.shelf(call).values():
        if user["id"] == user_id or (not user_id and user["email"] == email):
            return add_project_user(call, user, call.body["role"])
    raise not_found("The organization has no such user.", param="user_id" if user_id else "email")


def _update_group(call: Call) -> Answer:
    group = GROUPS.find(call)
    group["name"] = call.body["name"]
    return {name: group[name] for name in ("id", "name", "created_at", "is_scim_managed")}


def _list_groups(call: Call) -> Answer:
    return by_next(GROUPS.shelf(call).values(), call.query, limit=100)


_MEMBERS: Final = f"{GROUPS.path}/{{group_id}}/users"


def _members(call: Call) -> dict[str, dict[str, Any]]:
    GROUPS.find(call)
    return call.state.shelf(_MEMBERS.format_map(call.path))


def _member(call: Call) -> dict[str, Any]:
    members = _members(call)
    if call.path["user_id"] not in members:
        raise not_found("The group has no such user.", param="user_id")
    return members[call.path["user_id"]]


def _list_members(call: Call) -> Answer:
    shown = [{name: each[name] for name in ("id", "name", "email")} for each in _members(call).values()]
    return by_next(shown, call.query, limit=100)


def _add_member(call: Call) -> Answer:
    members, user_id = _members(call), call.body["user_id"]
    user = USERS.shelf(call).get(user_id)
    if user is None:
        raise not_found("The organization has no such user.", param="user_id")
    told = {"picture": None, "is_service_account": False, "user_type": "user"}
    members[user_id] = {**{name: user[name] for name in ("id", "name", "email")}, **told}
    return {"object": "group.user", "user_id": user_id, "group_id": call.path["group_id"]}


def _remove_member(call: Call) -> Answer:
    del _members(call)[_member(call)["id"]]
    return {"object": "group.user.deleted", "deleted": True}


PROJECT_GROUPS: Final = Kind(
    f"{_ONE_PROJECT}/groups", "group_id", prefix="group_", object="project.group", parent=PROJECTS
)


def _list_project_groups(call: Call) -> Answer:
    return by_next(PROJECT_GROUPS.shelf(call).values(), call.query, limit=20, key="group_id")


def _create_project_group(call: Call) -> Answer:
    shelf, group_id = PROJECT_GROUPS.shelf(call), call.body["group_id"]
    group = GROUPS.shelf(call).get(group_id)
    if group is None:
        raise not_found(f"No group found with id '{group_id}'.", param="group_id")
    _role(call, PROJECT_ROLES, call.body["role"])
    shelf[group_id] = {
        "object": PROJECT_GROUPS.object,
        "project_id": call.path["project_id"],
        "group_id": group_id,
        "group_name": group["name"],
        "group_type": group["group_type"],
        "created_at": call.state.now(),
    }
    return shelf[group_id]


def _delete_project_group(call: Call) -> Answer:
    del PROJECT_GROUPS.shelf(call)[PROJECT_GROUPS.find(call)["group_id"]]
    return {"object": f"{PROJECT_GROUPS.object}.deleted", "deleted": True}


def _made_role(resource: str) -> Any:
    return lambda _call, _id, given: {
        "description": given.get("description"),
        "resource_type": resource,
        "predefined_role": given.get("predefined_role", False),
    }


ROLES: Final = Kind(
    "/organization/roles", "role_id", prefix="role_", object="role", make=_made_role("api.organization")
)
PROJECT_ROLES: Final = Kind(
    "/projects/{project_id}/roles",
    "role_id",
    prefix="role_",
    object="role",
    make=_made_role("api.project"),
    parent=PROJECTS,
)


def _role(call: Call, kind: Kind, role_id: str) -> dict[str, Any]:
    found = kind.shelf(call).get(role_id)
    if found is None:
        raise not_found(f"No role found with id '{role_id}'.", param="role_id")
    return found


def _roles(kind: Kind) -> Sequence[Operation]:
    """The operations on the roles that there are at a place."""

    def show(call: Call) -> Answer:
        return by_next(kind.shelf(call).values(), call.query)

    def named(call: Call) -> dict[str, Any]:
        given = {name: value for name, value in call.body.items() if value is not None or name == "description"}
        if "role_name" in given:
            given["name"] = given.pop("role_name")
        if any(each["name"] == given.get("name") for each in kind.shelf(call).values()):
            raise bad(f"There is a role '{given['name']}' already.", param="role_name", code="role_exists")
        return given

    def create(call: Call) -> Answer:
        return kind.add(call, named(call))

    def own(call: Call) -> dict[str, Any]:
        found = kind.find(call)
        if found["predefined_role"]:
            raise bad("A predefined role can't be changed.", param="role_id", code="role_predefined")
        return found

    def update(call: Call) -> Answer:
        found = own(call)
        found |= named(call)
        return found

    def delete(call: Call) -> Answer:
        role_id = own(call)["id"]
        del kind.shelf(call)[role_id]
        return {"object": "role.deleted", "id": role_id, "deleted": True}

    required = {"role_name": REQUIRED_STRING, "permissions": Field(("array",), required=True, items=STRING)}
    optional = {"role_name": STRING, "permissions": _PERMISSIONS}
    return (
        Operation("GET", kind.path, show, query=BY_NEXT),
        Operation("POST", kind.path, create, body={**required, "description": STRING}),
        *kind.operations(["retrieve"]),
        Operation("POST", f"{kind.path}/{{role_id}}", update, body={**optional, "description": STRING}),
        Operation("DELETE", f"{kind.path}/{{role_id}}", delete),
    )


def _assignments(path: str, principal: str, holders: Kind, roles: Kind) -> Sequence[Operation]:
    """The operations on the roles that somebody has.

    Args:
        path: of the list of them.
        principal: `user` or `group`.
        holders: the kind of who has them.
        roles: the kind of what can be had.
    """

    def shelf(call: Call) -> dict[str, dict[str, Any]]:
        holders.find(call)
        return call.state.shelf(path.format_map(call.path))

    def show(call: Call) -> Answer:
        return by_next(shelf(call).values(), call.query)

    def create(call: Call) -> Answer:
        given, role = shelf(call), _role(call, roles, call.body["role_id"])
        now = call.state.now()
        given[role["id"]] = {
            **{name: value for name, value in role.items() if name != "object"},
            "created_at": now,
            "updated_at": now,
            "created_by": None,
            "created_by_user_obj": None,
            "metadata": {},
            "assignment_sources": [{"principal_id": call.path[holders.param], "principal_type": principal}],
        }
        return {"object": f"{principal}.role", principal: _principal(call, principal), "role": role}

    def retrieve(call: Call) -> Answer:
        given = shelf(call)
        if call.path["role_id"] not in given:
            raise not_found(f"The {principal} has no such role.", param="role_id")
        return given[call.path["role_id"]]

    def delete(call: Call) -> Answer:
        retrieve(call)
        del shelf(call)[call.path["role_id"]]
        return {"object": f"{principal}.role.deleted", "deleted": True}

    return (
        Operation("GET", path, show, query=BY_NEXT),
        Operation("POST", path, create, body=_ROLE_ID),
        Operation("GET", f"{path}/{{role_id}}", retrieve),
        Operation("DELETE", f"{path}/{{role_id}}", delete),
    )


def _principal(call: Call, principal: str) -> dict[str, Any]:
    """Who got a role, as the answer to the assignment describes it."""
    if principal == "user":
        return USERS.find(call)
    group = GROUPS.find(call)
    described = {name: group[name] for name in ("object", "id", "name", "created_at")}
    return {**described, "scim_managed": group["is_scim_managed"]}


_USER: Final = {"user_id": STRING, "email": STRING, "role": REQUIRED_STRING}

OPERATIONS: Final = (
    Operation("GET", USERS.path, _list_users, query={**PAGE, "emails": several()}),
    *USERS.operations(["retrieve"]),
    Operation("POST", f"{USERS.path}/{{user_id}}", _update_user, body=USERS.update),
    Operation("DELETE", f"{USERS.path}/{{user_id}}", _delete_user),
    *_assignments(f"{USERS.path}/{{user_id}}/roles", "user", USERS, ROLES),
    *INVITES.operations(["list", "create", "retrieve", "delete"]),
    Operation("GET", GROUPS.path, _list_groups, query=BY_NEXT),
    *GROUPS.operations(["create", "retrieve"]),
    Operation("POST", f"{GROUPS.path}/{{group_id}}", _update_group, body=GROUPS.update),
    *GROUPS.operations(["delete"]),
    Operation("GET", _MEMBERS, _list_members, query=BY_NEXT),
    Operation("POST", _MEMBERS, _add_member, body={"user_id": REQUIRED_STRING}),
    Operation("GET", f"{_MEMBERS}/{{user_id}}", lambda call: dict(_member(call))),
    Operation("DELETE", f"{_MEMBERS}/{{user_id}}", _remove_member),
    *_assignments(f"{GROUPS.path}/{{group_id}}/roles", "group", GROUPS, ROLES),
    *PROJECT_USERS.operations(["list"]),
    Operation("POST", PROJECT_USERS.path, _create_project_user, body=_USER),
    *PROJECT_USERS.operations(["retrieve", "update", "delete"]),
    *_assignments("/projects/{project_id}/users/{user_id}/roles", "user", PROJECT_USERS, PROJECT_ROLES),
    Operation("GET", PROJECT_GROUPS.path, _list_project_groups, query=BY_NEXT),
    Operation(
        "POST",
        PROJECT_GROUPS.path,
        _create_project_group,
        body={"group_id": REQUIRED_STRING, "role": REQUIRED_STRING},
    ),
    *PROJECT_GROUPS.operations(["retrieve"]),
    Operation("DELETE", f"{PROJECT_GROUPS.path}/{{group_id}}", _delete_project_group),
    *_assignments("/projects/{project_id}/groups/{group_id}/roles", "group", PROJECT_GROUPS, PROJECT_ROLES),
    *_roles(ROLES),
    *_roles(PROJECT_ROLES),
)
