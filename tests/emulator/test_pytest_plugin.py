from __future__ import annotations

import httpx
import pytest

from openai_core_emulator import Emulator


def test_the_fixture_is_a_running_emulator(openai_emulator: Emulator) -> None:
    assert openai_emulator.base_url.endswith("/v1")
    headers = {"authorization": f"Bearer {openai_emulator.api_key}"}
    assert httpx.get(f"{openai_emulator.base_url}/models", headers=headers).status_code == 200


@pytest.mark.parametrize("_", [1, 2])
def test_each_test_finds_it_empty(openai_emulator: Emulator, _: int) -> None:
    assert openai_emulator.requests == []
    httpx.get(openai_emulator.base_url)
    assert len(openai_emulator.requests) == 1


def test_all_tests_share_one_server(openai_emulator: Emulator, openai_emulator_server: Emulator) -> None:
    assert openai_emulator is openai_emulator_server


@pytest.mark.parametrize("_", [1, 2])
def test_each_test_finds_the_server_of_faults_as_it_was(openai_emulator, openai_faults, _: int) -> None:
    assert (openai_faults.requests, openai_faults.played, openai_emulator.requests) == ([], [], [])
    openai_faults.play("quota", times=2)
    openai_faults.down()
    openai_faults.up()
    assert httpx.get(f"{openai_faults.base_url}/models").status_code == 429


def test_the_seed_can_be_set(openai_emulator: Emulator, pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getini("openai_emulator_seed") == "0"
    with Emulator(0) as same:
        ids = {
            httpx.post(f"{each.base_url}/conversations", headers={"authorization": "Bearer any"}).json()["id"]
            for each in (openai_emulator, same)
        }
    assert len(ids) == 1
