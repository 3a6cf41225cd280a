from __future__ import annotations

import pytest

from openai_core.merging import extend, merge, settled, update


def merged(*deltas):
    held = {}
    for delta in deltas:
        merge(held, delta)
    return settled(held)


@pytest.mark.parametrize(
    ("deltas", "whole"),
    [
        ([{"content": "a"}, {"content": ""}, {"content": "b"}], {"content": "ab"}),
        ([{"content": None}, {"content": "a"}, {"content": None}], {"content": "a"}),
        ([{"content": None}, {}], {"content": None}),
        ([{"id": "a"}, {"id": "a", "name": ""}, {"id": "", "name": "n"}, {"name": "n"}], {"id": "a", "name": "n"}),
        ([{"a": {"b": "x", "n": 1}}, {"a": {"b": "y", "n": 2}}, {"a": None}], {"a": {"b": "xy", "n": 2}}),
        ([{"on": False}, {"on": True}, {"on": None}], {"on": True}),
        ([{"list": [1]}, {"list": []}, {"list": [2, {"a": "x"}]}], {"list": [1, 2, {"a": "x"}]}),
        (
            [{"list": [{"index": 1, "t": "a"}]}, {"list": [{"index": 0, "t": "x"}, {"index": 1, "t": "b"}]}],
            {"list": [{"index": 1, "t": "ab"}, {"index": 0, "t": "x"}]},
        ),
        ([{"content": "a"}, {"content": [{"type": "text"}]}], {"content": ["a", {"type": "text"}]}),
        ([{"content": ""}, {"content": [1]}, {"content": ""}, {"content": "b"}], {"content": [1, "b"]}),
        ([{"a": "text"}, {"a": {"b": 1}}, {"a": 3}], {"a": 3}),
        ([{"n": 1}, {"n": "a"}, {"n": "b"}], {"n": "ab"}),
    ],
)
def test_deltas_are_put_together(deltas, whole):
    assert merged(*deltas) == whole


def test_no_delta_is_changed():
    first = {"a": {"b": "x"}, "list": [{"index": 0, "t": "a"}]}
    merged(first, first)
    assert first == {"a": {"b": "x"}, "list": [{"index": 0, "t": "a"}]}


def test_what_is_told_beside_the_pieces_is_the_last_that_isnt_null():
    held = {}
    for chunk in (
        {"id": "", "created": 0, "model": "", "usage": None, "filter": {"a": "x"}},
        {"id": "a", "created": 1, "model": "m", "usage": {"n": 1}},
        {"id": "b", "created": 2, "model": "n", "usage": {"n": 2}, "filter": {"b": "y"}},
        {"id": None, "usage": None, "filter": None},
    ):
        update(held, chunk)
    assert held == {"id": "a", "created": 1, "model": "m", "usage": {"n": 2}, "filter": {"b": "y"}}


def test_lists_are_continued_whatever_is_in_them():
    held = {}
    for lists in ({"a": None}, {"a": [{"index": 0}], "b": None}, {"a": [{"index": 0}], "b": None, "c": 1}, {"c": 2}):
        extend(held, lists)
    assert held == {"a": [{"index": 0}, {"index": 0}], "b": None, "c": 2}
