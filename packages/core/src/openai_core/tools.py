"""Functions that a model may call.

@tool
def weather(city: Annotated[str, "Name of the city"], days: int = 1) -> str:
    '''Look up the weather forecast.'''

client.chat.completions.run_tools([weather], model=..., messages=...)
"""

from __future__ import annotations

import inspect
import re
from functools import cached_property, partial, update_wrapper
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    ParamSpec,
    Required,
    TypedDict,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from openai_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openai_core.params import CallableToolAllowedCaller, ChatCompletionFunctionToolParam
    from openai_core.structured import Reader

__all__ = ["FunctionToolParam", "Tool", "tool"]

P = ParamSpec("P")
R = TypeVar("R")

_VARIADIC: Final = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
_HEADING: Final = re.compile(r"(?m)^(\w[\w ]*):[ \t]*$")
_DESCRIBED: Final = re.compile(r"\*{0,2}(\w+)(?: *\([^)]*\))?: *(.*)")


class FunctionToolParam(TypedDict, total=False):
    """A function as the Responses API takes it, in `tools`."""

    type: Required[Literal["function"]]
    name: Required[str]
    description: str | None
    parameters: Required[Mapping[str, object] | None]
    output_schema: Mapping[str, object] | None
    strict: Required[bool | None]
    defer_loading: bool
    allowed_callers: Sequence[CallableToolAllowedCaller] | None


class Tool(Generic[P, R]):
    """A function, or a type, with what a model has to know to call it. It is still called as it was.

    `tool` makes one.

    Attributes:
        name: what the model calls.
        description: what it does.
        strict: whether the model is held to the schema of the parameters.
    """

    def __init__(
        self,
        function: Callable[P, R],
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool = True,
    ) -> None:
        if not callable(function):
            raise InvalidRequestError(f"a tool is a function or a type, not {function!r}")
        self.function = function
        self._source = _source(function)
        given = name or getattr(function, "__name__", None) or getattr(self._source, "__name__", None)
        if given == "__call__":
            # Of an object that can be called, the class says what it is.
            given = type(function).__name__
        self.name = _checked_name(given or "", function)
        summary, self._descriptions = _docstring(self._source)
        self.description = summary if description is None else description
        self.strict = strict
        self._parameters = [] if isinstance(function, type) else _parameters(function, self.name)
        update_wrapper(self, cast("Any", function), updated=())

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself."""
        return self.function(*args, **kwargs)

    @property
    def parameters(self) -> dict[str, Any]:
        """JSON schema of the parameters.

        Raises:
            InvalidRequestError: if there is none, or strict mode can't express it; it names the parameter.
        """
        schema = {key: value for key, value in self._reader.schema(strict=self.strict).items() if key != "description"}
        # A parameter has names enough.
        return schema if self.strict else {key: value for key, value in schema.items() if key != "title"}

    def for_chat(self) -> ChatCompletionFunctionToolParam:
        """As chat completions take it, in `tools`."""
        described = {"description": self.description} if self.description else {}
        function: Any = {"name": self.name, **described, "parameters": self.parameters, "strict": self.strict}
        return {"type": "function", "function": function}

    def for_responses(self) -> FunctionToolParam:
        """As responses take it, in `tools`."""
        written: FunctionToolParam = {
            "type": "function",
            "name": self.name,
            "parameters": self.parameters,
            "strict": self.strict,
        }
        if self.description:
            written["description"] = self.description
        return written

    def call(self, arguments: str | Mapping[str, Any]) -> R:
        """Call the function with arguments that a model wrote; of an async function, give what is to be awaited.

        Args:
            arguments: a JSON object, as text or, as some servers send it, as an object.

        Raises:
            AnswerValidationError: if the arguments aren't what the function takes.
        """
        return self.bound(arguments)()

    def bound(self, arguments: str | Mapping[str, Any]) -> Callable[[], R]:
        """The function with arguments that a model wrote, not called yet.

        Raises:
            AnswerValidationError: as `call`.
        """
        if not isinstance(arguments, str):
            from openai_core.encoding import json_bytes

            arguments = json_bytes(arguments).decode()
        # Of a function without parameters some models write none.
        read = self._reader.read(arguments if arguments.strip() else "{}")
        if isinstance(self.function, type):
            return lambda: cast("R", read)
        if self._takes_one_model:
            values = {self._parameters[0].name: read}
        else:
            values = {parameter.name: getattr(read, _field(n)) for n, parameter in enumerate(self._parameters)}
        alone = [each.name for each in self._parameters if each.kind is inspect.Parameter.POSITIONAL_ONLY]
        positional = [values.pop(name) for name in alone]
        return partial(self.function, *positional, **values)

    @property
    def is_async(self) -> bool:
        """Whether it has to be awaited, which only an async client does."""
        return inspect.iscoroutinefunction(self._source)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        try:
            return get_type_hints(self._source, include_extras=True)
        except NameError as error:
            raise InvalidRequestError(
                f"the annotations of the tool {self.name!r} can't be read: {error}. Names in them have to be known in "
                "the function's module"
            ) from error

    @cached_property
    def _takes_one_model(self) -> bool:
        """Whether the function's only parameter holds all arguments."""
        from dataclasses import is_dataclass

        from pydantic import BaseModel

        if len(self._parameters) != 1 or self._parameters[0].default is not inspect.Parameter.empty:
            return False
        hint = self._hints[self._parameters[0].name]
        # A TypedDict of typing_extensions is none to typing.
        return isinstance(hint, type) and (
            issubclass(hint, BaseModel) or is_dataclass(hint) or hasattr(hint, "__total__")
        )

    @cached_property
    def _reader(self) -> Reader[Any]:
        from openai_core.structured import Reader

        misfit = f"the arguments don't fit {self.name}"
        if isinstance(self.function, type):
            return Reader(self.function, self.name, misfit)
        if self._takes_one_model:
            return Reader(self._hints[self._parameters[0].name], self.name, misfit)
        from pydantic import ConfigDict, Field, create_model

        fields: dict[str, Any] = {}
        for number, parameter in enumerate(self._parameters):
            hint = self._hints[parameter.name]
            about: list[Any] = [Field(description=self._descriptions.get(parameter.name))]
            if get_origin(hint) is Annotated:
                hint, *marks = get_args(hint)
                about += [Field(description=mark) if isinstance(mark, str) else mark for mark in marks]
            # Under its own name it might be one that a model has already.
            about.append(Field(alias=parameter.name))
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[_field(number)] = (Annotated[(hint, *about)], default)
        return Reader(create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields), self.name, misfit)

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"


@overload
def tool(
    function: Callable[P, R], /, *, name: str | None = None, description: str | None = None, strict: bool = True
) -> Tool[P, R]: ...
@overload
def tool(
    *, name: str | None = None, description: str | None = None, strict: bool = True
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    strict: bool = True,
) -> Tool[P, R] | Callable[[Callable[P, R]], Tool[P, R]]:
    """Make a tool of a function (plain or async) or of a type, called or as a decorator.

    Its docstring tells the model what it is for: all before the first section. What a parameter means is told by the
    docstring's section `Args`, by `Annotated[..., "..."]`, or by pydantic's `Field(description=...)`. A parameter that
    has a default may be left out. A function whose only parameter is a model (a dataclass, a `TypedDict`) takes the
    model's fields as arguments.

    Args:
        function: what the model may call; a type is given back, made of the arguments.
        name: what the model calls: 1 to 64 letters, digits, `_` and `-`. By default, the function's name.
        description: what it does. By default, what the docstring says.
        strict: whether the model is held to the schema of the parameters. Without it, more types are possible, such as
            `dict[str, str]`.

    Raises:
        InvalidRequestError: for a parameter without annotation, `*args` or `**kwargs`, or a name that the API doesn't
            take.

    [Guide](https://platform.openai.com/docs/guides/function-calling)
    """
    if function is None:
        return partial(Tool, name=name, description=description, strict=strict)
    return Tool(function, name=name, description=description, strict=strict)


def _source(function: Any) -> Any:
    """What has the annotations and the docstring: a partial function, or an object that can be called, hasn't."""
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, type) or inspect.isroutine(function):
        return function
    return type(function).__call__


def _checked_name(name: str, function: object) -> str:
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        raise InvalidRequestError(
            f"a tool's name has 1 to 64 letters (a to z), digits, _ and -, unlike {name!r} of {function!r}; "
            "give one with tool(..., name=...)",
            param="name",
        )
    return name


def _parameters(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    given = function.keywords if isinstance(function, partial) else {}
    found = [each for each in inspect.signature(function).parameters.values() if each.name not in given]
    for each in found:
        if each.kind in _VARIADIC:
            stars = _VARIADIC[each.kind]
            why = f"takes {stars}{each.name}, which can't be described; name the parameters, or take a list"
        elif each.annotation is inspect.Parameter.empty:
            why = f"doesn't say of which type its parameter {each.name!r} is; annotate it"
        else:
            continue
        raise InvalidRequestError(f"the tool {name!r} {why}", param=each.name)
    return found


def _field(number: int) -> str:
    return f"p{number}"


def _docstring(source: object) -> tuple[str, dict[str, str]]:
    """What a docstring says first, and what it says of each parameter, in Google's style."""
    text = inspect.cleandoc(getattr(source, "__doc__", None) or "")
    if isinstance(source, type) and text.startswith(f"{source.__name__}("):
        # Which dataclasses have by default.
        return "", {}
    first, *sections = _HEADING.split(text)
    parameters: dict[str, str] = {}
    for heading, section in zip(sections[::2], sections[1::2], strict=True):
        if heading.lower() in {"args", "arguments", "parameters"}:
            parameters |= _entries(inspect.cleandoc(section))
    return " ".join(first.split()), parameters


def _entries(section: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        described = None if line.startswith((" ", "\t")) else _DESCRIBED.fullmatch(line)
        if described:
            name, found[described[1]] = described[1], described[2]
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found
