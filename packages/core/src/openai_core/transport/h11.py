"""Answers read by h11, a state machine of HTTP that has no socket."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import h11

from openai_core.transport.protocol import ConnectionFailed
from openai_core.transport.reading import ENDLESS_HEAD, LONGEST, NO_ANSWER

_END: Final = h11.EndOfMessage()


@lru_cache(maxsize=16)
def _asked(method: str) -> h11.Request:
    """What h11 has to know of a request, to know what an answer to it means."""
    return h11.Request(method=method, target="/", headers=[("Host", "")])


class H11Reader:
    """A `Reader`. Only answers are h11's: it would look at each header of a request four times."""

    __slots__ = ("_announced", "_machine", "ended", "failure", "headers", "pieces", "reusable", "status")

    def __init__(self) -> None:
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST)

    def begin(self, method: str) -> None:
        machine = self._machine
        if machine.our_state is not h11.IDLE:
            machine.start_next_cycle()
        machine.send(_asked(method))
        machine.send(_END)
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes | bytearray] = []
        self.ended = self.reusable = False
        self.failure: ConnectionFailed | None = None
        # Bytes that have come without an answer: h11 knows no limit to how often one may be announced.
        self._announced = 0

    def feed(self, data: bytes) -> None:
        machine = self._machine
        if not data and machine.their_state is h11.SEND_RESPONSE:
            self.failure = ConnectionFailed(NO_ANSWER)
            return
        event: Any
        try:
            machine.receive_data(data)
            while (event := machine.next_event()) is not h11.NEED_DATA:
                kind = type(event)
                if kind is h11.Data:
                    self.pieces.append(event.data)
                elif kind is h11.Response:
                    self.status, self.headers = event.status_code, event.headers.raw_items()
                elif kind is h11.EndOfMessage:
                    self.ended = True
                    # What has come beyond the end would be taken for the next answer.
                    self.reusable = bool(data) and machine.their_state is h11.DONE and not machine.trailing_data[0]
                    return
        except h11.RemoteProtocolError as error:
            self.failure = ConnectionFailed(str(error))
            self.failure.__cause__ = error
        if not self.status:
            self._announced += len(data)
            if self._announced > LONGEST and self.failure is None:
                self.failure = ConnectionFailed(ENDLESS_HEAD)
