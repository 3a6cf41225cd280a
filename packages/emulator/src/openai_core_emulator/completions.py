"""Completions, the older sister of chat: https://platform.openai.com/docs/api-reference/completions."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from . import asking, text
from .call import Answer, Call, Events, Operation
from .errors import bad
from .fields import BOOLEAN, INTEGER, OBJECT, REQUIRED_STRING, STRING, Field
from .generation import Question, answer
from .models import require
from .sse import DONE, data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .generation import Reply
    from .state import State

_FEW: Final = 16
"""The tokens that there are without a limit."""

_PENALTY: Final = Field(("number",), minimum=-2, maximum=2)
_CREATE: Final = {
    "best_of": Field(("integer",), minimum=0, maximum=20),
    "echo": BOOLEAN,
    "frequency_penalty": _PENALTY,
    "logit_bias": OBJECT,
    "logprobs": Field(("integer",), minimum=0, maximum=5),
    "max_tokens": Field(("integer",), minimum=0),
    "model": REQUIRED_STRING,
    "n": Field(("integer",), minimum=1, maximum=128),
    "presence_penalty": _PENALTY,
    "prompt": Field(("string", "array", "null"), required=True, fewest=1),
    "seed": INTEGER,
    "stop": Field(("string", "array"), fewest=1, most=4, items=STRING),
    "stream": BOOLEAN,
    "stream_options": asking.SHARED["stream_options"],
    "suffix": STRING,
    "temperature": asking.SHARED["temperature"],
    "top_p": asking.SHARED["top_p"],
    "user": STRING,
}


def _create(call: Call) -> Answer:
    body, state = call.body, call.state
    require(state, body["model"])
    _check_together(body)
    prompts = _prompts(body["prompt"])
    many = body.get("n") or 1
    limit = _FEW if body.get("max_tokens") is None else body["max_tokens"]
    choices, generated = [], 0
    for number, prompt in enumerate(prompts):
        question = Question(prompt=prompt, stop=asking.stop_texts(body.get("stop")), limit=limit)
        for position in range(max(many, body.get("best_of") or 1)):
            # The best of several is whichever comes first, but all are paid for.
            reply = answer(state, question, position)
            generated += reply.tokens
            if position < many:
                choices.append(_choice(state, body, number * many + position, prompt, reply))
    asked = sum(text.count(prompt) for prompt in prompts)
    completion = {
        "id": state.new_id("cmpl-", 29),
        "object": "text_completion",
        "created": state.now(),
        "model": body["model"],
        "system_fingerprint": "fp_" + state.digest("fingerprint", body["model"]).hex()[:10],
        "choices": choices,
        "usage": {"prompt_tokens": asked, "completion_tokens": generated, "total_tokens": asked + generated},
    }
    return Events(_events(body, completion)) if body.get("stream") else completion


def _check_together(body: Mapping[str, Any]) -> None:
    if body.get("stream_options") and not body.get("stream"):
        raise bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options")
    many = body.get("n") or 1
    best_of = body.get("best_of") or many
    if best_of < many:
        raise bad(f"'best_of' must be at least 'n', which is {many}, but is {best_of}.", param="best_of")
    if best_of > many and body.get("stream"):
        raise bad("Results can't be streamed when 'best_of' is greater than 'n'.", param="best_of")


def _prompts(given: Any) -> list[str]:
    """The prompts as texts; a token of an id that stands in a prompt is called by it."""
    if given is None:
        return [""]
    if isinstance(given, str):
        return [given]
    if all(_is_token(each) for each in given):
        return [_of_tokens(given)]
    texts = []
    for position, each in enumerate(given):
        if isinstance(each, list) and each and all(_is_token(token) for token in each):
            texts.append(_of_tokens(each))
        elif isinstance(each, str):
            texts.append(each)
        else:
            message = f"Invalid 'prompt[{position}]': expected a string, or an array of tokens that isn't empty."
            raise bad(message, param="prompt", code="invalid_type")
    return texts


def _is_token(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _of_tokens(ids: Sequence[int]) -> str:
    return " ".join(f"token{each}" for each in ids)


def _choice(state: State, body: Mapping[str, Any], index: int, prompt: str, reply: Reply) -> dict[str, Any]:
    echo = text.tokens(prompt) if body.get("echo") else []
    # With a space before it, or it would run into the last word of the prompt.
    pieces = [*echo, *(text.tokens(" " + reply.text) if reply.text else ())]
    top = body.get("logprobs")
    return {
        "index": index,
        "text": "".join(pieces),
        "logprobs": None if top is None else _logprobs(state, pieces, top, echoed=bool(echo)),
        "finish_reason": "length" if reply.cut else "stop",
    }


def _logprobs(state: State, pieces: list[str], top: int, *, echoed: bool) -> dict[str, Any]:
    probable = text.log_probabilities(state, pieces, top)
    offsets, position = [], 0
    for piece in pieces:
        offsets.append(position)
        position += len(piece)
    told: dict[str, Any] = {
        "tokens": pieces,
        "token_logprobs": [each["logprob"] for each in probable],
        "top_logprobs": [{one["token"]: one["logprob"] for one in each["top_logprobs"]} for each in probable],
        "text_offset": offsets,
    }
    if echoed:
        # Nothing comes before the first token of the prompt, so that it has no probability.
        told["token_logprobs"][0] = told["top_logprobs"][0] = None
    return told


def _events(body: Mapping[str, Any], completion: Mapping[str, Any]) -> Iterator[bytes]:
    with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    head = {name: value for name, value in completion.items() if name not in {"choices", "usage"}}
    # The texts for one request come mixed, as they do from the API.
    for step in zip_longest(*(_pieces(choice) for choice in completion["choices"])):
        for choice in filter(None, step):
            yield data({**head, "choices": [choice]})
    if with_usage:
        yield data({**head, "choices": [], "usage": completion["usage"]})
    yield DONE


def _pieces(choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A text in the pieces in which it is streamed; the last, which is empty, says why it ends."""
    logprobs = choice["logprobs"]
    for position, piece in enumerate(logprobs["tokens"] if logprobs else text.tokens(choice["text"])):
        one = {name: values[position : position + 1] for name, values in logprobs.items()} if logprobs else None
        yield {"index": choice["index"], "text": piece, "logprobs": one, "finish_reason": None}
    yield {"index": choice["index"], "text": "", "logprobs": None, "finish_reason": choice["finish_reason"]}


OPERATIONS: Final = (Operation("POST", "/completions", _create, body=_CREATE, model=True),)
