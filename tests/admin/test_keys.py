from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_admin.types import (
    AdminAPIKey,
    AdminAPIKeyCreateResponse,
    AdminAPIKeyDeleteResponse,
    Certificate,
    DeleteCertificateResponse,
    OrganizationCertificate,
    OrganizationCertificateActivationResponse,
    OrganizationCertificateDeactivationResponse,
    OrganizationProjectCertificate,
    OrganizationProjectCertificateActivationResponse,
    OrganizationProjectCertificateDeactivationResponse,
    ProjectAPIKey,
    ProjectAPIKeyDeleteResponse,
    ProjectServiceAccount,
    ProjectServiceAccountCreateResponse,
    ProjectServiceAccountDeleteResponse,
    ServiceAccountAPIKey,
)

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


async def test_an_admin_key_is_shown_once_and_then_known_without_its_value(organization, settled, each, sent):
    keys = organization.admin_api_keys
    made = await settled(keys.create(name="Robot", expires_in_seconds=3600))
    assert sent() == ("POST", "/organization/admin_api_keys", {"name": "Robot", "expires_in_seconds": 3600})
    assert isinstance(made, AdminAPIKeyCreateResponse)
    assert made.value.startswith("sk-admin-")
    assert made.expires_at == made.created_at + 3600
    assert made.owner.role == "owner"

    key = await settled(keys.retrieve(made.id))
    assert sent() == ("GET", f"/organization/admin_api_keys/{made.id}")
    assert isinstance(key, AdminAPIKey)
    assert made.value not in key.to_json()
    assert key.redacted_value.endswith(made.value[-4:])

    other = await settled(keys.create(name="Other"))
    assert other.expires_at is None
    listed = await each(keys.list(limit=1, order="asc"))
    assert [key.name for key in listed] == ["Robot", "Other"]
    assert sent() == (
        "GET",
        "/organization/admin_api_keys",
        [("limit", "1"), ("order", "asc"), ("after", made.id)],
    )

    deleted = await settled(keys.delete(made.id))
    assert sent() == ("DELETE", f"/organization/admin_api_keys/{made.id}")
    assert isinstance(deleted, AdminAPIKeyDeleteResponse)
    assert deleted.deleted
    with pytest.raises(NotFoundError, match=made.id):
        await settled(keys.retrieve(made.id))


async def test_a_key_that_would_live_too_long_is_refused(organization, settled):
    with pytest.raises(BadRequestError) as caught:
        await settled(organization.admin_api_keys.create(name="Robot", expires_in_seconds=99_999_999))
    assert caught.value.param == "expires_in_seconds"


async def test_a_service_account_comes_with_a_key_and_takes_its_keys_along(organization, settled, each, sent, project):
    accounts, keys = organization.projects.service_accounts, organization.projects.api_keys
    path = f"/organization/projects/{project.id}"
    made = await settled(accounts.create(project.id, name="Robot"))
    assert sent() == ("POST", f"{path}/service_accounts", {"name": "Robot"})
    assert isinstance(made, ProjectServiceAccountCreateResponse)
    assert made.api_key.value.startswith("sk-")

    more = await settled(accounts.api_keys.create(project.id, made.id, name="Second", scopes=["api.model.request"]))
    assert sent() == (
        "POST",
        f"{path}/service_accounts/{made.id}/api_keys",
        {"name": "Second", "scopes": ["api.model.request"]},
    )
    assert isinstance(more, ServiceAccountAPIKey)
    unnamed = await settled(accounts.api_keys.create(project.id, made.id))
    assert unnamed.name

    listed = await each(keys.list(project.id, limit=2, owner_project_access="active"))
    assert [key.id for key in listed] == [made.api_key.id, more.id, unnamed.id]
    assert await each(keys.list(project.id, owner_project_access="inactive")) == []
    key = await settled(keys.retrieve(project.id, more.id))
    assert sent() == ("GET", f"{path}/api_keys/{more.id}")
    assert isinstance(key, ProjectAPIKey)
    assert key.owner.type == "service_account"
    assert key.owner.service_account.id == made.id
    with pytest.raises(BadRequestError, match="service account"):
        await settled(keys.delete(project.id, more.id))

    account = await settled(accounts.retrieve(project.id, made.id))
    assert isinstance(account, ProjectServiceAccount)
    assert (account.name, account.role) == ("Robot", "member")
    account = await settled(accounts.update(project.id, made.id, name="Machine", role="owner"))
    assert sent() == ("POST", f"{path}/service_accounts/{made.id}", {"name": "Machine", "role": "owner"})
    assert (account.name, account.role) == ("Machine", "owner")

    gone = await settled(accounts.delete(project.id, made.id))
    assert sent() == ("DELETE", f"{path}/service_accounts/{made.id}")
    assert isinstance(gone, ProjectServiceAccountDeleteResponse)
    assert await each(keys.list(project.id)) == []
    assert await each(accounts.list(project.id)) == []


async def test_a_service_account_can_be_made_without_a_key(organization, settled, each, project):
    accounts = organization.projects.service_accounts
    made = await settled(accounts.create(project.id, name="Robot", create_service_account_only=True))
    assert made.api_key is None
    assert [account.id for account in await each(accounts.list(project.id, limit=1))] == [made.id]


async def test_a_person_s_key_can_be_deleted(organization, settled, each, owner):
    projects = organization.projects
    first = (await settled(projects.list())).data[0]
    (key,) = await each(projects.api_keys.list(first.id))
    assert key.owner.user.id == owner.id
    gone = await settled(projects.api_keys.delete(first.id, key.id))
    assert isinstance(gone, ProjectAPIKeyDeleteResponse)
    assert await each(projects.api_keys.list(first.id)) == []


async def test_a_certificate_is_uploaded_used_and_deleted(organization, settled, each, sent):
    certificates = organization.certificates
    made = await settled(certificates.create(certificate=PEM, name="Ours"))
    assert sent() == ("POST", "/organization/certificates", {"certificate": PEM, "name": "Ours"})
    assert isinstance(made, Certificate)
    plain = await settled(certificates.retrieve(made.id))
    assert plain.active is False
    assert plain.certificate_details.content is None
    whole = await settled(certificates.retrieve(made.id, include=["content"]))
    assert sent() == ("GET", f"/organization/certificates/{made.id}", [("include[]", "content")])
    assert whole.certificate_details.content.strip() == PEM.strip()
    renamed = await settled(certificates.update(made.id, name="Theirs"))
    assert sent() == ("POST", f"/organization/certificates/{made.id}", {"name": "Theirs"})
    assert renamed.name == "Theirs"

    on = await settled(certificates.activate(certificate_ids=[made.id]))
    assert sent() == ("POST", "/organization/certificates/activate", {"certificate_ids": [made.id]})
    assert isinstance(on, OrganizationCertificateActivationResponse)
    assert [one.active for one in on.data] == [True]
    with pytest.raises(BadRequestError, match="active"):
        await settled(certificates.delete(made.id))
    off = await settled(certificates.deactivate(certificate_ids=[made.id]))
    assert sent() == ("POST", "/organization/certificates/deactivate", {"certificate_ids": [made.id]})
    assert isinstance(off, OrganizationCertificateDeactivationResponse)
    assert [one.active for one in off.data] == [False]

    other = await settled(certificates.create(certificate=PEM))
    listed = await each(certificates.list(limit=1, order="asc"))
    assert all(isinstance(one, OrganizationCertificate) for one in listed)
    assert [one.id for one in listed] == [made.id, other.id]
    gone = await settled(certificates.delete(made.id))
    assert sent() == ("DELETE", f"/organization/certificates/{made.id}")
    assert isinstance(gone, DeleteCertificateResponse)
    assert [one.id for one in await each(certificates.list())] == [other.id]


async def test_a_project_uses_certificates_of_its_own_choice(organization, settled, each, sent, project):
    ours, of_project = organization.certificates, organization.projects.certificates
    made = await settled(ours.create(certificate=PEM))
    path = f"/organization/projects/{project.id}/certificates"
    on = await settled(of_project.activate(project.id, certificate_ids=[made.id]))
    assert sent() == ("POST", f"{path}/activate", {"certificate_ids": [made.id]})
    assert isinstance(on, OrganizationProjectCertificateActivationResponse)
    (listed,) = await each(of_project.list(project.id, limit=5, order="desc"))
    assert isinstance(listed, OrganizationProjectCertificate)
    assert listed.active is True
    assert [one.active for one in await each(ours.list())] == [False]
    off = await settled(of_project.deactivate(project.id, certificate_ids=[made.id]))
    assert sent() == ("POST", f"{path}/deactivate", {"certificate_ids": [made.id]})
    assert isinstance(off, OrganizationProjectCertificateDeactivationResponse)
    assert off.data[0].active is False


async def test_certificates_are_switched_together_or_not_at_all(organization, settled, each):
    certificates = organization.certificates
    made = await settled(certificates.create(certificate=PEM))
    with pytest.raises(NotFoundError, match="cert_none"):
        await settled(certificates.activate(certificate_ids=[made.id, "cert_none"]))
    assert [one.active for one in await each(certificates.list())] == [False]
    with pytest.raises(BadRequestError, match="PEM"):
        await settled(certificates.create(certificate="not one"))
    with pytest.raises(BadRequestError) as caught:
        await settled(certificates.activate(certificate_ids=[]))
    assert caught.value.param == "certificate_ids"
