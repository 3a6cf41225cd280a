"""A second reading for answers that aren't quite as described: build what can be built, keep the rest as it is."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from openai_core.model import ApiModel, OpenUnion, UnknownModel, members, tag_values


@dataclass(frozen=True, slots=True)
class Drift:
    """One place where an answer differs from the description.

    Args:
        model: name of the model that it is in.
        field: name of the field.
        problem: `missing` or `unexpected`.
        found: the type of what was there: `str`, `NoneType`, …; empty when nothing was.
    """

    model: str
    field: str
    problem: str
    found: str = ""

    def __str__(self) -> str:
        if self.problem == "missing":
            return f"{self.model}.{self.field} is missing"
        return f"{self.model}.{self.field} is an unexpected {self.found}"


def build(returns: Any, data: Any) -> tuple[Any, list[Drift]]:
    """Read plain data as a type, as far as it goes.

    Args:
        returns: a model, or a type made of models.
        data: JSON as plain data.

    Returns:
        What was built, `None` if nothing could be; and where it differs.
    """
    if not _is_ours(returns):
        return None, []
    drifts: list[Drift] = []
    built = _build(returns, data, "", "", drifts)
    return (None, []) if built is data else (built, drifts)


def _is_ours(annotation: Any) -> bool:
    """Whether a type holds models of the API: types of the caller's own are read as they are, or not at all."""
    if isinstance(annotation, type) and issubclass(annotation, ApiModel):
        return True
    return any(map(_is_ours, get_args(annotation)))


def _build(annotation: Any, data: Any, model: str, field: str, drifts: list[Drift]) -> Any:
    try:
        return _adapter(annotation).validate_python(data)
    except ValidationError:
        pass
    if isinstance(annotation, type) and issubclass(annotation, ApiModel):
        if isinstance(data, dict):
            return _build_model(annotation, data, drifts)
    elif isinstance(data, list) and get_origin(annotation) is list:
        (item,) = get_args(annotation)
        return [_build(item, value, model, field, drifts) for value in data]
    elif isinstance(data, dict) and get_origin(annotation) is dict:
        _, item = get_args(annotation)
        return {name: _build(item, value, model, field, drifts) for name, value in data.items()}
    elif choices := _choices(annotation, data):
        told = _told(annotation, data)
        return _build_told(*told, data, drifts) if told else _build_best(choices, data, model, field, drifts)
    drifts.append(Drift(model, field, "unexpected", type(data).__name__))
    return data


@lru_cache(maxsize=1024)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    # Drift comes in every answer or in none, and building the reader of a union takes longer than reading.
    return TypeAdapter(annotation)


def _told(annotation: Any, data: Any) -> tuple[type[ApiModel], str, Any] | None:
    """Of data without the tag of its union: the member that it must be, the tag, and what it should have been."""
    for mark in get_args(annotation) if get_origin(annotation) is Annotated else ():
        if isinstance(mark, OpenUnion) and isinstance(data, dict) and mark.tag not in data:
            member = mark.untagged(members(annotation), data.keys())
            return (member, mark.tag, tag_values(member, mark.tag)[0]) if member else None
    return None


def _choices(annotation: Any, data: Any) -> list[Any]:
    """The members of a union that the data could be meant as."""
    if get_origin(annotation) is Annotated:
        union, *marks = get_args(annotation)
        tag = next((mark.tag for mark in marks if isinstance(mark, OpenUnion)), None)
        if tag is None or not isinstance(data, Mapping):
            return _choices(union, data) or [union]
        named = [member for member in members(annotation) if data.get(tag) in tag_values(member, tag)]
        return named or [UnknownModel]
    if get_origin(annotation) in {Union, types.UnionType}:
        shape = dict if isinstance(data, dict) else list if isinstance(data, list) else None
        return [member for member in get_args(annotation) if shape and _fits(member, shape)]
    return []


def _fits(annotation: Any, shape: type) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, types.UnionType}:
        return any(_fits(member, shape) for member in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, ApiModel):
        return shape is dict
    return get_origin(annotation) is shape


def _build_told(member: type[ApiModel], tag: str, value: Any, data: Any, drifts: list[Drift]) -> ApiModel:
    drifts.append(Drift(member.__name__, tag, "missing"))
    built: ApiModel = _build(member, {**data, tag: value}, "", "", drifts)
    built.model_fields_set.discard(tag)  # It is written as it came.
    return built


def _build_best(choices: list[Any], data: Any, model: str, field: str, drifts: list[Drift]) -> Any:
    attempts = []
    for choice in choices:
        found: list[Drift] = []
        attempts.append((_build(choice, data, model, field, found), found))
    built, found = min(attempts, key=lambda attempt: len(attempt[1]))
    drifts += found
    return built


def _build_model(model: type[ApiModel], data: dict[str, Any], drifts: list[Drift]) -> ApiModel:
    known = {field.alias or name: (name, field) for name, field in model.model_fields.items()}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key in known:
            name, field = known[key]
            values[name] = _build(_with_marks(field), value, model.__name__, name, drifts)
        else:
            values[key] = value
    drifts += [
        Drift(model.__name__, name, "missing")
        for key, (name, field) in known.items()
        if key not in data and field.is_required()
    ]
    return _constructed(model, values)


def _with_marks(field: Any) -> Any:
    """A field's annotation with the marks that pydantic has taken off it."""
    marks = tuple(mark for mark in field.metadata if isinstance(mark, OpenUnion))
    return Annotated[(field.annotation, *marks)] if marks else field.annotation


def _constructed(model: type[ApiModel], values: dict[str, Any]) -> ApiModel:
    """An unvalidated instance. A required field that is missing has no attribute; reading it says so."""
    built = model.__new__(model)
    fields = model.model_fields
    own = {
        name: values[name] if name in values else field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name in values or not field.is_required()
    }
    object.__setattr__(built, "__dict__", own)
    object.__setattr__(built, "__pydantic_fields_set__", set(values))
    object.__setattr__(built, "__pydantic_extra__", {k: v for k, v in values.items() if k not in fields})
    object.__setattr__(built, "__pydantic_private__", None)
    return built
