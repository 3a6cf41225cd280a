"""Moderations: https://platform.openai.com/docs/api-reference/moderations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .call import Answer, Call, Operation
from .errors import bad, missing
from .fields import REQUIRED_STRING, STRING, Field, one_of
from .models import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .state import State

_WORD: Final = re.compile(r"[a-z]+")
_FLAGGED_FROM: Final = 0.5
_MOST_INPUTS: Final = 2048

_SAYS: Final[Mapping[str, frozenset[str]]] = {
    "harassment": frozenset({"idiot", "stupid", "loser", "moron"}),
    "harassment/threatening": frozenset({"threaten"}),
    "hate": frozenset({"hate", "despise", "vermin"}),
    "hate/threatening": frozenset({"exterminate", "eradicate"}),
    "illicit": frozenset({"shoplift", "counterfeit", "burgle"}),
    "illicit/violent": frozenset({"bomb", "explosive"}),
    "self-harm": frozenset({"suicide", "suicidal"}),
    "self-harm/instructions": frozenset({"overdose"}),
    "self-harm/intent": frozenset({"suicidal"}),
    "sexual": frozenset({"porn", "pornography"}),
    "sexual/minors": frozenset({"paedophile", "pedophile"}),
    "violence": frozenset({"kill", "stab", "murder", "bomb", "exterminate"}),
    "violence/graphic": frozenset({"gore", "mutilate", "dismember"}),
}
"""The words that put a text, or an image by its URL, into a category."""

_SEEN: Final = frozenset(
    {"self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "violence", "violence/graphic"}
)
"""The categories that images are looked at for."""

_PART: Final = Field(
    ("string", "object"),
    properties={
        "type": one_of("text", "image_url", required=True),
        "text": STRING,
        "image_url": Field(("object",), properties={"url": REQUIRED_STRING}),
    },
)
_CREATE: Final = {
    "input": Field(("string", "array"), required=True, fewest=1, most=_MOST_INPUTS, items=_PART),
    "model": STRING,
}


def _create(call: Call) -> Answer:
    model = call.body.get("model") or "omni-moderation-latest"
    require(call.state, model)
    return {
        "id": call.state.new_id("modr-"),
        "model": model,
        "results": [_result(call.state, *each) for each in _inputs(call.body["input"], model)],
    }


def _inputs(given: Any, model: str) -> list[tuple[list[str], list[str]]]:
    """The texts and the images of each input."""
    if isinstance(given, str):
        return [([given], [])]
    if all(isinstance(each, str) for each in given):
        return [([each], []) for each in given]
    if any(isinstance(each, str) for each in given):
        raise bad("Invalid 'input': expected texts or parts, not both.", param="input", code="invalid_type")
    for position, part in enumerate(given):
        if part.get(part["type"]) is None:
            raise missing(f"input[{position}].{part['type']}")
    images = [part["image_url"]["url"] for part in given if part["type"] == "image_url"]
    if images and model.startswith("text-"):
        raise bad(f"The model '{model}' can't judge images.", param="input", code="unsupported_value")
    return [([part["text"] for part in given if part["type"] == "text"], images)]


def _result(state: State, texts: Sequence[str], images: Sequence[str]) -> dict[str, Any]:
    said = set(_WORD.findall(" ".join(texts).lower()))
    seen = set(_WORD.findall(" ".join(url for url in images if not url.startswith("data:")).lower()))
    scores, types = {}, {}
    for category, words in _SAYS.items():
        found = said & words or (category in _SEEN and seen & words)
        harmless = state.chance(1000, "moderation", category, *texts, *images) / 100_000
        scores[category] = 1 - harmless if found else harmless
        types[category] = [*(["text"] if texts else []), *(["image"] if images and category in _SEEN else [])]
    categories = {category: score >= _FLAGGED_FROM for category, score in scores.items()}
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": types,
    }


OPERATIONS: Final = (Operation("POST", "/moderations", _create, body=_CREATE, model=True),)
