"""What the API's answers are read as."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from pydantic import GetCoreSchemaHandler, SerializationInfo, SerializerFunctionWrapHandler
    from pydantic.fields import FieldInfo
    from pydantic_core import CoreSchema

T = TypeVar("T")

SENDING: object = object()
"""The serialization context of a request body: of a model, only what the server had set is sent back."""

# No field can have this name, so that it stays out of what is compared, written and sent.
_REQUEST_ID: Final = "_request_id"


class ApiModel(BaseModel):
    """The base of everything that the API answers with.

    Fields that the description doesn't know are kept and readable as attributes. `model_fields_set` tells a field that
    was missing from one that was null. Sent back, it has the fields that were there; a subclass that has a
    `model_serializer` is sent as that says.
    """

    # A NaN is written as such, so that one that is about to be sent is noticed.
    model_config = ConfigDict(
        extra="allow", defer_build=True, protected_namespaces=(), serialize_by_alias=True, ser_json_inf_nan="constants"
    )

    @property
    def _request_id(self) -> str | None:
        """The server's name for the request that this answers, to give to its support; `None` inside an answer.

        Public for all its underscore: a field `request_id` may be the server's own.
        """
        return self.__dict__.get(_REQUEST_ID)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, as the server sent it."""
        return self.model_dump(by_alias=True, exclude_unset=True, warnings=False)

    def to_json(self, *, indent: int | None = None) -> str:
        """The answer as JSON text, as the server sent it."""
        return self.model_dump_json(by_alias=True, exclude_unset=True, indent=indent, warnings=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        # As `model_serializer` does, which looks anew in each class at what this function takes.
        schema = handler(source)
        cast("dict[str, Any]", handler.resolve_ref_schema(schema)).setdefault("serialization", _WRITING)
        return schema

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in type(self).model_fields:
                raise AttributeError(
                    f"the server left out {name!r} of this {type(self).__name__}, though the API description "
                    "requires it; look at model_fields_set before you read it"
                )
            return super().__getattr__(name)


def _written(model: ApiModel, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
    written = handler(model)
    if info.context is SENDING:
        for name, field in type(model).model_fields.items():
            if name not in model.model_fields_set and not _changed_in_place(model, name, field):
                written.pop(field.alias or name, None)
    return written


def _changed_in_place(model: ApiModel, name: str, field: FieldInfo) -> bool:
    # Appending to a list that was there by default doesn't mark it as set.
    value = vars(model).get(name)
    return isinstance(value, (list, dict)) and value != field.get_default(call_default_factory=True)


_WRITING: Final = core_schema.wrap_serializer_function_ser_schema(_written, info_arg=True)


def answering(answer: T, request_id: str | None) -> T:
    """The answer, which knows from now on what request it answers."""
    # As isinstance() would say; a model's class answers that at length.
    if ApiModel in type(answer).__mro__:
        vars(answer)[_REQUEST_ID] = request_id
    return answer


class TypedEvent(ApiModel):
    """One of the many things that are told as something goes on: in a stream, over a websocket, to a webhook."""

    @property
    def event_type(self) -> str:
        """What kind of event this is, such as `response.completed`, wherever the API writes it."""
        return str(next(filter(None, (getattr(self, name, None) for name in ("type", "event", "object"))), ""))


class Event(TypedEvent):
    """An event without a field `event_id`."""

    @property
    def event_id(self) -> str | None:
        """The server's name for the event, or for what it is a piece of, if it has one."""
        named = (self.model_extra or {}).get("event_id") or getattr(self, "id", None)
        return named if isinstance(named, str) else None


class UnknownModel(Event):
    """A member of a union that this version doesn't know. All its data is there, as attributes."""

    type: str | None = None


class OpenUnion:
    """Marks a union of models as told apart by one field, and open to members that came after this version.

    `Annotated[A | B, OpenUnion("type")]` reads the field once and validates only the member that it names; data with an
    unknown value of it becomes an `UnknownModel`, which type checkers don't see, so that narrowing works. So does data
    without the field, unless its other fields are those of one member: then the field is what is missing.
    """

    __slots__ = ("tag",)

    def __init__(self, tag: str) -> None:
        self.tag = tag

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        by_tag: dict[Any, list[core_schema.CoreSchema]] = {}
        untagged: list[core_schema.CoreSchema] = []
        for member in members(source):
            schema = handler.generate_schema(member)
            values = tag_values(member, self.tag)
            for value in values:
                by_tag.setdefault(value, []).append(schema)
            if not values or not member.model_fields[self.tag].is_required():
                untagged.append(schema)
        known = {value: one_of(schemas) for value, schemas in by_tag.items()}
        tagged = [core_schema.tagged_union_schema(known, discriminator=self.tag)] if known else []
        meant = members(source)
        unknown = core_schema.no_info_after_validator_function(
            lambda model: self._only_unknown(model, by_tag, meant), handler.generate_schema(UnknownModel)
        )
        return core_schema.union_schema([*tagged, *untagged, unknown], mode="left_to_right")

    def _only_unknown(self, model: UnknownModel, known: Iterable[Any], meant: list[Any]) -> UnknownModel:
        # Without these guards a known member with one bad field would be swallowed here, or one that doesn't say which.
        value = getattr(model, self.tag, None)
        if any(value == tag for tag in known):
            raise ValueError(f"{self.tag}={value!r} is known, but its data isn't as described")
        if self.tag not in model.model_fields_set and self.untagged(meant, model.model_fields_set):
            raise ValueError(f"{self.tag} is missing")
        return model

    def untagged(self, meant: list[Any], given: AbstractSet[str]) -> Any:
        """The member that data without the tag must be meant as: the one of whose required fields it has the most.

        Args:
            meant: the members of the union.
            given: the names of the fields that the data has.

        Returns:
            The member; `None` if it could be several, or none.
        """
        scores = [len((_required(each) - {self.tag}) & given) if tag_values(each, self.tag) else 0 for each in meant]
        most = max(scores, default=0)
        return meant[scores.index(most)] if most and scores.count(most) == 1 else None


def _required(member: Any) -> set[str]:
    fields = getattr(member, "model_fields", {})
    return {field.alias or name for name, field in fields.items() if field.is_required()}


def members(union: Any) -> list[Any]:
    """What a union is of, those of unions inside it included."""
    found: list[Any] = []
    for member in get_args(union) or (union,):
        if get_origin(member) in {Annotated, Union, UnionType}:
            found += members(member)
        elif not isinstance(member, OpenUnion):
            found.append(member)
    return found


def tag_values(member: Any, tag: str) -> tuple[Any, ...]:
    """The values by which a model is known: those of the `Literal` that its field `tag` is annotated with."""
    field = getattr(member, "model_fields", {}).get(tag)
    annotation = field.annotation if field else None
    if get_origin(annotation) in {Union, UnionType}:
        # A tag that may be left out.
        annotation, *others = [each for each in get_args(annotation) if each is not NoneType]
        if others:
            return ()
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def one_of(schemas: list[core_schema.CoreSchema]) -> core_schema.CoreSchema:
    """The schema of a union, or of its only member."""
    return schemas[0] if len(schemas) == 1 else core_schema.union_schema([*schemas])
