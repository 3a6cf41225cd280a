"""`hatch run surface`: writes down what each distribution offers: names and signatures, one file each, in this folder.

A name that goes away, or a signature that changes, breaks users. The files make every such change visible where it is
reviewed; CONTRIBUTING.md tells how something may be removed.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin, is_typeddict

from tests.test_every_operation import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def distributions() -> list[str]:
    """The folders in `packages`."""
    return sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))


def surface(name: str) -> str:
    """What a distribution offers, line by line."""
    package = "openai_core" if name == "core" else f"openai_core_{name}"
    lines = [
        f"client.{path}{_signature(method)}"
        for path, method in METHODS["sync"].items()
        if method._build.__module__.partition(".")[0] == package
    ]
    for module in _modules(package):
        lines += _names(module)
    return "\n".join(sorted(set(lines))) + "\n"


def _modules(package: str) -> list[str]:
    """The package, its types, and whatever module says by `__all__` that it is there to be imported."""
    folder = Path(import_module(package).__file__ or "").parent
    places = {
        ".".join((package, *path.relative_to(folder).with_suffix("").parts)): path for path in folder.rglob("*.py")
    }
    showing = {
        place.removesuffix(".__init__") for place, path in places.items() if "\n__all__ = [" in path.read_text("utf-8")
    }
    return sorted({package, f"{package}.types", f"{package}.params"} | showing)


def _names(place: str) -> Iterator[str]:
    try:
        module = import_module(place)
    except ModuleNotFoundError:
        return
    names = getattr(module, "__all__", None)
    if names is None:
        # An alias, such as a union of texts, is `typing`'s own; that it is one of these names stands beside it.
        aliases = inspect.get_annotations(module)
        names = [
            name
            for name, value in vars(module).items()
            if name in aliases or getattr(value, "__module__", None) == place
        ]
    for name in names:
        if not name.startswith("_"):
            yield from _described(f"{place}.{name}", getattr(module, name))


def _described(path: str, value: Any) -> Iterator[str]:
    if not inspect.isclass(value):
        # An alias of a generic type can be called, and what it shows then depends on the version of Python.
        yield f"{path}{_signature(value) if callable(value) and get_origin(value) is None else ''}"
        return
    fields = getattr(value, "model_fields", None) or (value.__annotations__ if is_typeddict(value) else None)
    if fields:
        yield f"{path}: {', '.join(sorted(fields))}"
        return
    # A model takes its fields; what it shows instead depends on whether it has been used.
    yield f"class {path}{'' if hasattr(value, 'model_fields') else _signature(value)}"
    # What a class has of one that nobody can name is its own.
    hidden = [base for base in value.__mro__[1:] if base.__name__.startswith("_") and "openai_core" in base.__module__]
    for name, member in (pair for kind in (value, *hidden) for pair in vars(kind).items()):
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            yield f"class {path}.{name}{_signature(member) if callable(member) else ''}"


def _signature(value: Any) -> str:
    try:
        # Objects that have no name of their own show where they are in memory.
        return re.sub(r" object at 0x[0-9a-f]+", "", str(inspect.signature(value)))
    except (TypeError, ValueError):
        return ""


if __name__ == "__main__":
    for each in distributions():
        (HERE / f"{each}.txt").write_text(surface(each), "utf-8")
