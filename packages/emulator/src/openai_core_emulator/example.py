"""A JSON document that a JSON schema allows.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from .pattern import matching

Schema = Mapping[str, Any]

_DEEP: Final = 4
"""From this depth on what may be left out is left out, so that a schema that contains itself comes to an end."""

_FORMATS: Final[Mapping[str, str]] = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}


class ExampleMaker:
    """Makes documents for one schema.

    Args:
        schema: the whole of it, in which references are looked up.
        words: what strings are made of.
        chance: gives a number below the first argument, the same for the same text.
    """

    def __init__(self, schema: Schema, words: Sequence[str], chance: Callable[[int, str], int]) -> None:
        self._root = schema
        self._words = words or ("text",)
        self._chance = chance

    def make(self) -> Any:
        """A document that the schema allows."""
        return self._value(self._root, "$", 0)

    def _value(self, schema: Schema, path: str, depth: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][self._chance(len(schema["enum"]), path)]
        arms = schema.get("anyOf") or schema.get("oneOf")
        if arms:
            rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
            return self._value(_merged([rest, self._arm(arms, path, depth)]), path, depth)
        make = {
            "array": self._array,
            "boolean": self._boolean,
            "integer": self._integer,
            "number": self._number,
            "object": self._object,
            "string": self._string,
        }.get(self._type(schema, depth))
        return make(schema, path, depth) if make else None

    def _resolved(self, schema: Schema) -> Schema:
        seen = set()
        while "$ref" in schema:
            if schema["$ref"] in seen:
                message = f"{schema['$ref']} refers to nothing but itself"
                raise ValueError(message)
            seen.add(schema["$ref"])
            found: Any = self._root
            for step in schema["$ref"].removeprefix("#").split("/")[1:]:
                found = found[step.replace("~1", "/").replace("~0", "~")]
            schema = _merged([found, {key: value for key, value in schema.items() if key != "$ref"}])
        if "allOf" in schema:
            parts = [self._resolved(part) for part in schema["allOf"]]
            schema = _merged([{key: value for key, value in schema.items() if key != "allOf"}, *parts])
        return schema

    def _arm(self, arms: Sequence[Schema], path: str, depth: int) -> Schema:
        if depth >= _DEEP:
            return min((self._resolved(arm) for arm in arms), key=_weight)
        weighty = [arm for arm in arms if arm.get("type") != "null"] or list(arms)
        return self._resolved(weighty[self._chance(len(weighty), path)])

    @staticmethod
    def _type(schema: Schema, depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            if depth >= _DEEP and "null" in kind:
                return "null"
            kind = next((each for each in kind if each != "null"), "null")
        if isinstance(kind, str):
            return kind
        for name, telling in (("object", "properties"), ("array", "items"), ("string", "pattern")):
            if telling in schema:
                return name
        return "string"

    def _object(self, schema: Schema, path: str, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self._value(member, f"{path}.{name}", depth + 1)
            for name, member in schema.get("properties", {}).items()
            if name in required or depth < _DEEP
        }
        others = schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        for name in required:
            if name not in made:
                made[name] = self._value(others, f"{path}.{name}", depth + 1)
        while len(made) < schema.get("minProperties", 0):
            name = f"key{len(made)}"
            made[name] = self._value(others, f"{path}.{name}", depth + 1)
        return made

    def _array(self, schema: Schema, path: str, depth: int) -> list[Any]:
        first = [
            self._value(item, f"{path}[{position}]", depth + 1)
            for position, item in enumerate(schema.get("prefixItems", ()))
        ]
        wanted = max(schema.get("minItems", 0), len(first), 0 if depth >= _DEEP else 2)
        wanted = min(wanted, schema.get("maxItems", wanted))
        items = schema.get("items", {})
        made = first[:wanted]
        attempt = 0
        while items is not False and len(made) < wanted and attempt < wanted + _MOST_TRIES:
            value = self._value(items, f"{path}[{attempt}]", depth + 1)
            attempt += 1
            if not (schema.get("uniqueItems") and value in made):
                made.append(value)
        return made

    def _string(self, schema: Schema, path: str, _: int) -> str:
        if "pattern" in schema:
            return matching(schema["pattern"])
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        word = self._words[self._chance(len(self._words), path)]
        shortest = schema.get("minLength", 0)
        while len(word) < shortest:
            word += f" {word}"
        return word[: schema.get("maxLength", len(word))]

    def _boolean(self, _: Schema, path: str, __: int) -> bool:
        return self._chance(2, path) == 1

    def _integer(self, schema: Schema, path: str, depth: int) -> int:
        return int(self._number({"multipleOf": 1, **schema}, path, depth))

    def _number(self, schema: Schema, path: str, _: int) -> float:
        step: float = schema.get("multipleOf", 0.5)
        lowest = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
        highest = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
        if lowest == -math.inf:
            lowest = 0 if highest >= 0 else highest - 10 * step
        first = math.ceil(lowest / step)
        if first * step <= schema.get("exclusiveMinimum", -math.inf):
            first += 1
        last = first + 9 if highest == math.inf else math.floor(highest / step)
        if last * step >= schema.get("exclusiveMaximum", math.inf):
            last -= 1
        if last < first:
            # No multiple of the step fits, as between 0 and 0.1.
            return float(lowest + highest) / 2
        # Rounded, for 3 times 0.1 is no multiple of 0.1.
        return round(float(first + self._chance(min(last - first, 9) + 1, path)) * step, 10)


_MOST_TRIES: Final = 20
"""How often to try again for an array whose items must differ."""


def _merged(parts: Sequence[Schema]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                whole[key] = {**whole.get(key, {}), **value}
            elif key == "required":
                whole[key] = [*whole.get(key, ()), *value]
            else:
                whole[key] = value
    return whole


def _weight(schema: Schema) -> int:
    if schema.get("type") == "null":
        return 0
    return 1 if not ({"$ref", "properties", "items", "anyOf", "oneOf"} & schema.keys()) else 2
