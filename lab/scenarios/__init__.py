"""The table of all that goes wrong, and what is promised to come of it."""

from __future__ import annotations

from typing import Final

from lab.scenarios.answers import ANSWERS
from lab.scenarios.bodies import BODIES
from lab.scenarios.connections import CONNECTIONS
from lab.scenarios.scenario import Scenario
from lab.scenarios.several import SEVERAL
from lab.scenarios.sockets import SOCKETS
from lab.scenarios.streams import STREAMS

__all__ = ["SCENARIOS", "Scenario"]

SCENARIOS: Final = (*CONNECTIONS, *BODIES, *ANSWERS, *STREAMS, *SEVERAL, *SOCKETS)
"""Every row of the table, which is run in both colours."""
