"""Operations made of keyword arguments alone are those that the builder makes."""

from __future__ import annotations

import pytest

from openai_core import Client
from openai_core.group import ApiGroup
from openai_core.method import Method
from openai_core.operation import OMIT, Endpoint, Omit, Operation

MADE: Endpoint[object] = Endpoint("POST", "/made", None, body={"stream": True})


@pytest.fixture
def create():
    @MADE.keyword_builder
    def create(*, model: str, store: bool | Omit = OMIT, options: object = None) -> Operation[object]:
        return MADE.operation(body={"model": model, "store": store}, options=options)  # type: ignore[arg-type]

    return create


def test_an_operation_is_the_builder_s(create):
    for fields in ({"model": "m"}, {"store": False, "model": None}, {"model": OMIT, "options": {"deadline": 1.0}}):
        assert create.keywords.operation(fields) == create(**fields)


def test_fields_come_in_one_order(create):
    made = create.keywords.operation({"store": True, "model": "m"})
    assert [*made.body] == ["model", "store", "stream"]


def test_arguments_stay_as_they_are(create):
    fields = {"model": "m", "options": {"deadline": 1.0}}
    create.keywords.operation(fields)
    assert fields == {"model": "m", "options": {"deadline": 1.0}}


@pytest.mark.parametrize("fields", [{}, {"store": True}, {"model": "m", "modl": "m"}])
def test_what_the_builder_doesn_t_take_is_told_by_the_builder(create, fields):
    assert create.keywords.operation(fields) is None
    group = type("Made", (ApiGroup,), {"create": Method(create)})
    with pytest.raises(TypeError, match="create"):
        Client(api_key="k").api(group).create.operation(**fields)


def test_fields_of_what_is_asked_for_are_a_query():
    endpoint: Endpoint[object] = Endpoint("GET", "/made", None)

    @endpoint.keyword_builder
    def list_(*, after: str | Omit = OMIT, options: None = None) -> Operation[object]:
        return endpoint.operation(query={"after": after}, options=options)

    assert list_.keywords.operation({"after": "a"}) == list_(after="a")
    assert list_.keywords.operation({}) == list_()


def test_what_is_deprecated_is_told_in_any_case():
    endpoint: Endpoint[object] = Endpoint("POST", "/made", None, id="made-by-keywords", deprecated="don't")

    @endpoint.keyword_builder
    def create(*, model: str, options: None = None) -> Operation[object]:
        return endpoint.operation(body={"model": model}, options=options)

    assert not hasattr(create, "keywords")
