from __future__ import annotations

import pytest

from openai_core import BadRequestError
from openai_core_graders.types import (
    GraderMulti,
    GraderPython,
    GraderRunResponse,
    GraderScoreModel,
    GraderStringCheck,
    GraderTextSimilarity,
    GraderValidateResponse,
)

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
ALIKE = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "evaluation_metric": "fuzzy_match",
}
PYTHON = {"type": "python", "name": "code", "source": "def grade(sample, item):\n    return 1.0\n"}
JUDGE = {
    "type": "score_model",
    "name": "judge",
    "model": "gpt-5-mini",
    "input": [
        {"role": "system", "content": "Give a mark."},
        {"role": "user", "content": [{"type": "input_text", "text": "{{sample.output_text}}"}]},
    ],
    "range": [1, 5],
    "sampling_params": {"temperature": 0.5, "seed": 7},
}
LABEL = {
    "type": "label_model",
    "name": "label",
    "model": "gpt-5",
    "input": [{"role": "user", "content": "Good or bad? {{sample.output_text}}"}],
    "labels": ["good", "bad"],
    "passing_labels": ["good"],
}


def combined(formula, **graders):
    return {"type": "multi", "name": "both", "graders": graders, "calculate_output": formula}


async def test_an_answer_is_graded(client, settled, openai_emulator):
    run = await settled(client.graders.run(grader=EXACT, item={"answer": "Paris"}, model_sample="Paris"))
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/fine_tuning/alpha/graders/run")
    assert request.json() == {"grader": EXACT, "item": {"answer": "Paris"}, "model_sample": "Paris"}
    assert isinstance(run, GraderRunResponse)
    assert run.reward == 1.0
    assert (run.metadata.name, run.metadata.type) == ("exact", "string_check")
    assert run.metadata.scores == {"exact": 1.0}
    assert run.metadata.token_usage is None
    assert run.metadata.errors.failures == []


@pytest.mark.parametrize(
    ("operation", "sample", "reward"),
    [
        ("eq", "paris", 0),
        ("ne", "paris", 1),
        ("like", "It is Paris.", 1),
        ("like", "It is paris.", 0),
        ("ilike", "It is paris.", 1),
    ],
)
async def test_texts_are_compared_as_the_operation_says(client, settled, operation, sample, reward):
    grader = {**EXACT, "operation": operation}
    run = await settled(client.graders.run(grader=grader, item={"answer": "Paris"}, model_sample=sample))
    assert run.reward == reward


METRICS = ["fuzzy_match", "cosine", "bleu", "gleu", "meteor", *(f"rouge_{n}" for n in range(1, 6)), "rouge_l"]


@pytest.mark.parametrize("metric", METRICS)
async def test_the_more_alike_two_texts_are_the_better_the_grade(client, settled, metric):
    answer = "the quick brown fox jumps over the lazy dog"
    near, far = "the quick brown fox jumps over the old cat", "nothing at all"
    rewards = [
        (
            await settled(
                client.graders.run(
                    grader={**ALIKE, "evaluation_metric": metric}, item={"answer": answer}, model_sample=sample
                )
            )
        ).reward
        for sample in (answer, near, far)
    ]
    assert rewards[0] == pytest.approx(1, abs=1e-6)
    assert rewards[0] > rewards[1] > rewards[2] >= 0


async def test_variables_reach_into_json(client, settled):
    grader = {**EXACT, "input": "{{sample.output_json.cities[1].name}}", "reference": "{{item.wanted}}"}
    sample = '{"cities": [{"name": "Rome"}, {"name": "Paris"}]}'
    run = await settled(client.graders.run(grader=grader, item={"wanted": "Paris"}, model_sample=sample))
    assert run.reward == 1


@pytest.mark.parametrize("path", ["item.other", "sample.output_json.x", "item.answer[3]", "nowhere.at", "item..answer"])
async def test_a_variable_that_isn_t_there_is_told(client, settled, path):
    grader = {**EXACT, "reference": f"{{{{{path}}}}}"}
    run = await settled(client.graders.run(grader=grader, item={"answer": "Paris"}, model_sample="Paris"))
    assert run.reward == 0
    assert run.metadata.errors.failures == ["invalid_variable_error"]


async def test_a_model_s_grade_stays_within_its_range_and_costs_tokens(client, settled):
    run = await settled(client.graders.run(grader=JUDGE, model_sample="Paris"))
    again = await settled(client.graders.run(grader=JUDGE, model_sample="Paris"))
    assert 1 <= run.reward <= 5
    assert again.reward == run.reward
    assert run.metadata.sampled_model_name == "gpt-5-mini"
    assert run.model_grader_token_usage_per_model == {"gpt-5-mini": run.metadata.token_usage}
    assert run.metadata.token_usage > 3


async def test_several_grades_are_combined_by_a_formula(client, settled, openai_emulator):
    grader = combined("0.25 * exact + (alike ^ 2) / max(2, 1) + floor(label)", exact=EXACT, alike=ALIKE, label=LABEL)
    run = await settled(client.graders.run(grader=grader, item={"answer": "Paris"}, model_sample="Paris"))
    assert openai_emulator.requests[-1].json()["grader"] == grader
    assert run.sub_rewards == run.metadata.scores
    assert run.sub_rewards["label"] in {0, 1}
    assert run.reward == 0.75 + run.sub_rewards["label"]
    assert list(run.model_grader_token_usage_per_model) == ["gpt-5"]


@pytest.mark.parametrize(
    "formula",
    [
        "exact +",
        "exact / 0",
        "unknown",
        "exact.real",
        "9 ^ 9 ^ 9 ^ 9",
        "__import__('os')",
        "(-8) ^ 0.5",
        "max()",
        "True",
    ],
)
async def test_a_formula_without_a_value_is_told(client, settled, formula):
    grader = combined(formula, exact=EXACT)
    run = await settled(client.graders.run(grader=grader, item={"answer": "Paris"}, model_sample="Paris"))
    assert run.reward == 0
    assert run.metadata.errors.failures == ["formula_parse_error"]
    with pytest.raises(BadRequestError) as caught:
        await settled(client.graders.validate(grader=grader))
    assert caught.value.param == "grader.calculate_output"


async def test_python_is_read_and_not_run(client, settled, tmp_path):
    path = tmp_path / "ran"
    source = f"open({str(path)!r}, 'w')\n{PYTHON['source']}"
    run = await settled(client.graders.run(grader={**PYTHON, "source": source}, model_sample="Paris"))
    assert 0 <= run.reward <= 1
    assert not path.exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [("def grade(", "SyntaxError"), ("x = 1", "no function"), ("def grade(sample): return 1", "two arguments")],
)
async def test_python_that_can_t_be_a_grader_is_told(client, settled, source, said):
    grader = {**PYTHON, "source": source}
    run = await settled(client.graders.run(grader=grader, model_sample="Paris"))
    assert run.reward == 0
    assert run.metadata.errors.failures == ["python_grader_runtime_error"]
    assert said in run.metadata.errors.python_grader_runtime_error_details
    with pytest.raises(BadRequestError, match=said):
        await settled(client.graders.validate(grader=grader))


@pytest.mark.parametrize(
    ("grader", "kind"),
    [
        (EXACT, GraderStringCheck),
        (ALIKE, GraderTextSimilarity),
        (PYTHON, GraderPython),
        (JUDGE, GraderScoreModel),
        (combined("exact", exact=EXACT), GraderMulti),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
async def test_a_grader_is_checked_and_can_be_sent_back(client, settled, openai_emulator, grader, kind):
    checked = await settled(client.graders.validate(grader=grader))
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/fine_tuning/alpha/graders/validate")
    assert request.json() == {"grader": grader}
    assert isinstance(checked, GraderValidateResponse)
    assert isinstance(checked.grader, kind)
    await settled(client.graders.run(grader=checked.grader, item={"answer": "Paris"}, model_sample="Paris"))
    assert openai_emulator.requests[-1].json()["grader"] == grader


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({**EXACT, "operation": "is"}, "grader.operation"),
        ({**ALIKE, "evaluation_metric": "taste"}, "grader.evaluation_metric"),
        ({"type": "guess", "name": "x"}, "grader.type"),
        (LABEL, "grader.type"),
        ({**JUDGE, "input": [{"role": "user"}]}, "grader.input[0].content"),
        (combined("both", both=combined("exact", exact=EXACT)), "grader.graders.both.type"),
        (combined("exact", exact={"type": "string_check", "name": "exact"}), "grader.graders.exact.input"),
        ({key: value for key, value in EXACT.items() if key != "name"}, "grader.name"),
    ],
)
async def test_what_is_no_grader_is_refused(client, settled, wrong, param):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.graders.validate(grader=wrong))
    assert caught.value.param == param
