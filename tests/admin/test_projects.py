from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_admin.types import (
    OrganizationDataRetention,
    OrganizationSpendAlert,
    OrganizationSpendAlertDeleted,
    OrganizationSpendLimit,
    OrganizationSpendLimitDeleted,
    Project,
    ProjectDataRetention,
    ProjectHostedToolPermissions,
    ProjectModelPermissions,
    ProjectModelPermissionsDeleted,
    ProjectRateLimit,
    ProjectSpendAlert,
    ProjectSpendAlertDeleted,
    ProjectSpendLimit,
    ProjectSpendLimitDeleted,
)

MONTHLY = {"currency": "USD", "interval": "month"}


async def test_a_project_is_started_changed_and_archived(organization, settled, each, sent):
    projects = organization.projects
    asked = {"name": "Search", "residency": "EU_STORAGE_PROCESSING", "external_key_id": "key-1"}
    made = await settled(projects.create(**asked))
    assert sent() == ("POST", "/organization/projects", asked)
    assert isinstance(made, Project)
    assert (made.status, made.residency) == ("active", "EU_STORAGE_PROCESSING")
    assert await settled(projects.retrieve(made.id)) == made
    changed = await settled(projects.update(made.id, name="Find", external_key_id=None))
    assert sent() == ("POST", f"/organization/projects/{made.id}", {"name": "Find", "external_key_id": None})
    assert (changed.name, changed.external_key_id) == ("Find", None)

    archived = await settled(projects.archive(made.id))
    assert sent() == ("POST", f"/organization/projects/{made.id}/archive")
    assert archived.status == "archived"
    assert archived.archived_at > archived.created_at
    assert made.id not in {project.id for project in await each(projects.list())}
    everything = await each(projects.list(include_archived=True, limit=1))
    assert sent()[2][:2] == [("include_archived", "true"), ("limit", "1")]
    assert made.id in {project.id for project in everything}
    with pytest.raises(BadRequestError, match="archived"):
        await settled(projects.update(made.id, name="Again"))
    with pytest.raises(BadRequestError, match="archived"):
        await settled(projects.service_accounts.create(made.id, name="Robot"))


async def test_what_isn_t_there_is_not_found(organization, settled):
    projects = organization.projects
    for call in (
        projects.retrieve,
        projects.users.list,
        projects.roles.list,
        projects.spend_limit.retrieve,
        projects.model_permissions.retrieve,
    ):
        with pytest.raises(NotFoundError, match="proj_none"):
            await settled(call("proj_none"))


async def test_rate_limits_are_listed_both_ways_and_changed(organization, settled, each, sent, project):
    limits, path = organization.projects.rate_limits, f"/organization/projects/{project.id}/rate_limits"
    listed = await each(limits.list_rate_limits(project.id, limit=2))
    assert sent() == ("GET", path, [("limit", "2"), ("after", listed[1].id)])
    assert all(isinstance(limit, ProjectRateLimit) for limit in listed)
    assert [limit.model for limit in listed][:2] == ["gpt-5", "gpt-5-mini"]
    before = await each(limits.list_rate_limits(project.id, before=listed[2].id, limit=1))
    assert before[0] == listed[1]
    changed = await settled(
        limits.update_rate_limit(
            project.id,
            listed[0].id,
            max_requests_per_1_minute=1,
            max_tokens_per_1_minute=2,
            max_images_per_1_minute=3,
            max_audio_megabytes_per_1_minute=4,
            max_requests_per_1_day=5,
            batch_1_day_max_input_tokens=6,
        )
    )
    assert sent() == (
        "POST",
        f"{path}/{listed[0].id}",
        {
            "max_requests_per_1_minute": 1,
            "max_tokens_per_1_minute": 2,
            "max_images_per_1_minute": 3,
            "max_audio_megabytes_per_1_minute": 4,
            "max_requests_per_1_day": 5,
            "batch_1_day_max_input_tokens": 6,
        },
    )
    assert (changed.max_requests_per_1_minute, changed.batch_1_day_max_input_tokens) == (1, 6)
    with pytest.raises(NotFoundError):
        await settled(limits.update_rate_limit(project.id, "rl-none", max_requests_per_1_day=1))


async def test_tools_and_models_are_allowed_and_forbidden(organization, settled, sent, project):
    tools, models = organization.projects.hosted_tool_permissions, organization.projects.model_permissions
    path = f"/organization/projects/{project.id}"
    before = await settled(tools.retrieve(project.id))
    assert sent() == ("GET", f"{path}/hosted_tool_permissions")
    assert isinstance(before, ProjectHostedToolPermissions)
    assert before.web_search.enabled
    after = await settled(tools.update(project.id, web_search={"enabled": False}, mcp={"enabled": True}))
    assert sent() == (
        "POST",
        f"{path}/hosted_tool_permissions",
        {"web_search": {"enabled": False}, "mcp": {"enabled": True}},
    )
    assert not after.web_search.enabled
    assert after.file_search.enabled
    assert after.image_generation.enabled
    assert after.code_interpreter.enabled

    rule = await settled(models.update(project.id, mode="allow_list", model_ids=["gpt-5-mini"]))
    assert sent() == ("POST", f"{path}/model_permissions", {"mode": "allow_list", "model_ids": ["gpt-5-mini"]})
    assert isinstance(rule, ProjectModelPermissions)
    assert await settled(models.retrieve(project.id)) == rule
    dropped = await settled(models.delete(project.id))
    assert sent() == ("DELETE", f"{path}/model_permissions")
    assert isinstance(dropped, ProjectModelPermissionsDeleted)
    assert (await settled(models.retrieve(project.id))).model_ids == []


async def test_data_is_kept_as_long_as_chosen(organization, settled, sent, project):
    ours, of_project = organization.data_retention, organization.projects.data_retention
    assert isinstance(await settled(ours.retrieve()), OrganizationDataRetention)
    changed = await settled(ours.update(retention_type="zero_data_retention"))
    assert sent() == ("POST", "/organization/data_retention", {"retention_type": "zero_data_retention"})
    assert changed.type == "zero_data_retention"
    assert await settled(ours.retrieve()) == changed

    before = await settled(of_project.retrieve(project.id))
    assert isinstance(before, ProjectDataRetention)
    assert before.type == "organization_default"
    after = await settled(of_project.update(project.id, retention_type="none"))
    assert sent() == ("POST", f"/organization/projects/{project.id}/data_retention", {"retention_type": "none"})
    assert (await settled(of_project.retrieve(project.id))).type == after.type == "none"
    with pytest.raises(BadRequestError) as caught:
        await settled(ours.update(retention_type="for ever"))
    assert caught.value.param == "retention_type"


@pytest.mark.parametrize("place", ["organization", "project"])
async def test_somebody_is_told_of_spending(organization, settled, each, sent, *, project, place):
    alerts, ids, path, kinds = (
        (organization.spend_alerts, (), "/organization", (OrganizationSpendAlert, OrganizationSpendAlertDeleted))
        if place == "organization"
        else (
            organization.projects.spend_alerts,
            (project.id,),
            f"/organization/projects/{project.id}",
            (ProjectSpendAlert, ProjectSpendAlertDeleted),
        )
    )
    told = {"type": "email", "recipients": ["team@example.com"], "subject_prefix": "Spent"}
    asked = {**MONTHLY, "threshold_amount": 100, "notification_channel": told}
    made = [await settled(alerts.create(*ids, **{**asked, "threshold_amount": 100 * n})) for n in range(1, 4)]
    assert sent() == ("POST", f"{path}/spend_alerts", {**asked, "threshold_amount": 300})
    assert all(isinstance(alert, kinds[0]) for alert in made)
    assert made[0].notification_channel.recipients == ["team@example.com"]
    assert await settled(alerts.retrieve(*ids, made[0].id)) == made[0]

    listed = await each(alerts.list(*ids, limit=2, order="asc"))
    assert [alert.threshold_amount for alert in listed] == [100, 200, 300]
    before = await each(alerts.list(*ids, before=made[2].id, order="asc"))
    assert sent() == ("GET", f"{path}/spend_alerts", [("before", made[2].id), ("order", "asc")])
    assert [alert.threshold_amount for alert in before] == [100, 200]

    changed = await settled(alerts.update(*ids, made[0].id, **{**asked, "threshold_amount": 50}))
    assert sent() == ("POST", f"{path}/spend_alerts/{made[0].id}", {**asked, "threshold_amount": 50})
    assert changed.threshold_amount == 50
    gone = await settled(alerts.delete(*ids, made[0].id))
    assert sent() == ("DELETE", f"{path}/spend_alerts/{made[0].id}")
    assert isinstance(gone, kinds[1])
    with pytest.raises(NotFoundError):
        await settled(alerts.retrieve(*ids, made[0].id))


async def test_an_alert_goes_back_as_it_came(organization, settled, sent):
    told = {"type": "email", "recipients": ["team@example.com"]}
    made = await settled(organization.spend_alerts.create(**MONTHLY, threshold_amount=1, notification_channel=told))
    await settled(
        organization.spend_alerts.update(
            made.id, **MONTHLY, threshold_amount=2, notification_channel=made.notification_channel
        )
    )
    assert sent()[2]["notification_channel"] == told


@pytest.mark.parametrize("place", ["organization", "project"])
async def test_spending_is_limited(organization, settled, sent, project, place):
    limit, ids, path, kinds = (
        (organization.spend_limit, (), "/organization", (OrganizationSpendLimit, OrganizationSpendLimitDeleted))
        if place == "organization"
        else (
            organization.projects.spend_limit,
            (project.id,),
            f"/organization/projects/{project.id}",
            (ProjectSpendLimit, ProjectSpendLimitDeleted),
        )
    )
    with pytest.raises(NotFoundError):
        await settled(limit.retrieve(*ids))
    made = await settled(limit.update(*ids, **MONTHLY, threshold_amount=10_000))
    assert sent() == ("POST", f"{path}/spend_limit", {**MONTHLY, "threshold_amount": 10_000})
    assert isinstance(made, kinds[0])
    assert (made.threshold_amount, made.enforcement.status) == (10_000, "inactive")
    assert await settled(limit.retrieve(*ids)) == made
    gone = await settled(limit.delete(*ids))
    assert sent() == ("DELETE", f"{path}/spend_limit")
    assert isinstance(gone, kinds[1])
    with pytest.raises(NotFoundError):
        await settled(limit.delete(*ids))
    with pytest.raises(BadRequestError) as caught:
        await settled(limit.update(*ids, **MONTHLY, threshold_amount=0))
    assert caught.value.param == "threshold_amount"
