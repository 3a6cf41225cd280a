from __future__ import annotations

import sys

import pytest

from benchmarks import instructions
from benchmarks.instructions import CEILINGS, counts, judged, main, pinned, totals, written_down

WRITTEN = """# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 1
part: {part}

desc: Trigger: --dump-before=getppid

events: Ir
summary: {total}

fl=(1) ceval.c
fn=(1) _PyEval_EvalFrameDefault
1 {total}

totals: {total}
"""


def write(folder, part, total):
    (folder / f"counters.{part}").write_text(WRITTEN.format(part=part, total=total), "utf-8")


def test_the_counters_of_all_marks_are_read_in_their_order(tmp_path):
    for part in range(1, 12):
        write(tmp_path, part, part * 100)
    # What is written at the end of the process belongs to no path.
    (tmp_path / "counters").write_text(WRITTEN.format(part=12, total=9), "utf-8")
    assert totals(tmp_path) == [part * 100 for part in range(1, 12)]


def test_a_file_without_a_counter_is_an_error(tmp_path):
    write(tmp_path, 1, 5)
    (tmp_path / "counters.2").write_text("events: Ir\n", "utf-8")
    with pytest.raises(ValueError, match=r"counters\.2 has no line `totals:`"):
        totals(tmp_path)


def test_what_once_and_twice_the_runs_have_in_common_is_no_cost_of_a_run():
    start = 7_000
    written = [99, start + 10 * 300, start + 20 * 300, 1, 4 * 50, 8 * 50]
    assert counts(written, [("chat", 10), ("chunk", 4)]) == {"chat": 300, "chunk": 50}


def test_counters_that_belong_to_no_path_are_an_error():
    with pytest.raises(ValueError, match="2 paths were run, and 5 counters written, not 6"):
        counts([1, 2, 3, 4, 5], [("chat", 10), ("chunk", 4)])


def test_a_count_above_its_ceiling_is_bad():
    lines, good = judged({"chat": 103}, {"chat": 100})
    assert not good
    assert lines[0].endswith("3.0% above")


def test_a_count_up_to_its_ceiling_is_good():
    lines, good = judged({"chat": 100, "models": 80}, {"chat": 100, "models": 100})
    assert good
    assert not lines[0].endswith("above")
    assert lines[1].endswith("a ceiling to lower")


@pytest.mark.parametrize(("found", "ceilings"), [({"chat": 1}, {}), ({}, {"chat": 1})])
def test_every_path_has_a_ceiling_and_every_ceiling_a_path(found, ceilings):
    assert not judged(found, ceilings)[1]


def test_what_is_written_down_is_read_back(tmp_path, monkeypatch):
    path = tmp_path / "ceilings.toml"
    path.write_text(written_down({"chat, 400 messages": 100_000}), "utf-8")
    committed = instructions.tomllib.loads(path.read_text("utf-8"))
    assert committed == {"pinned": pinned(), "ceilings": {"chat, 400 messages": 104_000}}


def test_every_hot_path_has_a_committed_ceiling():
    from benchmarks.hot_paths import paths

    ceilings = instructions.tomllib.loads(CEILINGS.read_text("utf-8"))["ceilings"]
    assert {*(path.what for path in paths()), "start"} == set(ceilings)


@pytest.fixture
def commanded(monkeypatch):
    """Runs the command, with valgrind taken for installed."""
    monkeypatch.setattr(sys, "argv", ["instructions"])
    monkeypatch.setattr(instructions.shutil, "which", lambda name: f"/usr/bin/{name}")
    return main


def test_without_valgrind_it_is_skipped_with_a_message(commanded, monkeypatch, capsys):
    monkeypatch.setattr(instructions.shutil, "which", lambda name: None)
    commanded()
    assert capsys.readouterr().out.startswith("skipped: instructions are counted by valgrind, which isn't here")


def test_with_other_versions_it_is_skipped_with_a_message(commanded, monkeypatch, capsys):
    monkeypatch.setattr(instructions, "pinned", lambda: {"python": "CPython 4.0.0"})
    commanded()
    assert "skipped: the ceilings hold for" in capsys.readouterr().out


def test_a_path_that_has_become_slower_fails_and_says_what_to_do(commanded, monkeypatch, capsys):
    committed = instructions.tomllib.loads(CEILINGS.read_text("utf-8"))
    monkeypatch.setattr(instructions, "pinned", lambda: committed["pinned"])
    monkeypatch.setattr(instructions, "counted", lambda: dict(committed["ceilings"]) | {"chat": 10**9})
    with pytest.raises(SystemExit, match="a hot path has become slower"):
        commanded()
    assert "above" in capsys.readouterr().out
