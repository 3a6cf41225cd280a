"""The async half of `pyreqwest`."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from openai_core.encoding import Multipart
from openai_core.transport.exchange import until
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.limits import Limit, wait_until
from openai_core.transport.pyreqwest_exchange import (
    FAILURES,
    AnyReply,
    AnyWhole,
    Clients,
    at_exit,
    exchange_of,
    failure,
    in_one,
    keeps_time,
    whole_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from openai_core.transport.protocol import AsyncReply, Request


def _at_most(seconds: float) -> asyncio.Timeout:
    return asyncio.timeout(None if seconds == math.inf else max(seconds, 0))


class AsyncPyreqwestReply(AnyReply):
    """See `AsyncReply`."""

    __slots__ = ()

    async def read(self) -> bytes:
        if not self._in_one:
            return b"".join([chunk async for chunk in self._chunks(self._timeout.read)])
        try:
            async with until(self.deadline):
                body = await self._reader.bytes()
            self._exchange = None
            return body.to_bytes()
        except FAILURES as error:
            raise failure(error) from None
        finally:
            await self.close()

    def chunks(self) -> AsyncGenerator[bytes]:
        return self._chunks(self._timeout.idle)

    async def _chunks(self, pause: float) -> AsyncGenerator[bytes]:
        read_chunk = self._reader.read_chunk
        try:
            while True:
                try:
                    async with _at_most(Limit(pause, self.deadline).left()):
                        chunk = await read_chunk()
                except FAILURES as error:
                    raise failure(error) from None
                if chunk is None:
                    self._exchange = None
                    return
                yield chunk.to_bytes()
        finally:
            await self.close()

    async def close(self) -> None:
        at_exit.expect()
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            await exchange.__aexit__(None, None, None)


class AsyncWhole(AnyWhole):
    """See `AsyncReply`."""

    __slots__ = ()

    async def read(self) -> bytes:
        return self._body

    async def chunks(self) -> AsyncGenerator[bytes]:
        yield self._body

    async def close(self) -> None:
        pass


class AsyncPyreqwestTransport:
    """As `PyreqwestTransport`. Its connections belong to no event loop."""

    def __init__(self) -> None:
        self._clients = Clients()
        forget_after_fork(self)

    async def send(self, request: Request) -> AsyncReply:
        try:
            if in_one(request):
                return AsyncWhole(request, await whole_of(self._clients, request).send())
            limit = Limit(request.timeout.read, request.deadline)
            exchange = exchange_of(self._clients, request, limit)
            if isinstance(request.content, Multipart):
                response = await wait_until(exchange.__aenter__(), limit)
            else:
                async with _at_most(math.inf if keeps_time(request) else limit.left()):
                    response = await exchange.__aenter__()
            return AsyncPyreqwestReply(request, exchange, response)
        except FAILURES as error:
            raise failure(error) from None
        finally:
            at_exit.expect()

    async def close(self) -> None:
        for client in self._clients.take_all():
            await client.close()

    def forget(self) -> None:
        """See `Forgetful`."""
        self._clients = Clients()
