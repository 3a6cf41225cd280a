"""A transport on pyreqwest, whose work is done outside Python. Install it with `openai-core[pyreqwest]`.

Both colours use its async client: its sync one knows no timeout between two pieces of a body, and can't be interrupted
while it waits.

Two things it can't do. A request that is cancelled before its answer is there (the headers, or all of it where it is
read whole) stays open until that comes or nothing came for the read timeout. And it doesn't work in a forked process,
where it says so.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Final

from openai_core.hookspecs import hookimpl
from openai_core.transport.forking import forget_after_fork
from openai_core.transport.limits import Limit
from openai_core.transport.pyreqwest_async import AsyncPyreqwestTransport
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
from openai_core.transport.pyreqwest_waiting import Waiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyreqwest.request import StreamRequest
    from pyreqwest.response import Response

    from openai_core.hookspecs import RegisterTransport
    from openai_core.transport.protocol import Reply, Request

# Not every system has it.
_let_others_go_first: Final[Callable[[], None]] = getattr(os, "sched_yield", lambda: None)


@hookimpl
def register_transports(register: RegisterTransport) -> None:
    """Register this transport."""
    register("pyreqwest", PyreqwestTransport, AsyncPyreqwestTransport)


class PyreqwestReply(AnyReply):
    """See `Reply`."""

    __slots__ = ("_wait",)

    def __init__(self, request: Request, exchange: StreamRequest, response: Response, waiter: Waiter) -> None:
        super().__init__(request, exchange, response)
        self._wait = waiter.wait

    def read(self) -> bytes:
        if not self._in_one:
            return b"".join(self._chunks(self._timeout.read))
        try:
            body = self._wait(self._reader.bytes(), Limit(math.inf, self.deadline))
            self._exchange = None
            return body.to_bytes()
        except FAILURES as error:
            raise failure(error) from None
        finally:
            self.close()

    def chunks(self) -> Iterator[bytes]:
        return self._chunks(self._timeout.idle)

    def _chunks(self, pause: float) -> Iterator[bytes]:
        read_chunk, wait = self._reader.read_chunk, self._wait
        try:
            while True:
                try:
                    chunk = wait(read_chunk(), Limit(pause, self.deadline))
                except FAILURES as error:
                    raise failure(error) from None
                if chunk is None:
                    self._exchange = None
                    return
                yield chunk.to_bytes()
        finally:
            self.close()

    def close(self) -> None:
        at_exit.expect()
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._wait(exchange.__aexit__(None, None, None))


class Whole(AnyWhole):
    """See `Reply`."""

    __slots__ = ()

    def read(self) -> bytes:
        return self._body

    def chunks(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass


class PyreqwestTransport:
    """Sends through pyreqwest, and waits in the thread that calls."""

    def __init__(self) -> None:
        self._clients = Clients()
        forget_after_fork(self)

    def send(self, request: Request) -> Reply:
        waiter = Waiter()
        try:
            if in_one(request):
                limit = None if request.deadline is None else Limit(math.inf, request.deadline)
                response = waiter.wait(whole_of(self._clients, request).send(), limit)
                # The thread that has woken this one is about to put the connection back: a call that is quicker opens
                # another.
                _let_others_go_first()
                return Whole(request, response)
            limit = Limit(math.inf if keeps_time(request) else request.timeout.read, request.deadline)
            exchange = exchange_of(self._clients, request, limit)
            return PyreqwestReply(request, exchange, waiter.wait(exchange.__aenter__(), limit), waiter)
        except FAILURES as error:
            raise failure(error) from None
        finally:
            at_exit.expect()

    def close(self) -> None:
        waiter = Waiter()
        for client in self._clients.take_all():
            waiter.wait(client.close())

    def forget(self) -> None:
        """See `Forgetful`."""
        self._clients = Clients()
