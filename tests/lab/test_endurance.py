"""A hundredth of what `hatch run lab` does very often."""

from __future__ import annotations

import pytest

from lab.cancelling import cancellations
from lab.crowds import crowd
from lab.deadlines import deadlines
from lab.fuzzing import fuzz
from lab.hostile import hostile
from lab.keys import keys
from lab.lives import lives
from lab.memory import growth
from lab.rechunking import rechunkings
from lab.run import colours_of

TIMES = 100


@pytest.fixture(scope="session")
def colours(transport):
    return colours_of(transport)


def told(*figures):
    return {figure.what: figure.problems for figure in figures if figure.problems}


def test_streams_are_the_same_wherever_they_are_cut(lab):
    figure = rechunkings(lab.server.emulator, TIMES)
    assert (told(figure), figure.times) == ({}, TIMES)


def test_cancelled_calls_leave_nothing(lab, place, transport):
    assert told(cancellations(lab.server, place, TIMES, transport=transport)) == {}


def test_a_deadline_ends_whatever_goes_wrong(lab, transport, colours):
    assert told(*deadlines(lab, transport, colours, every=20)) == {}


@pytest.mark.parametrize("how", ["down", "status status=503"])
def test_a_dead_server_is_not_hammered_and_all_recover(lab, place, how, transport):
    assert told(crowd(lab.server, place, how, calls=5, transport=transport)) == {}


def test_clients_survive_loops_threads_forks_and_exits(lab, transport, colours):
    assert told(*lives(lab.server, 2, transport, colours)) == {}


def test_memory_does_not_grow(lab, transport, colours):
    assert told(*growth(lab.server, TIMES, 10_000, transport, colours)) == {}


def test_nonsense_raises_nothing_but_our_errors():
    assert told(*fuzz(TIMES)) == {}


def test_keys_show_up_nowhere(lab, transport, colours):
    assert told(keys(lab.server, lab.elsewhere, lab.file_id, TIMES, transport=transport, colours=colours)) == {}


def test_nothing_hostile_gets_through(lab, transport, colours):
    assert told(*hostile(lab.server, lab.file_id, TIMES, transport, colours)) == {}
