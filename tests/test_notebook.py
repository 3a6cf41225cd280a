"""The notebook runs from top to bottom, in one event loop, as Jupyter has it."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

NOTEBOOK = Path(__file__).parent.parent / "examples" / "notebook.ipynb"
WRITTEN = json.loads(NOTEBOOK.read_text("utf-8"))
CELLS = WRITTEN["cells"]
CODE = {cell["id"]: "".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"}


async def run(cell: str, name: str, names: dict) -> object:
    """Run a cell as ipykernel does, within its event loop, and return the value of an expression at its end."""
    tree = ast.parse(cell, name)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    parts = [compile(tree, name, "exec", flags)]
    if last:
        parts.append(compile(ast.Expression(last.value), name, "eval", flags))
    value = None
    for part in parts:
        # Of a part that awaits something a coroutine comes, of any other its value.
        value = eval(part, names)  # noqa: S307 - our own notebook
        if part.co_flags & inspect.CO_COROUTINE:
            value = await value
    return value


@pytest.fixture
async def shown(surroundings, monkeypatch, capsys) -> dict[str, str]:
    """What each cell shows: what it prints, and the value at its end."""
    module = ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", module)
    outputs = {}
    for name, cell in CODE.items():
        value = await run(cell, name, vars(module))
        outputs[name] = capsys.readouterr().out + ("" if value is None else repr(value))
    return outputs


async def test_every_cell_runs_and_shows_what_it_is_for(shown, surroundings):
    assert shown["client"] == f"<Client of Provider({surroundings.base_url!r})>"
    assert "Name three colours." in shown["chat"]
    assert "total_tokens=" in shown["chat"]
    assert "Count to three." in shown["stream"]
    assert shown["stream"].endswith("'stop'")
    assert all(colour in shown["gather"] for colour in ("red", "green", "blue"))
    assert shown["async-stream"].endswith("'complete'")
    assert re.fullmatch(r"Review\(mood='(good|mixed|bad)', stars=[1-5], praised=\[.*\]\)", shown["parse"])
    assert shown["embeddings"].startswith("(3, 1536) float32\narray([[1.")
    assert "does-not-exist" in shown["errors"]
    assert "Check the model's name" in shown["errors"]
    assert "model_not_found\nreq_" in shown["errors"]
    assert shown["end"] == ""


async def test_nothing_that_is_shown_is_secret(shown, surroundings):
    assert "Operation(POST /chat/completions" in shown["secrets"]
    everything = "".join(shown.values())
    assert surroundings.api_key not in everything
    assert "sk-" not in everything


def test_it_is_a_notebook_that_jupyter_takes():
    assert (WRITTEN["nbformat"], WRITTEN["nbformat_minor"]) == (4, 5)
    assert set(WRITTEN) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert WRITTEN["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    for cell in CELLS:
        of_code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | of_code
        assert cell["cell_type"] in {"code", "markdown"}
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert cell["metadata"] == {}
        # Lines with their ends, as Jupyter writes them.
        assert cell["source"] == "".join(cell["source"]).splitlines(keepends=True)
    ids = [cell["id"] for cell in CELLS]
    assert len(set(ids)) == len(ids)


def test_it_holds_no_outputs():
    for cell in CELLS:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_it_is_written_as_jupyter_writes_it():
    """Saving it there changes nothing but what was changed."""
    assert NOTEBOOK.read_text("utf-8") == json.dumps(WRITTEN, indent=1, ensure_ascii=False) + "\n"
