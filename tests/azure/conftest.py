from __future__ import annotations

import pytest
import respx

import openai_core_azure.provider as azure
from openai_core.config import ENVIRONMENT


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Whoever runs the tests may have keys of their own."""
    for variable in (*ENVIRONMENT.values(), *azure._ENVIRONMENT.values()):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def server(over_httpx):
    """Azure, which answers what a test says and nothing else."""
    with respx.mock(assert_all_called=False) as router:
        yield router
