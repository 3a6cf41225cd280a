from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.naming import attribute, identifier, pascal, singular


@pytest.mark.parametrize(
    ("name", "expected"),
    [("image_url", "ImageUrl"), ("image-url", "ImageUrl"), ("imageURLPart", "ImageURLPart"), ("a2b", "A2b")],
)
def test_any_style_of_name_becomes_a_class_name(name, expected):
    assert pascal(name) == expected


@pytest.mark.parametrize(
    ("many", "one"),
    [("choices", "choice"), ("boxes", "box"), ("queries", "query"), ("searches", "search"), ("class", "class")],
)
def test_an_item_is_called_by_the_singular(many, one):
    assert singular(many) == one


@pytest.mark.parametrize(
    ("wire", "python"),
    [("include[]", "include"), ("effective_at[gt]", "effective_at_gt"), ("from", "from_"), ("256x", "n256x")],
)
def test_a_parameter_has_a_name_that_python_allows(wire, python):
    assert identifier(wire) == python


@given(st.from_regex(r"[a-z][a-z0-9_\-\[\]./]{0,20}", fullmatch=True).filter(lambda name: name.strip("_[].-/")))
def test_every_name_of_a_field_can_be_written_down(name):
    assert attribute(name).isidentifier()
    assert not keyword.iskeyword(attribute(name))


def test_a_field_keeps_out_of_the_way_of_pydantic():
    assert attribute("schema") == "schema_"
