"""Packages whose names are imported when they are first read."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_OWN: Final = frozenset({"TYPE_CHECKING", "annotations", "lazy_names"})
"""What such a package holds for itself."""


def lazy_names(
    package: str, modules: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """What a package's `__getattr__` and `__dir__` have to be.

    Args:
        package: its `__name__`.
        modules: for each of its modules the names that the package shows.
    """
    module_of = {name: module for module, names in modules.items() for name in names}

    def read(name: str) -> Any:
        module = module_of.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return read, lambda: sorted({*module_of, *vars(sys.modules[package])} - _OWN)
