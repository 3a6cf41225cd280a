from __future__ import annotations

import sys
from types import ModuleType

import pytest

from openai_core.lazy import elsewhere, lazy_names


@pytest.fixture
def package(monkeypatch) -> ModuleType:
    """A package `lazy_example` with modules `one` and `broken`, of which nothing is imported yet."""
    module = ModuleType("lazy_example")
    module.version = "1"
    monkeypatch.setitem(sys.modules, "lazy_example", module)
    one = ModuleType("lazy_example.one")
    one.Thing = type("Thing", (), {})
    monkeypatch.setitem(sys.modules, "lazy_example.one", one)
    module.__getattr__, module.__dir__ = lazy_names("lazy_example", {"one": ("Thing", "Gone"), "broken": ("Other",)})
    return module


def test_a_name_is_read_from_its_module(package):
    assert package.Thing is sys.modules["lazy_example.one"].Thing


def test_a_name_is_looked_up_once(package):
    assert "Thing" not in vars(package)
    first = package.Thing
    assert vars(package)["Thing"] is first


def test_an_unknown_name_is_an_attribute_error_as_of_any_module(package):
    with pytest.raises(AttributeError, match="module 'lazy_example' has no attribute 'thing'"):
        _ = package.thing
    assert not hasattr(package, "__path_that_tools_look_for__")


def test_a_name_that_its_module_lacks_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match="Gone"):
        _ = package.Gone


def test_a_module_that_fails_to_import_says_so_itself(package):
    with pytest.raises(ImportError, match="lazy_example"):
        _ = package.Other


def test_dir_lists_what_was_read_and_what_was_not(package):
    assert {"Thing", "Other", "version"} <= set(dir(package))
    assert dir(package) == sorted(set(dir(package)))


def test_dir_leaves_out_what_a_package_has_for_itself():
    import openai_core_webhooks

    assert not {"TYPE_CHECKING", "annotations", "lazy_names"} & set(dir(openai_core_webhooks))


def test_a_name_that_is_elsewhere_is_told_and_neither_there_nor_offered():
    @elsewhere(color="colour")
    class Thing:
        colour = "red"

    class Small(Thing):
        pass

    for thing in (Thing(), Small()):
        with pytest.raises(AttributeError, match="has no attribute 'color'; here it is colour") as caught:
            _ = thing.color
        assert (caught.value.name, caught.value.obj) == ("color", thing)
        assert not hasattr(thing, "color")
        assert "colour" in dir(thing)
        assert "color" not in dir(thing)
        # Whoever sets it has it.
        thing.color = "blue"
        assert thing.color == "blue"
    with pytest.raises(AttributeError, match="here it is colour"):
        _ = Thing.color
