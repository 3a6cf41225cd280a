"""Arguments for calls, made of nothing but the API description: its examples, its enumerations, its bounds."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal

from openai_core_emulator.pattern import matching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Size = Literal["smallest", "largest"]

FILE: Final = ("file.txt", b"what is in the file")
"""Stands where the description says that there is a file."""

_DEEPEST: Final = 7
"""Below this, objects have no more than they must: some contain one another."""
_TEXTS: Final = {"uri": "https://example.com/a", "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z"}


class Values:
    """Makes values that a description allows.

    Args:
        schemas: the components that references lead to.
    """

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def of(self, schema: Mapping[str, Any], size: Size, depth: int = 0) -> Any:  # noqa: PLR0911 - a case for each type
        """A value.

        Args:
            schema: what the value has to be.
            size: whether an object has only what it must, or all that it may; whether a list has one item, or one of
                each kind.
            depth: how many objects and lists it is in.
        """
        schema = self._resolved(schema)
        if schema.get("format") == "binary":
            return FILE
        arms = self._arms(schema)
        if arms and "properties" not in schema:
            return self.of(arms[0] if size == "smallest" else arms[-1], size, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0 if size == "smallest" else -1]
        match self._type(schema):
            case "object":
                return self._object(schema, size, depth)
            case "array":
                return self._array(schema, size, depth)
            case "string":
                return self._string(schema)
            case "integer" | "number":
                return self._number(schema)
            case "boolean":
                return schema.get("default") is not True
            case _:
                return None

    def fields(self, schema: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """The fields of an object and the names of those that must be there."""
        resolved = self._resolved(schema)
        arms = self._arms(resolved)
        if arms and "properties" not in resolved:
            return self.fields(arms[0])
        return dict(resolved.get("properties", {})), self._required(resolved)

    def _required(self, schema: Mapping[str, Any]) -> set[str]:
        """What must be there; where one of several things must, the first one."""
        arms = [self._resolved(arm).get("required", ()) for arm in self._arms(schema)[:1]]
        return {*schema.get("required", ()), *chain.from_iterable(arms)}

    def _resolved(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema without references and compositions on its first level."""
        if "$ref" in schema:
            return self._resolved(self._schemas[schema["$ref"].rpartition("/")[2]])
        if "allOf" not in schema:
            return dict(schema)
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        for part in map(self._resolved, schema["allOf"]):
            for key, value in part.items():
                if key == "properties":
                    whole[key] = {**value, **whole.get(key, {})}
                elif key == "required":
                    whole[key] = [*whole.get(key, ()), *value]
                else:
                    whole.setdefault(key, value)
        return whole

    def _arms(self, schema: Mapping[str, Any]) -> Sequence[Any]:
        arms = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        return [arm for arm in arms if arm.get("type") != "null"]

    @staticmethod
    def _type(schema: Mapping[str, Any]) -> str:
        if "type" in schema:
            return str(schema["type"])
        return "object" if "properties" in schema or "additionalProperties" in schema else "string"

    def _object(self, schema: Mapping[str, Any], size: Size, depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), self._required(schema)
        chosen = required if size == "smallest" or depth > _DEEPEST else properties.keys() | required
        made = {
            name: self.of(properties.get(name, {}), size, depth + 1)
            for name in [*properties, *(required - properties.keys())]
            if name in chosen and not properties.get(name, {}).get("readOnly")
        }
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and not properties:
            made["key"] = self.of(others, size, depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], size: Size, depth: int) -> list[Any]:
        items = self._resolved(schema.get("items", {}))
        most = schema.get("maxItems", 1000)
        if size == "largest" and depth <= _DEEPEST and "properties" not in items:
            kinds = self._kinds(items)
            if len(kinds) > 1:
                return [self.of(kind, size, depth + 1) for kind in kinds][:most]
        count = max(schema.get("minItems", 0), 1)
        return [self.of(items, size, depth + 1) for _ in range(count)]

    def _kinds(self, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The arms of a union, those of unions in it included."""
        resolved = self._resolved(schema)
        arms = self._arms(resolved)
        if not arms or "properties" in resolved:
            return [resolved]
        return [kind for arm in arms for kind in self._kinds(arm)]

    @staticmethod
    def _string(schema: Mapping[str, Any]) -> str:
        if "pattern" in schema:
            return matching(schema["pattern"])
        examples = [schema.get("example"), *schema.get("examples", ())]
        text = next((each for each in examples if isinstance(each, str)), _TEXTS.get(schema.get("format", ""), "text"))
        while len(text) < schema.get("minLength", 0):
            text += " text"
        return text[: schema.get("maxLength", len(text))]

    @staticmethod
    def _number(schema: Mapping[str, Any]) -> float:
        example = schema.get("example")
        if isinstance(example, (int, float)):
            return example
        low, high = schema.get("minimum"), schema.get("maximum")
        beyond = schema.get("exclusiveMinimum")
        if isinstance(beyond, (int, float)):
            # The older way to write it is true, beside a minimum.
            low = (low if beyond is True and low is not None else beyond) + 1
        value = low if low is not None else min(1, high if high is not None else 1)
        return int(value) if schema.get("type") == "integer" else value
