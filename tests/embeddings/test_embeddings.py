from __future__ import annotations

import sys
from array import array

import numpy as np
import pytest

from openai_core import ConfigurationError
from openai_core_embeddings.types import CreateEmbeddingResponse
from openai_core_embeddings.vectors import EmbeddingArrays, float_array, floats

MODEL = "text-embedding-3-small"


def length(vector):
    return sum(number * number for number in vector)


async def test_vectors_are_lists_of_floats_however_they_travel(client, settled, openai_emulator):
    packed = await settled(client.embeddings.create(model=MODEL, input=["a", "b"]))
    assert openai_emulator.requests[-1].json()["encoding_format"] == "base64"
    numbers = await settled(client.embeddings.create(model=MODEL, input=["a", "b"], encoding_format="float"))
    assert isinstance(packed, CreateEmbeddingResponse)
    assert [one.index for one in packed.data] == [0, 1]
    assert isinstance(packed.data[0].embedding, list)
    assert packed.data[1].embedding == pytest.approx(numbers.data[1].embedding, rel=1e-6)
    assert length(packed.data[0].embedding) == pytest.approx(1, rel=1e-4)


async def test_vectors_are_arrays_that_numpy_reads_without_a_copy(client, settled):
    arrays = await settled(client.embeddings.create_arrays(model=MODEL, input="a", dimensions=256))
    assert isinstance(arrays, EmbeddingArrays)
    (one,) = arrays.data
    assert isinstance(one.embedding, array)
    vector = np.asarray(one.embedding)
    assert vector.shape == (256,)
    assert vector.dtype == np.float32
    vector[0] = 7
    assert one.embedding[0] == 7
    assert arrays.usage.total_tokens > 0


async def test_all_vectors_are_one_numpy_array_on_request(client, settled, monkeypatch):
    arrays = await settled(client.embeddings.create_arrays(model=MODEL, input=["a", "b", "c"], dimensions=8))
    matrix = arrays.to_numpy()
    assert matrix.shape == (3, 8)
    assert matrix.dtype == np.float32
    assert matrix[1].tolist() == arrays.data[1].embedding.tolist()
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ConfigurationError, match=r"needs NumPy: python -m pip install numpy"):
        arrays.to_numpy()


def test_an_array_is_what_the_numbers_say():
    assert float_array("AACAPwAAAMA=") == array("f", [1, -2])
    assert floats([1, 2.5]) == [1.0, 2.5]
    assert floats("AACAPwAAAMA=") == [1.0, -2.0]


def test_base64_may_hold_what_the_standard_passes_over():
    assert floats("AACA\r\nPwAA\nAMA=\n") == [1.0, -2.0]
    # Both characters that are no letters and no digits.
    assert float_array("/+8AAA==").tobytes() == b"\xff\xef\x00\x00"


@pytest.mark.parametrize("wrong", [{"a": 1}, "a", 7, "AAAA"])
def test_what_is_no_vector_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        floats(wrong)


async def test_an_answer_is_written_back_as_numbers(client, settled):
    arrays = await settled(client.embeddings.create_arrays(model=MODEL, input="a", dimensions=2))
    assert arrays.to_dict()["data"][0]["embedding"] == arrays.data[0].embedding.tolist()
