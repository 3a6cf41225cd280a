from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

Refused = Callable[..., dict[str, Any]]


def embed(http: httpx.Client, text: Any, model: str = "text-embedding-3-small", **options: Any) -> list[Any]:
    response = http.post("/embeddings", json={"model": model, "input": text, **options})
    assert response.status_code == 200, response.text
    return [each["embedding"] for each in response.json()["data"]]


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("model", "dimensions"),
    [("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072), ("text-embedding-ada-002", 1536)],
)
def test_vectors_have_the_dimensions_of_their_model_and_length_one(
    http: httpx.Client, model: str, dimensions: int
) -> None:
    (vector,) = embed(http, "Hello", model)
    assert len(vector) == dimensions
    assert math.isclose(math.hypot(*vector), 1, abs_tol=1e-5)


def test_texts_that_share_words_are_more_alike(http: httpx.Client) -> None:
    cat, tiger, tax = embed(http, ["the cat sleeps", "The cat hunts.", "income tax return"])
    assert cosine(cat, tiger) > 0.4 > abs(cosine(cat, tax))


def test_a_shorter_vector_is_the_beginning_of_a_longer_one(http: httpx.Client) -> None:
    (whole,) = embed(http, "Hello world")
    (short,) = embed(http, "Hello world", dimensions=8)
    length = math.hypot(*whole[:8])
    assert short == pytest.approx([value / length for value in whole[:8]], abs=1e-5)


def test_base64_holds_the_same_numbers(http: httpx.Client) -> None:
    (numbers,) = embed(http, "Hello", dimensions=16)
    (text,) = embed(http, "Hello", dimensions=16, encoding_format="base64")
    assert struct.unpack("<16f", base64.b64decode(text)) == pytest.approx(numbers, abs=1e-7)


def test_token_arrays_are_one_input_each(http: httpx.Client) -> None:
    assert len(embed(http, [1, 2, 3], dimensions=2)) == 1
    assert len(embed(http, [[1, 2], [3]], dimensions=2)) == 2


def test_usage_counts_all_inputs(http: httpx.Client) -> None:
    body = {"model": "text-embedding-3-small", "input": ["one two", "three"], "dimensions": 2}
    assert http.post("/embeddings", json=body).json()["usage"] == {"prompt_tokens": 3, "total_tokens": 3}


@pytest.mark.parametrize(
    "body",
    [
        {"input": ""},
        {"input": ["a", ""]},
        {"input": [1, "a"]},
        {"input": [{}]},
        {"input": "word " * 9000},
        {"input": ["a"] * 2049},
        {"input": "a", "dimensions": 1537},
        {"input": "a", "dimensions": 8, "model": "text-embedding-ada-002"},
    ],
)
def test_what_cannot_be_embedded_is_refused(refused: Refused, body: dict[str, Any]) -> None:
    refused(400, "POST", "/embeddings", json={"model": "text-embedding-3-small", **body})
