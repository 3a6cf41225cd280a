"""Answers of which a test says only what matters to it."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from openai_core.model import OpenUnion, members, tag_values

ModelT = TypeVar("ModelT", bound=BaseModel)

_PLAIN: dict[Any, Any] = {str: "", int: 0, float: 0.0, bool: False}


def build(model: type[ModelT], /, **fields: Any) -> ModelT:
    """An answer with some fields; what else the API would always send is there with an empty value of its type.

    Args:
        model: the type of the answer, such as `ChatCompletion`.
        fields: those that matter. Objects inside may be models or mappings, of which again only a part is needed.

    Raises:
        pydantic.ValidationError: if a field isn't as described.
    """
    return model.model_validate(_filled(model, fields))


def _filled(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    made = dict(given)
    for name, field in model.model_fields.items():
        wire = field.alias or name
        if wire in made or name in made:
            key = wire if wire in made else name
            made[wire] = _completed(field.annotation, field.metadata, made.pop(key))
        elif field.is_required():
            made[wire] = _empty(field.annotation)
    return made


def _completed(annotation: Any, marks: list[Any], value: Any) -> Any:
    """A value in which objects are filled."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(value, list):
        inner = next((get_args(each)[0] for each in _arms(annotation) if get_origin(each) is list), Any)
        return [_completed(inner, [], each) for each in value]
    if isinstance(value, dict):
        model = _model_of(annotation, marks, value)
        return value if model is None else _filled(model, value)
    return value


def _model_of(annotation: Any, marks: list[Any], value: dict[str, Any]) -> type[BaseModel] | None:
    """The model that some data is meant as: told by its tag, or the only one."""
    tags = [mark.tag for mark in (*marks, *_marks(annotation)) if isinstance(mark, OpenUnion)]
    models = [each for each in _arms(annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
    tagged = [each for each in models for tag in tags if value.get(tag) in tag_values(each, tag)]
    return next(iter(tagged or models), None)


def _marks(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[1:]
    return tuple(mark for each in get_args(annotation) for mark in _marks(each)) if _is_union(annotation) else ()


def _arms(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _arms(get_args(annotation)[0])
    return members(annotation) if _is_union(annotation) else [annotation]


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, UnionType}


def _empty(annotation: Any) -> Any:
    """The emptiest value of a type."""
    arms = _arms(annotation)
    if NoneType in arms:
        return None
    first = arms[0]
    if get_origin(first) is Literal:
        return get_args(first)[0]
    if isinstance(first, type) and issubclass(first, BaseModel):
        return _filled(first, {})
    if first in _PLAIN:
        return _PLAIN[first]
    return [] if get_origin(first) is list else {}
