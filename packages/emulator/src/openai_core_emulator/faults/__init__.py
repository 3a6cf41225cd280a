"""Whatever can go wrong between a client and the API, on demand: a server of faults in front of the emulator.

with FaultServer() as server:
    server.play(Fault("cut_stream", event=2, how="reset"))
    client = Client(base_url=server.base_url, api_key=server.api_key)
"""

from __future__ import annotations

from .chaos import Chaos, variants
from .fault import Fault
from .kinds import KINDS, Kind
from .server import FaultServer

__all__ = ["KINDS", "Chaos", "Fault", "FaultServer", "Kind", "variants"]
