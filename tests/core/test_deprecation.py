from __future__ import annotations

import asyncio
import inspect
import sys
import warnings
from types import ModuleType

import pytest
from pydantic import BaseModel

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


def of_acme(**names):
    """The body of a class that a plugin has."""
    return {"__module__": "acme.api", **names}


class WithArguments:
    def __new__(cls, value):
        made = super().__new__(cls)
        made.value = value
        return made


class Model(BaseModel):
    value: int = 1


@pytest.mark.parametrize(
    ("bases", "names", "arguments"),
    [
        ((), {}, ()),
        ((Exception,), {}, ("text",)),
        ((OSError,), {}, (2, "text")),
        ((tuple,), {}, ((1, 2),)),
        ((WithArguments,), {}, (3,)),
    ],
    ids=str,
)
def test_a_deprecated_class_may_have_no_init_of_its_own(bases, names, arguments):
    def made(kind):
        one = kind(*arguments)
        return getattr(one, "args", None), getattr(one, "value", None), isinstance(one, tuple) and tuple(one)

    plain = type("Plain", bases, of_acme(**names))
    old = deprecated("use Y")(type("Old", bases, of_acme(**names)))
    with pytest.warns(DeprecationWarning, match="use Y") as told:
        assert made(old) == made(plain)
    assert told[0].filename == __file__


def test_what_such_a_class_takes_is_checked_as_before():
    old = deprecated("use Y")(type("Old", (), of_acme()))
    assert not inspect.signature(old).parameters
    with pytest.warns(DeprecationWarning, match="use Y"), pytest.raises(TypeError, match=r"Old\(\) takes no arguments"):
        old(1)


def test_the_lines_passed_over_are_those_of_the_class_and_not_of_what_it_inherits():
    old = deprecated("use Y")(type("Old", (Model,), of_acme(__annotations__={"other": int})))
    space = {"__name__": "acme.inner", "Old": old}
    exec("def make(): return Old(value=3, other=4)", space)  # noqa: S102 - a function that a plugin has
    with pytest.warns(DeprecationWarning, match="use Y") as told:
        made = space["make"]()
    assert (made.value, made.other) == (3, 4)
    assert told[0].filename == __file__
    assert list(inspect.signature(old).parameters) == ["value", "other"]


def test_what_is_read_from_an_answer_warns_of_nothing():
    old = deprecated("use Y")(type("Old", (Model,), of_acme()))
    assert old.model_validate({"value": 3}).value == 3


def test_to_inherit_from_a_deprecated_class_warns_and_to_use_what_inherits_does_not():
    begun = []

    class Old:
        __module__ = "acme.api"

        def __init_subclass__(cls, *, tag=None, **others):
            super().__init_subclass__(**others)
            begun.append((cls.__name__, tag))

        def __init__(self):
            self.made = True

    Old = deprecated("use Y")(Old)  # noqa: N806 - a class
    with pytest.warns(DeprecationWarning, match="use Y") as told:

        class New(Old, tag=3):
            pass

    assert told[0].filename == __file__
    assert New().made
    # The family's own can't be helped by who uses them.
    assert type("Own", (Old,), of_acme())().made
    assert begun == [("New", 3), ("Own", None)]


def test_a_subclass_comes_to_all_that_it_inherits():
    class Other:
        def __init__(self, value):
            self.value = value

    old = deprecated("use Y")(type("Old", (), of_acme()))
    with pytest.warns(DeprecationWarning, match="use Y"):
        both = type("Both", (old, Other), {"__module__": __name__})
    assert both(5).value == 5


def test_methods_of_a_class_are_deprecated_in_either_order():
    class Api:
        @deprecated("use made()")
        @classmethod
        def make(cls):
            return cls

        @classmethod
        @deprecated("use made()")
        def create(cls):
            return cls

    with pytest.warns(DeprecationWarning, match=r"made\(\)"):
        assert Api.make() is Api
    with pytest.warns(DeprecationWarning, match=r"made\(\)"):
        assert Api.create() is Api


def test_what_to_use_instead_is_said():
    with pytest.raises(TypeError, match="what to use instead comes first"):
        deprecated(save)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            {"file": "pth"},
            r"save_it\(\) has no parameter 'pth' that 'file' could stand for; by name it takes mode, path",
        ),
        ({"mode": "path"}, r"save_it\(\) still has a parameter 'mode'"),
    ],
)
def test_a_parameter_that_there_is_not_is_told_when_the_function_is_marked(names, said):
    def save_it(path, *, mode="w"):
        return path, mode

    with pytest.raises(TypeError, match=said):
        renamed("0.3", **names)(save_it)
    assert renamed("0.3", old="any")(lambda **values: values)(any=1) == {"any": 1}


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
