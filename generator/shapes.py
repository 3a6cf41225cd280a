"""What a schema describes, freed of the many ways to write it down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from openapi_pydantic import Reference, Schema

from generator.naming import pascal, singular
from generator.spec import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TAGS = ("type", "role", "object", "event")
"""Properties that tell the members of a union apart, in the order of preference."""


@dataclass(frozen=True)
class Scalar:
    """`str`, `int`, `float`, `bool`; `file` for bytes to send; `any` for what isn't described."""

    kind: str


@dataclass(frozen=True)
class Choice:
    """One of some values, or, if it is open, something else of the same type."""

    values: tuple[Any, ...]
    open: bool = False


@dataclass(frozen=True)
class Const:
    """Always the same value."""

    value: Any


@dataclass(frozen=True)
class ListOf:
    """An array."""

    item: Shape


@dataclass(frozen=True)
class MapOf:
    """An object whose keys aren't fixed."""

    value: Shape


@dataclass(frozen=True)
class UnionOf:
    """One of several."""

    members: tuple[Shape, ...]


@dataclass(frozen=True)
class Ref:
    """A component of the description, or an object that was given a name."""

    name: str


@dataclass(frozen=True)
class Maybe:
    """Something that may be null."""

    inner: Shape


@dataclass(frozen=True)
class External:
    """A type of our own."""

    module: str
    name: str


@dataclass(frozen=True)
class Field:
    """A property of a record."""

    name: str
    shape: Shape
    required: bool


@dataclass(frozen=True)
class Record:
    """An object with fixed properties."""

    fields: tuple[Field, ...]


Shape: TypeAlias = Scalar | Choice | Const | ListOf | MapOf | UnionOf | Ref | Maybe | Record | External

ANY = Scalar("any")


@dataclass
class Shapes:
    """The shapes of all components.

    Args:
        schemas: the components of the description.
        skipped: properties that servers don't send, as `Component/property`.
    """

    schemas: Mapping[str, Schema | Reference]
    named: dict[str, Shape] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    """Components that say the same as another one, by a name that tells of it: `XParam` beside `X`."""

    def __post_init__(self) -> None:
        for name in self.schemas:
            self[name]
        found = True
        while found:
            found = False
            for name in self.schemas:
                twin = name.removesuffix("Param").removesuffix("-2").replace("_", "")
                if name not in self.twins and twin != name and twin in self.schemas and self[name] == self[twin]:
                    self.twins[name] = twin
                    found = True
            if found:
                self.named = {name: self._without_twins(shape) for name, shape in self.named.items()}

    def _without_twins(self, shape: Shape) -> Shape:
        match shape:
            case Ref(name):
                return Ref(self.twins.get(name, name))
            case Maybe(inner):
                return Maybe(self._without_twins(inner))
            case ListOf(item):
                return ListOf(self._without_twins(item))
            case MapOf(value):
                return MapOf(self._without_twins(value))
            case UnionOf(members):
                return UnionOf(tuple(dict.fromkeys(map(self._without_twins, members))))
            case Record(fields):
                return Record(tuple(replace(each, shape=self._without_twins(each.shape)) for each in fields))
            case _:
                return shape

    def __getitem__(self, name: str) -> Shape:
        if name not in self.named:
            self.named[name] = _Reader(self, name).component(self.schemas[name])
        return self.named[name]

    def of(self, schema: Schema | Reference, owner: str) -> Shape:
        """The shape of a schema that is no component.

        Args:
            schema: the schema.
            owner: what objects inside it are named after.
        """
        return self._without_twins(_Reader(self, owner).shape(schema, owner))

    def record(self, shape: Shape) -> Record | None:
        """The record that a shape leads to, through references and null."""
        while isinstance(shape, (Ref, Maybe)):
            shape = self[shape.name] if isinstance(shape, Ref) else shape.inner
        return shape if isinstance(shape, Record) else None

    def nullable(self, shape: Shape) -> bool:
        """Whether null is allowed."""
        while isinstance(shape, Ref):
            shape = self[shape.name]
        return isinstance(shape, Maybe)

    def records(self, shape: Shape) -> Iterator[Record]:
        """The records among the members of a union, those of unions inside it included."""
        if isinstance(shape, UnionOf):
            for member in shape.members:
                yield from self.records(member)
        elif isinstance(shape, Ref):
            yield from self.records(self[shape.name])
        elif isinstance(shape, Maybe):
            yield from self.records(shape.inner)
        elif isinstance(shape, Record):
            yield shape

    def tag(self, members: tuple[Shape, ...]) -> str | None:
        """The property that tells the members of a union apart, if there is one."""
        records = [record for member in members for record in self.records(member)]
        if len(records) < 2:  # noqa: PLR2004 - one record needs no telling apart
            return None
        for tag in TAGS:
            values = [_constants(record, tag) for record in records]
            known = [value for value in values if value]
            # A few members may lack the tag or share a value: what is tagged is still read at once.
            if len(known) >= max(2, len(records) - 1) and len({frozenset(value) for value in known}) > 1:
                return tag
        return None


def _constants(record: Record, tag: str) -> tuple[Any, ...]:
    for each in record.fields:
        if each.name == tag:
            shape = each.shape.inner if isinstance(each.shape, Maybe) else each.shape
            if isinstance(shape, Const):
                return (shape.value,)
    return ()


class _Reader:
    """Reads the schema of one component."""

    def __init__(self, shapes: Shapes, root: str) -> None:
        self._shapes = shapes
        self._root = root

    def component(self, schema: Schema | Reference) -> Shape:
        """The component's own shape, which isn't lifted out of anything."""
        return self.shape(schema, self._root, lift=False)

    def shape(self, schema: Schema | Reference, name: str, *, lift: bool = True) -> Shape:
        shape = self._shape(schema, name, lift=lift)
        if _extra(schema, "nullable") and not isinstance(shape, Maybe):
            return Maybe(shape)
        return shape

    def _shape(self, schema: Schema | Reference, name: str, *, lift: bool) -> Shape:
        # Beside other keywords, a reference is read as a schema.
        reference = schema.ref if isinstance(schema, Reference) else _extra(schema, "$ref")
        if isinstance(schema, Reference) or reference:
            return Ref(reference.rsplit("/", 1)[-1])
        if _extra(schema, "$recursiveRef") == "#":
            return Ref(self._root)
        if schema.allOf:
            return self._all_of(schema, name, lift=lift)
        arms = _arms(schema)
        if arms:
            return self._any_of(arms, name, lift=lift)
        if schema.const is not None:
            return Const(schema.const)
        if schema.enum:
            return _enumeration(schema, name)
        kind = schema.type.value if schema.type is not None and not isinstance(schema.type, list) else None
        if kind == "array" or schema.items is not None:
            item = ANY if schema.items is None else self.shape(schema.items, _item_name(name))
            return ListOf(item)
        if schema.properties:
            return self._lifted(Record(self._fields(schema, name)), name, lift=lift)
        if kind == "object" or schema.additionalProperties not in (None, False):
            values = schema.additionalProperties
            return MapOf(ANY if values is None or isinstance(values, bool) else self.shape(values, f"{name}/value"))
        return _scalar(schema, kind)

    def _lifted(self, shape: Shape, name: str, *, lift: bool) -> Shape:
        if not lift:
            return shape
        known = self._shapes.named.setdefault(name, shape)
        if known != shape:
            raise GeneratorError(f"two different objects are named {name}")
        return Ref(name)

    def _fields(self, schema: Schema, name: str) -> tuple[Field, ...]:
        required = set(schema.required or ())
        return tuple(
            Field(prop, self.shape(inner, f"{name}/{prop}"), prop in required)
            for prop, inner in (schema.properties or {}).items()
            if not _is_computed(inner)
        )

    def _any_of(self, arms: list[Schema | Reference], name: str, *, lift: bool) -> Shape:
        kept = [arm for arm in arms if not _is_null(arm)]
        null = len(kept) < len(arms)
        members: list[Shape] = []
        for arm in kept:
            arm_name = name if len(kept) == 1 else f"{name}/{_arm_name(arm)}"
            shape = self.shape(arm, arm_name, lift=lift or len(kept) > 1)
            if isinstance(shape, Maybe):
                null, shape = True, shape.inner
            for member in shape.members if isinstance(shape, UnionOf) else (shape,):
                if member not in members:
                    members.append(member)
        shape = self._union(members)
        return Maybe(shape) if null else shape

    def _union(self, members: list[Shape]) -> Shape:
        choices = [member for member in members if isinstance(member, (Choice, Const))]
        if choices and all(isinstance(member, (Choice, Const)) or member == Scalar("str") for member in members):
            values = [value for choice in choices for value in _values(choice)]
            is_open = len(choices) < len(members) or any(isinstance(c, Choice) and c.open for c in choices)
            return Choice(tuple(dict.fromkeys(values)), open=is_open)
        if len(members) == 1:
            return members[0]
        return UnionOf(tuple(members))

    def _all_of(self, schema: Schema, name: str, *, lift: bool) -> Shape:
        parts: list[Schema | Reference] = [part for part in schema.allOf or () if not _is_empty(part)]
        own = schema.model_copy(update={"allOf": None, "required": None})
        if schema.properties:
            parts.append(own)
        null = any(_extra(part, "nullable") for part in schema.allOf or ())
        if len(parts) == 1:
            shape = self.shape(parts[0], name, lift=lift)
            return Maybe(shape) if null and not isinstance(shape, Maybe) else shape
        required = set(schema.required or ())
        fields: dict[str, Field] = {}
        unions: list[UnionOf] = []
        for part in parts:
            shape = self.shape(part, name, lift=False)
            while isinstance(shape, (Ref, Maybe)):
                null = null or isinstance(shape, Maybe)
                shape = self._shapes[shape.name] if isinstance(shape, Ref) else shape.inner
            if isinstance(shape, UnionOf):
                unions.append(shape)
                continue
            if not isinstance(shape, Record):
                raise GeneratorError(f"{name}: allOf of something that is no object: {shape}")
            required |= set(getattr(part, "required", None) or ())
            for each in shape.fields:
                fields[each.name] = replace(
                    each, required=each.required or (each.name in fields and fields[each.name].required)
                )
        if unions:
            # A union with a few properties added to each member: the members keep what they aren't described to have.
            return unions[0]
        merged = tuple(replace(each, required=each.required or each.name in required) for each in fields.values())
        shape = self._lifted(Record(merged), name, lift=lift)
        return Maybe(shape) if null else shape


def _arms(schema: Schema) -> list[Schema | Reference]:
    arms = [*(schema.anyOf or ()), *(schema.oneOf or ())]
    # Some say only which keys go together.
    return [] if all(isinstance(arm, Schema) and _is_empty(arm) for arm in arms) else arms


def _is_empty(schema: Schema | Reference) -> bool:
    if isinstance(schema, Reference) or _extra(schema, "$ref"):
        return False
    telling = ("type", "properties", "anyOf", "oneOf", "allOf", "enum", "const", "items", "additionalProperties")
    return all(getattr(schema, name) is None for name in telling)


def _is_computed(schema: Schema | Reference) -> bool:
    """Whether some SDKs compute a property that no server sends."""
    arms = _arms(schema) if isinstance(schema, Schema) else []
    return any(_extra(each, "x-oaiSupportedSDKs") for each in (schema, *arms))


def _is_null(schema: Schema | Reference) -> bool:
    return isinstance(schema, Schema) and schema.type is not None and getattr(schema.type, "value", None) == "null"


def _extra(schema: Schema | Reference, name: str) -> Any:
    return (schema.model_extra or {}).get(name)


def _values(choice: Choice | Const) -> tuple[Any, ...]:
    return choice.values if isinstance(choice, Choice) else (choice.value,)


def _enumeration(schema: Schema, name: str) -> Shape:
    values = tuple(schema.enum or ())
    # A single value is a constant only if it tells what the object is; elsewhere others will join it.
    if len(values) == 1 and (_extra(schema, "x-stainless-const") or name.rsplit("/", 1)[-1] in TAGS):
        return Const(values[0])
    return Choice(values)


def _scalar(schema: Schema, kind: str | None) -> Shape:
    if kind == "string":
        return Scalar("file" if schema.schema_format == "binary" else "str")
    return {"integer": Scalar("int"), "number": Scalar("float"), "boolean": Scalar("bool")}.get(kind or "", ANY)


def _item_name(name: str) -> str:
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{singular(last)}"


def _arm_name(arm: Schema | Reference) -> str:
    """A name for an object that stands in a union: its constant, else its title."""
    if isinstance(arm, Reference):
        return ""
    for tag in TAGS:
        constant = (arm.properties or {}).get(tag)
        if isinstance(constant, Schema) and constant.enum and len(constant.enum) == 1:
            return str(constant.enum[0])
    return pascal(arm.title or "")
