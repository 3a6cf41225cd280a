"""What happens in the run of an eval: rows are read, answered where the run says so, and graded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from . import text
from .generation import Question, answer
from .graders import grade
from .templates import UnknownVariable, filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .state import State

_LIMIT: Final = 2048


@dataclass(slots=True)
class _Sample:
    """What is graded.

    Args:
        output: the text.
        asked: the messages that it answers; none if it was there already.
        model: who answered.
        sampled: whether the run has asked.
    """

    output: str
    asked: list[dict[str, str]] = field(default_factory=list)
    model: str = ""
    sampled: bool = False


def finish(state: State, eval_: Mapping[str, Any], run: dict[str, Any]) -> list[dict[str, Any]]:
    """Do what the run is to do, note in it how that went, and give the results item by item."""
    try:
        rows = list(_rows(state, run["data_source"]["source"]))
    except (ValueError, TypeError, LookupError) as error:
        run["status"] = "failed"
        run["error"] = {"code": "invalid_data_source", "message": f"The data can't be read: {error}."}
        return []
    made = [_item(state, eval_, run, number, row) for number, row in enumerate(rows)]
    statuses = [each["status"] for each in made]
    run["result_counts"] = {
        "total": len(made),
        "errored": statuses.count("error"),
        "failed": statuses.count("fail"),
        "passed": statuses.count("pass"),
    }
    run["per_testing_criteria_results"] = [
        _of_criterion(criterion["name"], [each["results"][position]["passed"] for each in made if each["results"]])
        for position, criterion in enumerate(eval_["testing_criteria"])
    ]
    return made


def _of_criterion(name: str, passed: list[bool]) -> dict[str, Any]:
    return {"testing_criteria": name, "passed": passed.count(True), "failed": passed.count(False)}


def _rows(state: State, source: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of the data: each with an `item`, and a `sample` if there is one."""
    match source["type"]:
        case "file_content":
            yield from source["content"]
        case "file_id":
            for number, line in enumerate(state.file(source["id"]).content.splitlines(), 1):
                yield _row(number, json.loads(line))
        case "stored_completions":
            chosen = [each for each in state.completions.values() if _fits(each.completion, source)]
            for stored in chosen[: source.get("limit")]:
                output = stored.completion["choices"][0]["message"].get("content") or ""
                yield {"item": {"input": stored.messages}, "sample": {"output_text": output}}
        case _:
            for kept in state.responses.values():
                if _fits(kept.response, source):
                    said = "".join(text.plain(each.get("content")) for each in kept.response["output"])
                    yield {"item": {"input": kept.input_items}, "sample": {"output_text": said}}


def _row(number: int, read: object) -> dict[str, Any]:
    if isinstance(read, dict) and isinstance(read.get("item"), dict):
        return read
    message = f"line {number} has no object 'item'"
    raise ValueError(message)


def _fits(made: Mapping[str, Any], source: Mapping[str, Any]) -> bool:
    """Whether a stored answer is one of those that a source asks for."""
    created = made.get("created") or made.get("created_at") or 0
    metadata = (made.get("metadata") or {}).items()
    return (
        (source.get("model") or made["model"]) == made["model"]
        and (source.get("metadata") or {}).items() <= metadata
        and created > (source.get("created_after") or -1)
        and created < (source.get("created_before") or created + 1)
    )


def _item(
    state: State, eval_: Mapping[str, Any], run: dict[str, Any], number: int, row: Mapping[str, Any]
) -> dict[str, Any]:
    error: dict[str, Any] | None = None
    results: list[dict[str, Any]] = []
    sample = _Sample("")
    try:
        sample = _sample(state, run["data_source"], row)
        results = [_result(state, run, criterion, row["item"], sample) for criterion in eval_["testing_criteria"]]
        status = "pass" if all(each["passed"] for each in results) else "fail"
    except UnknownVariable as unknown:
        error = {"code": "invalid_variable", "message": f"There is no {unknown} in the data."}
        status = "error"
    prompt, completion = sum(text.count(each["content"]) for each in sample.asked), text.count(sample.output)
    if sample.sampled:
        _count(run, sample.model, prompt, completion)
    return {
        "id": state.new_id("outputitem_"),
        "object": "eval.run.output_item",
        "run_id": run["id"],
        "eval_id": run["eval_id"],
        "created_at": state.now(),
        "status": status,
        "datasource_item_id": number,
        "datasource_item": row["item"],
        "results": results,
        "sample": {
            "input": sample.asked,
            "output": [{"role": "assistant", "content": sample.output}],
            "finish_reason": "stop",
            "model": sample.model,
            "usage": {
                "total_tokens": prompt + completion,
                "completion_tokens": completion,
                "prompt_tokens": prompt,
                "cached_tokens": 0,
            },
            "error": error,
            "temperature": 1.0,
            "max_completion_tokens": _LIMIT,
            "top_p": 1.0,
            "seed": 42,
            **_settings(run),
        },
    }


def _settings(run: Mapping[str, Any]) -> dict[str, Any]:
    given = run["data_source"].get("sampling_params") or {}
    names = ("temperature", "max_completion_tokens", "top_p", "seed")
    return {name: given[name] for name in names if given.get(name) is not None}


def _sample(state: State, data: Mapping[str, Any], row: Mapping[str, Any]) -> _Sample:
    messages = data.get("input_messages")
    if not messages:
        return _Sample(str((row.get("sample") or {}).get("output_text") or ""))
    asked = list(_asked(messages, {"item": row["item"], "sample": row.get("sample") or {}}))
    limit = (data.get("sampling_params") or {}).get("max_completion_tokens")
    reply = answer(state, Question(asked[-1]["content"] if asked else "", limit=limit))
    return _Sample(reply.text or "", asked, data["model"], sampled=True)


def _asked(messages: Mapping[str, Any], names: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    if messages["type"] == "item_reference":
        said = filled("{{" + (messages.get("item_reference") or "") + "}}", names)
        try:
            trajectory = json.loads(said)
        except ValueError:
            trajectory = None
        for message in trajectory if isinstance(trajectory, list) else [{"role": "user", "content": said}]:
            yield {"role": message["role"], "content": _plain(message["content"])}
        return
    for message in messages.get("template") or ():
        yield {"role": message["role"], "content": filled(_plain(message["content"]), names)}


def _plain(content: object) -> str:
    return text.plain([content] if isinstance(content, dict) else content)


def _result(
    state: State, run: dict[str, Any], criterion: Mapping[str, Any], item: Mapping[str, Any], sample: _Sample
) -> dict[str, Any]:
    found = grade(state, criterion, item, sample.output)
    if "invalid_variable_error" in found.errors:
        message = f"variable of the grader {criterion['name']!r}"
        raise UnknownVariable(message)
    for model, tokens in found.tokens.items():
        _count(run, model, tokens, 1)
    enough = criterion.get("pass_threshold")
    passed = found.reward > 0 if enough is None else found.reward >= enough
    return {
        "name": criterion["name"],
        "type": criterion["type"],
        "score": found.reward,
        "passed": passed and not found.errors,
        "sample": None,
    }


def _count(run: dict[str, Any], model: str, prompt: int, completion: int) -> None:
    """Add a call of a model to what the run has cost."""
    usage = next((each for each in run["per_model_usage"] if each["model_name"] == model), None)
    if usage is None:
        usage = {"model_name": model, "cached_tokens": 0}
        usage |= dict.fromkeys(("invocation_count", "prompt_tokens", "completion_tokens", "total_tokens"), 0)
        run["per_model_usage"].append(usage)
    added = {"invocation_count": 1, "prompt_tokens": prompt, "completion_tokens": completion}
    for name, more in {**added, "total_tokens": prompt + completion}.items():
        usage[name] += more
