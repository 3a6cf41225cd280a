"""Names that aren't there: packages import theirs when they are first read, and objects tell what else is meant."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

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


class _Elsewhere:
    """A name that another library has. Reading it tells what it is called here.

    A class with `__getattr__` would be slower in all that it reads; this costs nothing.
    """

    __slots__ = ("_here", "_name")

    def __init__(self, name: str, here: str) -> None:
        self._name = name
        self._here = here

    def __get__(self, instance: object, owner: type) -> Any:
        raise AttributeError(
            f"{owner.__name__!r} object has no attribute {self._name!r}; here it is {self._here}",
            name=self._name,
            obj=owner if instance is None else instance,
        )


def elsewhere(**names: str) -> Callable[[type[T]], type[T]]:
    """Let objects of a class tell, of names that another library has, what they are called here.

    Args:
        names: for each such name what to write instead.
    """

    def mark(kind: type[T]) -> type[T]:
        for name, here in names.items():
            setattr(kind, name, _Elsewhere(name, here))
        # What can't be read isn't offered.
        offered: Any = kind.__dir__
        kind.__dir__ = lambda self: [name for name in offered(self) if name not in names]  # type: ignore[method-assign]
        return kind

    return mark
