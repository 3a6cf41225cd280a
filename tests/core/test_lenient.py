from __future__ import annotations

import copy
import json
import pickle
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from openai_core.encoding import json_bytes
from openai_core.lenient import Drift, build
from openai_core.model import ApiModel, OpenUnion, UnknownModel


class Text(ApiModel):
    type: Literal["text"]
    text: str
    n: int | None = None


class Call(ApiModel):
    type: Literal["call"]
    id: str
    arguments: dict[str, int]


class LongCall(ApiModel):
    type: Literal["call"]
    steps: list[str]
    name: str
    more: str


class Narrator(ApiModel):
    role: Literal["narrator"]
    parts: list[Annotated[Text | Call, OpenUnion("type")]]


class Bot(ApiModel):
    role: Literal["bot"]
    age: int


Part = Annotated[Text | Call, OpenUnion("type")]
Message = Annotated[Narrator | Bot, OpenUnion("role")]


class Usage(ApiModel):
    total: int
    cached: int = 0


class Answer(ApiModel):
    id: str
    created: int
    output: list[Part]
    usage: Usage | None = None
    by_name: dict[str, Usage] = {}
    message: Message | None = None
    schema_: str | None = Field(default=None, alias="schema")
    choice: str | Usage | list[Usage] | None = None
    kind: Literal["a", "b"] = "a"
    notes: list[str] = Field(default_factory=list)


GOOD: dict[str, Any] = {"id": "a", "created": 1, "output": [{"type": "text", "text": "t"}], "usage": {"total": 3}}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "id", "total", "role", "steps", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def answer(**changes: Any) -> tuple[Any, list[str]]:
    """What a good answer with other values is built as, and the drift in words."""
    built, drifts = build(Answer, {**GOOD, **changes})
    return built, [str(drift) for drift in drifts]


class TestBuild:
    def test_a_good_answer_is_read_without_drift(self):
        built, drifts = answer()
        assert drifts == []
        assert built == Answer.model_validate(GOOD)

    @pytest.mark.parametrize("value", ["many", None, [1], {"a": 1}, 1.5])
    def test_a_value_of_a_wrong_type_is_kept_as_plain_data(self, value):
        built, drifts = answer(created=value)
        assert built.created == value
        assert drifts == [f"Answer.created is an unexpected {type(value).__name__}"]

    def test_everything_beside_it_is_read_as_ever(self):
        built, _ = answer(created="many")
        assert type(built) is Answer
        assert type(built.output[0]) is Text
        assert type(built.usage) is Usage
        assert built.usage.total == 3
        assert built.kind == "a"

    def test_drift_deep_inside_is_named_by_its_model_and_field(self):
        built, drifts = answer(usage={"total": "lots"}, output=[{"type": "text", "text": 5}])
        assert sorted(drifts) == ["Text.text is an unexpected int", "Usage.total is an unexpected str"]
        assert (built.usage.total, built.output[0].text) == ("lots", 5)
        assert (type(built.usage), type(built.output[0])) == (Usage, Text)

    def test_of_a_list_only_the_bad_item_is_plain(self):
        built, drifts = answer(
            output=[{"type": "text", "text": "t"}, "oops", None, {"type": "call", "id": "c", "arguments": {"a": 1}}]
        )
        assert [type(item) for item in built.output] == [Text, str, type(None), Call]
        assert drifts == ["Answer.output is an unexpected str", "Answer.output is an unexpected NoneType"]

    def test_of_a_mapping_only_the_bad_value_is_plain(self):
        built, drifts = answer(by_name={"a": {"total": 1}, "b": 7})
        assert type(built.by_name["a"]) is Usage
        assert built.by_name["b"] == 7
        assert drifts == ["Answer.by_name is an unexpected int"]

    def test_an_object_where_a_list_should_be_is_plain(self):
        built, drifts = answer(output={"type": "text"})
        assert built.output == {"type": "text"}
        assert drifts == ["Answer.output is an unexpected dict"]

    def test_null_where_a_list_should_be_is_null(self):
        built, drifts = answer(output=None)
        assert built.output is None
        assert drifts == ["Answer.output is an unexpected NoneType"]

    def test_a_value_outside_a_closed_enumeration_is_kept(self):
        built, drifts = answer(kind="c")
        assert built.kind == "c"
        assert drifts == ["Answer.kind is an unexpected str"]

    def test_what_nobody_described_is_kept(self):
        built, drifts = answer(created="many", brand_new={"x": [1]})
        assert built.brand_new == {"x": [1]}
        assert drifts == ["Answer.created is an unexpected str"]

    def test_an_alias_is_read_by_its_name_on_the_wire(self):
        built, _ = answer(created="many", schema="s")
        assert built.schema_ == "s"

    def test_defaults_stand_in_for_what_is_not_required(self):
        built, _ = answer(created="many")
        assert (built.by_name, built.kind, built.notes) == ({}, "a", [])
        assert "kind" not in built.model_fields_set
        built.by_name["x"] = 1
        assert answer(created="many")[0].by_name == {}

    def test_of_an_untagged_union_the_member_with_the_least_drift_is_built(self):
        built, drifts = answer(choice={"total": "x"})
        assert type(built.choice) is Usage
        assert drifts == ["Usage.total is an unexpected str"]
        built, drifts = answer(choice=[{"total": 1}, {"total": "x"}])
        assert [type(item) for item in built.choice] == [Usage, Usage]
        assert drifts == ["Usage.total is an unexpected str"]
        assert answer(choice=5)[1] == ["Answer.choice is an unexpected int"]


class TestMissing:
    def test_reading_a_field_that_is_missing_says_so(self):
        built, drifts = build(Answer, {"id": "a", "output": []})
        assert drifts == [Drift("Answer", "created", "missing")]
        with pytest.raises(AttributeError, match="the server left out 'created' of this Answer") as caught:
            _ = built.created
        assert "model_fields_set" in str(caught.value)

    def test_attribute_tools_behave(self):
        built, _ = build(Answer, {"id": "a", "output": []})
        assert not hasattr(built, "created")
        assert getattr(built, "created", None) is None
        assert "created" not in built.model_fields_set
        assert {"id", "output"} == built.model_fields_set

    def test_it_can_be_set_afterwards(self):
        built, _ = build(Answer, {"id": "a", "output": []})
        built.created = 5
        assert built.created == 5
        assert built.to_dict() == {"id": "a", "output": [], "created": 5}

    def test_a_field_with_a_default_is_not_missing(self):
        _, drifts = build(Usage, {"total": "x"})
        assert [drift.field for drift in drifts] == ["total"]


class TestUnion:
    def test_an_unknown_member_is_no_drift(self):
        built, drifts = answer(output=[{"type": "hologram", "z": 1}])
        assert type(built.output[0]) is UnknownModel
        assert drifts == []

    def test_an_unknown_member_beside_drift_is_still_kept_whole(self):
        built, drifts = answer(created="many", output=[{"type": "hologram", "z": 1}])
        assert type(built.output[0]) is UnknownModel
        assert built.output[0].z == 1
        assert drifts == ["Answer.created is an unexpected str"]

    def test_a_known_member_with_a_bad_field_is_that_member(self):
        built, drifts = answer(output=[{"type": "call", "id": 7, "arguments": {"a": 1, "b": "x"}}])
        (call,) = built.output
        assert type(call) is Call
        assert (call.id, call.arguments) == (7, {"a": 1, "b": "x"})
        assert drifts == ["Call.id is an unexpected int", "Call.arguments is an unexpected str"]

    def test_a_known_member_without_a_field_is_that_member(self):
        built, drifts = answer(output=[{"type": "call", "id": "c"}])
        (call,) = built.output
        assert type(call) is Call
        assert drifts == ["Call.arguments is missing"]
        with pytest.raises(AttributeError, match="left out 'arguments' of this Call"):
            _ = call.arguments

    def test_of_members_that_share_a_tag_the_nearest_is_built(self):
        shared = Annotated[Text | Call | LongCall, OpenUnion("type")]
        assert type(build(shared, {"type": "call", "id": "c"})[0]) is Call
        assert type(build(shared, {"type": "call", "steps": ["s"], "name": "n"})[0]) is LongCall

    def test_a_union_inside_the_member_of_a_union(self):
        built, drifts = answer(message={"role": "narrator", "parts": [{"type": "text"}, {"type": "new"}]})
        assert type(built.message) is Narrator
        assert [type(part) for part in built.message.parts] == [Text, UnknownModel]
        assert drifts == ["Text.text is missing"]

    def test_a_union_inside_a_union(self):
        nested = Annotated[Part | Bot, OpenUnion("type")]
        assert type(build(nested, {"type": "text", "text": 3})[0]) is Text
        assert type(build(nested, {"type": "new"})[0]) is UnknownModel

    @pytest.mark.parametrize("data", [{"text": "t"}, {"text": 3}])
    def test_a_member_without_its_tag_is_known_by_its_fields(self, data):
        built, drifts = answer(output=[data])
        (text,) = built.output
        assert type(text) is Text
        assert (text.type, text.text) == ("text", data["text"])
        assert drifts[0] == "Text.type is missing"
        assert text.to_dict() == data

    def test_without_a_tag_what_could_be_several_members_is_none_of_them(self):
        built, drifts = answer(output=[{"id": "c", "text": "t"}])
        assert type(built.output[0]) is UnknownModel
        assert drifts == []

    def test_a_tag_that_is_no_text_is_unknown(self):
        built, _ = build(Part, {"type": ["text"], "text": "t"})
        assert type(built) is UnknownModel
        assert built.type == ["text"]


class TestNothing:
    @pytest.mark.parametrize("data", [None, 3, "text", [], [{}]])
    def test_of_what_is_no_object_no_model_is_built(self, data):
        assert build(Answer, data) == (None, [])

    def test_a_list_of_models_is_built_item_by_item(self):
        built, drifts = build(list[Usage], [{"total": 1}, {"total": "x"}])
        assert [type(item) for item in built] == [Usage, Usage]
        assert drifts == [Drift("Usage", "total", "unexpected", "str")]


class TestBuilt:
    """A model that was built leniently is used like any other."""

    @pytest.fixture
    def built(self) -> Any:
        return build(Answer, {"id": "a", "output": [{"type": "call", "id": 7}], "usage": {"total": "x"}, "new": 1})[0]

    DATA = {"id": "a", "output": [{"type": "call", "id": 7}], "usage": {"total": "x"}, "new": 1}

    def test_it_is_written_as_the_server_sent_it_without_a_warning(self, built):
        assert built.to_dict() == self.DATA
        assert json.loads(built.to_json()) == self.DATA

    def test_it_is_sent_back_as_the_server_sent_it(self, built):
        assert json.loads(json_bytes({"input": [built]})) == {"input": [self.DATA]}

    def test_it_is_shown_and_compared_and_copied_and_pickled(self, built):
        assert repr(built).startswith("Answer(id='a', output=[Call(")
        for twin in (copy.copy(built), copy.deepcopy(built), built.model_copy(), pickle.loads(pickle.dumps(built))):
            assert twin == built
            assert twin.to_dict() == self.DATA
            assert not hasattr(twin, "created")


def alike(written, data) -> bool:
    """Whether nothing was lost; `"1"` may have become the number that was described."""
    if isinstance(data, dict):
        return written.keys() == data.keys() and all(alike(written[key], data[key]) for key in data)
    if isinstance(data, list):
        return len(written) == len(data) and all(map(alike, written, data))
    return (written is None) == (data is None)


@given(JSON)
def test_no_data_at_all_breaks_it_and_none_is_lost(data):
    """Whatever comes, and wherever it differs: what is built is written as what came."""
    for annotation in (
        Answer,
        Part,
        Message,
        Usage,
        Part | None,
        list[Part],
        dict[str, Usage],
        str | Usage | list[Usage],
    ):
        built, drifts = build(annotation, data)
        if built is None:
            assert drifts == []
        else:
            assert alike(json.loads(json_bytes(built)), data)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("id", "created", "output", "usage", "by_name", "message", "choice"), JSON)
    )
)
def test_an_object_always_becomes_the_model_with_all_its_fields(data):
    built, _ = build(Answer, data)
    assert type(built) is Answer
    assert alike(json.loads(json_bytes(built)), data)


def test_drift_tells_where_and_what():
    assert str(Drift("Answer", "id", "missing")) == "Answer.id is missing"
    assert str(Drift("Answer", "id", "unexpected", "int")) == "Answer.id is an unexpected int"
    assert Drift("Answer", "id", "missing") == Drift("Answer", "id", "missing")
