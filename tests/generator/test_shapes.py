from __future__ import annotations

import pytest
from openapi_pydantic import OpenAPI

from generator.shapes import ANY, Choice, Const, Field, ListOf, MapOf, Maybe, Record, Ref, Scalar, Shapes, UnionOf
from generator.spec import GeneratorError

STRING = {"type": "string"}


def shapes(**schemas: object) -> Shapes:
    document = OpenAPI.model_validate(
        {
            "openapi": "3.1.0",
            "info": {"title": "", "version": ""},
            "paths": {},
            "components": {"schemas": schemas},
        }
    )
    assert document.components
    assert document.components.schemas
    return Shapes(document.components.schemas)


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        (STRING, Scalar("str")),
        ({"type": "string", "format": "binary"}, Scalar("file")),
        ({"type": "integer"}, Scalar("int")),
        ({"type": "number", "format": "unixtime"}, Scalar("float")),
        ({}, ANY),
        ({"type": "string", "nullable": True}, Maybe(Scalar("str"))),
        ({"anyOf": [STRING, {"type": "null"}]}, Maybe(Scalar("str"))),
        ({"type": "array", "items": STRING}, ListOf(Scalar("str"))),
        ({"type": "object"}, MapOf(ANY)),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, MapOf(Scalar("int"))),
        ({"type": "string", "enum": ["a", "b"]}, Choice(("a", "b"))),
        ({"anyOf": [STRING, {"type": "string", "enum": ["a"]}]}, Choice(("a",), open=True)),
        ({"type": "string", "enum": ["24h"]}, Choice(("24h",))),
        ({"type": "string", "enum": ["thing"], "x-stainless-const": True}, Const("thing")),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"}, MapOf(ANY)),
        ({"oneOf": [STRING, {"type": "integer"}]}, UnionOf((Scalar("str"), Scalar("int")))),
    ],
)
def test_a_schema_however_it_is_written_has_one_shape(schema, shape):
    assert shapes(It=schema)["It"] == shape


def test_a_reference_beside_other_keywords_is_still_a_reference():
    found = shapes(
        It={"oneOf": [{"$ref": "#/components/schemas/Other", "type": "object"}, STRING]}, Other={"type": "object"}
    )
    assert found["It"] == UnionOf((Ref("Other"), Scalar("str")))


def test_a_nullable_reference_keeps_its_null():
    found = shapes(It={"properties": {"a": {"$ref": "#/components/schemas/Other", "nullable": True}}}, Other=STRING)
    assert found["It"] == Record((Field("a", Maybe(Ref("Other")), required=False),))


def test_parts_of_all_of_become_one_record():
    found = shapes(
        Base={"type": "object", "required": ["a"], "properties": {"a": STRING, "b": STRING}},
        It={
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {"type": "object", "properties": {"c": STRING}, "required": ["b"]},
            ]
        },
    )
    record = found["It"]
    assert isinstance(record, Record)
    assert [(each.name, each.required) for each in record.fields] == [("a", True), ("b", True), ("c", False)]


def test_an_object_inside_another_is_named_after_where_it_stands():
    found = shapes(
        It={"type": "object", "properties": {"boxes": {"type": "array", "items": {"properties": {"a": STRING}}}}}
    )
    assert found["It"] == Record((Field("boxes", ListOf(Ref("It/box")), required=False),))
    assert found["It/box"] == Record((Field("a", Scalar("str"), required=False),))


def test_a_component_that_only_repeats_another_is_that_one():
    box = {"type": "object", "properties": {"a": STRING}}
    found = shapes(Box=box, BoxParam=box, It={"type": "array", "items": {"$ref": "#/components/schemas/BoxParam"}})
    assert found["It"] == ListOf(Ref("Box"))


def test_a_recursive_reference_means_its_own_component():
    found = shapes(It={"properties": {"inner": {"type": "array", "items": {"$recursiveRef": "#"}}}})
    assert found["It"] == Record((Field("inner", ListOf(Ref("It")), required=False),))


def test_a_property_that_no_server_sends_is_left_out():
    computed = {"anyOf": [{"type": "string", "x-oaiSupportedSDKs": ["python"]}, {"type": "null"}]}
    found = shapes(It={"type": "object", "properties": {"a": STRING, "computed": computed}})
    assert found["It"] == Record((Field("a", Scalar("str"), required=False),))


def test_a_tag_is_found_where_no_discriminator_names_it():
    def event(name: str) -> dict[str, object]:
        return {"type": "object", "properties": {"object": {"type": "string", "enum": [name]}}}

    found = shapes(A=event("a"), B=event("b"), It={"anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in "AB"]})
    union = found["It"]
    assert isinstance(union, UnionOf)
    assert found.tag(union.members) == "object"


def test_all_of_something_that_is_no_object_asks_for_a_decision():
    with pytest.raises(GeneratorError, match="It: allOf of something that is no object"):
        shapes(A={"type": "string"}, It={"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"b": STRING}}]})
