"""The asynchronous half of `by_hand_sockets`; the other needs no event loop, which takes long to import."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.subjects.by_hand_sockets import length_of

if TYPE_CHECKING:
    from typing import Self


class Connection(asyncio.Protocol):
    """One connection, and the answer that comes in on it."""

    transport: asyncio.Transport
    _answer: asyncio.Future[bytes]

    @classmethod
    async def to(cls, host: str, port: int) -> Self:
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def whole(self, request: bytes) -> asyncio.Future[bytes]:
        self._data: list[bytes] = []
        self._left = -1
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            # The server sends the head at once.
            end = data.index(b"\r\n\r\n")
            self._left = length_of(data[:end])
            data = data[end + 4 :]
        self._data.append(data)
        self._left -= len(data)
        if not self._left:
            self._answer.set_result(b"".join(self._data))
