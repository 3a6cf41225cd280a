from __future__ import annotations

import pytest

from openai_core_admin.types import AuditLog


@pytest.fixture
async def history(organization, settled, project, reader):
    """Five things that were done after the project was made."""
    await settled(organization.projects.update(project.id, name="Find"))
    await settled(organization.projects.users.create(project.id, user_id=reader.id, role="member"))
    await settled(organization.projects.users.delete(project.id, reader.id))
    await settled(organization.invites.create(email="new@example.com", role="reader"))
    await settled(organization.projects.archive(project.id))


async def test_what_was_done_is_listed_newest_first(organization, each, sent, history, *, project, owner):
    events = await each(organization.audit_logs.list(limit=2))
    assert [event.type for event in events] == [
        "project.archived",
        "invite.sent",
        "user.deleted",
        "user.added",
        "project.updated",
        "project.created",
    ]
    assert sent()[2] == [("limit", "2"), ("after", events[3].id)]
    assert all(isinstance(event, AuditLog) for event in events)
    updated = events[4]
    assert updated.details is updated.project_updated
    assert updated.details.id == project.id
    assert updated.project_updated.to_dict()["changes_requested"] == {"name": "Find"}
    assert updated.actor.api_key.user.email == owner.email
    assert updated.project.name == "Find"
    assert events[1].invite_sent.data.email == "new@example.com"


async def test_events_are_chosen_by_many_lists_at_once(organization, each, sent, history, *, project, owner):
    events = await each(
        organization.audit_logs.list(
            event_types=["project.updated", "project.archived", "invite.sent"],
            project_ids=[project.id, "proj_other"],
            actor_ids=[owner.id],
            actor_emails=[owner.email],
            resource_ids=[project.id],
        )
    )
    assert [event.type for event in events] == ["project.archived", "project.updated"]
    assert sent() == (
        "GET",
        "/organization/audit_logs",
        [
            ("actor_emails[]", owner.email),
            ("actor_ids[]", owner.id),
            ("event_types[]", "project.updated"),
            ("event_types[]", "project.archived"),
            ("event_types[]", "invite.sent"),
            ("project_ids[]", project.id),
            ("project_ids[]", "proj_other"),
            ("resource_ids[]", project.id),
        ],
    )
    assert await each(organization.audit_logs.list(tenant_only=True)) == []


async def test_events_are_chosen_by_time(organization, each, sent, history):
    *_, second, first = await each(organization.audit_logs.list())
    late = await each(organization.audit_logs.list(effective_at={"gt": first.effective_at}))
    assert [event.id for event in late][-1] == second.id
    early = await each(
        organization.audit_logs.list(effective_at={"gte": first.effective_at, "lt": second.effective_at})
    )
    assert [event.id for event in early] == [first.id]
    assert sent()[2] == [
        ("effective_at[gte]", str(first.effective_at)),
        ("effective_at[lt]", str(second.effective_at)),
    ]
    exact = {"lte": second.effective_at, "gte": second.effective_at}
    assert [event.id for event in await each(organization.audit_logs.list(effective_at=exact))] == [second.id]


async def test_a_page_can_end_before_an_event(organization, settled, each, history):
    events = await each(organization.audit_logs.list())
    page = await settled(organization.audit_logs.list(before=events[3].id, limit=2))
    assert [event.id for event in page.data] == [events[1].id, events[2].id]


def test_what_an_event_tells_is_found_whatever_its_type():
    def told(**event):
        return AuditLog.model_validate({"id": "audit_log-1", "effective_at": 1, **event}).details

    assert told(type="invite.accepted", **{"invite.accepted": {"id": "invite-1"}}).id == "invite-1"
    assert told(type="tenant.user.added", **{"tenant.user.added": {"id": "user-1"}}) == {"id": "user-1"}
    assert told(type="login.succeeded") is None
    assert AuditLog.model_construct(id="audit_log-1").details is None


async def test_roles_and_certificates_leave_traces_too(organization, settled, each, reader):
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    role = (await settled(organization.roles.list())).data[0]
    await settled(organization.users.roles.create(reader.id, role_id=role.id))
    await settled(organization.users.roles.delete(reader.id, role.id))
    certificate = await settled(organization.certificates.create(certificate=pem, name="Ours"))
    await settled(organization.certificates.activate(certificate_ids=[certificate.id]))
    activated, created, taken, given = await each(organization.audit_logs.list())
    assert given.role_assignment_created.principal_id == taken.role_assignment_deleted.principal_id == reader.id
    assert "BEGIN CERTIFICATE" not in created.to_json()
    assert activated.certificates_activated.certificates[0].name == "Ours"
