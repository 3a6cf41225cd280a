"""Fixtures for pytest: one server for the whole run, as new in every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .server import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .faults import FaultServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the seed be chosen."""
    parser.addini("openai_emulator_seed", "what the emulator's answers depend on", default="0")


@pytest.fixture(scope="session")
def openai_emulator_server(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """A running emulator that keeps its memory from test to test."""
    with Emulator(int(pytestconfig.getini("openai_emulator_seed"))) as emulator:
        yield emulator


@pytest.fixture
def openai_emulator(openai_emulator_server: Emulator) -> Emulator:
    """The running emulator, with an empty memory."""
    openai_emulator_server.reset()
    return openai_emulator_server


@pytest.fixture(scope="session")
def openai_fault_server(openai_emulator_server: Emulator) -> Iterator[FaultServer]:
    """A server of faults in front of the emulator, that keeps its plans from test to test."""
    from .faults import FaultServer

    with FaultServer(openai_emulator_server) as server:
        yield server


@pytest.fixture
def openai_faults(openai_emulator: Emulator, openai_fault_server: FaultServer) -> FaultServer:  # noqa: ARG001 - emptied
    """A server of faults in front of the emulator, neither of which remembers anything."""
    openai_fault_server.reset()
    return openai_fault_server
