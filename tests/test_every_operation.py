"""Every operation of the API has a method, words, and a test that sends it."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from conformance.description import Described, find
from openai_core import AsyncClient, Client
from openai_core.group import ApiGroup as SyncApiGroup
from openai_core.group import AsyncApiGroup, SubGroup
from openai_core.method import Descriptor
from openai_core.operation import OMIT
from tests.witness import Witness

ROOT = Path(__file__).parent.parent
INVENTORY = ROOT.parent / "shared" / "facts" / "operations.json"
CLIENTS = {"sync": Client(api_key="k"), "async": AsyncClient(api_key="k")}


def listed() -> dict[str, str]:
    """The ids of all operations, and the domains that they belong to."""
    if INVENTORY.exists():
        rows = json.loads(INVENTORY.read_text("utf-8"))
        return {row["operation_id"]: row["domain"] for row in rows if row.get("in_spec")}
    data = tomllib.loads((ROOT / "generator" / "operations.toml").read_text("utf-8"))
    return {id_: domain for domain, entries in data.items() for id_ in entries}


def methods(group: Any, path: str) -> dict[str, Any]:
    """The methods of a group and of those inside it, by where a user finds them."""
    found: dict[str, Any] = {}
    for name, attribute in vars(type(group)).items():
        if isinstance(attribute, SubGroup):
            found |= methods(getattr(group, name), f"{path}.{name}")
        elif isinstance(attribute, Descriptor):
            found[f"{path}.{name}"] = getattr(group, name)
    return found


def all_methods(colour: str) -> dict[str, Any]:
    kind = SyncApiGroup if colour == "sync" else AsyncApiGroup
    found = {}
    for name in dir(type(CLIENTS[colour])):
        group = getattr(CLIENTS[colour], name, None)
        if isinstance(group, kind):
            found |= methods(group, name)
    return found


METHODS = {colour: all_methods(colour) for colour in CLIENTS}
OPERATIONS = {path: method for path, method in METHODS["sync"].items() if hasattr(method._build, "endpoint")}
OF_ID: dict[str, list[str]] = {}
for path, method in OPERATIONS.items():
    OF_ID.setdefault(method._endpoint.id, []).append(path)


def test_all_domains_are_installed():
    installed = {each.name for each in entry_points(group="openai_core.apis")}
    assert set(listed().values()) | {"webhooks"} == installed


@pytest.mark.parametrize("id_", listed())
def test_an_operation_has_a_method_in_both_colours(id_):
    assert OF_ID.get(id_), f"no method sends {id_}"
    for path in OF_ID[id_]:
        assert METHODS["async"][path]._build is METHODS["sync"][path]._build


def test_no_method_sends_what_there_isn_t():
    assert OF_ID.keys() == listed().keys()


@pytest.mark.parametrize("path", [path for path, each in OPERATIONS.items() if hasattr(each._build, "keywords")])
def test_an_operation_made_of_keywords_is_the_one_of_its_builder(path):
    method, build = OPERATIONS[path], OPERATIONS[path]._build
    parameters = inspect.signature(build).parameters
    needed = {name: object() for name, each in parameters.items() if each.default is each.empty}
    every = {name: object() for name in reversed(parameters)} | {"options": {"timeout": 1.0}}
    for given in (needed, every, {**every, **dict.fromkeys(parameters.keys() - needed.keys() - {"options"}, OMIT)}):
        made, built = method.operation(**given), build(**given)
        assert made == built
        assert [*(made.body or ()), *(made.query or ())] == [*(built.body or ()), *(built.query or ())]


@pytest.mark.parametrize("path", METHODS["sync"])
def test_a_method_says_what_it_does_and_what_each_argument_means(path):
    doc = inspect.getdoc(METHODS["sync"][path]) or ""
    summary = doc.partition("\n")[0]
    assert summary.endswith("."), doc
    assert not summary.startswith("Call `")
    assert "https://platform.openai.com/docs/" in doc
    for name in inspect.signature(METHODS["sync"][path]).parameters:
        assert re.search(rf"^    {name}: \S", doc, re.MULTILINE), f"{path} doesn't say what {name} means"


def test_every_operation_is_sent_in_some_test(witness: Witness, pytestconfig: pytest.Config):
    """Runs last, over what the emulator was sent in all tests."""
    if pytestconfig.args != pytestconfig.getini("testpaths") or pytestconfig.option.keyword:
        pytest.skip("only a part of the tests runs")
    described = [
        Described(endpoint.id, endpoint.method, endpoint.path, endpoint.query or {}, {})
        for endpoint in (OPERATIONS[paths[0]]._endpoint for paths in OF_ID.values())
    ]
    sent = {found.id for each in witness.succeeded if (found := find(described, *each))}
    assert sorted(OF_ID.keys() - sent) == []
