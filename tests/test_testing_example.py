"""The example of how an application is tested passes in a pytest that knows nothing of this project's tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "testing"


def run(cache: Path) -> str:
    """What pytest says to the example's tests, with neither settings nor fixtures of ours, without key and network."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTEST_"))}
    # No address of this kind is ever anyone's: what would be sent to somebody fails.
    environment["HTTPS_PROXY"] = "http://192.0.2.1:9"
    command = [sys.executable, "-m", "pytest", EXAMPLE, "-v", "-W", "error", "-o", f"cache_dir={cache}"]
    # The plugin for async tests warns where nothing is set.
    apart = ["-c", os.devnull, "--rootdir", EXAMPLE, "-p", "no:asyncio"]
    done = subprocess.run([*command, *apart], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass_in_all_three_ways(tmp_path):
    said = run(tmp_path)
    assert "6 passed" in said
    assert "PASSED" in said
    assert "SKIPPED" not in said


def test_the_recording_holds_what_is_needed_and_no_key():
    (path,) = (EXAMPLE / "cassettes").glob("*.json")
    text = path.read_text("utf-8")
    (exchange,) = json.loads(text)["exchanges"]
    assert exchange["status"] == 200
    assert exchange["request"]["path"] == "/v1/responses"
    assert "sk-" not in text
    assert "authorization" not in text.lower()


def test_the_project_s_own_run_collects_no_example():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert settings["testpaths"] == ["tests"]
