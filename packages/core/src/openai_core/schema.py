"""JSON schemas as strict mode takes them, made from those that pydantic makes. Pure.

Strict mode takes a part of JSON Schema: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
What can be said in that part is said in it; constraints that can't are told in words, since the answer is checked by
pydantic in any case; what remains is an error that names the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import to_json

from openai_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import TypeAdapter

Schema: TypeAlias = Mapping[str, Any]

MOST_PROPERTIES: Final = 5000
MOST_LEVELS: Final = 10
MOST_ENUM_VALUES: Final = 1000
MOST_CHARACTERS: Final = 120_000
"""In the names of properties and definitions, and in the values of enumerations and constants."""
LARGE_ENUM: Final = 250
MOST_CHARACTERS_OF_LARGE_ENUM: Final = 15_000

_KEPT: Final = {
    "array": ("minItems", "maxItems"),
    "integer": ("multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "number": ("multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "string": ("pattern", "format"),
}
_FORMATS: Final = frozenset(
    {"date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uuid"},
)
_IN_WORDS: Final = {
    "format": "format {}",
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "pattern": "matches the regular expression {}",
    "uniqueItems": "no item twice",
}
_LOOKS_AROUND: Final = re.compile(r"\(\?<?[=!]|\\[1-9]")
_UNSAYABLE: Final = "x-unsayable"
_IMPOSSIBLE: Final = {
    "not": "must not be something",
    "if": "depends on a condition",
    "dependentRequired": "has fields that depend on others",
    "dependentSchemas": "has fields that depend on others",
    "patternProperties": "has fields whose names follow a pattern",
    "minProperties": "counts its fields",
    "maxProperties": "counts its fields",
    "contains": "has to contain something",
    "unevaluatedItems": "says what is left of its items",
    "unevaluatedProperties": "says what is left of its fields",
}
_TYPES: Final = {bool: "boolean", float: "number", int: "integer", str: "string", type(None): "null"}


class _Describing(GenerateJsonSchema):
    """Leaves a mark where a type has no schema, so that the field can be named."""

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:  # noqa: ARG002
        return {_UNSAYABLE: error_info.removeprefix("core_schema.")}

    def emit_warning(self, kind: str, detail: str) -> None:
        # A default that JSON doesn't have isn't sent.
        pass


def json_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The JSON schema of what a type is read from."""
    return adapter.json_schema(schema_generator=_Describing)


def is_object(schema: Schema) -> bool:
    """Whether a schema is that of an object, as strict mode wants it at the root."""
    root = _resolved(schema, schema)
    return root.get("type") == "object" and not {"anyOf", "oneOf", "allOf"} & root.keys()


def strict_schema(schema: Schema, name: str) -> dict[str, Any]:
    """A schema of an object as strict mode takes it.

    Objects are closed, and all their fields required: one that may be left out may be null instead. Defaults and titles
    are left out.

    Args:
        schema: as pydantic makes it.
        name: of the type, for messages.

    Raises:
        InvalidRequestError: for what strict mode can't express; its `param` is the place of the first such field, as
            in `lines[].price`.
    """
    writer = _Writer(schema)
    root = writer.written(_resolved(schema, schema), "")
    written = {**root, "$defs": writer.definitions} if writer.definitions else root
    problems = writer.problems or list(_beyond_limits(written))
    if problems:
        told = [f"{f'{name}.{place}' if place else name} {why}" for place, why in problems]
        raise InvalidRequestError(
            f"strict mode can't express {name}, which strict=False does without: "
            + "\n- ".join(["", *told] if len(told) > 1 else told),
            param=problems[0][0] or None,
        )
    return written


class _Writer:
    """Writes one schema after the other, and notes what can't be written."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self.definitions: dict[str, Any] = {}
        self.problems: list[tuple[str, str]] = []

    def written(self, schema: Schema, place: str) -> dict[str, Any]:
        """A schema as strict mode takes it.

        Args:
            schema: as pydantic makes it.
            place: where it is in the user's type.
        """
        if len(schema.get("allOf", ())) == 1:
            schema = {**schema["allOf"][0], **{key: value for key, value in schema.items() if key != "allOf"}}
        words: list[str] = []
        if "$ref" in schema:
            written = self._reference(schema["$ref"], place)
        elif arms := schema.get("anyOf") or schema.get("oneOf"):
            written = {"anyOf": [self.written(arm, place) for arm in arms]}
        elif "const" in schema or "enum" in schema:
            written = self._values(schema, place)
        elif isinstance(schema.get("type"), list):
            written = {"anyOf": [self.written(_one_type(schema, kind), place) for kind in schema["type"]]}
        else:
            written = self._typed(schema, place, words)
        for keyword in _IMPOSSIBLE.keys() & schema.keys():
            self._problem(place, f"{_IMPOSSIBLE[keyword]} ({keyword}); leave that to a validator")
        return _described(written, schema.get("description"), words)

    def _problem(self, place: str, why: str) -> None:
        self.problems.append((place, why))

    def _reference(self, reference: str, place: str) -> dict[str, Any]:
        key = reference.rpartition("/")[2]
        if key not in self.definitions:
            # Before it is written: it may hold itself.
            self.definitions[key] = {}
            self.definitions[key] = self.written(_found(self._root, reference), place)
        return {"$ref": f"#/$defs/{key}"}

    def _values(self, schema: Schema, place: str) -> dict[str, Any]:
        values = [schema["const"]] if "const" in schema else list(schema["enum"])
        kinds = {type(value) for value in values}
        if not kinds <= _TYPES.keys():
            self._problem(place, "is one of some lists or objects; give them names, and choose among these")
            return {}
        types = sorted({_TYPES[kind] for kind in kinds})
        kind = schema.get("type") or (types[0] if len(types) == 1 else types)
        return {"type": kind, "const": values[0]} if "const" in schema else {"type": kind, "enum": values}

    def _typed(self, schema: Schema, place: str, words: list[str]) -> dict[str, Any]:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, place)
        if kind is None:
            self._untyped(schema, place)
            return {}
        written: dict[str, Any] = {"type": kind}
        if kind == "array":
            written["items"] = self._items(schema, place)
        for keyword in _KEPT.get(kind, ()):
            if keyword in schema and not _only_for_us(keyword, schema[keyword]):
                written[keyword] = schema[keyword]
        for keyword, told in _IN_WORDS.items():
            if schema.get(keyword, False) is not False and keyword not in written:
                words.append(told.format(schema[keyword]))
        return written

    def _untyped(self, schema: Schema, place: str) -> None:
        if "allOf" in schema:
            self._problem(place, "is several things at once (allOf); make it one model")
        elif _UNSAYABLE in schema:
            self._problem(place, f"has no JSON schema ({schema[_UNSAYABLE]}); give it a type that JSON has")
        elif not _IMPOSSIBLE.keys() & schema.keys():
            self._problem(place, "takes anything (Any or object); say what it is")

    def _object(self, schema: Schema, place: str) -> dict[str, Any]:
        properties: Schema = schema.get("properties", {})
        if schema.get("additionalProperties"):
            self._problem(
                place,
                'takes fields beside its own (extra="allow"); forbid or ignore them'
                if properties
                else "takes any keys, as a dict does; make it a list of objects that have a key and a value",
            )
        required = schema.get("required", ())
        return {
            "type": "object",
            "properties": {
                name: self._property(inner, f"{place}.{name}" if place else name, required=name in required)
                for name, inner in properties.items()
            },
            "required": list(properties),
            "additionalProperties": False,
        }

    def _property(self, schema: Schema, place: str, *, required: bool) -> dict[str, Any]:
        written = self.written(schema, place)
        if required or self._takes_null(schema):
            return written
        means = to_json(schema["default"]).decode() if "default" in schema else None
        words = [f"null means {means}" if means else "null leaves it out"]
        description = written.pop("description", None)
        arms = written.get("anyOf") or [written]
        return _described({"anyOf": [*arms, {"type": "null"}]}, description, words)

    def _takes_null(self, schema: Schema, seen: tuple[str, ...] = ()) -> bool:
        if "$ref" in schema:
            reference = schema["$ref"]
            return reference not in seen and self._takes_null(_found(self._root, reference), (*seen, reference))
        arms = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
        kind = schema.get("type")
        return (
            any(self._takes_null(arm, seen) for arm in arms)
            or kind == "null"
            or (isinstance(kind, list) and "null" in kind)
            or None in schema.get("enum", ())
        )

    def _items(self, schema: Schema, place: str) -> dict[str, Any]:
        places = schema.get("prefixItems")
        if places is None:
            items = schema.get("items")
            if isinstance(items, Mapping) and items:
                return self.written(items, f"{place}[]")
            self._problem(place, "is a list of anything; say of what, as in list[str]")
            return {}
        first, *others = [self.written(inner, f"{place}[{number}]") for number, inner in enumerate(places)]
        if any(other != first for other in others) or schema.get("items"):
            self._problem(place, "is a tuple of different types; make it a model with a field for each")
        return first


def _resolved(schema: Schema, root: Schema) -> Schema:
    """What a schema is, if it is no more than a reference to another."""
    return _resolved(_found(root, schema["$ref"]), root) if "$ref" in schema else schema


def _found(root: Schema, reference: str) -> Schema:
    # Of pydantic's making, which escapes nothing, or written by hand.
    found: Schema | None = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
    return {_UNSAYABLE: f"{reference} is nowhere"} if found is None else found


def _one_type(schema: Schema, kind: str) -> dict[str, Any]:
    return {**{key: value for key, value in schema.items() if key != "description"}, "type": kind}


def _only_for_us(keyword: str, value: Any) -> bool:
    """Whether a constraint is one that strict mode has, but not with this value."""
    if keyword == "format":
        return value not in _FORMATS
    return keyword == "pattern" and _LOOKS_AROUND.search(value) is not None


def _described(written: dict[str, Any], description: str | None, words: Sequence[str]) -> dict[str, Any]:
    told = f"({'; '.join(words)})" if words else ""
    text = " ".join(filter(None, [description, told]))
    if not text:
        return written
    # Beside a reference strict mode takes nothing else.
    return {"description": text, **({"anyOf": [written]} if "$ref" in written else written)}


def _beyond_limits(schema: Schema) -> Iterator[tuple[str, str]]:
    parts = [("", schema), *schema.get("$defs", {}).items()]
    found = [each for _, part in parts for each in _parts(part)]
    properties = [name for each in found for name in each.get("properties", ())]
    if len(properties) > MOST_PROPERTIES:
        yield "", f"has {len(properties)} fields with those inside; {MOST_PROPERTIES} are possible"
    enums = [each["enum"] for each in found if "enum" in each]
    count = sum(map(len, enums))
    if count > MOST_ENUM_VALUES:
        yield (
            "",
            f"has {count} values to choose from, {MOST_ENUM_VALUES} are possible; make the largest choice a string",
        )
    for values in enums:
        size = sum(len(value) for value in values if isinstance(value, str))
        if len(values) > LARGE_ENUM and size > MOST_CHARACTERS_OF_LARGE_ENUM:
            why = f"of more than {LARGE_ENUM} values may have {MOST_CHARACTERS_OF_LARGE_ENUM}"
            yield "", f"has a choice ({values[0]!r}, …) whose values have {size} characters; one {why}"
    texts = [*properties, *schema.get("$defs", ()), *(value for values in enums for value in values)]
    texts += [each["const"] for each in found if "const" in each]
    size = sum(len(text) for text in texts if isinstance(text, str))
    if size > MOST_CHARACTERS:
        yield "", f"has {size} characters in names and values; {MOST_CHARACTERS} are possible"
    levels, place = _levels(schema, schema, (), {})
    if levels > MOST_LEVELS:
        yield place.removeprefix("."), f"is at level {levels} of objects in objects; {MOST_LEVELS} are possible"


def _parts(schema: Schema) -> Iterator[Schema]:
    """A schema and all that is inside it, but for the definitions that it refers to."""
    yield schema
    for _, inner in _inner(schema):
        yield from _parts(inner)


def _inner(schema: Schema) -> Iterator[tuple[str, Schema]]:
    yield from ((f".{name}", inner) for name, inner in schema.get("properties", {}).items())
    yield from (("", arm) for arm in schema.get("anyOf", ()))
    if "items" in schema:
        yield "[]", schema["items"]


def _levels(
    schema: Schema, root: Schema, inside: tuple[str, ...], known: dict[str, tuple[int, str]]
) -> tuple[int, str]:
    """How many levels of objects a schema has, and where the lowest is. What holds itself is counted once."""
    reference = schema.get("$ref")
    if reference in inside:
        return 0, ""
    if reference:
        if reference not in known:
            known[reference] = _levels(_found(root, reference), root, (*inside, reference), known)
        return known[reference]
    levels, place = 0, ""
    for step, part in _inner(schema):
        below, lowest = _levels(part, root, inside, known)
        if below > levels:
            levels, place = below, step + lowest
    return levels + (schema.get("type") == "object"), place
