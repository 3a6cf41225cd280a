"""Checks of parameters, written down as tables: one `Field` for each name that an operation knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Final, Literal

from .errors import Refusal, bad, missing, unknown_parameter
from .forms import Upload

Kind = Literal["string", "integer", "number", "boolean", "object", "array", "file", "null"]

_KINDS: Final[Mapping[type, Kind]] = {
    Upload: "file",
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
}
_NUMBER: Final = re.compile(r"-?\d+(?P<fraction>\.\d+)?(?P<exponent>e[-+]?\d+)?", re.IGNORECASE)
_SAID: Final[Mapping[Kind, str]] = {
    "string": "a string",
    "integer": "an integer",
    "number": "a decimal",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
    "file": "a file",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter.

    Args:
        kinds: the JSON types it may have.
        required: whether it must be there; any other may be null.
        choices: the only strings allowed.
        minimum: of a number.
        maximum: of a number.
        longest: of a string, in characters.
        fewest: items of an array.
        most: items of an array, or members of an object.
        items: what each item of an array must be.
        properties: what an object's members must be; others are let through.
        values: what each value in an object must be.
    """

    kinds: tuple[Kind, ...]
    _: KW_ONLY
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    fewest: int = 0
    most: int | None = None
    items: Field | None = None
    properties: Fields | None = None
    values: Field | None = None


Fields = Mapping[str, Field]

STRING: Final = Field(("string",))
BOOLEAN: Final = Field(("boolean",))
INTEGER: Final = Field(("integer",))
OBJECT: Final = Field(("object",))
ARRAY: Final = Field(("array",))
FILE: Final = Field(("file",), required=True)
METADATA: Final = Field(("object",), most=16, values=Field(("string",), longest=512))
REQUIRED_METADATA: Final = replace(METADATA, kinds=("object", "null"), required=True)
REQUIRED_STRING: Final = Field(("string",), required=True)

PAGE: Final[Fields] = {
    "after": STRING,
    "limit": Field(("integer",), minimum=1, maximum=100),
    "order": Field(("string",), choices=("asc", "desc")),
}
"""The query parameters of lists."""


def one_of(*choices: str, required: bool = False) -> Field:
    """A string out of a closed set."""
    return Field(("string",), choices=choices, required=required)


def check(values: Mapping[str, Any], fields: Fields, *, closed: bool = True, within: str = "") -> None:
    """Refuse values that don't fit.

    Args:
        values: what was sent.
        fields: what may be sent.
        closed: whether names beyond `fields` are refused.
        within: where the values stand, to name the parameter at fault.
    """
    if closed:
        for name in values:
            if name not in fields:
                raise unknown_parameter(within + name)
    for name, field in fields.items():
        if name in values:
            if values[name] is not None or field.required:
                _check_value(within + name, values[name], field)
        elif field.required:
            raise missing(within + name)


def _check_value(param: str, value: object, field: Field) -> None:
    kind = kind_of(value)
    if kind not in field.kinds and not (kind == "integer" and "number" in field.kinds):
        wanted = " or ".join(_SAID[each] for each in field.kinds)
        message = f"Invalid type for '{param}': expected {wanted}, but got {_SAID[kind]} instead."
        raise bad(message, param=param, code="invalid_type")
    if isinstance(value, str):
        _check_string(param, value, field)
    elif isinstance(value, list):
        _check_array(param, value, field)
    elif isinstance(value, dict):
        _check_object(param, value, field)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(param, value, field)


def _check_string(param: str, value: str, field: Field) -> None:
    if field.choices and value not in field.choices:
        known = " and ".join(f"'{choice}'" for choice in field.choices)
        raise bad(f"Invalid value: '{value}'. Supported values are: {known}.", param=param, code="invalid_value")
    if field.longest is not None and len(value) > field.longest:
        message = f"Invalid '{param}': string too long. Expected at most {field.longest} characters, got {len(value)}."
        raise bad(message, param=param, code="string_above_max_length")


def _check_array(param: str, value: list[Any], field: Field) -> None:
    if len(value) < field.fewest:
        message = f"Invalid '{param}': empty array. Expected at least {field.fewest} item(s)."
        raise bad(message, param=param, code="empty_array")
    if field.most is not None and len(value) > field.most:
        message = f"Invalid '{param}': array too long. Expected at most {field.most} items, got {len(value)}."
        raise bad(message, param=param, code="array_above_max_length")
    if field.items is not None:
        for position, item in enumerate(value):
            _check_value(f"{param}[{position}]", item, field.items)


def _check_number(param: str, value: float, field: Field) -> None:
    kind = "integer" if "integer" in field.kinds else "decimal"
    if field.minimum is not None and value < field.minimum:
        raise _out_of_range(param, kind, "below minimum", f">= {field.minimum}", value)
    if field.maximum is not None and value > field.maximum:
        raise _out_of_range(param, kind, "above maximum", f"<= {field.maximum}", value)


def _out_of_range(param: str, kind: str, side: str, wanted: str, value: float) -> Refusal:
    message = f"Invalid '{param}': {kind} {side} value. Expected a value {wanted}, but got {value} instead."
    return bad(message, param=param, code=f"{kind}_{side.replace('imum', '').replace(' ', '_')}_value")


def _check_object(param: str, value: Mapping[str, Any], field: Field) -> None:
    if field.most is not None and len(value) > field.most:
        message = f"Invalid '{param}': too many properties. Expected at most {field.most}, got {len(value)}."
        raise bad(message, param=param, code="object_above_max_properties")
    check(value, field.properties or {}, closed=False, within=f"{param}.")
    if field.values is not None:
        for name, each in value.items():
            _check_value(f"{param}.{name}", each, field.values)


def kind_of(value: object) -> Kind:
    """The JSON type of a value."""
    return _KINDS[type(value)]


def from_text(values: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Values of a query or a form, which arrive as text, in the types that their fields ask for.

    Text that can't be converted stays text, for `check` to refuse.
    """
    return {name: _converted(value, fields.get(name)) for name, value in values.items()}


def _converted(value: object, field: Field | None) -> object:
    if field is None:
        return value
    match value:
        case dict():
            return from_text(value, field.properties or {})
        case list():
            return [_converted(each, field.items) for each in value]
        case str() if "array" in field.kinds and "string" not in field.kinds:
            # One item of a list may come without the brackets that tell it.
            return [_converted(value, field.items)]
        case str():
            return _read(value, field)
        case _:
            return value


def _read(text: str, field: Field) -> object:
    if "boolean" in field.kinds and text in {"true", "false"}:
        return text == "true"
    if not {"integer", "number"}.isdisjoint(field.kinds) and (number := _NUMBER.fullmatch(text)):
        return float(text) if number["fraction"] or number["exponent"] else int(text)
    return text
