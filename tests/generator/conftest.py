"""The pinned API description, and a small one that holds one of everything."""

from __future__ import annotations

import os
from typing import Any

import pytest
from openapi_pydantic import OpenAPI

from generator.plan import Plan

TYPES: dict[str, Any] = {
    "depends": {},
    "roots": {},
    "names": {"CreateThingResponse": "Thing"},
    "mixins": {},
    "fields": {},
    "accepts": {},
    "modules": {},
    "classes": {},
    "groups": {},
    "deprecated": {},
}
OPERATIONS: dict[str, Any] = {
    "things": {
        "listThings": {"call": "things.list", "page": {}},
        "createThing": {
            "call": "things.create",
            "variants": [
                {
                    "name": "create_stream",
                    "kind": "stream",
                    "fixed": {"stream": True},
                    "also": ["stream_options"],
                    "returns": "ThingEvent",
                    "ends": ["thing.done"],
                }
            ],
        },
        "getThingContent": {"call": "things.content", "kind": "binary"},
    }
}


def reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def answer(name: str) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": reference(name)}}}}


def schemas(**more: Any) -> dict[str, Any]:
    event = {"type": "object", "required": ["type"]}
    return {
        "CreateThingResponse": {
            "type": "object",
            "required": ["id", "kind"],
            "properties": {
                "id": {"type": "string"},
                "kind": {"type": "string", "enum": ["big", "small"]},
                "schema": {"type": "string"},
                "parts": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"size": {"type": "integer", "nullable": True}}},
                },
            },
        },
        "ThingList": {
            "type": "object",
            "required": ["data"],
            "properties": {
                "data": {"type": "array", "items": reference("CreateThingResponse")},
                "last_id": {"type": "string"},
            },
        },
        "CreateThingRequest": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "kind": {"type": "string", "enum": ["big", "small"]},
                "like": reference("CreateThingResponse"),
                "stream": {"type": "boolean"},
                "stream_options": {"type": "object", "properties": {"usage": {"type": "boolean"}}},
            },
        },
        "ThingDelta": event | {"properties": {"type": {"type": "string", "enum": ["thing.delta"]}}},
        "ThingDone": event | {"properties": {"type": {"type": "string", "enum": ["thing.done"]}}},
        "ThingEvent": {"oneOf": [reference("ThingDelta"), reference("ThingDone")]},
        **more,
    }


def small_plan(**more: Any) -> Plan:
    """The plan for the small description.

    Args:
        more: further components.
    """
    document = {
        "openapi": "3.1.0",
        "info": {"title": "small", "version": "1"},
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "parameters": [{"name": "after", "in": "query", "schema": {"type": "string"}}],
                    "responses": answer("ThingList"),
                },
                "post": {
                    "operationId": "createThing",
                    "requestBody": {"content": {"application/json": {"schema": reference("CreateThingRequest")}}},
                    "responses": answer("CreateThingResponse"),
                },
            },
            "/things/{thing_id}/content": {
                "get": {
                    "operationId": "getThingContent",
                    "parameters": [
                        {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": "include[]", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    ],
                    "responses": {"200": {"description": ""}},
                }
            },
        },
        "components": {"schemas": schemas(**more)},
    }
    return Plan(OpenAPI.model_validate(document), types=TYPES, operations=OPERATIONS, by_hand={})


@pytest.fixture(name="plan", scope="session")
def _plan():
    """Makes plans of the small description."""
    return small_plan


@pytest.fixture(scope="session")
def description() -> str:
    """The pinned API description, which isn't part of the repository."""
    found = os.environ.get("OPENAI_CORE_SPEC")
    if not found:
        pytest.skip("set OPENAI_CORE_SPEC to the path of the API description that generator/config.toml pins")
    return found
