"""The generator over the whole API description. Skipped where the description isn't at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import main
from generator.module import HEADER

ROOT = Path(__file__).parent.parent.parent
DOMAINS = 25
MOST_LINES = 1500


@pytest.fixture(scope="module")
def workspace(description, tmp_path_factory) -> Path:
    """A workspace with the code of all domains, beside the hand-written code of this one."""
    root = tmp_path_factory.mktemp("workspace")
    for plugin in [
        ROOT / "packages" / "core" / "src",
        *(path.parent.parent for path in ROOT.glob("packages/*/src/*/api.py")),
    ]:
        shutil.copytree(plugin, root / plugin.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    assert main(["--spec", description, "--all", "--out", str(root)]) == 0
    for package in root.glob("packages/*/src/*"):
        for name in ("__init__.py", "py.typed"):
            (package / name).touch()
    return root


def sources(workspace: Path) -> list[Path]:
    return [path for path in workspace.glob("packages/*/src/**/*.py") if path.read_text("utf-8").startswith(HEADER)]


def test_every_domain_is_written(workspace):
    written = {path.parent.name for path in workspace.glob("packages/*/src") if any(path.rglob("types/__init__.py"))}
    assert len(written - {"core"}) == DOMAINS


def test_all_domains_pass_the_strict_type_checker(workspace, cache):
    folders = sorted(str(path.relative_to(workspace)) for path in workspace.glob("packages/*/src"))
    # What hasn't changed since the last run, wherever that was, is known to be right.
    kept = f"--cache-dir={cache.mkdir('mypy')}"
    command = [sys.executable, "-m", "mypy", "--explicit-package-bases", kept, *folders]
    settings = {**os.environ, "MYPYPATH": os.pathsep.join(folders)}
    checked = subprocess.run(command, cwd=workspace, env=settings, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_all_domains_are_free_of_lint_and_formatted(workspace):
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        files = [str(path.relative_to(workspace)) for path in sources(workspace)]
        ruff = Path(sys.executable).with_name("ruff")
        checked = subprocess.run([ruff, *command, "--no-cache", *files], cwd=workspace, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout


def test_no_generated_module_grows_too_long(workspace):
    long = {
        path.name: lines
        for path in sources(workspace)
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_the_committed_code_is_what_the_generator_writes(description):
    assert main(["--spec", description, "--check"]) == 0


def test_the_check_finds_what_was_changed_by_hand(description, workspace, tmp_path, capsys):
    root = tmp_path / "copy"
    shutil.copytree(ROOT / "packages" / "models", root / "packages" / "models")
    api = root / "packages" / "models" / "src" / "openai_core_models" / "api.py"
    api.write_text(api.read_text("utf-8") + "\n# by hand\n", "utf-8")
    assert main(["--spec", description, "--check", "--out", str(root)]) == 1
    assert f"{api.relative_to(root)} isn't what the generator writes" in capsys.readouterr().err


def test_another_description_than_the_pinned_one_is_refused(tmp_path, capsys):
    other = tmp_path / "other.json"
    other.write_text("{}")
    assert main(["--spec", str(other), "--check"]) == 2
    assert "config.toml pins" in capsys.readouterr().err
