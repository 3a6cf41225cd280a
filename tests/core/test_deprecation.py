from __future__ import annotations

import asyncio
import inspect
import sys
import warnings
from types import ModuleType

import pytest

from openai_core.deprecation import deprecated, moved, renamed, warn


def as_of(package, function):
    """The function as if a module of a plugin had it, so that the tests are callers beyond."""
    space = {**vars(sys.modules[function.__module__]), "__name__": f"{package}.api"}
    copy = type(function)(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    copy.__module__ = space["__name__"]
    return copy


@deprecated("use newer(); older() goes in 0.3")
def older(value):
    return value + 1


@deprecated("use Newer; Older goes in 0.3")
class Older:
    """Of old."""

    def __init__(self, value):
        self.value = value


@renamed("0.3", file="path")
def save(path, *, mode="w"):
    return path, mode


def test_what_is_deprecated_works_and_tells_whoever_uses_it():
    function = deprecated("use newer(); older() goes in 0.3")(as_of("acme", lambda value: value + 1))
    with pytest.warns(DeprecationWarning, match=r"use newer\(\); older\(\) goes in 0\.3") as told:
        assert function(1) == 2
    assert told[0].filename == __file__


def test_a_deprecated_class_warns_when_one_is_made():
    assert Older.__doc__ == "Of old."
    with pytest.warns(DeprecationWarning, match="use Newer"):
        assert Older(3).value == 3
    assert list(inspect.signature(Older).parameters) == ["value"]


def test_a_deprecated_function_keeps_its_name_and_signature():
    assert older.__name__ == "older"
    assert list(inspect.signature(older).parameters) == ["value"]


def test_a_deprecated_coroutine_function_is_one_still():
    @deprecated("use newer()")
    async def old():
        return 1

    with pytest.warns(DeprecationWarning, match="newer"):
        assert asyncio.run(old()) == 1
    assert sys.version_info < (3, 12) or inspect.iscoroutinefunction(old)


def test_a_parameter_is_taken_by_its_old_name():
    with pytest.warns(DeprecationWarning, match=r"save\(\) takes path in the place of file, which goes in 0\.3"):
        assert save(file="a.txt", mode="x") == ("a.txt", "x")


def test_a_parameter_by_its_new_name_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert save("a.txt") == save(path="a.txt") == ("a.txt", "w")


def test_a_parameter_by_both_names_is_an_error():
    with pytest.raises(TypeError, match="got file and path"):
        save(path="a.txt", file="b.txt")


def test_a_name_that_moved_is_found_where_it_is_now(monkeypatch):
    module = ModuleType("acme_moved")
    module.__getattr__ = moved("acme_moved", "0.3", {"Flow": "openai_core.streaming:Stream"})
    monkeypatch.setitem(sys.modules, "acme_moved", module)
    from openai_core.streaming import Stream

    with pytest.warns(
        DeprecationWarning, match=r"acme_moved\.Flow is now openai_core\.streaming\.Stream.*0\.3"
    ) as told:
        assert module.Flow is Stream
    assert told[0].filename == __file__
    with pytest.raises(AttributeError, match="no attribute 'Other'"):
        _ = module.Other


def test_names_that_did_not_move_are_the_modules_own_affair():
    read = moved("acme_moved", "0.3", {}, otherwise=str.upper)
    assert read("name") == "NAME"


def test_the_lines_of_the_plugin_itself_are_passed_over():
    def inner():
        warn("it goes", within="acme")

    with pytest.warns(DeprecationWarning, match="it goes") as told:
        as_of("acme", inner)()
    assert told[0].filename == __file__
    assert told[0].lineno == test_the_lines_of_the_plugin_itself_are_passed_over.__code__.co_firstlineno + 5
