from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import openai_core

SOURCE = ast.parse(Path(openai_core.__file__).read_text(encoding="utf-8"))


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def declared_for_type_checkers() -> dict[str, str]:
    """For each name that the package shows to type checkers, the module that it comes from."""
    imports = [node for node in ast.walk(SOURCE) if isinstance(node, ast.ImportFrom)]
    return {
        alias.name: node.module.removeprefix("openai_core.")
        for node in imports
        if node.module and node.module.startswith("openai_core.") and node.module != "openai_core.lazy"
        for alias in node.names
    }


def read_lazily() -> dict[str, str]:
    """For each name that the interpreter finds, the module that it comes from."""
    (call,) = [
        node
        for node in ast.walk(SOURCE)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lazy_names"
    ]
    table = ast.literal_eval(call.args[1])
    return {name: module for module, names in table.items() for name in names}


@pytest.mark.parametrize("name", openai_core.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(openai_core, name) is not None
    assert name in dir(openai_core)


def test_all_has_what_type_checkers_see_and_what_the_interpreter_finds():
    assert {**read_lazily(), "__version__": "version"} == declared_for_type_checkers()
    assert set(openai_core.__all__) == set(declared_for_type_checkers())


def test_all_is_sorted_and_holds_no_name_twice():
    assert len(set(openai_core.__all__)) == len(openai_core.__all__)
    assert openai_core.__all__ == sorted(
        openai_core.__all__, key=lambda name: (not name.isupper(), name.islower(), name)
    )


def test_every_public_class_and_function_says_what_it_is():
    for name in openai_core.__all__:
        value = getattr(openai_core, name)
        if isinstance(value, type):
            assert value.__doc__, name


def test_every_error_class_is_public():
    from openai_core import errors

    kinds = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert kinds <= set(openai_core.__all__)


def test_star_import_gives_the_same_names():
    found = json.loads(run("import json; from openai_core import *; print(json.dumps(sorted(globals())))"))
    assert {name for name in openai_core.__all__ if not name.startswith("__")} <= set(found)


def test_an_unknown_name_is_an_error():
    with pytest.raises(AttributeError, match="module 'openai_core' has no attribute 'Cleint'"):
        _ = openai_core.Cleint


def test_importing_the_package_imports_no_library():
    code = "import sys; before = set(sys.modules); import openai_core; print('\\n'.join(set(sys.modules) - before))"
    loaded = set(run(code).split())
    assert not {name.partition(".")[0] for name in loaded} & {
        "httpx",
        "httpcore",
        "pydantic",
        "pydantic_core",
        "pluggy",
        "tenacity",
        "httpx_sse",
    }
    assert {name for name in loaded if name.startswith("openai_core.")} == {"openai_core.lazy", "openai_core.version"}


def test_errors_and_options_need_no_library_either():
    """What programs import at their top to catch errors and to set options."""
    code = "import sys; from openai_core import RateLimitError, RequestOptions, Timeout; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run(code).split()}
    assert not loaded & {"httpx", "pydantic", "pydantic_core", "pluggy", "tenacity"}
