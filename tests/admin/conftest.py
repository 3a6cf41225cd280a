from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from openai_core import AsyncClient, Client

ADMIN_KEY = "sk-admin-1"


@pytest.fixture(params=["sync", "async"])
async def admin_client(request, openai_emulator) -> AsyncIterator[Any]:
    """A client of either colour that has both kinds of keys."""
    arguments = {
        "admin_key": ADMIN_KEY,
        "api_key": "sk-1",
        "base_url": openai_emulator.base_url,
        "max_retries": 0,
        "validation": "strict",
    }
    if request.param == "sync":
        with Client(**arguments) as client:
            yield client
    else:
        async with AsyncClient(**arguments) as client:
            yield client


@pytest.fixture
def organization(admin_client):
    """The group below which all calls are."""
    return admin_client.admin.organization


@pytest.fixture
def sent(openai_emulator):
    """What the last request was: method, path below `/v1`, and its body, or else its query as pairs."""

    def last() -> tuple[Any, ...]:
        request = openai_emulator.requests[-1]
        told = (request.method, request.path.removeprefix("/v1"))
        if request.body:
            return (*told, request.json())
        return (*told, parse_qsl(request.query)) if request.query else told

    return last


@pytest.fixture
async def project(organization, settled):
    """A project that was just made."""
    return await settled(organization.projects.create(name="Search"))


@pytest.fixture
async def owner(organization, settled):
    """The organization's owner."""
    return (await settled(organization.users.list())).data[0]


@pytest.fixture
async def reader(organization, settled):
    """The other person in the organization."""
    return (await settled(organization.users.list())).data[1]
