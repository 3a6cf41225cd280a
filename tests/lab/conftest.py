from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.calls import Place
from lab.run import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The servers of the lab, with an emulator of their own: what is sent there is wrong on purpose."""
    with Lab() as lab:
        yield lab


@pytest.fixture
def place(lab: Lab, tmp_path) -> Place:
    return Place(tmp_path, lab.file_id)


@pytest.fixture(scope="session")
def transport(pytestconfig: pytest.Config) -> str:
    return pytestconfig.getoption("--transport") or "httpx"
