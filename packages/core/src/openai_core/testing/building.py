"""Answers of which a test says only what matters to it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from openai_core.model import OpenUnion, members, tag_values

if TYPE_CHECKING:
    from collections.abc import Sequence

ModelT = TypeVar("ModelT", bound=BaseModel)

_PLAIN: Final[dict[Any, Any]] = {str: "", int: 0, float: 0.0, bool: False}
# The API names some of the values that these may have.
_FREE: Final = frozenset({"model", "voice", "size"})
_SHOWN: Final = 8


def build(model: type[ModelT], /, *, extra: bool = False, **fields: Any) -> ModelT:
    """An answer with some fields; what else the API would always send is there with an empty value of its type.

    Args:
        model: the type of the answer, such as `ChatCompletion`.
        extra: whether there may be fields and values that the API doesn't have, such as those of other providers.
        fields: those that matter. Objects inside may be models or mappings, of which again only a part is needed.

    Raises:
        TypeError: if `model` is no type of an answer; if there is no such field, at any depth; if something else is
            given for a list or an object.
        ValueError: if a field has none of the values that the API gives it. A `pydantic.ValidationError`, if it isn't
            of the right type.
    """
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(_no_model(model))
    return model.model_validate(_Filling(model.__name__, extra=extra).filled(model, fields, ""))


def _no_model(given: Any) -> str:
    takes = "build() takes the type of an answer, such as ChatCompletion"
    if isinstance(given, BaseModel):
        return f"{takes}, not an object; what is a {type(given).__name__} already can be answered as it is"
    kinds = [each.__name__ for each in _arms(given) if isinstance(each, type) and issubclass(each, BaseModel)]
    if kinds:
        shown = ", ".join(kinds[:_SHOWN]) + (", …" if len(kinds) > _SHOWN else "")
        return f"{takes}, and not a union; name one of its members: {shown}"
    return f"{takes}, not {given!r:.80}; plain data can be answered as it is, without build()"


class _Filling:
    """Completes data, and refuses what isn't in the API's description.

    Args:
        name: of the whole.
        extra: whether nothing is refused.
    """

    def __init__(self, name: str, *, extra: bool) -> None:
        self._name = name
        self._extra = extra

    def filled(self, model: type[BaseModel], given: dict[str, Any], place: str) -> dict[str, Any]:
        made = dict(given)
        if not self._extra:
            self._check_names(model, given, place)
        for name, field in model.model_fields.items():
            wire = field.alias or name
            if wire in made or name in made:
                key = wire if wire in made else name
                marks = [*field.metadata, *_marks(field.annotation)]
                made[wire] = self._completed(field.annotation, marks, made.pop(key), _inside(place, wire))
            elif field.is_required():
                made[wire] = _empty(field.annotation)
        return made

    def _completed(self, annotation: Any, marks: Sequence[Any], value: Any, place: str) -> Any:
        """A value in which objects are filled."""
        if isinstance(value, BaseModel):
            return value.model_dump(by_alias=True, exclude_unset=True)
        if isinstance(value, (list, tuple)):
            inner = next((get_args(each)[0] for each in _arms(annotation) if get_origin(each) is list), Any)
            return [self._completed(inner, _marks(inner), each, f"{place}[{n}]") for n, each in enumerate(value)]
        if isinstance(value, Mapping):
            model = self._model_of(annotation, marks, value, place)
            if model is None:
                self._check_shape(annotation, value, place)
            return value if model is None else self.filled(model, dict(value), place)
        self._check_shape(annotation, value, place)
        if not self._extra:
            self._check_value(annotation, value, place)
        return value

    def _model_of(
        self, annotation: Any, marks: Sequence[Any], value: Mapping[str, Any], place: str
    ) -> type[BaseModel] | None:
        """The model that some data is meant as: told by its tag, or the one with most of its fields."""
        arms = _arms(annotation)
        models = [each for each in arms if isinstance(each, type) and issubclass(each, BaseModel)]
        for tag in (mark.tag for mark in marks if isinstance(mark, OpenUnion)):
            values = [each for model in models for each in tag_values(model, tag)]
            if tag in value and value[tag] in values:
                models = [each for each in models if value[tag] in tag_values(each, tag)]
            elif tag in value and values and not self._extra and all(tag_values(each, tag) for each in models):
                raise self._no_value(_inside(place, tag), value[tag], values)
        can_be_plain = any(get_origin(each) is dict or each in {dict, Any, object} for each in arms)
        if can_be_plain and not any(value.keys() <= _names(each) for each in models):
            return None
        return max(models, key=lambda each: len(value.keys() & _names(each)), default=None)

    def _check_names(self, model: type[BaseModel], given: Mapping[str, Any], place: str) -> None:
        for name in given:
            if name in _names(model):
                continue
            alike = get_close_matches(name, [field.alias or known for known, field in model.model_fields.items()], 1)
            advice = f"did you mean {alike[0]!r}?" if alike else "pass extra=True if a provider sends it"
            raise TypeError(f"{self._name}: {_inside(place, name)} is no field of {model.__name__}; {advice}")

    def _check_shape(self, annotation: Any, value: Any, place: str) -> None:
        """Refuse what stands for neither a list nor an object, where these alone may be."""
        arms = [each for each in _arms(annotation) if each is not NoneType or value is None]
        lists = [each for each in arms if get_origin(each) is list]
        models = [each for each in arms if isinstance(each, type) and issubclass(each, BaseModel)]
        if not arms or len(lists) + len(models) < len(arms):
            return
        one = " or ".join(each.__name__ for each in models[:2]) if len(models) <= 2 else "model"  # noqa: PLR2004 - two can be read
        wants = "a list: [...]" if lists else f"an object: a mapping with its fields, or a {one}"
        raise TypeError(f"{self._name}: {place} is {wants}, not {value!r:.80}")

    def _check_value(self, annotation: Any, value: Any, place: str) -> None:
        arms = _arms(annotation)
        known = [each for arm in arms if get_origin(arm) is Literal for each in get_args(arm)]
        others = {arm for arm in arms if get_origin(arm) is not Literal and arm is not NoneType}
        free = place.rpartition(".")[2] in _FREE or not others <= {str}
        if known and isinstance(value, str) and value not in known and not free:
            raise self._no_value(place, value, known)

    def _no_value(self, place: str, value: object, known: Sequence[Any]) -> ValueError:
        alike = get_close_matches(str(value), [str(each) for each in known], 1)
        one_of = ", ".join(repr(each) for each in known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
        advice = f"did you mean {alike[0]!r}?" if alike else "pass extra=True if a provider sends it"
        return ValueError(f"{self._name}: {place} is {value!r}, and not one of {one_of}; {advice}")


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _names(model: type[BaseModel]) -> set[str]:
    """What its fields are called, in Python and by the API."""
    return {*model.model_fields, *(field.alias for field in model.model_fields.values() if field.alias)}


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
        return _Filling(first.__name__, extra=True).filled(first, {}, "")
    if first in _PLAIN:
        return _PLAIN[first]
    return [] if get_origin(first) is list else {}
