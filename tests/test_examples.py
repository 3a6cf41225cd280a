"""Every example runs unchanged, against the emulator."""

from __future__ import annotations

import runpy
import sys
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APART = {"__pycache__", "plugins", "testing"}
PARTS = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir() and path.name not in APART)
EXAMPLES = sorted(
    f"{part}/{path.stem}"
    for part in PARTS
    for path in (ROOT / "examples" / part).glob("*.py")
    if path.stem != "__init__" and part != "web"
)
ELSEWHERE = {"audio/voice_chat", "client/azure"}


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in ELSEWHERE])
def test_an_example_runs_and_shows_something(name, surroundings, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [name])
    monkeypatch.setattr(sys, "stdin", StringIO("Hello there.\nWhat is your name?\n"))
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    assert capsys.readouterr().out.strip()
    assert surroundings.requests


def test_what_talks_to_another_service_is_code_at_least():
    for name in ELSEWHERE:
        compile((ROOT / "examples" / f"{name}.py").read_text("utf-8"), name, "exec")


def test_the_page_streams_the_answer(surroundings):
    from starlette.testclient import TestClient

    module = runpy.run_path(str(ROOT / "examples" / "web" / "responses_page.py"))
    with TestClient(module["app"]()) as browser:
        assert "<form>" in browser.get("/").text
        assert "Why is the sky blue" in browser.post("/ask", data={"question": "Why is the sky blue?"}).text
