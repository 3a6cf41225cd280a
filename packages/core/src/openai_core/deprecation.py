"""How something goes away: it works on for a while, and says what takes its place. CONTRIBUTING.md has the rules.

For plugins, too: the warning goes to the first caller beyond this family and the plugin that asks for it.
"""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Type checkers know this name, and editors strike through what it marks.
    from typing_extensions import deprecated

__all__ = ["deprecated", "moved", "renamed", "warn"]

F = TypeVar("F", bound="Callable[..., Any]")


def warn(message: str, *, within: str = "openai_core") -> None:
    """Warn of something deprecated, at the line of whoever uses it.

    Args:
        message: what goes away, when, and what to use instead.
        within: how the names of the packages begin whose own lines are passed over.
    """
    level, frame = 1, sys._getframe()  # noqa: SLF001 - CPython, which is what is supported, has it
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(("openai_core", within)):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, stacklevel=level)


if not TYPE_CHECKING:

    def deprecated(message: str) -> Callable[[F], F]:
        """Mark a function, a method or a class as one that goes away: each use warns, and type checkers tell.

        Args:
            message: what to use instead, and the version without it: `"use x(); y() goes in 0.3"`. Type checkers want a
                literal.
        """

        def mark(target: F) -> F:
            if isinstance(target, type):
                target.__init__ = mark(target.__init__)
                return target

            @functools.wraps(target)
            def use(*args: Any, **kwargs: Any) -> Any:
                warn(message, within=_family(target))
                return target(*args, **kwargs)

            return inspect.markcoroutinefunction(use) if _MARKS and inspect.iscoroutinefunction(target) else use

        return mark


def renamed(removed_in: str, **names: str) -> Callable[[F], F]:
    """Let a function take parameters by the names that they had before.

    Args:
        removed_in: the version that no longer takes the old names.
        names: for each old name the one that takes its place.

    Raises:
        TypeError: when the function is called with both.
    """

    def accept(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            for old in names.keys() & kwargs.keys():
                new = names[old]
                if new in kwargs:
                    raise TypeError(f"{function.__name__}() got {old} and {new}, which are the same; pass {new} alone")
                kwargs[new] = kwargs.pop(old)
                warn(
                    f"{function.__name__}() takes {new} in the place of {old}, which goes in {removed_in}",
                    within=_family(function),
                )
            return function(*args, **kwargs)

        return call  # type: ignore[return-value]  # the function's own type: the old names are for running code alone

    return accept


def moved(
    package: str, removed_in: str, names: Mapping[str, str], otherwise: Callable[[str], Any] | None = None
) -> Callable[[str], Any]:
    """The `__getattr__` of a module from which names have moved.

    Args:
        package: the module's `__name__`.
        removed_in: the version that no longer has the old names.
        names: for each old name where it is now: `openai_core.streaming:Stream`.
        otherwise: the `__getattr__` that the module has besides.
    """

    def read(name: str) -> Any:
        place = names.get(name)
        if place is None:
            if otherwise:
                return otherwise(name)
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, new = place.partition(":")
        warn(f"{package}.{name} is now {module}.{new}; the old name goes in {removed_in}", within=package)
        return getattr(import_module(module), new)

    return read


_MARKS = sys.version_info >= (3, 12)


def _family(target: Callable[..., Any]) -> str:
    return target.__module__.partition(".")[0]
