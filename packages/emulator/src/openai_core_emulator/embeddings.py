"""Embeddings: https://platform.openai.com/docs/api-reference/embeddings."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from .call import Answer, Call, Operation
from .errors import bad
from .fields import REQUIRED_STRING, STRING, Field, one_of
from .models import require
from .text import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIMENSIONS: Final[Mapping[str, int]] = {"text-embedding-3-large": 3072}
_USUAL_DIMENSIONS: Final = 1536
_FIXED: Final = "text-embedding-ada-002"
_MOST_INPUTS: Final = 2048
_MOST_TOKENS: Final = 8192
_WORD: Final = re.compile(r"\w+")

_CREATE: Final = {
    "input": Field(("string", "array"), required=True, fewest=1, most=_MOST_TOKENS),
    "model": REQUIRED_STRING,
    "encoding_format": one_of("float", "base64"),
    "dimensions": Field(("integer",), minimum=1),
    "user": STRING,
}


def _create(call: Call) -> Answer:
    model = call.body["model"]
    require(call.state, model)
    dimensions = _dimensions(model, call.body.get("dimensions"))
    inputs = [_words(each, position) for position, each in enumerate(_inputs(call.body["input"]))]
    used = sum(size for _, size in inputs)
    as_text = call.body.get("encoding_format") == "base64"
    data = []
    for index, (words, _) in enumerate(inputs):
        vector = embed(words, dimensions, call.state.seed)
        embedding: object = encode(vector) if as_text else vector
        data.append({"object": "embedding", "index": index, "embedding": embedding})
    return {"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": used, "total_tokens": used}}


def _dimensions(model: str, wanted: int | None) -> int:
    most = _DIMENSIONS.get(model, _USUAL_DIMENSIONS)
    if wanted is None:
        return most
    if model == _FIXED:
        raise bad("This model does not support specifying dimensions.", param="dimensions")
    if wanted > most:
        message = f"Invalid value for 'dimensions' = {wanted}. Must be at most {most}."
        raise bad(message, param="dimensions", code="integer_above_max_value")
    return wanted


def _inputs(given: Any) -> list[Any]:
    if isinstance(given, str) or all(isinstance(each, int) and not isinstance(each, bool) for each in given):
        return [given]
    if len(given) > _MOST_INPUTS:
        message = f"Invalid 'input': array too long. Expected at most {_MOST_INPUTS} items, got {len(given)}."
        raise bad(message, param="input", code="array_above_max_length")
    return list(given)


def _words(given: object, position: int) -> tuple[list[str], int]:
    """The words of one input and its number of tokens; a token array has a word for each token."""
    if isinstance(given, str) and given:
        words, size = [word.lower() for word in _WORD.findall(given)] or [given], len(tokens(given))
    elif isinstance(given, list) and given and all(isinstance(each, int) for each in given):
        words, size = [str(each) for each in given], len(given)
    else:
        message = f"Invalid 'input[{position}]': expected a string that isn't empty, or an array of tokens."
        raise bad(message, param="input", code="invalid_input")
    if size > _MOST_TOKENS:
        message = f"This model's maximum context length is {_MOST_TOKENS} tokens, but 'input[{position}]' has {size}."
        raise bad(message, param="input", code="context_length_exceeded")
    return words, size


def embed(words: list[str], dimensions: int, seed: int) -> list[float]:
    """A vector of length one; the more words two texts share, the smaller the angle between theirs.

    Each word has a direction of its own. A shorter vector is the beginning of a longer one, at length one again.
    """
    total = [0.0] * dimensions
    for word, times in Counter(words).items():
        direction = hashlib.shake_256(f"{seed}\0{word}".encode()).digest(dimensions)
        total = [sum_ + times * (byte - 127.5) for sum_, byte in zip(total, direction, strict=True)]
    length = math.sqrt(sum(value * value for value in total))
    return [round(value / length, 8) for value in total]


def encode(vector: list[float]) -> str:
    """A vector as 32-bit floats, little end first, in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


OPERATIONS: Final = (Operation("POST", "/embeddings", _create, body=_CREATE, model=True),)
