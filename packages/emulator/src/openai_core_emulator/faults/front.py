"""The server of faults at work: accepts connections, finds the fault of each request, and plays it or passes it on."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from openai_core_emulator.server import listen

from .control import PATH, control
from .exchange import Connection, Exchange, body_of, parsed
from .kinds import KINDS

if TYPE_CHECKING:
    from openai_core_emulator.received import ReceivedRequest

    from .log import Log
    from .plan import Plan

_TLS: Final = b"\x16"
_LIMIT: Final = 2**24
_PIECE: Final = 2**16
_BROKEN: Final = (OSError, EOFError, asyncio.LimitOverrunError)


class Front:
    """Runs in an event loop.

    Args:
        listening: a socket that listens.
        inner: host and port of the emulator.
        plan: says what to play.
        log: is told what has happened.
        tls: files of a certificate and its key.
    """

    def __init__(
        self,
        listening: socket.socket,
        inner: tuple[str, int],
        plan: Plan,
        log: Log,
        tls: tuple[str, str] | None = None,
    ) -> None:
        self.host, self.port = listening.getsockname()[:2]
        self.stopping = asyncio.Event()
        self._listening = listening
        self._inner = inner
        self._plan = plan
        self._log = log
        self._context: ssl.SSLContext | None = None
        if tls is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*tls)
        self._accepting: asyncio.Task[None] | None = None
        self._serving: dict[asyncio.Task[None], socket.socket] = {}
        self._coming_back: asyncio.TimerHandle | None = None

    async def serve(self) -> None:
        """Serve until `stopping` is set."""
        self.up()
        await self.stopping.wait()
        self._stop_accepting()
        self._end_all()
        if self._serving:
            await asyncio.wait(self._serving)
        self._listening.close()

    def up(self) -> None:
        """Listen, unless it does."""
        if self._coming_back is not None:
            self._coming_back.cancel()
            self._coming_back = None
        if self._accepting is None:
            self._listening.listen()
            self._listening.setblocking(False)  # noqa: FBT003 - it has no other name
            self._accepting = asyncio.ensure_future(self._accept())

    def down(self, seconds: float = 0.0) -> None:
        """Refuse connections, and reset those that there are.

        Args:
            seconds: after which it listens again; 0 for never.
        """
        self._stop_accepting()
        # The next one has the port, and doesn't listen.
        self._listening.close()
        self._listening = listen(self.host, self.port, backlog=None)
        self._end_all()
        if seconds:
            self._coming_back = asyncio.get_running_loop().call_later(seconds, self.up)

    def _stop_accepting(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None

    def _end_all(self) -> None:
        for task, connection in self._serving.items():
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            task.cancel()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._listening)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.ensure_future(self._serve(connection))
            self._serving[task] = connection
            self._log.count(len(self._serving))
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._serving.pop(task).close()
        self._log.count(len(self._serving))
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "the server of faults failed", "exception": error}
            )

    async def _serve(self, connection: socket.socket) -> None:
        with suppress(*_BROKEN):
            secure = await _first_byte(connection) == _TLS
            fault = self._plan.next_handshake() if secure else None
            context = self._context if secure and fault is None else None
            reader, writer = await _streams(connection, context)
            found = Connection(reader, writer)
            try:
                if secure and context is None:
                    self._log.note(None, fault)
                    play = KINDS["tls"].play
                    await play(found, **dict(fault.settings if fault else ()))
                while not found.is_over:
                    await self._exchange(found)
            finally:
                writer.close()
                with suppress(*_BROKEN):
                    await writer.wait_closed()

    async def _exchange(self, connection: Connection) -> None:
        head, request = await connection.request()
        self._log.begin(1)
        try:
            await self._answer(connection, head, request)
        finally:
            self._log.begin(-1)

    async def _answer(self, connection: Connection, head: bytes, request: ReceivedRequest) -> None:
        exchange = Exchange(connection, head, request, self._inner, self.down)
        if request.path == PATH:
            await control(exchange, self._plan, self._log)
            return
        try:
            fault = self._plan.next(request)
        except ValueError as error:
            await exchange.answer(str(error).encode(), 400, content_type="text/plain")
            return
        self._log.note(request, fault)
        if connection.breaks_next:
            await connection.end("reset")
        elif fault is not None:
            await fault.kind.play(exchange, **dict(fault.settings))
        elif "upgrade" in request.headers:
            await _pipe(exchange)
        else:
            await _pass_on(exchange)


async def _first_byte(connection: socket.socket) -> bytes:
    """What a client says first, and will be read again."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)


async def _streams(
    connection: socket.socket, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LIMIT)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _pass_on(exchange: Exchange) -> None:
    """Have the emulator answer, and hand it on piece by piece."""
    reader, writer = await exchange.ask()
    try:
        _, status, _, headers = parsed(await reader.readuntil(b"\r\n\r\n"))
        chunked = headers.get("transfer-encoding") == "chunked"
        kept: dict[str, Any] = {name: value for name, value in headers.items() if name != "connection"}
        await exchange.begin(int(status), kept)
        if not chunked:
            await exchange.send(await body_of(reader, headers))
            return
        while size := int(await reader.readline(), 16):
            await exchange.chunk(await reader.readexactly(size))
            await reader.readline()
        await exchange.chunk(b"")
    finally:
        writer.close()


async def _pipe(exchange: Exchange) -> None:
    """A websocket as the emulator has it."""
    reader, writer = await exchange.connect()
    own = exchange.connection
    ways = [asyncio.ensure_future(_copy(own.reader, writer)), asyncio.ensure_future(_copy(reader, own.writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        own.is_over = True
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*_BROKEN):
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
