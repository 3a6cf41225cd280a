"""Types as strict JSON schemas, and the text of models as those types."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    WithJsonSchema,
    create_model,
)
from typing_extensions import TypedDict

from openai_core import AnswerError, AnswerValidationError, APIError, APIResponseValidationError, InvalidRequestError
from openai_core.structured import OutputFormat, output_format

ALLOWED = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"pattern", "format", "enum", "const"},
    "integer": {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"},
    "number": {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"},
    "boolean": {"enum", "const"},
    "null": {"enum", "const"},
}
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


def check_strict(schema: dict[str, Any]) -> None:
    """What the guide to structured outputs demands, written down anew."""
    jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    assert schema["type"] == "object"
    definitions = schema.get("$defs", {})
    used = set()

    def check(part: dict[str, Any], *, root: bool = False) -> None:
        keys = part.keys() - ({"$defs"} if root else set())
        if "$ref" in part:
            assert keys == {"$ref"}
            name = part["$ref"].removeprefix("#/$defs/")
            assert name in definitions
            used.add(name)
        elif "anyOf" in part:
            assert keys <= {"anyOf", "description"}
            assert part["anyOf"]
            for arm in part["anyOf"]:
                check(arm)
        else:
            kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
            assert keys - {"type", "description"} <= set().union(*(ALLOWED[kind] for kind in kinds))
            if kinds == ["object"]:
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
                for inner in part["properties"].values():
                    check(inner)
            if kinds == ["array"]:
                check(part["items"])
            assert part.get("format", "date") in FORMATS

    check(schema, root=True)
    for definition in definitions.values():
        check(definition)
    assert used == definitions.keys()


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class Node(BaseModel):
    """A place in a tree."""

    value: int = Field(ge=0, le=10)
    parent: Node | None = None
    children: list[Node]


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Size:
    width: int
    tags: list[str] = field(default_factory=list)


class Address(TypedDict):
    street: str
    floor: NotRequired[int]


class Numbers(RootModel[list[int]]):
    pass


class Everything(BaseModel):
    model_config = ConfigDict(regex_engine="python-re")

    node: Node = Field(description="The root")
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    color: Color = Color.RED
    price: Decimal
    id: UUID
    day: date
    lasts: timedelta
    corner: tuple[float, float]
    point: Point
    words: set[str]
    url: AnyUrl
    mixed: Literal["a", 1] | None
    code: str = Field(pattern=r"^[a-z]+$")
    tricky: str = Field(pattern=r"^(?!x)", json_schema_extra={"examples": ["y"]})
    few: list[int] = Field(min_length=1, max_length=3)
    size: Size
    address: Address
    title: str | None = None
    numbers: Numbers
    # The name of a keyword is no keyword.
    default: bool


class TestSchema:
    @pytest.mark.parametrize(
        "returns",
        [
            Everything,
            Node,
            Size,
            Address,
            Point,
            Numbers,
            list[Node],
            Cat | Dog,
            Cat | None,
            Literal["a", "b"],
            int,
            Color,
        ],
    )
    def test_it_is_strict(self, returns):
        check_strict(OutputFormat(returns).schema)

    def test_a_field_with_a_default_may_be_null_and_says_what_that_means(self):
        properties = OutputFormat(Cat).schema["properties"]
        assert properties["lives"] == {
            "anyOf": [{"type": "integer"}, {"type": "null"}],
            "description": "(null means 9)",
        }
        assert OutputFormat(Cat).schema["required"] == ["kind", "lives"]

    def test_what_may_be_null_anyway_stays_as_it_is(self):
        assert OutputFormat(Everything).schema["properties"]["title"] == {
            "anyOf": [{"type": "string"}, {"type": "null"}]
        }

    def test_what_strict_mode_has_no_word_for_is_told_in_words(self):
        schema = OutputFormat(Everything).schema
        properties = schema["properties"]
        assert properties["words"]["description"] == "(no item twice)"
        assert properties["tricky"] == {"type": "string", "description": "(matches the regular expression ^(?!x))"}
        assert properties["url"]["description"].startswith("(format uri")
        name = schema["$defs"]["Dog"]["properties"]["name"]
        assert name["description"] == "(length at least 1; length at most 20)"

    def test_what_it_has_a_word_for_is_kept(self):
        properties = OutputFormat(Everything).schema["properties"]
        assert properties["code"]["pattern"] == "^[a-z]+$"
        assert properties["id"]["format"] == "uuid"
        assert (properties["few"]["minItems"], properties["few"]["maxItems"]) == (1, 3)
        assert properties["corner"] == {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}

    def test_a_description_beside_a_reference_doesn_t_stand_beside_it(self):
        node = OutputFormat(Everything).schema["properties"]["node"]
        assert node == {"description": "The root", "anyOf": [{"$ref": "#/$defs/Node"}]}

    def test_what_holds_itself_is_a_reference(self):
        schema = OutputFormat(Node).schema
        assert schema["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
        assert schema["$defs"]["Node"]["properties"] == schema["properties"]

    @pytest.mark.parametrize(
        ("returns", "name"),
        [
            (Cat, "Cat"),
            (list[Cat], "list"),
            (Cat | Dog, "Cat_or_Dog"),
            (int | None, "int_or_NoneType"),
            (Color, "Color"),
        ],
    )
    def test_the_name_is_the_type_s(self, returns, name):
        assert OutputFormat(returns).name == name

    def test_a_generic_model_has_a_name_that_the_api_takes(self):
        from typing import Generic, TypeVar

        Item = TypeVar("Item")

        class Page(BaseModel, Generic[Item]):
            items: list[Item]

        assert OutputFormat(Page[Cat]).name == "Page_Cat"

    @pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65])
    def test_a_name_that_the_api_doesn_t_take_is_refused(self, name):
        with pytest.raises(InvalidRequestError, match="1 to 64 letters") as caught:
            OutputFormat(Cat, name=name)
        assert caught.value.param == "name"

    def test_both_apis_get_their_shape(self):
        wanted = OutputFormat(Cat, name="pet", description="The pet that was seen")
        inner = {"name": "pet", "description": "The pet that was seen", "schema": wanted.schema, "strict": True}
        assert wanted.for_chat() == {"type": "json_schema", "json_schema": inner}
        assert wanted.for_responses() == {"type": "json_schema", **inner}

    def test_without_strict_mode_it_is_as_pydantic_makes_it(self):
        wanted = OutputFormat(dict[str, int], strict=False)
        assert wanted.for_chat()["json_schema"]["strict"] is False
        assert wanted.schema["additionalProperties"] == {"type": "integer"}
        assert wanted.read('{"a": 1}') == {"a": 1}

    def test_one_type_has_one_format(self):
        assert output_format(list[Cat]) is output_format(list[Cat])
        either = output_format(Annotated[Cat | Dog, Field(discriminator="kind")])
        assert either.name == "Cat_or_Dog"
        mine = OutputFormat(Cat)
        assert output_format(mine) is mine


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str


class Inner(BaseModel):
    extras: dict[str, int]


class Outer(BaseModel):
    lines: list[Inner]


def nested(levels: int) -> Any:
    made = create_model("Level", leaf=(int, ...))
    for _ in range(levels - 1):
        made = create_model("Level", down=(made, ...))
    return made


def enum_of(count: int, length: int = 4) -> Any:
    return Literal[tuple(f"{number:0{length}}" for number in range(count))]


class TestWhatStrictModeCannotSay:
    @pytest.mark.parametrize(
        ("annotation", "place", "why"),
        [
            (dict[str, int], "it", "takes any keys.*a list of objects that have a key and a value"),
            (dict, "it", "takes any keys"),
            (list[dict[str, str]], "it[]", "takes any keys"),
            (Outer, "it.lines[].extras", "takes any keys"),
            (Outer | None, "it.lines[].extras", "takes any keys"),
            (Anything, "it", r'takes fields beside its own \(extra="allow"\)'),
            (Any, "it", "takes anything"),
            (object, "it", "takes anything"),
            (Any | None, "it", "takes anything"),
            (list, "it", "is a list of anything"),
            (tuple[int, str], "it", "is a tuple of different types"),
            (Callable[[], int], "it", r"has no JSON schema \(CallableSchema\)"),
            (Annotated[str, WithJsonSchema({"not": {"type": "null"}})], "it", r"must not be something \(not\)"),
            (Annotated[str, WithJsonSchema({"type": "string", "if": {}})], "it", r"depends on a condition \(if\)"),
            (Annotated[str, WithJsonSchema({"allOf": [{}, {}]})], "it", r"is several things at once \(allOf\)"),
            (
                Annotated[str, WithJsonSchema({"$ref": "https://far.example"})],
                "it",
                r"has no JSON schema \(https://far\.example is nowhere",
            ),
            (Annotated[str, WithJsonSchema({"enum": [[1]]})], "it", "is one of some lists or objects"),
        ],
    )
    def test_it_says_where_why_and_what_to_do(self, annotation, place, why):
        with pytest.raises(InvalidRequestError, match=why) as caught:
            OutputFormat(create_model("Mine", it=(annotation, ...)))
        assert caught.value.param == place
        assert f"Mine.{place} " in str(caught.value)
        assert "strict=False" in str(caught.value)

    def test_all_that_is_wrong_is_told_at_once(self):
        with pytest.raises(InvalidRequestError) as caught:
            OutputFormat(create_model("Mine", a=(Any, ...), b=(int, ...), c=(list[dict], ...)))
        assert caught.value.param == "a"
        assert str(caught.value).count("\n- Mine.") == 2

    def test_a_type_that_is_open_itself_has_no_place(self):
        with pytest.raises(InvalidRequestError, match="dict takes any keys") as caught:
            OutputFormat(dict[str, int])
        assert caught.value.param is None

    def test_an_item_of_a_wrapped_type_has_a_place(self):
        with pytest.raises(InvalidRequestError, match=r"takes any keys") as caught:
            OutputFormat(list[dict[str, int]])
        assert caught.value.param == "value[]"

    def test_ten_levels_are_possible_and_eleven_are_not(self):
        check_strict(OutputFormat(nested(10)).schema)
        with pytest.raises(
            InvalidRequestError, match="is at level 11 of objects in objects; 10 are possible"
        ) as caught:
            OutputFormat(nested(11))
        assert caught.value.param == ".".join(["down"] * 10)

    @pytest.mark.parametrize("many", [5000, 5001])
    def test_five_thousand_fields_are_possible(self, many):
        half = create_model("Half", **{f"f{number}": (int, ...) for number in range(many - 1)})
        whole = create_model("Whole", half=(half, ...))
        if many == 5000:
            check_strict(OutputFormat(whole).schema)
        else:
            with pytest.raises(InvalidRequestError, match="has 5001 fields"):
                OutputFormat(whole)

    def test_a_thousand_values_of_choices_are_possible(self):
        check_strict(OutputFormat(create_model("Mine", a=(enum_of(500), ...), b=(enum_of(500), ...))).schema)
        with pytest.raises(InvalidRequestError, match="has 1001 values to choose from"):
            OutputFormat(create_model("Mine", a=(enum_of(500), ...), b=(enum_of(501), ...)))

    def test_the_values_of_a_large_choice_are_short(self):
        check_strict(OutputFormat(create_model("Mine", a=(enum_of(250, 100), ...))).schema)
        with pytest.raises(InvalidRequestError, match=r"whose values have 25100 characters"):
            OutputFormat(create_model("Mine", a=(enum_of(251, 100), ...)))

    def test_names_and_values_have_a_size_in_all(self):
        long = {f"{letter * 60_000}": (int, ...) for letter in "ab"}
        check_strict(OutputFormat(create_model("Mine", **long)).schema)
        with pytest.raises(InvalidRequestError, match="has 120001 characters in names and values"):
            OutputFormat(create_model("Mine", c=(int, ...), **long))

    def test_a_schema_that_is_shared_a_lot_is_checked_in_no_time(self):
        made = create_model("M0", leaf=(int, ...))
        for number in range(1, 9):
            made = create_model(f"M{number}", **{f"f{each}": (made, ...) for each in range(30)})
        check_strict(OutputFormat(made).schema)

    @pytest.mark.parametrize("returns", [object(), type("Mine", (), {})])
    def test_what_pydantic_cannot_read_is_said(self, returns):
        with pytest.raises(InvalidRequestError, match="no JSON schema can be made for"):
            OutputFormat(returns)


LEAVES = st.sampled_from([int, str, bool, float, date, UUID, Color, Literal["a", "b"], Cat, Dog, Node, Size, Point])


def composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.lists(st.tuples(inner, st.booleans()), min_size=1, max_size=4)
    return st.one_of(
        inner.map(lambda each: list[each]),
        inner.map(lambda each: each | None),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
        fields.map(
            lambda each: create_model(
                "Made",
                **{f"f{n}": (kind, None) if free else (kind, ...) for n, (kind, free) in enumerate(each)},
            )
        ),
    )


@given(st.recursive(LEAVES, composed, max_leaves=12))
def test_the_schema_of_any_type_is_strict(returns):
    check_strict(OutputFormat(returns).schema)


@given(st.recursive(LEAVES, composed, max_leaves=8), st.data())
def test_what_the_schema_allows_can_be_read(returns, data):
    """The emulator makes a document for the schema, as a model that is held to it does."""
    from openai_core_emulator.example import ExampleMaker

    wanted = OutputFormat(returns)
    number = data.draw(st.integers(0, 1000))
    made = ExampleMaker(wanted.schema, ["word"], lambda below, path: (number + len(path)) % below).make()
    jsonschema_rs.validator_for(wanted.schema).validate(made)
    wanted.read(json.dumps(made))


class Home(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]
    size: Size
    rooms: int


class TestReading:
    def test_null_stands_for_the_default(self):
        home = OutputFormat(Home).read(
            '{"pets": [{"kind": "cat", "lives": null}], "size": {"width": 2, "tags": null}, "rooms": 3}'
        )
        assert home == Home(pets=[Cat(kind="cat")], size=Size(2), rooms=3)

    def test_null_is_null_where_it_may_be(self):
        made = create_model("Made", it=(int | None, 5))
        assert OutputFormat(made).read('{"it": null}').it is None

    def test_null_leaves_out_what_may_be_missing(self):
        assert OutputFormat(Address).read('{"street": "a", "floor": null}') == {"street": "a"}

    def test_null_in_a_union_stands_for_the_default_of_the_arm_that_it_is_of(self):
        read = OutputFormat(list[Cat | Dog]).read
        assert read('{"value": [{"kind": "cat", "lives": null}, {"kind": "dog", "name": "a"}]}') == [
            Cat(kind="cat"),
            Dog(kind="dog", name="a"),
        ]

    @pytest.mark.parametrize(
        "text", ['{"value": [1, 2]}', "[1, 2]", "```json\n[1, 2]\n```", '\n```\n{"value": [1, 2]}\n```\n']
    )
    def test_servers_that_don_t_keep_to_the_schema_are_understood(self, text):
        assert OutputFormat(list[int]).read(text) == [1, 2]

    def test_a_server_that_leaves_defaults_out_is_understood(self):
        assert OutputFormat(Cat).read('{"kind": "cat"}').lives == 9

    def test_a_strict_model_reads_dates_all_the_same(self):
        class Day(BaseModel):
            model_config = ConfigDict(strict=True)

            day: date

        assert OutputFormat(list[Day]).read('{"value": [{"day": "2026-01-02"}]}')[0].day == date(2026, 1, 2)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ('{"pets": [], "size": {"width": 1}, "rooms": null}', "a Home: rooms: Input should be a valid integer"),
            ('{"pets": [{"kind": "cat", "lives": null}], "size": {"width": 1}, "rooms": "x"}', "a Home: rooms: "),
            ('{"pets": [{"kind": "cow"}], "size": {"width": 1}, "rooms": 1}', r"a Home: pets\.0: "),
            ('{"pets": []', "a Home: it is no JSON .*'{\"pets\": \\[\\]'"),
            ("Sorry!", "a Home: it is no JSON .*'Sorry!'"),
            ("[]", "a Home: Input should be an object"),
        ],
    )
    def test_what_doesn_t_fit_is_an_error_that_has_the_text(self, text, why):
        with pytest.raises(AnswerValidationError, match=f"the answer isn't {why}") as caught:
            OutputFormat(Home).read(text)
        assert caught.value.text == text
        for again in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
            assert (type(again), str(again), again.text) == (AnswerValidationError, str(caught.value), text)

    def test_its_error_is_one_of_answers_and_one_of_validation(self):
        assert issubclass(AnswerValidationError, AnswerError)
        assert issubclass(AnswerValidationError, APIResponseValidationError)
        assert issubclass(AnswerError, APIError)

    @given(st.text())
    def test_any_text_is_read_or_an_error(self, text):
        try:
            OutputFormat(int).read(text)
        except AnswerValidationError as error:
            read = error.text
        else:
            return
        assert read == text
