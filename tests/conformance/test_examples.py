"""The answers that the API description gives as examples are read as the declared types, strictly."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from fnmatch import fnmatchcase

import pytest

from conformance.description import HERE, Description
from conformance.examples import Example, examples
from generator.plan import Plan
from generator.spec import load

SPEC = os.environ.get("OPENAI_CORE_SPEC")
WRONG = tomllib.loads((HERE / "wrong_examples.toml").read_text("utf-8"))["wrong"]


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """What is wrong with each example; nothing with most."""
    if not SPEC:
        pytest.skip("set OPENAI_CORE_SPEC to the path of the API description that generator/config.toml pins")
    return {each.name: each.problem() for each in examples(Plan(load(SPEC)), Description.read(SPEC))}


def excuses(name: str, problem: str) -> list[str]:
    return [
        each["reason"]
        for each in WRONG
        if any(fnmatchcase(name, pattern) for pattern in each["examples"]) and re.search(each["problem"], problem)
    ]


def test_every_example_is_read_or_is_listed_with_what_is_wrong_with_it(found):
    assert {name: problem for name, problem in found.items() if problem and not excuses(name, problem)} == {}


def test_most_examples_are_right(found):
    assert Counter(bool(problem) for problem in found.values())[False] > 450


def test_no_reason_is_given_for_nothing(found):
    given = Counter(reason for name, problem in found.items() if problem for reason in excuses(name, problem))
    assert {each["reason"] for each in WRONG} == given.keys()


def test_an_answer_of_another_shape_is_noticed():
    types = ("openai_core_models.types:Model",)
    right = {"id": "m", "created": 1, "object": "model", "owned_by": "me"}
    assert Example("m", types, (right,)).problem() == ""
    assert "id: Field required" in Example("m", types, ({"object": "model"},)).problem()
