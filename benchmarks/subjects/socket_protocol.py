"""The asynchronous half of `by_hand_sockets`; the other needs no event loop, which takes long to import."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from benchmarks.subjects.by_hand_sockets import length_of

if TYPE_CHECKING:
    from typing import Self


# Where all connections put what comes, until it is copied.
_ROOM: Final = memoryview(bytearray(256 * 1024))


class Connection(asyncio.BufferedProtocol):
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

    def get_buffer(self, sizehint: int) -> memoryview:
        return _ROOM

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(_ROOM[:nbytes])
        if self._left < 0:
            # The server sends the head at once.
            end = data.index(b"\r\n\r\n")
            self._left = length_of(data[:end])
            data = data[end + 4 :]
        self._data.append(data)
        self._left -= len(data)
        if not self._left:
            self._answer.set_result(b"".join(self._data))
