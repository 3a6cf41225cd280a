"""A transport on pyreqwest, whose work is done outside Python. Install it with `openai-core[pyreqwest]`.

Both colours use its async client: its sync one knows no timeout between two pieces of a body, and can't be interrupted
while it waits. So a sync call awaits in an event loop that a thread of this transport runs.

Two things it can't do. A request that is cancelled before the headers of its answer are there stays open until the
server answers or the read timeout is over. And it doesn't work in a forked process, where it says so.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final, TypeVar

from openai_core.hookspecs import hookimpl
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.protocol import ConnectionFailed
from openai_core.transport.pyreqwest_async import AsyncPyreqwestReply, AsyncPyreqwestTransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterator

    from openai_core.hookspecs import RegisterTransport
    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import Request

T = TypeVar("T")

# Bytes of an answer that is read together with its headers.
_SHORT: Final = 64 * 1024


@hookimpl
def register_transports(register: RegisterTransport) -> None:
    """Register this transport."""
    register("pyreqwest", PyreqwestTransport, AsyncPyreqwestTransport)


class _Loop:
    """An event loop in a thread of its own, for callers that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._serve, args=(self._loop,), name="openai-core-pyreqwest", daemon=True).start()
        weakref.finalize(self, self._loop.call_soon_threadsafe, self._loop.stop)

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine; an interrupted wait cancels it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


class _Answer:
    """A reply and, where it is short, its body: so a thread that waits for both is woken once."""

    __slots__ = ("body", "failure", "reply")

    def __init__(self, reply: AsyncPyreqwestReply) -> None:
        self.reply = reply
        self.body: bytes | None = None
        self.failure: ConnectionFailed | None = None

    async def read_if_short(self) -> None:
        headers = self.reply.headers
        length = headers.get("content-length") or ""
        if length.isdecimal() and int(length) <= _SHORT and headers.get("content-type") == "application/json":
            try:
                self.body = await self.reply.read()
            except ConnectionFailed as error:
                # Of reading, and so told by who reads.
                self.failure = error


class PyreqwestReply:
    """See `Reply`."""

    __slots__ = ("_answer", "_loop", "_reply", "headers", "status")

    def __init__(self, loop: _Loop, answer: _Answer) -> None:
        self._loop = loop
        self._answer = answer
        self._reply = answer.reply
        self.status = answer.reply.status
        self.headers = answer.reply.headers

    @property
    def deadline(self) -> Deadline | None:
        return self._reply.deadline

    @deadline.setter
    def deadline(self, deadline: Deadline | None) -> None:
        self._reply.deadline = deadline

    def read(self) -> bytes:
        if self._answer.failure is not None:
            raise self._answer.failure
        body = self._answer.body
        return self._loop.run(self._reply.read()) if body is None else body

    def chunks(self) -> Iterator[bytes]:
        if self._answer.body is not None or self._answer.failure is not None:
            yield self.read()
            return
        chunks = self._reply.chunks()
        try:
            while (chunk := self._loop.run(_next(chunks))) is not None:
                yield chunk
        finally:
            self._loop.run(chunks.aclose())

    def close(self) -> None:
        if self._reply.is_open:
            self._loop.run(self._reply.close())


async def _next(chunks: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(chunks, None)


class PyreqwestTransport:
    """Sends through pyreqwest, from threads without an event loop."""

    _loop: _Loop | None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()
        forget_after_fork(self)

    def send(self, request: Request) -> PyreqwestReply:
        loop = self._running_loop()
        return PyreqwestReply(loop, loop.run(self._answer(request)))

    async def _answer(self, request: Request) -> _Answer:
        answer = _Answer(await self._transport.send(request))
        await answer.read_if_short()
        return answer

    def _running_loop(self) -> _Loop:
        with self._lock:
            if self._loop is None:
                self._loop = _Loop()
            return self._loop

    def close(self) -> None:
        self._running_loop().run(self._transport.close())
        self._loop = None

    def forget(self) -> None:
        """See `Forgetful`."""
        self._loop = None
        self._transport = AsyncPyreqwestTransport()
