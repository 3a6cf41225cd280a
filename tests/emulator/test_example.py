from __future__ import annotations

import hashlib
from typing import Any

import pytest

from openai_core_emulator.example import ExampleMaker

jsonschema = pytest.importorskip("jsonschema")

LINKED_LIST = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "number"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["value", "next"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "properties": {"list": {"$ref": "#/$defs/node"}},
    "required": ["list"],
}
INTERFACE = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["div", "button"]},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
    "required": ["type", "children"],
    "additionalProperties": False,
}
SCHEMAS: list[dict[str, Any]] = [
    {},
    LINKED_LIST,
    INTERFACE,
    {"const": 5},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": "string", "minLength": 30, "maxLength": 31},
    {"type": "string", "maxLength": 1},
    {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2,4}$"},
    *({"type": "string", "format": name} for name in ("date", "date-time", "email", "ipv4", "ipv6", "uuid", "uri")),
    {"type": "integer", "minimum": 3, "maximum": 3},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "maximum": -7},
    {"type": "integer", "multipleOf": 7, "minimum": 8},
    {"type": "number", "multipleOf": 0.25, "minimum": 0.3, "maximum": 0.6},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1},
    {"type": "array", "items": {"type": "integer"}, "minItems": 5},
    {"type": "array", "items": {"type": "integer"}, "maxItems": 0},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "boolean"}], "items": False},
    {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}, {"required": ["b"]}]},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "boolean"}},
    {"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]},
    {"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_the_document_is_valid_whatever_chance_decides(schema: dict[str, Any]) -> None:
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for seed in range(20):

        def chance(below: int, path: str, seed: int = seed) -> int:
            return hashlib.sha256(f"{seed}{path}".encode()).digest()[0] % below

        checker.validate(ExampleMaker(schema, ["Paris", "winter"], chance).make())


def test_strings_are_made_of_the_words_given() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    assert ExampleMaker(schema, ["Paris"], lambda _, __: 0).make() == {"city": "Paris"}
