"""The page for those who come from the official library says what is so, on both sides, and leaves no call out."""

from __future__ import annotations

import re
import sys
from functools import cached_property
from importlib import import_module
from inspect import getattr_static, signature
from pathlib import Path
from types import ModuleType

import openai
import pytest
from openai._resource import SyncAPIResource

import openai_core
from openai_core import Client, Provider

PAGE = (Path(__file__).parent.parent / "docs" / "coming-from-openai.md").read_text("utf-8")
THEIRS = re.findall(r"^```python theirs\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
NAMES, PARAMETERS, ABSENT = re.split(r"^## (?:Theirs and ours|Parameters|Not here)$", PAGE, flags=re.MULTILINE)[1:]
ROWS = re.findall(r"^\| (`.*) \| (.*) \|$", NAMES, re.MULTILINE)
PARAMETER_ROWS = re.findall(r"^\| (`.*) \| (.*) \|$", PARAMETERS, re.MULTILINE)
LACKING = re.findall(r"`(client\.[\w.]+)`", ABSENT.replace("`client.request`", ""))


def names(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def found(name: str, client: object) -> object:
    """What a name on the page stands for: a path from `client` or a module, and an argument of it in parentheses.

    Raises:
        LookupError: if there is no such argument.
        AttributeError, ModuleNotFoundError: if there is no such thing.
    """
    name, _, argument = name.removesuffix("=)").partition("(")
    first, *path = {"Client": "openai_core.Client", "OpenAI": "openai.OpenAI"}.get(name, name).split(".")
    value = client if first == "client" else import_module(first)
    for part in path:
        if isinstance(value, ModuleType) and not hasattr(value, part):
            import_module(f"{value.__name__}.{part}")
        value = getattr(value, part)
    # A client hands on to its provider what it doesn't know.
    takers = [value, Provider.from_config] if value is Client else [value]
    if argument and not any(argument in signature(taker).parameters for taker in takers):
        raise LookupError(f"{name} takes no {argument}")
    return value


def calls(group: object, path: str = "client"):
    """The paths of all calls in the API groups of their client, or of one of its groups."""
    for name in dir(type(group)):
        member = getattr_static(type(group), name)
        if isinstance(member, (cached_property, property)) and not name.startswith("with_"):
            inner = getattr(group, name)
            if isinstance(inner, SyncAPIResource):
                yield from calls(inner, f"{path}.{name}")
        elif isinstance(group, SyncAPIResource) and callable(member) and not name.startswith("_"):
            yield f"{path}.{name}"


@pytest.fixture(scope="module")
def theirs():
    with openai.OpenAI(api_key="sk-emulator") as client:
        yield client


@pytest.fixture(scope="module")
def ours():
    with Client(api_key="sk-emulator") as client:
        yield client


def test_each_name_and_setting_that_is_imported_from_there_is_here_or_on_the_page():
    unsaid = {"NoneType", "ProxiesTypes", "Transport", "__title__"}  # never meant to be used
    unsaid |= {"DEFAULT_CONNECTION_LIMITS", "DEFAULT_MAX_RETRIES", "DEFAULT_TIMEOUT"}
    aliases = {"Client", "AsyncClient"}
    offered = {f"openai.{name}" for name in {*openai.__all__} - {*openai_core.__all__} - unsaid - aliases}
    settings = (
        signature(openai.OpenAI).parameters.keys() - signature(Client).parameters.keys() - {"_enforce_credentials"}
    )
    offered |= {f"OpenAI({name}=)" for name in settings}
    assert offered - set(names(PAGE)) == set()


def test_the_page_is_about_the_version_that_it_is_tested_with():
    assert f"({openai.__version__.rpartition('.')[0]})" in PAGE


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
@pytest.mark.parametrize("code", THEIRS, ids=[code.strip().splitlines()[0][:40] for code in THEIRS])
def test_their_snippet_runs(code, surroundings, monkeypatch):
    program = compile(code, "coming-from-openai.md", "exec")
    module = ModuleType("theirs")
    monkeypatch.setitem(sys.modules, "theirs", module)
    with openai.OpenAI() as client:
        exec(program, vars(module) | {"client": client})  # noqa: S102 - our own page


@pytest.mark.parametrize("theirs_and_ours", ROWS, ids=[row[0] for row in ROWS])
def test_each_name_of_the_table_exists(theirs_and_ours, theirs, ours):
    for cell, client in zip(theirs_and_ours, (theirs, ours), strict=True):
        for name in names(cell):
            found(name, client)


@pytest.fixture
def counterparts(theirs):
    """Each of their calls, and where it is here by the table.

    A row stands for what is below it, which has to be below its counterpart; of several rows the longest counts.
    """
    renamed = {
        name: (cell[-1] if len(cell) < len(old) else cell[position])
        for old, cell in ((names(left), names(right)) for left, right in ROWS)
        for position, name in enumerate(old)
    }

    def here(path: str) -> str:
        parts = path.split(".")
        above = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        row = next((name for name in above if name in renamed), path)
        return path.replace(row, renamed.get(row, row), 1)

    return {path: here(path) for path in calls(theirs)}


def exists(path: str, client: Client) -> bool:
    try:
        return callable(found(path, client))
    except AttributeError:
        return False


def test_each_of_their_calls_has_the_same_name_here_or_is_on_the_page(counterparts, ours):
    missing = [path for path, here in counterparts.items() if not exists(here, ours)]
    assert [path for path in missing if not path.startswith(tuple(LACKING))] == []
    assert [name for name in LACKING if not any(path.startswith(name) for path in missing)] == []


def test_each_of_their_parameters_has_the_same_name_here_or_is_on_the_page(counterparts, theirs, ours):
    their_own, known = set(), set()
    for path, here in counterparts.items():
        if exists(here, ours):
            parameters = signature(found(here, ours)).parameters
            known |= parameters.keys()
            # Of a call that hands on what it is given, what it takes is that of another one.
            if not any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
                their_own |= signature(found(path, theirs)).parameters.keys() - parameters.keys()
    left, right = (" ".join(cells) for cells in zip(*PARAMETER_ROWS, strict=True))
    explained = re.findall(r"`(\w+)=`", left + ABSENT)
    assert their_own - set(explained) == set()
    assert [name for name in explained if name not in their_own] == []
    assert [name for name in re.findall(r"`(\w+)=`", right) if name not in known] == []


def test_each_of_their_calls_that_can_stream_has_one_here_that_does(counterparts, theirs, ours):
    streaming = [path for path in counterparts if "stream" in signature(found(path, theirs)).parameters]
    here = [counterparts[path] for path in streaming if exists(counterparts[path], ours)]
    assert "client.responses.create" in here
    assert [path for path in here if not exists(f"{path}_stream", ours)] == []
