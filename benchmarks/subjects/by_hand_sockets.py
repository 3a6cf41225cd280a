"""The floor: sockets without an HTTP library. It understands what the benchmark's server answers, and nothing else."""

from __future__ import annotations

import json
import socket
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks.subjects.by_hand import ByHand
from benchmarks.subjects.subject import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from benchmarks.subjects.socket_protocol import Connection

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
        left = length_of(data[:end]) - len(data) + end + 4
        yield data[end + 4 :]
        while left:
            data = self._socket.recv(_PIECE)
            left -= len(data)
            yield data

    async def open(self) -> None:
        self._free: list[Connection] = []

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

    async def _take(self) -> Connection:
        if self._free:
            return self._free.pop()
        from benchmarks.subjects.socket_protocol import Connection

        return await Connection.to(self._host, self._port)


def length_of(head: bytes) -> int:
    return int(head.rpartition(b"content-length: ")[2])
