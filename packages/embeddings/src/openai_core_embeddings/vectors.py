"""Vectors as they travel: as numbers, or as base64 of 32-bit floats in little-endian order."""

from __future__ import annotations

import sys
from array import array
from binascii import a2b_base64
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import PlainSerializer, PlainValidator
from pydantic_core import SchemaValidator, core_schema

from openai_core.errors import ConfigurationError
from openai_core.model import ApiModel

# Decodes in a quarter of the time that the standard library takes, which is most of what reading a vector takes.
_BASE64: Final = SchemaValidator(core_schema.bytes_schema(), {"val_json_bytes": "base64"})


def floats(value: object) -> list[float]:
    """A vector as a list of floats.

    Raises:
        ValueError: if it is neither numbers nor base64 of 32-bit floats.
    """
    if isinstance(value, list):
        return [float(number) for number in value]
    return float_array(value).tolist()


def float_array(value: object) -> array[float]:
    """A vector as an array of 32-bit floats, shape `(dimensions,)`.

    Raises:
        ValueError: if it is neither numbers nor base64 of 32-bit floats.
    """
    if isinstance(value, array):
        return value
    if isinstance(value, list):
        return array("f", value)
    if not isinstance(value, str):
        raise ValueError(f"a vector is a list of numbers or base64, not {type(value).__name__}")  # noqa: TRY004 - pydantic's
    vector = array("f")
    vector.frombytes(_decoded(value))
    if sys.byteorder == "big":
        vector.byteswap()
    return vector


def _decoded(text: str) -> bytes:
    try:
        content: bytes = _BASE64.validate_json(f'"{text}"')
    except ValueError:
        # It may hold line breaks, or be none at all.
        content = a2b_base64(text)
    return content


Floats: TypeAlias = Annotated[list[float], PlainValidator(floats)]
if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    FloatArray: TypeAlias = array[float]
else:
    # Before Python 3.12 an array can't be subscripted at run time.
    FloatArray = Annotated[array, PlainValidator(float_array), PlainSerializer(array.tolist)]


class EmbeddingArray(ApiModel):
    """The vector of one text. `embedding` is an array of 32-bit floats, shape `(dimensions,)`."""

    index: int
    embedding: FloatArray
    object: str | None = None


class EmbeddingUsage(ApiModel):
    """The tokens of all texts."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingArrays(ApiModel):
    """The vectors of all texts, in the order of the texts."""

    data: list[EmbeddingArray]
    model: str
    object: str | None = None
    usage: EmbeddingUsage | None = None

    def to_numpy(self) -> NDArray[float32]:
        """All vectors as one NumPy array, shape `(texts, dimensions)`.

        Raises:
            ConfigurationError: if NumPy isn't installed.
        """
        try:
            import numpy as np
        except ImportError as error:
            raise ConfigurationError("to_numpy() needs NumPy: python -m pip install numpy") from error
        return np.array([each.embedding for each in self.data], dtype=np.float32)
