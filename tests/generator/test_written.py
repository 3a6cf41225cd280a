"""What the generator writes for a small API description, imported and used."""

from __future__ import annotations

import copy
import importlib
import sys

import pytest

from generator.__main__ import written
from generator.spec import GeneratorError, Override


@pytest.fixture
def package(plan, tmp_path, monkeypatch):
    """The generated distribution of the small description."""
    for module in written(plan(), ["things"], frozenset()):
        if "core" not in module.path.parts:
            path = tmp_path / module.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(module.text, "utf-8")
    source = tmp_path / "packages" / "things" / "src"
    (source / "openai_core_things" / "__init__.py").touch()
    monkeypatch.syspath_prepend(source)
    yield importlib.import_module("openai_core_things")
    for name in [name for name in sys.modules if name.startswith("openai_core_things")]:
        del sys.modules[name]


def module(name: str):
    return importlib.import_module(f"openai_core_things.{name}")


@pytest.mark.usefixtures("package")
def test_a_model_reads_an_answer():
    thing = module("types").Thing.model_validate_json(
        b'{"id": "1", "kind": "huge", "schema": "x", "parts": [{"size": null}]}'
    )
    assert (thing.id, thing.kind, thing.schema_, thing.parts[0].size) == ("1", "huge", "x", None)


@pytest.mark.usefixtures("package")
def test_a_union_of_events_is_told_apart_and_open():
    from pydantic import TypeAdapter

    read = TypeAdapter(module("types").ThingEvent).validate_python
    assert type(read({"type": "thing.done"})).__name__ == "ThingDone"
    assert type(read({"type": "thing.new", "data": 1})).__name__ == "UnknownModel"


@pytest.mark.usefixtures("package")
def test_a_builder_makes_an_operation():
    operations = module("operations.things")
    operation = operations.create(name="a", kind="big")
    assert (operation.method, operation.path, operation.body) == ("POST", "/things", {"name": "a", "kind": "big"})


@pytest.mark.usefixtures("package")
def test_a_stream_is_asked_for_by_a_method_of_its_own():
    operations = module("operations.things")
    streaming = operations.create_stream(name="a", stream_options={"usage": True})
    assert streaming.body == {"name": "a", "stream_options": {"usage": True}, "stream": True}
    assert streaming.endpoint.ends == ("thing.done",)
    assert operations.CREATE.stream == "create_stream"
    with pytest.raises(TypeError, match="stream_options"):
        operations.create(name="a", stream_options={})


@pytest.mark.parametrize(
    ("accumulator", "place"),
    [("accumulating:Thing", "openai_core_things.accumulating:Thing"), ("mine.accumulating:It", "mine.accumulating:It")],
)
def test_a_stream_whose_events_make_up_an_answer_says_how(plan, accumulator, place):
    told = plan()
    told.operations = copy.deepcopy(told.operations)
    (variant,) = told.operations["things"]["createThing"]["variants"]
    variant |= {"whole": "CreateThingResponse", "accumulator": accumulator}
    texts = {"/".join(module.path.parts[-2:]): module.text for module in written(told, ["things"], frozenset())}
    assert "CREATE_STREAM: AccumulatingEndpoint[ThingEvent, Thing]" in texts["operations/things.py"]
    assert 'whole="openai_core_things.types:Thing"' in texts["operations/things.py"]
    assert f'accumulator="{place}"' in texts["operations/things.py"]
    assert "-> AccumulatingOperation[ThingEvent, Thing]:" in texts["operations/things.py"]
    assert "create_stream = AsyncAccumulatingMethod(things.create_stream)" in texts["openai_core_things/api.py"]


@pytest.mark.usefixtures("package")
def test_path_parameters_are_positional_and_arrays_keep_their_wire_name():
    operation = module("operations.things").content("t/1", include=["a"])
    assert operation.query == {"include[]": ["a"]}
    assert operation.path_params == ("t/1",)


@pytest.mark.usefixtures("package")
def test_both_colours_are_the_same_table():
    api = module("api")
    names = [name for name in vars(api.Things) if not name.startswith("_")]
    assert names == ["list", "create", "create_stream", "content"]
    assert names == [name for name in vars(api.AsyncThings) if not name.startswith("_")]
    assert all(vars(api.Things)[name].build is vars(api.AsyncThings)[name].build for name in names)


def test_methods_by_hand_are_of_their_kind(plan):
    made = plan()
    made.by_hand["things"] = {
        "things.wait": "waiting:wait",
        "things.watch": {"place": "watching:watch", "kind": "Socket"},
    }
    (text,) = [module.text for module in written(made, ["things"], frozenset()) if module.path.name == "api.py"]
    for line in (
        "from openai_core_things import waiting, watching",
        "wait = StepsMethod(waiting.wait)",
        "wait = AsyncStepsMethod(waiting.wait)",
        "watch = SocketMethod(watching.watch)",
        "watch = AsyncSocketMethod(watching.watch)",
    ):
        assert line in text


@pytest.mark.usefixtures("package")
def test_the_model_is_accepted_where_its_dictionary_is():
    import inspect

    annotation = inspect.signature(module("operations.things").create).parameters["like"].annotation
    assert annotation == "ThingParam | Thing | Omit"


def test_missing_words_of_a_documented_domain_are_named(plan):
    with pytest.raises(GeneratorError, match=r"words/things\.toml lacks calls\.things\.content\n"):
        written(plan(), ["things"], frozenset({"things"}))


def test_two_components_with_one_name_are_an_error(plan):
    clash = {"type": "object", "properties": {"thing": {"$ref": "#/components/schemas/Thing"}}}
    twice = plan(
        Thing={"type": "object", "properties": {"a": {"type": "string"}}}, ThingDelta={"required": ["type"], **clash}
    )
    with pytest.raises(GeneratorError, match="'CreateThingResponse' and 'Thing' are both called Thing"):
        written(twice, ["things"], frozenset())


def test_an_operation_that_nobody_placed_is_an_error(plan):
    homeless = plan()
    homeless.operations = {"things": {"listThings": {"call": "things.list", "page": {}}}}
    with pytest.raises(GeneratorError, match=r"doesn't say where these belong: \['createThing', 'getThingContent'\]"):
        written(homeless, ["things"], frozenset())


def test_an_override_that_changes_nothing_is_an_error():
    document = {"a": [{"b": 1}]}
    Override(at="/a/0/b", reason="because", set=2).apply(document)
    assert document == {"a": [{"b": 2}]}
    with pytest.raises(GeneratorError, match="the description says so itself by now"):
        Override(at="/a/0/b", reason="because", set=2).apply(document)
    Override(at="/a/0/b", reason="because", remove=True).apply(document)
    assert document == {"a": [{}]}
    with pytest.raises(GeneratorError, match="already gone"):
        Override(at="/a/0/b", reason="because", remove=True).apply(document)
