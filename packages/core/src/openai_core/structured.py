"""Answers of a type of one's own: the JSON schema that a model is given for it, and how its text is read."""

from __future__ import annotations

import re
import sys
import typing
from dataclasses import is_dataclass
from functools import lru_cache
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    Required,
    TypedDict,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    overload,
)

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation, PydanticUserError
from pydantic_core import SchemaError, from_json, to_json

from openai_core.errors import AnswerValidationError, InvalidRequestError
from openai_core.schema import is_object, json_schema, strict_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openai_core.params import ResponseFormatJsonSchemaJsonSchemaParam, ResponseFormatJsonSchemaParam
    from openai_core.response import ResponseInfo

__all__ = ["JsonSchemaFormat", "OutputFormat"]

T = TypeVar("T")

_ONLY: Final = "value"
"""The field of the object around an answer that is no object itself."""
_NO_NAME: Final = re.compile(r"[^a-zA-Z0-9_-]+")
_LONGEST_NAME: Final = 64
_SHOWN: Final = 200
_CLASS: Final = re.compile(r"<class '([^']+)'>")
_WORD: Final = re.compile(r"\w+")
_FENCE: Final = re.compile(r"\s*```\w*\s*\n")
_FENCED: Final = re.compile(r"\s*```\w*\s*\n(.*?)\s*```\s*", re.DOTALL)


class JsonSchemaFormat(TypedDict, total=False):
    """A format of text as the Responses API takes it, in `text={"format": ...}`."""

    type: Required[Literal["json_schema"]]
    description: str
    name: Required[str]
    schema: Required[Mapping[str, object]]
    strict: bool | None


class OutputFormat(Generic[T]):
    """The format of an answer that is to be read as a type.

    A field that has a default is required of the model as all are, but may be null, which stands for the default. A
    type that isn't an object, such as `list[str]`, is wrapped in one, and unwrapped again when the answer is read.

    Args:
        returns: the type: a pydantic model, a dataclass, a `TypedDict`, `list[...]`, a `Literal`, a union, … What type
            checkers don't take for a type is given with what it is: `OutputFormat[A | B](A | B)`.
        name: what the model is told that it is: up to 64 letters, digits, `_` and `-`. By default, the type's name.
        description: what it is for, by which the model knows how to answer.
        strict: whether the model is held to the schema. Without it the schema is sent as pydantic makes it, and the
            model only told; then every type that has a JSON schema is possible.

    Raises:
        InvalidRequestError: for a type that has no JSON schema, or none that strict mode can express; it names the
            field.

    [Guide](https://platform.openai.com/docs/guides/structured-outputs)
    """

    @overload
    def __init__(
        self, returns: type[T], *, name: str | None = None, description: str | None = None, strict: bool = True
    ) -> None: ...
    @overload
    def __init__(
        self, returns: Any, *, name: str | None = None, description: str | None = None, strict: bool = True
    ) -> None: ...
    def __init__(
        self, returns: Any, *, name: str | None = None, description: str | None = None, strict: bool = True
    ) -> None:
        self.type = returns
        self.reader: Reader[T] = Reader(returns)
        self.name = _name(self.reader.title) if name is None else checked_name(name, "a format's name")
        self.description = description
        self.strict = strict
        self.schema = self.reader.schema(strict=strict)

    def for_chat(self) -> ResponseFormatJsonSchemaParam:
        """As chat completions take it, in `response_format`."""
        described: ResponseFormatJsonSchemaJsonSchemaParam = {
            "name": self.name,
            "schema": self.schema,
            "strict": self.strict,
        }
        if self.description is not None:
            described["description"] = self.description
        return {"type": "json_schema", "json_schema": described}

    def for_responses(self) -> JsonSchemaFormat:
        """As responses take it, in `text={"format": ...}`."""
        described: JsonSchemaFormat = {
            "type": "json_schema",
            "name": self.name,
            "schema": self.schema,
            "strict": self.strict,
        }
        if self.description is not None:
            described["description"] = self.description
        return described

    def read(self, text: str) -> T:
        """Read the text of an answer.

        Raises:
            AnswerValidationError: if it isn't of the type; its `text` is what came.
        """
        return self.reader.read(text)

    def read_partial(self, text: str) -> Any:
        """What the text of an answer tells that is still being written, as plain data; `None` if nothing yet.

        The last text or number in it may be unfinished. Nothing is checked, and no default stands for what hasn't come.
        """
        return self.reader.read_partial(text)

    def __repr__(self) -> str:
        return f"<OutputFormat {self.name}>"


def output_format(returns: type[T] | OutputFormat[T]) -> OutputFormat[T]:
    """The format of a type: one per type, the last 128 of which are kept."""
    if isinstance(returns, OutputFormat):
        return returns
    try:
        hash(returns)
    except TypeError:
        # What is annotated with pydantic's fields can't be looked up.
        return OutputFormat(returns)
    return _format(cast("Any", returns))


@lru_cache(maxsize=128)
def _format(returns: Any) -> OutputFormat[Any]:
    return OutputFormat(returns)


def facts_of(response: ResponseInfo) -> dict[str, Any]:
    """What an error about an answer tells of the response that it came in."""
    return {
        "status": response.status,
        "request_id": response.request_id,
        "headers": response.headers,
        "attempts": response.attempts,
    }


class Reader(Generic[T]):
    """Reads JSON that a model wrote.

    Args:
        returns: what to read it as.
        title: what to call that.
        misfit: how to tell that what came isn't of the type.
    """

    def __init__(self, returns: Any, title: str | None = None, misfit: str | None = None) -> None:
        self.title = title or _title(returns)
        self._misfit = misfit or f"the answer isn't a {self.title}"
        _refuse_values(returns)
        try:
            self._adapter: TypeAdapter[T] = TypeAdapter(returns)
            self._json_schema = json_schema(self._adapter)
        except (PydanticUserError, PydanticUndefinedAnnotation, SchemaError) as error:
            raise _no_schema(returns, self.title, error) from error
        self._wrapped = not is_object(self._json_schema)

    def schema(self, *, strict: bool) -> dict[str, Any]:
        """The JSON schema that a model is given, always that of an object.

        Raises:
            InvalidRequestError: if strict mode can't express it.
        """
        schema = self._json_schema
        if self._wrapped:
            inner = {key: value for key, value in schema.items() if key != "$defs"}
            definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
            schema = {"type": "object", "properties": {_ONLY: inner}, "required": [_ONLY], **definitions}
        return strict_schema(schema, self.title) if strict else schema

    def read(self, text: str) -> T:
        """Read text. A code block around it, as some models write it, is taken off.

        Raises:
            AnswerValidationError: if it isn't of the type, or no JSON.
        """
        fenced = _FENCED.fullmatch(text)
        try:
            data = from_json(fenced[1] if fenced else text)
        except ValueError as error:
            why = f"it is no JSON ({error}): {text[:_SHOWN]!r}"
            raise AnswerValidationError(f"{self._misfit}: {why}", text=text) from None
        # Not every server holds the model to the schema, and to the object around the answer.
        if self._wrapped and isinstance(data, dict) and data.keys() == {_ONLY}:
            data = data[_ONLY]
        try:
            return self._validate(data)
        except ValidationError as error:
            return self._without_nulls(data, error, text)

    def read_partial(self, text: str) -> Any:
        """As `OutputFormat.read_partial`."""
        if fence := _FENCE.match(text):
            text = text[fence.end() :].rstrip().rstrip("`")
        try:
            data = from_json(text, allow_partial="trailing-strings")
        except ValueError:
            return None
        if self._wrapped and isinstance(data, dict) and data.keys() <= {_ONLY}:
            return data.get(_ONLY)
        return data

    def _validate(self, data: Any) -> T:
        # As JSON, from which dates and such are read whatever the type's own strictness.
        return self._adapter.validate_json(to_json(data))

    def _without_nulls(self, data: Any, error: ValidationError, text: str) -> T:
        """Read data once more, with the defaults for what is null and may not be."""
        dropped = {problem["loc"] for problem in error.errors() if problem["input"] is None and _drop(data, problem)}
        problem = error.errors(include_url=False)[0]
        if dropped:
            try:
                return self._validate(data)
            except ValidationError as again:
                # What is missing now was null, and has no default.
                problems = again.errors(include_url=False)
                problem = next((each for each in problems if each["loc"] not in dropped), problem)
        place = ".".join(map(str, problem["loc"]))
        raise AnswerValidationError(
            f"{self._misfit}: {f'{place}: ' if place else ''}{problem['msg']}", text=text, body=data
        ) from None


def _refuse_values(returns: Any) -> None:
    """Refuse what isn't a type, where pydantic would tell of its own insides."""
    if isinstance(returns, dict):
        raise InvalidRequestError(
            "a JSON schema isn't a type; pass a pydantic model or another type, or send the schema as it is with "
            "create(), which gives the text of the answer"
        )
    if isinstance(returns, str):
        raise InvalidRequestError(f"{returns!r} is a text; pass the type itself, without quotes")
    if isinstance(returns, BaseModel) or (is_dataclass(returns) and not isinstance(returns, type)):
        name = type(returns).__name__
        raise InvalidRequestError(f"this is an object of {name}; pass the type: {name}")


def _no_schema(returns: Any, title: str, error: Exception) -> InvalidRequestError:
    """What to say in the place of pydantic, which says what is wrong and not where."""
    name, why = "", str(error).partition("\n")[0]
    undefined = error if isinstance(error, PydanticUndefinedAnnotation) else _undefined(returns)
    if undefined:
        name = str(undefined.name)
        why = f"{name} isn't defined where the type is"
    elif isinstance(error, PydanticSchemaGenerationError):
        found = _CLASS.search(why)
        name = found[1].rpartition(".")[2] if found else ""
        why = f"nothing is known about the class {name}" if name else "that is no type"
    place = next(_places(returns, title, name, frozenset({returns})), title) if name else title
    return InvalidRequestError(f"no JSON schema can be made for {place}: {why}")


def _undefined(returns: Any) -> PydanticUndefinedAnnotation | None:
    """What keeps a model from being complete."""
    try:
        if isinstance(returns, type) and issubclass(returns, BaseModel):
            returns.model_rebuild()
    except PydanticUndefinedAnnotation as error:
        return error
    return None


def _places(holder: Any, path: str, name: str, seen: frozenset[Any]) -> Iterator[str]:
    """Where a name stands among the annotations of a class, and of the classes that these name."""
    module = vars(sys.modules.get(getattr(holder, "__module__", ""), typing))
    for field, annotation in getattr(holder, "__annotations__", {}).items():
        text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "") + str(annotation)
        words = frozenset(_WORD.findall(text))
        if name in words:
            yield f"{path}.{field}"
        for inner in (annotation, *get_args(annotation), *(module.get(word) for word in words)):
            if isinstance(inner, type) and inner not in seen:
                yield from _places(inner, f"{path}.{field}", name, seen | {inner})


def _drop(data: Any, problem: Any) -> bool:
    """Take away the field that a problem is about, if there is one."""
    holder, key, found = None, None, data
    for step in problem["loc"]:
        if isinstance(found, dict) and step in found:
            holder, key, found = found, step, found[step]
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            holder, key, found = None, None, found[step]
        # Else the step is no key but the name of a union's arm.
    if holder is None or found is not None:
        return False
    del holder[key]
    return True


def _title(returns: Any) -> str:
    if get_origin(returns) is Annotated:
        return _title(get_args(returns)[0])
    if get_origin(returns) in {Union, UnionType}:
        return " or ".join(map(_title, get_args(returns)))
    return getattr(returns, "__name__", None) or str(returns)


def _name(title: str) -> str:
    return _NO_NAME.sub("_", title).strip("_")[:_LONGEST_NAME] or "answer"


def checked_name(name: str, what: str) -> str:
    """A name that the API takes.

    Raises:
        InvalidRequestError: if it doesn't.
    """
    if not name or len(name) > _LONGEST_NAME or _NO_NAME.search(name):
        raise InvalidRequestError(
            f"{what} has 1 to {_LONGEST_NAME} letters (a to z), digits, _ and -, unlike {name!r}; give one with name=",
            param="name",
        )
    return name
