"""What users can name stays, or its change is seen: `hatch run surface` writes the files that this compares with."""

from __future__ import annotations

import pytest

from tests.surface.__main__ import HERE, distributions, surface


@pytest.mark.parametrize("name", distributions())
def test_what_a_distribution_offers_is_what_is_written_down(name):
    written = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    found = surface(name).splitlines()
    gone = [line for line in written if line not in found]
    new = [line for line in found if line not in written]
    assert (gone, new) == ([], []), "if this is meant, see CONTRIBUTING.md and run `hatch run surface`"
