"""What is done very often, or for long: a figure each."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.calls import Place
from lab.cancelling import cancellations
from lab.crowds import crowd
from lab.deadlines import deadlines
from lab.fuzzing import fuzz
from lab.hostile import hostile
from lab.keys import keys
from lab.lives import lives
from lab.memory import growth
from lab.rechunking import rechunkings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.figures import Figure
    from lab.run import Colour, Lab

TIMES: Final = 10_000
"""How often most things are done in full."""
EVENTS: Final = 1_000_000
"""How many events the longest stream has in full."""
_TASKS: Final = 100
_CALLS: Final = 50


def endurance(lab: Lab, transport: str, colours: Sequence[Colour], *, part: int = 1) -> Iterator[Figure]:
    """All of it, one after the other.

    Args:
        lab: the servers.
        transport: over which.
        colours: of the clients.
        part: which part of it, a hundredth with 100.
    """
    times = TIMES // part
    yield rechunkings(lab.server.emulator, times)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), lab.file_id)
        if "async" in colours:
            yield cancellations(lab.server, place, times, transport=transport)
        yield from deadlines(lab, transport, colours, every=max(1, part // 10))
        for how in ("down", "status status=503"):
            # The budget lets a client's first retries pass, which among few calls would be many.
            yield crowd(lab.server, place, how, tasks=_TASKS, calls=max(5, _CALLS // part), transport=transport)
    yield from lives(lab.server, max(2, times // 100), transport, colours)
    yield from growth(lab.server, times, EVENTS // part, transport, colours)
    yield from fuzz(times)
    yield keys(lab.server, lab.elsewhere, lab.file_id, times, transport=transport, colours=colours)
    yield from hostile(lab.server, lab.file_id, times, transport, colours)
