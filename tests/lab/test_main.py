from __future__ import annotations

import pytest

from lab import table
from lab.__main__ import main
from lab.figures import Figure
from lab.run import Found
from lab.scenarios import Scenario
from lab.table import line


def test_the_command_prints_a_line_for_each_scenario_in_both_colours(capsys):
    assert main(["401, body as api"]) == 0

    head, *lines = capsys.readouterr().out.splitlines()
    assert "what the caller sees" in head
    assert [each.split("AuthenticationError")[0].split()[-1] for each in lines[:2]] == ["sync", "async"]
    assert "Check the API key" in lines[0]
    assert lines[-1] == "all as promised"


def test_the_command_fails_when_a_row_is_wrong(capsys, monkeypatch):
    monkeypatch.setattr(table, "SCENARIOS", [Scenario("quota used up", "chat", ("quota",), came=1)])

    assert main(["--table"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 not as promised"


def test_the_command_knows_which_transports_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["--transport", "carrier-pigeon"])
    assert "carrier-pigeon" in capsys.readouterr().err


def test_the_command_fails_when_there_is_no_such_row(capsys):
    with pytest.raises(SystemExit):
        main(["--table", "carrier pigeon"])
    assert "no row's name contains 'carrier pigeon'" in capsys.readouterr().err


def test_a_line_says_what_is_wrong():
    found = Found(came=1, requests=2, attempts=3, left=["1 sockets"])

    said = line(Scenario("it rains", "chat", came=1), "sync", found, ["requests: 2 instead of 1"])

    assert said.split("  ")[0] == "it rains"
    for part in ("1 of 1", "2 of 3", "1 sockets", "requests: 2 instead of 1"):
        assert part in said


def test_a_figure_says_whether_it_is_as_promised():
    assert str(Figure("it rains", 1000, "3 drops")).split("  ")[-1].strip() == "as promised"
    assert "1,000" in str(Figure("it rains", 1000, "3 drops", ["wet"]))
    assert str(Figure("it rains", 1000, "3 drops", ["wet"])).endswith("wet")
