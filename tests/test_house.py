"""Names and versions follow from the folders' names, in every distribution."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
PLUGINS = ("azure", "local")
NO_PLUGINS = ("core", "emulator")


def project(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    return settings


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request) -> Path:
    found: Path = request.param
    return found


def test_every_folder_in_packages_is_a_distribution():
    assert [path.name for path in sorted((ROOT / "packages").iterdir())] == [path.name for path in FOLDERS]


def test_names_derive_from_the_folder(folder):
    settings = project(folder)
    suffix = "" if folder.name == "core" else f"-{folder.name.replace('_', '-')}"
    package = "openai_core" if folder.name == "core" else f"openai_core_{folder.name}"
    assert settings["project"]["name"] == f"openai-core{suffix}"
    assert [path.name for path in (folder / "src").iterdir()] == [package]
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [f"src/{package}"]
    if folder.name not in NO_PLUGINS:
        group = "openai_core.providers" if folder.name in PLUGINS else "openai_core.apis"
        entries = settings["project"]["entry-points"][group]
        assert list(entries) == [folder.name]
        assert entries[folder.name].split(".")[0] == package


def test_every_distribution_ships_its_types(folder):
    assert (next((folder / "src").iterdir()) / "py.typed").is_file()


def test_members_pin_one_another_to_the_family_s_version(folder):
    settings = project(folder)["project"]
    for requirement in chain(settings["dependencies"], *settings.get("optional-dependencies", {}).values()):
        if requirement.startswith("openai-core"):
            assert requirement.endswith("==0.1.*"), requirement


def test_core_has_an_extra_for_every_member():
    extras = project(ROOT / "packages" / "core")["project"]["optional-dependencies"]
    for folder in FOLDERS:
        if folder.name != "core":
            name = folder.name.replace("_", "-")
            assert extras[name] == [f"openai-core-{name}==0.1.*"]


def test_tool_settings_live_at_the_root_alone(folder):
    assert set(project(folder)["tool"]) == {"hatch"}


def test_core_knows_no_domain_but_by_name():
    source = ROOT / "packages" / "core" / "src" / "openai_core"
    naming = [path.name for path in source.rglob("*.py") if "openai_core_" in path.read_text("utf-8")]
    assert naming == ["_groups.py"]


def test_only_the_transport_imports_httpx():
    for path in (ROOT / "packages").glob("*/src/**/*.py"):
        text = path.read_text("utf-8")
        if "transport" not in path.parts:
            assert not re.search(r"^\s*(import|from) httpx\b", text, re.MULTILINE), path
