"""A server that costs as little as it can: every answer is ready before the first request comes.

`python -m benchmarks.server` prints its port and serves until its standard input is closed. What stands before `/v1` in
a path says how it answers: after nothing at once, after `/slow` when it has thought for a while, after `/long` with a
long stream.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from benchmarks import answers

_PIECE: Final = bytes(1024 * 1024)
# Where all connections put what comes, until it is copied: room made anew for each piece costs more than an answer.
_ROOM: Final = memoryview(bytearray(256 * 1024))
_JSON: Final = b"application/json"
_EVENTS: Final = b"text/event-stream"
_BYTES: Final = b"application/octet-stream"
_COMPLETION: Final = answers.completion()
_RESPONSE: Final = answers.response()
_MODELS: Final = answers.models()
_CHAT_STREAM: Final = answers.chat_stream()
_LONG_CHAT_STREAM: Final = answers.chat_stream(answers.MANY_CHUNKS)
_RESPONSE_STREAM: Final = answers.response_stream()
_EMBEDDINGS: Final = answers.embeddings(packed=False)
_PACKED_EMBEDDINGS: Final = answers.embeddings(packed=True)


class Exchange(asyncio.BufferedProtocol):
    """One connection. It reads a request to its end, and writes what there is for it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: bytes | None = None
        self._body_seen = 0
        self._length = 0
        self._beginning = b""
        self._resumed = asyncio.Event()
        self._resumed.set()
        self._writing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def pause_writing(self) -> None:
        """Wait until the other side has read."""
        self._resumed.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self._resumed.set()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Give room for a piece of a request."""
        return _ROOM

    def buffer_updated(self, nbytes: int) -> None:
        """Take it in."""
        data = bytes(_ROOM[:nbytes])
        if self._head is None:
            self._buffer += data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head = bytes(self._buffer[:end]).lower()
            self._length = self._content_length(self._head)
            data = bytes(self._buffer[end + 4 :])
            self._buffer.clear()
            self._body_seen, self._beginning = 0, b""
        if len(self._beginning) < 4096:
            self._beginning += data[:65536]
        self._body_seen += len(data)
        self._ending = data[-512:]
        if self._body_seen >= self._length:
            head, self._head = self._head, None
            self._answer(head)

    @staticmethod
    def _content_length(head: bytes) -> int:
        _, found, rest = head.partition(b"\r\ncontent-length:")
        return int(rest.split(b"\r\n", 1)[0]) if found else 0

    def _answer(self, head: bytes) -> None:
        how, _, path = head.split(b" ", 2)[1].partition(b"/v1/")
        sent = self._beginning + self._ending
        streams = b'"stream":true' in sent or b'"stream": true' in sent
        if path == b"chat/completions":
            stream = _LONG_CHAT_STREAM if how == b"/long" else _CHAT_STREAM
            answer = (_EVENTS, stream) if streams else (_JSON, _COMPLETION)
        elif path == b"responses":
            answer = (_EVENTS, _RESPONSE_STREAM) if streams else (_JSON, _RESPONSE)
        elif path == b"models":
            answer = (_JSON, _MODELS)
        elif path == b"embeddings":
            answer = (_JSON, _PACKED_EMBEDDINGS if b"base64" in sent else _EMBEDDINGS)
        elif path == b"files":
            answer = (_JSON, answers.file_object(self._body_seen))
        else:
            self._writing = asyncio.ensure_future(self._write_much())
            return
        if how == b"/slow":
            asyncio.get_running_loop().call_later(answers.THINK_TIME, self._write, *answer)
        else:
            self._write(*answer)

    def _write(self, media_type: bytes, content: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\nx-request-id: req_1\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % (media_type, len(content)) + content)

    async def _write_much(self) -> None:
        size = answers.MEGABYTES * len(_PIECE)
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n" % (_BYTES, size))
        for _ in range(answers.MEGABYTES):
            await self._resumed.wait()
            self._transport.write(_PIECE)


async def serve() -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Exchange, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
