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

        A class is used where one is made, and where a class beyond the family that it is from inherits from it; to make
        one of that class doesn't warn again. What is read from an answer warns of nothing.

        Args:
            message: what to use instead, and the version without it: `"use x(); y() goes in 0.3"`. Type checkers want a
                literal.

        Raises:
            TypeError: without a message.
        """
        if not isinstance(message, str):
            raise TypeError('what to use instead comes first: @deprecated("use x(); y() goes in 0.3")')

        def mark(target: F) -> F:
            if isinstance(target, type):
                _mark_class(target, message)
                return target
            if isinstance(target, (classmethod, staticmethod)):
                return type(target)(mark(target.__func__))

            @functools.wraps(target)
            def use(*args: Any, **kwargs: Any) -> Any:
                warn(message, within=_family(target))
                return target(*args, **kwargs)

            return inspect.markcoroutinefunction(use) if _MARKS and inspect.iscoroutinefunction(target) else use

        return mark


def _mark_class(target: Any, message: str) -> None:
    """Let a class warn when it is used: by what goes before its own `__init__` and `__init_subclass__`, if any."""
    own, begin = vars(target).get("__init__"), vars(target).get("__init_subclass__")
    family = _family(target)

    @functools.wraps(target.__init__)
    def make(self: Any, /, *args: Any, **kwargs: Any) -> None:
        if type(self) is target:
            warn(message, within=family)
        if own is not None:
            own(self, *args, **kwargs)
            return
        # Of what is inherited, a subclass may come to another one first.
        inherited: Any = super(target, self).__init__
        new: Any = type(self).__new__
        if getattr(inherited, "__objclass__", None) is not object:
            inherited(*args, **kwargs)
        elif (args or kwargs) and new is object.__new__:
            raise TypeError(f"{type(self).__name__}() takes no arguments")

    def inherit(subclass: Any, /, **kwargs: Any) -> None:
        if not subclass.__module__.startswith(("openai_core", family)):
            warn(message, within=family)
        (begin.__get__(None, subclass) if begin else super(target, subclass).__init_subclass__)(**kwargs)

    if target.__init__ is object.__init__:
        make.__signature__ = inspect.Signature([_SELF])  # type: ignore[attr-defined]
    target.__init__ = make
    target.__init_subclass__ = classmethod(inherit)


def renamed(removed_in: str, **names: str) -> Callable[[F], F]:
    """Let a function take parameters by the names that they had before.

    Args:
        removed_in: the version that no longer takes the old names.
        names: for each old name the one that takes its place.

    Raises:
        TypeError: if the function doesn't take a new name, or does still take an old one; and when it is called with
            both.
    """

    def accept(function: F) -> F:
        _check_names(function, names)

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


def _check_names(function: Callable[..., Any], names: Mapping[str, str]) -> None:
    parameters = inspect.signature(function).parameters
    by_name = {
        each.name for each in parameters.values() if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}
    }
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    for old, new in names.items():
        if new not in by_name and not takes_any:
            known = ", ".join(sorted(by_name)) or "nothing"
            raise TypeError(
                f"{function.__name__}() has no parameter {new!r} that {old!r} could stand for; by name it takes {known}"
            )
        if old in by_name:
            raise TypeError(f"{function.__name__}() still has a parameter {old!r}; renamed() is for one that it had")


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
_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)


def _family(target: Callable[..., Any]) -> str:
    return target.__module__.partition(".")[0]
