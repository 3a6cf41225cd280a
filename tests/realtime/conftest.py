"""Clients for sessions whose connections break."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_core import AsyncClient, Client, RetryPolicy


@pytest.fixture(params=["sync", "async"])
async def eager(request, openai_emulator) -> AsyncIterator[Any]:
    """A client that connects anew without a pause."""
    arguments = {
        "api_key": openai_emulator.api_key,
        "base_url": openai_emulator.base_url,
        "retry": RetryPolicy(3, 0, 0),
        "validation": "strict",
    }
    if request.param == "sync":
        with Client(**arguments) as client:
            yield client
    else:
        async with AsyncClient(**arguments) as client:
            yield client
