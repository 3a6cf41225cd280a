"""Functions as tools of a model: what it is told about them, and how they are called with what it wrote."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from openai_core import AnswerValidationError, InvalidRequestError
from openai_core.tool_loop import Rounds
from openai_core.tools import Tool, tool
from tests.core.test_structured import check_strict


@tool
def weather(
    city: Annotated[str, "Name of the city"],
    days: int = 1,
    *,
    unit: Literal["C", "F"] = "C",
    hours: Annotated[list[int], Field(description="Which of them", max_length=3)] = [],  # noqa: B006 - it is never changed
    json: int = Field(7, ge=1),  # a name that models have
) -> str:
    """Look up the weather,
    as it is forecast.

    Not for the past.

    Args:
        city: is told elsewhere.
        days (int): How many days,
            today included: 1 to 7.
        unit: Celsius or Fahrenheit.

    Returns:
        A text.
    """  # noqa: D205 - docstrings of others run over several lines
    return f"{city} {days} {unit} {hours} {json}"


class Order(BaseModel):
    """What somebody wants."""

    item: str
    count: int = 1


@dataclass
class Place:
    street: str


class Area(TypedDict):
    width: int


async def later(n: int) -> int:
    return n


def properties(made: Tool[Any, Any]) -> dict[str, Any]:
    return made.parameters["properties"]


class TestWhatTheModelIsTold:
    def test_name_and_docstring(self):
        assert weather.name == "weather"
        assert weather.description == "Look up the weather, as it is forecast. Not for the past."

    def test_parameters_are_described_by_annotations_or_by_the_docstring(self):
        told = {name: schema["description"] for name, schema in properties(weather).items()}
        assert told == {
            "city": "Name of the city",
            "days": "How many days, today included: 1 to 7. (null means 1)",
            "unit": 'Celsius or Fahrenheit. (null means "C")',
            "hours": "Which of them (null means [])",
            "json": "(null means 7)",
        }

    def test_the_schema_is_strict(self):
        check_strict(weather.parameters)
        assert weather.parameters["required"] == ["city", "days", "unit", "hours", "json"]

    def test_both_apis_get_their_shape(self):
        inner = {
            "name": "weather",
            "description": weather.description,
            "parameters": weather.parameters,
            "strict": True,
        }
        assert weather.for_chat() == {"type": "function", "function": inner}
        assert weather.for_responses() == {"type": "function", **inner}

    def test_what_one_says_wins(self):
        made = tool(name="sky", description="The sky.", strict=False)(weather.function)
        assert (made.name, made.description) == ("sky", "The sky.")
        assert made.for_chat()["function"]["strict"] is False
        assert "title" not in made.parameters
        assert made.parameters["required"] == ["city"]

    def test_nothing_is_said_where_there_is_nothing_to_say(self):
        def bare() -> None: ...

        assert tool(bare).for_responses() == {
            "type": "function",
            "name": "bare",
            "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
            "strict": True,
        }

    @pytest.mark.parametrize("kind", [Order, Place, Area])
    def test_an_only_parameter_that_is_a_model_is_all_arguments(self, kind):
        def take(it):
            return it

        take.__annotations__ = {"it": kind}
        made = tool(take)
        assert "it" not in properties(made)
        text = {Order: '{"item": "a", "count": null}', Place: '{"street": "b"}', Area: '{"width": 3}'}[kind]
        assert made.call(text) == {Order: Order(item="a"), Place: Place("b"), Area: {"width": 3}}[kind]

    def test_a_model_beside_other_parameters_is_one_argument(self):
        def take(it: Order, *, urgent: bool) -> str:
            return f"{it.item} {urgent}"

        assert properties(tool(take)).keys() == {"it", "urgent"}
        assert tool(take).call('{"it": {"item": "a", "count": null}, "urgent": true}') == "a True"

    def test_a_type_is_made_of_its_arguments(self):
        made = tool(Order)
        assert (made.name, made.description) == ("Order", "What somebody wants.")
        assert "description" not in made.parameters
        assert made.call('{"item": "a", "count": 2}') == Order(item="a", count=2)
        assert tool(Place).description == ""

    def test_methods_partial_functions_and_objects_are_functions_too(self):
        class Shop:
            """A shop."""

            def order(self, item: str) -> str:
                """Order something."""
                return f"{item} from {id(self)}"

            def __call__(self, item: str) -> str:
                """Ask for something."""
                return item

        shop = Shop()
        assert tool(shop.order).call('{"item": "a"}') == f"a from {id(shop)}"
        assert (tool(shop, name="shop").description, tool(shop, name="shop").call('{"item": "a"}')) == (
            "Ask for something.",
            "a",
        )
        assert tool(shop).name == "Shop"
        # What is filled in is none of the model's business.
        bound = tool(functools.partial(weather.function, "Rome", unit="F"))
        assert bound.name == "weather"
        assert properties(bound).keys() == {"days", "hours", "json"}
        assert bound.call('{"days": 2}') == "Rome 2 F [] 7"


class TestCalling:
    def test_a_tool_is_called_as_the_function_was(self):
        assert weather("Rome", 2, unit="F", json=1) == "Rome 2 F [] 1"
        assert weather.__name__ == "weather"
        assert list(inspect.signature(weather).parameters) == ["city", "days", "unit", "hours", "json"]

    def test_null_stands_for_the_default(self):
        text = '{"city": "Rome", "days": null, "unit": "F", "hours": null, "json": null}'
        assert weather.call(text) == "Rome 1 F [] 7"

    def test_positional_parameters_are_given_by_position(self):
        def divide(a: int, b: int = 2, /, *, c: int = 0) -> float:
            return a / b + c

        assert tool(divide).call('{"a": 4, "b": null, "c": 1}') == 3

    @pytest.mark.parametrize("text", ["", "  ", "{}"])
    def test_no_arguments_are_none(self, text):
        def bare() -> str:
            return "done"

        assert tool(bare).call(text) == "done"

    async def test_an_async_function_is_awaited(self):
        assert tool(later).is_async
        assert await tool(later).call('{"n": 3}') == 3

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ('{"city": 1}', "city: Input should be a valid string"),
            ('{"city": "a", "json": 0}', "json: Input should be greater than or equal to 1"),
            ('{"city": "a", "town": "b"}', "town: Extra inputs are not permitted"),
            ("{}", "city: Field required"),
            ('{"city": "Ro', "it is no JSON"),
        ],
    )
    def test_arguments_that_don_t_fit_are_told(self, text, why):
        with pytest.raises(AnswerValidationError, match=f"the arguments don't fit weather: {why}") as caught:
            weather.call(text)
        assert caught.value.text == text


def variadic(*many: int) -> None: ...


def keywords(**more: int) -> None: ...


def bare(city) -> None: ...


def unknown(city: Nowhere) -> None: ...  # noqa: F821


def mapping(names: dict[str, str]) -> None: ...


class TestBadFunctions:
    @pytest.mark.parametrize(
        ("function", "param", "why"),
        [
            (variadic, "many", r"takes \*many, which can't be described"),
            (keywords, "more", r"takes \*\*more, which can't be described"),
            (bare, "city", "doesn't say of which type its parameter 'city' is; annotate it"),
            (lambda: None, "name", "unlike '<lambda>'"),
            ("weather", None, "a tool is a function or a type, not 'weather'"),
        ],
    )
    def test_it_is_refused_at_once(self, function, param, why):
        with pytest.raises(InvalidRequestError, match=why) as caught:
            tool(function)
        assert caught.value.param == param

    @pytest.mark.parametrize("name", ["a b", "ä", "x" * 65, "a.b"])
    def test_a_name_that_the_api_doesn_t_take_is_refused(self, name):
        with pytest.raises(InvalidRequestError, match="1 to 64 letters"):
            tool(weather.function, name=name)

    def test_an_annotation_that_nobody_knows_is_refused(self):
        with pytest.raises(
            InvalidRequestError, match=r"of the tool 'unknown' can't be read: name 'Nowhere' is not defined"
        ):
            tool(unknown).for_chat()

    def test_a_parameter_that_strict_mode_cannot_express_is_named(self):
        with pytest.raises(
            InvalidRequestError, match=r"strict mode can't express mapping.*mapping\.names takes any"
        ) as caught:
            tool(mapping).for_chat()
        assert caught.value.param == "names"
        assert tool(mapping, strict=False).call('{"names": {"a": "b"}}') is None

    @pytest.mark.parametrize(
        ("functions", "why"),
        [
            ([], "there is no tool to run"),
            (weather, r"tools come in a list: \[weather\]"),
            ([weather, weather.function], "two tools have the name 'weather'"),
        ],
    )
    def test_a_loop_takes_different_tools(self, functions, why):
        with pytest.raises(InvalidRequestError, match=why):
            Rounds(functions, max_rounds=1, limit=1, on_error="tell", on_call=None)

    @pytest.mark.parametrize("wrong", [{"max_rounds": 0}, {"limit": 0}, {"on_error": "ignore"}])
    def test_a_loop_takes_numbers_that_are_possible(self, wrong):
        given = {"max_rounds": 1, "limit": 1, "on_error": "tell", "on_call": None, **wrong}
        with pytest.raises(InvalidRequestError) as caught:
            Rounds([weather], **given)
        assert caught.value.param in {"max_rounds", "limit", "on_tool_error"}


def test_a_tool_choice_may_be_what_the_server_sent():
    from openai_core.tool_loop import _forces
    from openai_core.types.shared import ToolChoiceFunction
    from openai_core_responses.types import ToolChoiceAllowed

    assert _forces(ToolChoiceFunction(type="function", name="f"))
    assert _forces(ToolChoiceAllowed(type="allowed_tools", mode="required", tools=[]))
    assert not _forces(ToolChoiceAllowed(type="allowed_tools", mode="auto", tools=[]))
