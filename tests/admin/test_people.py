from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_admin.types import (
    AssignedRoleDetails,
    DeletedRoleAssignmentResource,
    Group,
    GroupDeleteResponse,
    GroupMemberUser,
    GroupRoleAssignment,
    GroupUpdateResponse,
    GroupUserAssignment,
    GroupUserDeletedResource,
    Invite,
    InviteDeleteResponse,
    OrganizationGroupUser,
    OrganizationUser,
    ProjectGroup,
    ProjectGroupDeletedResource,
    ProjectUser,
    ProjectUserDeleteResponse,
    Role,
    RoleDeletedResource,
    UserDeleteResponse,
    UserRoleAssignment,
)


async def test_people_are_found_changed_and_removed(organization, settled, each, sent):
    users = organization.users
    owner, reader = await each(users.list(limit=1))
    assert sent() == ("GET", "/organization/users", [("limit", "1"), ("after", owner.id)])
    assert isinstance(owner, OrganizationUser)
    assert (owner.role, reader.role) == ("owner", "reader")
    assert [user.id for user in await each(users.list(emails=[reader.email, "nobody@example.com"]))] == [reader.id]
    assert sent()[2] == [("emails[]", reader.email), ("emails[]", "nobody@example.com")]

    found = await settled(users.retrieve(reader.id))
    assert sent() == ("GET", f"/organization/users/{reader.id}")
    assert found == reader
    changed = await settled(users.update(reader.id, role="owner", technical_level="high", developer_persona="tester"))
    assert sent() == (
        "POST",
        f"/organization/users/{reader.id}",
        {"role": "owner", "technical_level": "high", "developer_persona": "tester"},
    )
    assert (changed.role, changed.technical_level, changed.developer_persona) == ("owner", "high", "tester")

    gone = await settled(users.delete(reader.id))
    assert sent() == ("DELETE", f"/organization/users/{reader.id}")
    assert isinstance(gone, UserDeleteResponse)
    with pytest.raises(NotFoundError):
        await settled(users.retrieve(reader.id))
    with pytest.raises(BadRequestError, match="owner"):
        await settled(users.delete(owner.id))


async def test_a_person_s_role_can_be_given_by_its_id(organization, settled, reader):
    role = await settled(organization.roles.create(role_name="Auditor", permissions=["api.groups.read"]))
    changed = await settled(organization.users.update(reader.id, role_id=role.id))
    assert changed.role == "Auditor"


async def test_somebody_is_invited(organization, settled, each, sent, project):
    invites = organization.invites
    asked = {
        "email": "new@example.com",
        "role": "reader",
        "projects": [{"id": project.id, "role": "member"}],
    }
    made = await settled(invites.create(**asked))
    assert sent() == ("POST", "/organization/invites", asked)
    assert isinstance(made, Invite)
    assert (made.status, made.projects[0].id) == ("pending", project.id)
    other = await settled(invites.create(email="other@example.com", role="owner"))
    assert {invite.id for invite in await each(invites.list(limit=1))} == {made.id, other.id}
    assert (await settled(invites.retrieve(made.id))).email == "new@example.com"
    gone = await settled(invites.delete(made.id))
    assert sent() == ("DELETE", f"/organization/invites/{made.id}")
    assert isinstance(gone, InviteDeleteResponse)
    assert [invite.id for invite in await each(invites.list())] == [other.id]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [({"role": "boss"}, "role"), ({"projects": [{"id": "proj_1"}]}, "projects[0].role")],
)
async def test_an_invitation_that_makes_no_sense_is_refused(organization, settled, wrong, param):
    with pytest.raises(BadRequestError) as caught:
        await settled(organization.invites.create(**{"email": "new@example.com", "role": "reader", **wrong}))
    assert caught.value.param == param


async def test_a_group_has_people(organization, settled, each, sent, *, owner, reader):
    groups = organization.groups
    made = await settled(groups.create(name="Support"))
    assert sent() == ("POST", "/organization/groups", {"name": "Support"})
    assert isinstance(made, Group)
    assert isinstance(await settled(groups.retrieve(made.id)), Group)
    renamed = await settled(groups.update(made.id, name="Helpers"))
    assert sent() == ("POST", f"/organization/groups/{made.id}", {"name": "Helpers"})
    assert isinstance(renamed, GroupUpdateResponse)
    assert renamed.name == "Helpers"

    path = f"/organization/groups/{made.id}/users"
    added = await settled(groups.users.create(made.id, user_id=owner.id))
    assert sent() == ("POST", path, {"user_id": owner.id})
    assert isinstance(added, GroupUserAssignment)
    await settled(groups.users.create(made.id, user_id=reader.id))
    people = await each(groups.users.list(made.id, limit=1, order="asc"))
    assert sent() == ("GET", path, [("limit", "1"), ("order", "asc"), ("after", owner.id)])
    assert all(isinstance(user, OrganizationGroupUser) for user in people)
    assert [user.id for user in people] == [owner.id, reader.id]
    member = await settled(groups.users.retrieve(made.id, reader.id))
    assert isinstance(member, GroupMemberUser)
    assert member.email == reader.email
    removed = await settled(groups.users.delete(made.id, reader.id))
    assert sent() == ("DELETE", f"{path}/{reader.id}")
    assert isinstance(removed, GroupUserDeletedResource)
    with pytest.raises(NotFoundError):
        await settled(groups.users.retrieve(made.id, reader.id))

    gone = await settled(groups.delete(made.id))
    assert sent() == ("DELETE", f"/organization/groups/{made.id}")
    assert isinstance(gone, GroupDeleteResponse)
    assert await each(groups.list()) == []


async def test_a_list_with_a_cursor_of_its_own_walks_all_pages(organization, settled, each, openai_emulator):
    made = [await settled(organization.groups.create(name=f"Group {number}")) for number in range(5)]
    openai_emulator.requests.clear()
    listed = await each(organization.groups.list(limit=2, order="asc"))
    assert [group.id for group in listed] == [group.id for group in made]
    queries = [request.query for request in openai_emulator.requests]
    assert queries == [
        "limit=2&order=asc",
        f"limit=2&order=asc&after={made[1].id}",
        f"limit=2&order=asc&after={made[3].id}",
    ]
    rest = await each(organization.groups.list(after=made[3].id, order="asc"))
    assert [group.id for group in rest] == [made[4].id]


@pytest.mark.parametrize("place", ["organization", "project"])
async def test_roles_are_defined_and_changed(organization, settled, each, sent, *, project, place):
    roles, ids, path = (
        (organization.roles, (), "/organization/roles")
        if place == "organization"
        else (organization.projects.roles, (project.id,), f"/projects/{project.id}/roles")
    )
    asked = {"role_name": "Key keeper", "permissions": ["api.groups.read"], "description": "Keeps keys"}
    made = await settled(roles.create(*ids, **asked))
    assert sent() == ("POST", path, asked)
    assert isinstance(made, Role)
    assert (made.name, made.description, made.predefined_role) == ("Key keeper", "Keeps keys", False)
    assert made.resource_type == f"api.{place}"
    assert await settled(roles.retrieve(*ids, made.id)) == made
    changed = await settled(roles.update(*ids, made.id, role_name="Keeper", permissions=[], description=None))
    assert sent() == ("POST", f"{path}/{made.id}", {"role_name": "Keeper", "permissions": [], "description": None})
    assert (changed.name, changed.permissions, changed.description) == ("Keeper", [], None)

    listed = await each(roles.list(*ids, limit=1, order="desc"))
    assert listed[0].name == "Keeper"
    predefined = [role for role in listed if role.predefined_role]
    assert {role.name for role in predefined} >= {"owner"}
    with pytest.raises(BadRequestError, match="predefined"):
        await settled(roles.delete(*ids, predefined[0].id))
    gone = await settled(roles.delete(*ids, made.id))
    assert sent() == ("DELETE", f"{path}/{made.id}")
    assert isinstance(gone, RoleDeletedResource)
    assert made.id not in {role.id for role in await each(roles.list(*ids))}


async def test_a_role_s_name_is_taken_once(organization, settled):
    with pytest.raises(BadRequestError) as caught:
        await settled(organization.roles.create(role_name="owner", permissions=[]))
    assert caught.value.param == "role_name"


@pytest.mark.parametrize("place", ["organization", "project"])
@pytest.mark.parametrize("principal", ["group", "user"])
async def test_a_role_is_given_and_taken_away(organization, settled, each, sent, *, project, reader, place, principal):
    projects, of_project = organization.projects, place == "project"
    defined = projects.roles.list(project.id) if of_project else organization.roles.list()
    role, *_ = await each(defined)
    group = await settled(organization.groups.create(name="Support"))
    member = await first_role(projects, project, each)
    await settled(projects.groups.create(project.id, group_id=group.id, role=member))
    await settled(projects.users.create(project.id, user_id=reader.id, role="member"))
    who = group.id if principal == "group" else reader.id
    holders = getattr(projects if of_project else organization, f"{principal}s")
    ids = (project.id, who) if of_project else (who,)
    path = f"/projects/{project.id}/{principal}s/{who}" if of_project else f"/organization/{principal}s/{who}"

    given = await settled(holders.roles.create(*ids, role_id=role.id))
    assert sent() == ("POST", f"{path}/roles", {"role_id": role.id})
    assert isinstance(given, GroupRoleAssignment if principal == "group" else UserRoleAssignment)
    assert getattr(given, principal).id == who
    assert given.role == role

    listed = await each(holders.roles.list(*ids, limit=1, order="asc"))
    assert sent() == ("GET", f"{path}/roles", [("limit", "1"), ("order", "asc")])
    assert [one.id for one in listed] == [role.id]
    one = await settled(holders.roles.retrieve(*ids, role.id))
    assert sent() == ("GET", f"{path}/roles/{role.id}")
    assert isinstance(one, AssignedRoleDetails)
    assert (one.name, one.assignment_sources[0].principal_id) == (role.name, who)

    taken = await settled(holders.roles.delete(*ids, role.id))
    assert sent() == ("DELETE", f"{path}/roles/{role.id}")
    assert isinstance(taken, DeletedRoleAssignmentResource)
    assert taken.deleted
    assert await each(holders.roles.list(*ids)) == []
    with pytest.raises(NotFoundError):
        await settled(holders.roles.retrieve(*ids, role.id))


async def first_role(projects, project, each):
    role, *_ = await each(projects.roles.list(project.id))
    return role.id


async def test_people_join_and_leave_a_project(organization, settled, each, sent, *, project, owner, reader):
    users, path = organization.projects.users, f"/organization/projects/{project.id}/users"
    made = await settled(users.create(project.id, user_id=owner.id, role="owner"))
    assert sent() == ("POST", path, {"user_id": owner.id, "role": "owner"})
    assert isinstance(made, ProjectUser)
    other = await settled(users.create(project.id, email=reader.email, role="member"))
    assert other.id == reader.id
    assert [user.id for user in await each(users.list(project.id, limit=1))] == [owner.id, reader.id]
    assert (await settled(users.retrieve(project.id, reader.id))).role == "member"
    changed = await settled(users.update(project.id, reader.id, role="owner"))
    assert sent() == ("POST", f"{path}/{reader.id}", {"role": "owner"})
    assert changed.role == "owner"
    gone = await settled(users.delete(project.id, reader.id))
    assert sent() == ("DELETE", f"{path}/{reader.id}")
    assert isinstance(gone, ProjectUserDeleteResponse)
    assert [user.id for user in await each(users.list(project.id))] == [owner.id]
    with pytest.raises(NotFoundError):
        await settled(users.create(project.id, user_id="user-none", role="member"))
    with pytest.raises(BadRequestError) as caught:
        await settled(users.create(project.id, role="member"))
    assert caught.value.param == "user_id"


async def test_a_group_joins_and_leaves_a_project(organization, settled, each, sent, project):
    groups, path = organization.projects.groups, f"/organization/projects/{project.id}/groups"
    role = await first_role(organization.projects, project, each)
    made = [await settled(organization.groups.create(name=f"Group {number}")) for number in range(3)]
    for group in made:
        joined = await settled(groups.create(project.id, group_id=group.id, role=role))
        assert sent() == ("POST", path, {"group_id": group.id, "role": role})
        assert isinstance(joined, ProjectGroup)
        assert joined.group_name == group.name
    listed = await each(groups.list(project.id, limit=2, order="asc"))
    assert [group.group_id for group in listed] == [group.id for group in made]
    assert sent() == ("GET", path, [("limit", "2"), ("order", "asc"), ("after", made[1].id)])
    one = await settled(groups.retrieve(project.id, made[0].id, group_type="group"))
    assert sent() == ("GET", f"{path}/{made[0].id}", [("group_type", "group")])
    assert one.group_id == made[0].id
    gone = await settled(groups.delete(project.id, made[0].id))
    assert sent() == ("DELETE", f"{path}/{made[0].id}")
    assert isinstance(gone, ProjectGroupDeletedResource)
    with pytest.raises(NotFoundError):
        await settled(groups.retrieve(project.id, made[0].id))
