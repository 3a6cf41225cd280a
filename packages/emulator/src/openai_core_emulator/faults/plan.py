"""Which fault the next request gets."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import TYPE_CHECKING, Final

from .fault import Fault

if TYPE_CHECKING:
    from openai_core_emulator.received import ReceivedRequest

    from .chaos import Chaos
    from .kinds import Where

HEADER: Final = "x-emulator-fault"
"""The header by which a request asks for a fault of its own, such as `cut_stream event=2`."""


@dataclass(slots=True)
class Planned:
    """What comes next at some path.

    Args:
        fault: the fault; `None` is a good answer.
        times: for how many requests, `None` for all that are still to come.
        path: of the requests, with `*` and `?` as in names of files.

    Raises:
        ValueError: if it is to come less than once.
    """

    fault: Fault | None
    times: int | None
    path: str

    def __post_init__(self) -> None:
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is 1 or more, or none for all requests that are still to come, not {self.times}")


class Plan:
    """Which fault each request gets: the one that it asks for, else the next that is planned, else one by chance.

    Args:
        chaos: draws those by chance.
    """

    def __init__(self, chaos: Chaos | None = None) -> None:
        self.chaos = chaos
        self._planned: list[Planned] = []
        self._lock = Lock()

    @property
    def planned(self) -> list[Planned]:
        """What is still to come, in its order."""
        return list(self._planned)

    def add(self, planned: list[Planned]) -> None:
        """Plan some more."""
        with self._lock:
            self._planned += planned

    def reset(self) -> None:
        """Forget what is planned."""
        with self._lock:
            self._planned.clear()

    def next(self, request: ReceivedRequest) -> Fault | None:
        """The fault that a request gets.

        Raises:
            ValueError: if it asks for one that there isn't, or that can't befall it.
        """
        socket = "sec-websocket-key" in request.headers
        if asked := request.headers.get(HEADER):
            fault = Fault.parse(asked)
            if not _befalls(fault, "socket" if socket else "request"):
                needed = {"tls": "a handshake of TLS", "socket": "a websocket"}.get(fault.kind.where, "no websocket")
                raise ValueError(f"the fault {fault.name!r} needs {needed}")
            return fault
        places: tuple[Where, ...] = ("request",)
        if socket:
            places = ("socket",)
        elif b'"stream":true' in request.body.replace(b" ", b""):
            places = ("request", "stream")
        return self._take(request.path, *places)

    def next_handshake(self) -> Fault | None:
        """The fault that a handshake of TLS gets, of which nobody knows the request yet."""
        return self._take("", "tls")

    def _take(self, path: str, *places: Where) -> Fault | None:
        with self._lock:
            for number, each in enumerate(self._planned):
                # Of a handshake nobody knows the path yet.
                if _befalls(each.fault, places[0]) and (places == ("tls",) or fnmatchcase(path, each.path)):
                    if each.times is not None:
                        each.times -= 1
                        if not each.times:
                            del self._planned[number]
                    return each.fault
            return self.chaos.draw(*places) if self.chaos else None


def _befalls(fault: Fault | None, place: Where) -> bool:
    """Whether a fault, or a good answer, can be played there: to a request over HTTP, a websocket or a handshake."""
    where = fault.kind.where if fault else "request"
    return where in {"request": ("request", "stream"), "socket": ("request", "socket")}.get(place, (place,))
