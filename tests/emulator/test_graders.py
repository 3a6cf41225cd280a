from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from openai_core_emulator.formula import FormulaError, value
from openai_core_emulator.similarity import similarity

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]
RUN = "/fine_tuning/alpha/graders/run"
GRADER = {"type": "string_check", "name": "a", "operation": "eq", "input": "a", "reference": "a"}


def test_a_grader_needs_no_item(http: httpx.Client) -> None:
    assert http.post(RUN, json={"grader": GRADER, "model_sample": "a"}).json()["reward"] == 1


def test_what_cannot_be_is_refused(refused: Refused) -> None:
    assert refused(400, "POST", RUN, json={"grader": GRADER})["param"] == "model_sample"
    assert refused(400, "POST", RUN, json={"grader": "a", "model_sample": "a"})["param"] == "grader"
    judge = {"type": "score_model", "name": "a", "model": "does-not-exist", "input": [{"role": "user", "content": "a"}]}
    assert refused(404, "POST", RUN, json={"grader": judge, "model_sample": "a"})["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a", 0.5),
        (" -a + 2 ^ 3 ", 7.5),
        ("max(a, 1) * min(4, 2)", 2),
        ("sqrt(4) + ceil(a) - abs(-1)", 2),
        ("log(exp(a))", 0.5),
    ],
)
def test_formulas_are_reckoned(formula: str, wanted: float) -> None:
    assert value(formula, {"a": 0.5}) == pytest.approx(wanted)


@pytest.mark.parametrize("formula", ["", "a b", "[a]", "a if a else a", "a.real", "(" * 500 + "a" + ")" * 500, "'a'"])
def test_nothing_else_is_a_formula(formula: str) -> None:
    with pytest.raises(FormulaError):
        value(formula, {"a": 0.5})


@pytest.mark.parametrize("metric", ["bleu", "meteor", "rouge_l", "cosine"])
def test_texts_without_words_are_alike_only_if_both_have_none(metric: str) -> None:
    assert similarity(metric, "", "…") == 1
    assert similarity(metric, "", "a") == 0


def test_the_order_of_words_counts_where_it_should() -> None:
    one, other = "a b c d", "d c b a"
    assert similarity("rouge_1", one, other) == 1
    assert similarity("rouge_2", one, other) == 0
    assert similarity("rouge_l", one, other) == 0.25
    assert similarity("meteor", one, other) < 1
    assert similarity("bleu", one, other) == 0
