"""The floor: sockets without an HTTP library. It understands what the benchmark's server answers, and nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks.subjects.by_hand import ByHand
from benchmarks.subjects.subject import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_PIECE = 65536


class Sockets(ByHand):
    """By hand, on sockets; the asynchronous jobs with one connection for each that is under way."""

    def _request(self, method: str, path: str, body: object) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {self._path}{path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    @cached_property
    def _host(self) -> str:
        return self.base_url.split("/")[2].partition(":")[0]

    @cached_property
    def _port(self) -> int:
        return int(self.base_url.split("/")[2].partition(":")[2])

    @cached_property
    def _path(self) -> str:
        return "/" + self.base_url.split("/", 3)[3]

    @cached_property
    def _socket(self) -> socket.socket:
        return socket.create_connection((self._host, self._port))

    def _whole(self, method: str, path: str, body: object = None) -> bytes:
        return b"".join(self._received(self._request(method, path, body)))

    def _pieces(self, path: str, body: object) -> Iterator[bytes]:
        return self._received(self._request("POST", path, body))

    def _received(self, request: bytes) -> Iterator[bytes]:
        self._socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._socket.recv(_PIECE)
        left = _length(data[:end]) - len(data) + end + 4
        yield data[end + 4 :]
        while left:
            data = self._socket.recv(_PIECE)
            left -= len(data)
            yield data

    async def open(self) -> None:
        self._free: list[_Connection] = []

    async def close(self) -> None:
        for connection in self._free:
            connection.transport.close()

    async def _whole_async(self, method: str, path: str, body: object = None) -> bytes:
        connection = await self._take()
        content = await connection.whole(self._request(method, path, body))
        self._free.append(connection)
        return content

    async def _pieces_async(self, path: str, body: object) -> AsyncIterator[bytes]:
        yield await self._whole_async("POST", path, body)

    async def _take(self) -> _Connection:
        if self._free:
            return self._free.pop()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection


class _Connection(asyncio.Protocol):
    """One connection, and the answer that comes in on it."""

    transport: asyncio.Transport
    _answer: asyncio.Future[bytes]

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
            self._left = _length(data[:end])
            data = data[end + 4 :]
        self._data.append(data)
        self._left -= len(data)
        if not self._left:
            self._answer.set_result(b"".join(self._data))


def _length(head: bytes) -> int:
    return int(head.rpartition(b"content-length: ")[2])
