from __future__ import annotations

import signal
import subprocess
import sys

import httpx
import pytest


def test_the_command_prints_where_it_listens_and_ends_when_told_to() -> None:
    command = [sys.executable, "-m", "openai_core_emulator", "--seed", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            assert url.startswith("http://127.0.0.1:")
            assert url.endswith("/v1")
            assert httpx.get(f"{url}/models", headers={"authorization": "Bearer any"}).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.parametrize("options", [["--faults"], ["--chaos", "7", "--rate", "0"]])
def test_the_command_can_serve_faults(options) -> None:
    command = [sys.executable, "-m", "openai_core_emulator", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        try:
            told = httpx.get(f"{url.removesuffix('/v1')}/_faults").json()
            assert told["seed"] == (7 if "--chaos" in options else None)
            assert httpx.get(f"{url}/models", headers={"authorization": "Bearer any"}).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ("chaos of seed 7\n" if "--chaos" in options else "")


def test_a_port_that_is_taken_is_one_clear_line(openai_emulator) -> None:
    port = openai_emulator.base_url.removesuffix("/v1").rpartition(":")[2]
    for asked in (port, "99999999"):
        command = [sys.executable, "-m", "openai_core_emulator", "--port", asked]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert done.returncode == 2
        assert f"can't listen on 127.0.0.1, port {asked}" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--chaos", "7", "--rate", "30"], "rate is a part of all requests, from 0 to 1, not 30"),
        (["--rate", "0.5"], "add --chaos SEED"),
    ],
)
def test_a_rate_that_means_nothing_is_one_clear_line(options, said) -> None:
    command = [sys.executable, "-m", "openai_core_emulator", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert said in done.stderr
