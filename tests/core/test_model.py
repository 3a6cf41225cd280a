from __future__ import annotations

import copy
import json
import pickle
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from openai_core.model import ApiModel, Event, OpenUnion, TypedEvent, UnknownModel, answering, members, tag_values


class Text(ApiModel):
    type: Literal["text"]
    text: str


class Call(ApiModel):
    type: Literal["call"]
    id: str
    arguments: dict[str, Any] | None = None


class Delta(ApiModel):
    """Has two values of the tag."""

    type: Literal["delta", "delta.part"]
    index: int


class LongCall(ApiModel):
    """Shares its tag with `Call`, and is told from it by its fields alone."""

    type: Literal["call"]
    steps: list[str]


class Reference(ApiModel):
    """Has no tag that is a constant."""

    type: str | None = None
    item_id: str


Part = Annotated[Text | Call, OpenUnion("type")]
Shared = Annotated[Text | Call | LongCall, OpenUnion("type")]
Nested = Annotated[Part | Delta, OpenUnion("type")]
WithUntagged = Annotated[Text | Reference, OpenUnion("type")]


class User(ApiModel):
    role: Literal["user"]
    content: str


class Bot(ApiModel):
    role: Literal["bot"]
    content: list[Part]


Message = Annotated[User | Bot, OpenUnion("role")]


class Answer(ApiModel):
    id: str
    status: Literal["done", "failed"] | str
    output: list[Part]
    usage: int | None = None
    from_: str | None = Field(default=None, alias="from")
    model_used: str | None = None


def read(annotation: Any, data: object) -> Any:
    """Read JSON, as answers are read."""
    return TypeAdapter(annotation).validate_json(json.dumps(data))


class TestApiModel:
    def test_fields_that_nobody_described_are_kept(self):
        answer = read(Answer, {"id": "a", "status": "done", "output": [], "brand_new": {"x": 1}})
        assert answer.brand_new == {"x": 1}

    def test_missing_is_told_from_null(self):
        assert "usage" not in read(Answer, {"id": "a", "status": "done", "output": []}).model_fields_set
        null = read(Answer, {"id": "a", "status": "done", "output": [], "usage": None})
        assert "usage" in null.model_fields_set
        assert null.usage is None

    @pytest.mark.parametrize(
        "data",
        [
            {"id": "a", "status": "done", "output": []},
            {"id": "a", "status": "new", "output": [], "usage": None, "from": "x", "new": [1, {"y": None}]},
            {"id": "a", "status": "done", "output": [{"type": "text", "text": "t", "n": 1}, {"type": "new", "z": {}}]},
        ],
    )
    def test_it_is_written_as_the_server_sent_it(self, data):
        answer = read(Answer, data)
        assert answer.to_dict() == data
        assert json.loads(answer.to_json()) == data
        assert answer.to_json(indent=2).startswith('{\n  "id": "a"')

    def test_an_enumeration_is_open(self):
        assert read(Answer, {"id": "a", "status": "brand_new", "output": []}).status == "brand_new"

    def test_a_name_that_does_not_exist_is_an_attribute_error(self):
        answer = read(Answer, {"id": "a", "status": "done", "output": []})
        with pytest.raises(AttributeError, match="'Answer' object has no attribute 'ouptut'"):
            _ = answer.ouptut

    def test_it_is_copied_and_pickled_and_compares_by_value(self):
        answer = read(Answer, {"id": "a", "status": "done", "output": [{"type": "new", "x": 1}], "more": 1})
        for twin in (copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))):
            assert twin == answer
            assert twin.to_dict() == answer.to_dict()

    def test_the_request_it_answers_is_no_part_of_it(self):
        answer, other = (read(Answer, {"id": "a", "status": "done", "output": [], "more": 1}) for _ in range(2))
        assert other._request_id is None
        assert answering(answer, "req_1") is answer
        assert answer._request_id == "req_1"
        assert answer == other
        assert repr(answer) == repr(other)
        assert answer.to_json() == other.to_json()
        assert answer.to_dict() == other.to_dict() == answer.model_dump(exclude_unset=True)
        assert "_request_id" not in answer.model_fields_set
        assert pickle.loads(pickle.dumps(answer))._request_id == copy.copy(answer)._request_id == "req_1"

    def test_what_is_no_model_answers_without_knowing_it(self):
        assert answering("text", "req_1") == "text"
        assert answering(None, "req_1") is None

    def test_an_ordinary_dump_has_the_defaults_too(self):
        """Only what is sent back is less than pydantic's own."""
        answer = read(Answer, {"id": "a", "status": "done", "output": []})
        assert answer.model_dump()["usage"] is None
        assert json.loads(answer.model_dump_json())["usage"] is None

    def test_nothing_is_built_before_it_is_used(self):
        assert ApiModel.model_config["defer_build"] is True


class Named(Event):
    type: Literal["thing.done"]


class Hook(Event):
    id: str
    type: Literal["thing.hook"]


class Told(Event):
    event: Literal["thing.told"]
    data: str


class Numbered(TypedEvent):
    event_id: str
    type: Literal["thing.numbered"]


class TestEvents:
    """What kind of event it is, and the server's name for it, wherever the API writes them."""

    EVENTS = TypeAdapter(Annotated[Named | Hook | Numbered, OpenUnion("type")])

    @pytest.mark.parametrize(
        ("data", "kind", "name"),
        [
            ({"type": "thing.done"}, "thing.done", None),
            ({"type": "thing.hook", "id": "evt_1"}, "thing.hook", "evt_1"),
            ({"type": "thing.numbered", "event_id": "event_1"}, "thing.numbered", "event_1"),
            ({"type": "thing.new"}, "thing.new", None),
            ({"type": "thing.new", "event_id": "event_1"}, "thing.new", "event_1"),
            ({"type": "thing.new", "id": "evt_1"}, "thing.new", "evt_1"),
            ({"type": "thing.new", "id": 5}, "thing.new", None),
        ],
    )
    def test_every_event_has_both(self, data, kind, name):
        event = self.EVENTS.validate_python(data)
        assert event.event_type == kind
        assert event.event_id == name
        assert event.to_dict() == data

    def test_the_type_may_be_that_of_the_object(self):
        chunk = Event.model_validate({"id": "chatcmpl-1", "object": "chat.completion.chunk"})
        assert (chunk.event_type, chunk.event_id) == ("chat.completion.chunk", "chatcmpl-1")

    def test_the_type_may_be_the_event_s_name(self):
        union = TypeAdapter(Annotated[Told, OpenUnion("event")])
        assert union.validate_python({"event": "thing.told", "data": "x"}).event_type == "thing.told"
        assert union.validate_python({"event": "thing.new", "data": {"id": "x"}}).event_type == "thing.new"


class TestOpenUnion:
    def test_the_tag_chooses_the_member(self):
        assert type(read(Part, {"type": "text", "text": "t"})) is Text
        assert type(read(Part, {"type": "call", "id": "c"})) is Call

    def test_data_with_an_unknown_tag_is_kept_whole(self):
        data = {"type": "hologram", "text": "t", "depth": {"z": 3}}
        part = read(Part, data)
        assert type(part) is UnknownModel
        assert (part.type, part.text, part.depth) == ("hologram", "t", {"z": 3})
        assert part.to_dict() == data

    @pytest.mark.parametrize("data", [{}, {"depth": 3}, {"type": None}, {"text": "t", "id": "c"}])
    def test_data_without_a_tag_is_kept_too(self, data):
        assert type(read(Part, data)) is UnknownModel

    @pytest.mark.parametrize("data", [{"text": "t"}, {"id": "c"}])
    def test_a_missing_tag_of_one_that_is_known_by_its_fields_is_told(self, data):
        with pytest.raises(ValidationError, match="type is missing"):
            read(Part, data)

    @pytest.mark.parametrize("data", [{"type": "text"}, {"type": "text", "text": 3}, {"type": "call", "arguments": 3}])
    def test_a_known_tag_with_a_bad_field_is_not_taken_for_unknown(self, data):
        """It would come out as an object without attributes that code relies on, and nobody would be told."""
        with pytest.raises(ValidationError):
            read(Part, data)

    @pytest.mark.parametrize("data", [3, "text", None, [], [{"type": "text", "text": "t"}]])
    def test_what_is_no_object_is_no_member(self, data):
        with pytest.raises(ValidationError):
            read(Part, data)

    def test_one_member_may_have_several_tags(self):
        annotation = Annotated[Text | Delta, OpenUnion("type")]
        for tag in ("delta", "delta.part"):
            assert read(annotation, {"type": tag, "index": 1}).type == tag

    def test_members_that_share_a_tag_are_told_apart_by_their_fields(self):
        assert type(read(Shared, {"type": "call", "id": "c"})) is Call
        assert type(read(Shared, {"type": "call", "steps": ["s"]})) is LongCall
        with pytest.raises(ValidationError):
            read(Shared, {"type": "call"})

    def test_unions_inside_unions_are_one(self):
        assert type(read(Nested, {"type": "text", "text": "t"})) is Text
        assert type(read(Nested, {"type": "delta", "index": 1})) is Delta
        assert type(read(Nested, {"type": "new"})) is UnknownModel
        with pytest.raises(ValidationError):
            read(Nested, {"type": "text"})

    def test_unions_inside_the_members_of_unions(self):
        bot = read(Message, {"role": "bot", "content": [{"type": "text", "text": "t"}, {"type": "new"}]})
        assert [type(part) for part in bot.content] == [Text, UnknownModel]
        with pytest.raises(ValidationError):
            read(Message, {"role": "bot", "content": [{"type": "text"}]})

    def test_a_member_without_a_constant_tag_is_tried_before_unknown(self):
        assert type(read(WithUntagged, {"item_id": "i"})) is Reference
        assert type(read(WithUntagged, {"type": "item_reference", "item_id": "i"})) is Reference
        assert type(read(WithUntagged, {"type": "text", "text": "t"})) is Text
        assert type(read(WithUntagged, {"type": "new"})) is UnknownModel

    def test_another_field_may_be_the_tag(self):
        assert type(read(Message, {"role": "user", "content": "c"})) is User
        assert type(read(Message, {"role": "narrator", "content": 3})) is UnknownModel

    @pytest.mark.parametrize("role", [["user"], {"user": 1}, 3, True])
    def test_a_tag_that_is_no_text_is_unknown(self, role):
        message = read(Message, {"role": role})
        assert type(message) is UnknownModel
        assert message.role == role

    def test_beside_null(self):
        assert read(Part | None, None) is None
        assert type(read(Part | None, {"type": "text", "text": "t"})) is Text

    def test_members_are_accepted_as_they_are(self):
        """So that answers can be built by hand, as tests do."""
        text = Text(type="text", text="t")
        unknown = UnknownModel.model_validate({"type": "new"})
        assert Answer(id="a", status="done", output=[text, unknown]).output == [text, unknown]

    @pytest.mark.parametrize("data", ["a text", ["a", "b"], [1]])
    def test_what_isn_t_an_object_may_be_a_member_too(self, data):
        content = Annotated[str | list[str] | Text, OpenUnion("type")]
        union = TypeAdapter(Annotated[content | list[int] | Call, OpenUnion("type")])
        assert union.validate_python(data) == data
        assert isinstance(union.validate_python({"type": "new"}), UnknownModel)

    def test_a_tag_may_be_left_out(self):
        class Pcm(ApiModel):
            type: Literal["pcm"] | None = None
            rate: int | None = None

        class Alaw(ApiModel):
            type: Literal["alaw"] | None = None

        union = TypeAdapter(Annotated[Pcm | Alaw, OpenUnion("type")])
        assert type(union.validate_python({"type": "alaw"})) is Alaw
        assert type(union.validate_python({"rate": 8000})) is Pcm
        assert type(union.validate_python({"type": "opus"})) is UnknownModel
        with pytest.raises(ValidationError):
            union.validate_python({"type": "pcm", "rate": "fast"})

    def test_a_union_of_one_is_open_too(self):
        union = TypeAdapter(Annotated[Text, OpenUnion("type")])
        assert type(union.validate_python({"type": "text", "text": "a"})) is Text
        assert type(union.validate_python({"type": "new"})) is UnknownModel

    def test_every_member_of_a_union_is_found_once(self):
        assert members(Nested) == [Text, Call, Delta]
        assert members(Part) == [Text, Call]

    def test_tag_values_are_those_of_constants(self):
        assert tag_values(Delta, "type") == ("delta", "delta.part")
        assert tag_values(Reference, "type") == ()
        assert tag_values(User, "type") == ()


def test_a_model_of_one_s_own_can_hold_an_answer():
    class Own(BaseModel):
        answer: Answer

    own = Own.model_validate({"answer": {"id": "a", "status": "done", "output": [{"type": "new"}]}})
    assert type(own.answer.output[0]) is UnknownModel
