from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest

from openai_core import AuthenticationError, Client, ConfigurationError, InvalidRequestError, NotFoundError
from openai_core.operation import Endpoint
from openai_core_admin import operations as of_admin


def authorizations(emulator):
    return [request.headers["authorization"] for request in emulator.requests]


async def test_the_admin_key_is_sent_and_the_other_one_is_not(admin_client, settled, openai_emulator):
    await settled(admin_client.admin.organization.projects.list())
    await settled(admin_client.models.list())
    assert authorizations(openai_emulator) == ["Bearer sk-admin-1", "Bearer sk-1"]


def test_every_operation_asks_for_the_admin_key():
    modules = [import_module(f"{of_admin.__name__}.{module.name}") for module in iter_modules(of_admin.__path__)]
    endpoints = [value for module in modules for value in vars(module).values() if isinstance(value, Endpoint)]
    assert len(endpoints) == 119
    assert all(endpoint.admin for endpoint in endpoints)


def test_a_client_without_an_admin_key_is_told_how_to_give_one(openai_emulator, monkeypatch):
    monkeypatch.delenv("OPENAI_ADMIN_KEY", raising=False)
    client = Client(api_key="sk-1", base_url=openai_emulator.base_url)
    with client, pytest.raises(ConfigurationError, match=r"OPENAI_ADMIN_KEY .* admin_key="):
        client.admin.organization.projects.list()
    assert openai_emulator.requests == []


def test_the_admin_key_comes_from_the_environment_and_no_other_is_needed(openai_emulator, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-2")
    with Client(base_url=openai_emulator.base_url) as client:
        assert client.admin.organization.projects.list().data
        with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
            client.models.list()
    assert authorizations(openai_emulator) == ["Bearer sk-admin-2"]


def test_a_wrong_admin_key_is_refused(openai_emulator):
    client = Client(admin_key="sk-invalid-1", base_url=openai_emulator.base_url, max_retries=0)
    with client, pytest.raises(AuthenticationError) as caught:
        client.admin.organization.projects.list()
    assert caught.value.status == 401


async def test_ids_are_encoded_in_the_path(organization, settled, openai_emulator):
    with pytest.raises(NotFoundError):
        await settled(organization.projects.users.roles.retrieve("proj 1?x", "user#1", "role%2F1"))
    # The emulator tells the path as the server reads it; a blank, a question mark or a hash got there as part of an id.
    assert openai_emulator.requests[-1].path == "/v1/projects/proj 1?x/users/user#1/roles/role%2F1"
    assert openai_emulator.requests[-1].query == ""


@pytest.mark.parametrize("wrong", ["", "..", "a/b", "a\\b", None])
async def test_an_id_that_leaves_its_place_is_refused_before_anything_is_sent(
    organization, settled, openai_emulator, wrong
):
    with pytest.raises(InvalidRequestError, match="group_id"):
        await settled(organization.groups.users.delete(wrong, "user-1"))
    assert openai_emulator.requests == []
