"""Graders, tried out: https://platform.openai.com/docs/api-reference/graders.

Texts are compared as the API does. Where a model or a program would have to run, the seed gives the grade: the source
of a Python grader is read, and never executed.
"""

from __future__ import annotations

import ast
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from . import formula, text
from .call import Answer, Call, Operation
from .errors import bad
from .fields import OBJECT, REQUIRED_STRING, STRING, Field, Fields, check, one_of
from .models import require
from .similarity import METRICS, similarity
from .templates import UnknownVariable, filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import State

_NAMED: Final = {"type": REQUIRED_STRING, "name": REQUIRED_STRING}
_COMPARED: Final = {**_NAMED, "input": REQUIRED_STRING, "reference": REQUIRED_STRING}
_MESSAGES: Final = Field(
    ("array",),
    required=True,
    fewest=1,
    items=Field(
        ("object",),
        properties={
            "role": one_of("user", "assistant", "system", "developer", required=True),
            "content": Field(("string", "object", "array"), required=True),
        },
    ),
)
_ASKED: Final = {**_NAMED, "model": REQUIRED_STRING, "input": _MESSAGES, "sampling_params": OBJECT}
_LABELS: Final = Field(("array",), required=True, fewest=1, items=STRING)

_KINDS: Final[Mapping[str, Fields]] = {
    "string_check": {**_COMPARED, "operation": one_of("eq", "ne", "like", "ilike", required=True)},
    "text_similarity": {**_COMPARED, "evaluation_metric": one_of(*METRICS, required=True)},
    "python": {**_NAMED, "source": REQUIRED_STRING, "image_tag": STRING},
    "score_model": {**_ASKED, "range": Field(("array",), fewest=2, most=2, items=Field(("number",)))},
    "label_model": {**_ASKED, "labels": _LABELS, "passing_labels": _LABELS},
    "multi": {
        **_NAMED,
        "calculate_output": REQUIRED_STRING,
        "graders": Field(("object",), required=True, values=Field(("object",), properties=_NAMED)),
    },
}
_ERRORS: Final = (
    "formula_parse_error",
    "sample_parse_error",
    "truncated_observation_error",
    "unresponsive_reward_error",
    "invalid_variable_error",
    "other_error",
    "python_grader_server_error",
    "python_grader_runtime_error",
    "model_grader_server_error",
    "model_grader_refusal_error",
    "model_grader_parse_error",
)


@dataclass(slots=True)
class Grade:
    """What a grader made of an answer.

    Args:
        reward: the grade; 0 if something went wrong.
        errors: what did.
        details: what is wrong with a Python grader's source.
        tokens: how many each model took.
        parts: the grades by the graders in a multigrader.
    """

    reward: float = 0.0
    errors: set[str] = field(default_factory=set)
    details: str | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)


def check_grader(grader: Mapping[str, Any], *, within: str = "grader.", nested: bool = False) -> None:
    """Refuse what is no grader.

    Args:
        grader: as it was sent.
        within: where it stands, to name the parameter at fault.
        nested: whether it is part of a multigrader, in which other ones may stand.
    """
    kinds = [kind for kind in _KINDS if kind != ("multi" if nested else "label_model")]
    check(grader, {"type": one_of(*kinds, required=True)}, closed=False, within=within)
    check(grader, _KINDS[grader["type"]], closed=False, within=within)
    for name, part in (grader["graders"] if grader["type"] == "multi" else {}).items():
        check_grader(part, within=f"{within}graders.{name}.", nested=True)


def grade(state: State, grader: Mapping[str, Any], item: Mapping[str, Any], sample: str) -> Grade:
    """What a grader, which has been checked, makes of an answer.

    Args:
        state: whose seed decides where a model would.
        grader: the grader.
        item: the row of data, for `{{item.…}}`.
        sample: the answer, for `{{sample.…}}`.
    """
    names = {"item": item, "sample": _sample(sample)}
    try:
        return _grade(state, grader, names)
    except UnknownVariable:
        return Grade(errors={"invalid_variable_error"})


def _sample(given: str) -> dict[str, Any]:
    sample: dict[str, Any] = {
        "output_text": given,
        "output_tools": [],
        "choices": [{"index": 0, "message": {"role": "assistant", "content": given}, "finish_reason": "stop"}],
    }
    with suppress(ValueError):  # Not every answer is JSON.
        sample["output_json"] = json.loads(given)
    return sample


def _grade(state: State, grader: Mapping[str, Any], names: Mapping[str, Any]) -> Grade:
    match grader["type"]:
        case "multi":
            return _combined(state, grader, names)
        case "string_check":
            one, other = filled(grader["input"], names), filled(grader["reference"], names)
            return Grade(float(_matches(grader["operation"], one, other)))
        case "text_similarity":
            one, other = filled(grader["input"], names), filled(grader["reference"], names)
            return Grade(similarity(grader["evaluation_metric"], one, other))
        case "python":
            wrong = _wrong_source(grader["source"])
            if wrong:
                return Grade(errors={"python_grader_runtime_error"}, details=wrong)
            return Grade(state.chance(101, "grade", grader["source"], json.dumps(names)) / 100)
        case kind:
            return _judged(state, kind, grader, names)


def _matches(operation: str, one: str, other: str) -> bool:
    match operation:
        case "eq":
            return one == other
        case "ne":
            return one != other
        case "like":
            return other in one
        case _:
            return other.lower() in one.lower()


def _judged(state: State, kind: str, grader: Mapping[str, Any], names: Mapping[str, Any]) -> Grade:
    """What a model would say."""
    require(state, grader["model"])
    asked = [filled(text.plain(_content(message["content"])), names) for message in grader["input"]]
    tokens = {grader["model"]: sum(map(text.count, asked))}
    if kind == "label_model":
        label = grader["labels"][state.chance(len(grader["labels"]), "grade", *asked)]
        return Grade(float(label in grader["passing_labels"]), tokens=tokens)
    lowest, highest = grader.get("range") or (0, 1)
    return Grade(lowest + (highest - lowest) * state.chance(101, "grade", *asked) / 100, tokens=tokens)


def _content(given: object) -> object:
    return [given] if isinstance(given, dict) else given


def _combined(state: State, grader: Mapping[str, Any], names: Mapping[str, Any]) -> Grade:
    grades = {name: _grade(state, part, names) for name, part in grader["graders"].items()}
    whole = Grade(parts={name: each.reward for name, each in grades.items()})
    for each in grades.values():
        whole.errors |= each.errors
        whole.details = whole.details or each.details
        for model, tokens in each.tokens.items():
            whole.tokens[model] = whole.tokens.get(model, 0) + tokens
    try:
        whole.reward = formula.value(grader["calculate_output"], whole.parts)
    except formula.FormulaError:
        whole.errors.add("formula_parse_error")
    return whole


def _wrong_source(source: str) -> str | None:
    """What is wrong with the source of a Python grader, as far as can be told without running it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "grade":
            return None if len(node.args.args) == 2 else "grade() must take two arguments: sample, item"  # noqa: PLR2004
    return "there is no function grade(sample, item)"


def _run(call: Call) -> Answer:
    grader = call.body["grader"]
    check_grader(grader)
    found = grade(call.state, grader, call.body.get("item") or {}, call.body["model_sample"])
    models = list(found.tokens)
    return {
        "reward": found.reward,
        "metadata": {
            "name": grader["name"],
            "type": grader["type"],
            "errors": {
                **{name: name in found.errors for name in _ERRORS},
                "python_grader_server_error_type": None,
                "python_grader_runtime_error_details": found.details,
                "model_grader_server_error_details": None,
            },
            "execution_time": (1 + call.state.chance(1000, "time", grader["name"])) / 1000,
            "scores": found.parts or {grader["name"]: found.reward},
            "token_usage": sum(found.tokens.values()) if models else None,
            "sampled_model_name": models[0] if models else None,
        },
        "sub_rewards": found.parts,
        "model_grader_token_usage_per_model": found.tokens,
    }


def _validate(call: Call) -> Answer:
    grader = call.body["grader"]
    check_grader(grader)
    if grader["type"] == "python" and (wrong := _wrong_source(grader["source"])):
        raise bad(f"Invalid grader: {wrong}.", param="grader.source", code="invalid_grader")
    if grader["type"] == "multi":
        try:
            formula.value(grader["calculate_output"], dict.fromkeys(grader["graders"], 1.0))
        except formula.FormulaError as error:
            message = f"Invalid grader: {error}."
            raise bad(message, param="grader.calculate_output", code="invalid_grader") from error
    return {"grader": grader}


_GRADER: Final = Field(("object",), required=True)

OPERATIONS: Final = (
    Operation(
        "POST",
        "/fine_tuning/alpha/graders/run",
        _run,
        body={"grader": _GRADER, "item": OBJECT, "model_sample": REQUIRED_STRING},
        model=True,
    ),
    Operation("POST", "/fine_tuning/alpha/graders/validate", _validate, body={"grader": _GRADER}),
)
