"""The clients: two thin shells around `Call` that do nothing but I/O."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from openai_core._groups import AsyncGroups, Groups
from openai_core.any_client import DECLARED, AnyClient
from openai_core.errors import APIError
from openai_core.middleware import around, around_async
from openai_core.operation import (
    AccumulatingOperation,
    BinaryOperation,
    Operation,
    PagedOperation,
    StreamOperation,
)
from openai_core.plugins import apis
from openai_core.response import OpenResponse, Response
from openai_core.retrying import tenacity_arguments
from openai_core.transport.protocol import ConnectionFailed
from openai_core.wire import AsyncGuardedReply, GuardedReply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from types import TracebackType
    from typing import Self

    from openai_core.accumulating import AccumulatingStream, AsyncAccumulatingStream
    from openai_core.binary import AsyncBinary, Binary
    from openai_core.call import Call
    from openai_core.content import ContentInput
    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.operation import AnyOperation
    from openai_core.options import RequestOptions
    from openai_core.pagination import AsyncPages, Pages
    from openai_core.retrying import Deadline
    from openai_core.streaming import AsyncStream, Stream
    from openai_core.transport.protocol import AsyncReply, AsyncTransport, Reply, Request, Transport

T = TypeVar("T")
M = TypeVar("M")
PageT = TypeVar("PageT")
Item = TypeVar("Item")
Event = TypeVar("Event")
Whole = TypeVar("Whole")
GroupT = TypeVar("GroupT", bound="ApiGroup")
AsyncGroupT = TypeVar("AsyncGroupT", bound="AsyncApiGroup")


@cache
def _pages() -> tuple[type[Pages[Any, Any]], type[AsyncPages[Any, Any]]]:
    # To import them anew for each list would take longer than to send it.
    from openai_core.pagination import AsyncPages, Pages

    return Pages, AsyncPages


class Client(AnyClient, Groups):
    """Calls the API.

    Args:
        api_key: key of most operations; `OPENAI_API_KEY` if not given. A function is called before each attempt.
        admin_key: key of the operations that administer an organization; `OPENAI_ADMIN_KEY` if not given.
        base_url: where the paths of the API begin; `OPENAI_BASE_URL` if not given.
        organization: `OPENAI_ORG_ID` if not given.
        project: `OPENAI_PROJECT_ID` if not given.
        provider: who answers: a `Provider`, or the name of one: `openai`, `compatible`, or a plugin's.
        timeout: seconds for each phase of an attempt, or a `Timeout`.
        deadline: seconds for each whole call; there is none by default.
        max_retries: how often a failed attempt is repeated; 2 by default.
        retry: the whole retry policy, in the place of `max_retries`.
        headers: headers of every request.
        query: query parameters of every request.
        validation: `lenient` builds what can be built of an answer that isn't as described; `strict` raises.
        transport: what carries requests: a transport of this client's colour, or the name of one.
        http_client: a client of httpx, or of a library with its interface, through whose `send` all requests go.
        middleware: around each operation, the first being the outermost.
        attempt_middleware: around each attempt.
        on_attempt: told about every attempt.
        on_drift: told about answers that aren't as described, once for each place.
        settings: what the provider takes beside this.

    Raises:
        ConfigurationError: for values that make no sense.
        MissingPluginError: if the provider isn't installed.
    """

    colour = 0

    @overload
    def send(self, operation: PagedOperation[PageT, Item]) -> Pages[PageT, Item]: ...
    @overload
    def send(self, operation: Operation[T]) -> T: ...
    @overload
    def send(self, operation: AccumulatingOperation[Event, Whole]) -> AccumulatingStream[Event, Whole]: ...
    @overload
    def send(self, operation: StreamOperation[Event]) -> Stream[Event]: ...
    @overload
    def send(self, operation: BinaryOperation) -> Binary: ...
    @overload
    def send(self, operation: Operation[Any], *, into: type[M]) -> M: ...
    @overload
    def send(self, operation: StreamOperation[Any], *, into: type[M]) -> Stream[M]: ...
    def send(self, operation: AnyOperation, *, into: Any = DECLARED) -> Any:
        """Send an operation.

        Args:
            operation: what to send.
            into: a type of your own to read the answer, or each event, as.

        Raises:
            APIError: if there is no good answer.
        """
        if isinstance(operation, StreamOperation):
            if into is DECLARED and isinstance(operation, AccumulatingOperation):
                from openai_core.accumulating import AccumulatingStream

                return AccumulatingStream(*self._accumulating(operation))
            from openai_core.streaming import Stream

            return Stream(self._reader(operation, into), lambda: self._open(operation))
        if isinstance(operation, BinaryOperation):
            from openai_core.binary import Binary

            return Binary(self._open(operation))
        if isinstance(operation, PagedOperation) and into is DECLARED:
            deadline = self._deadline(operation)

            def fetch(page: PagedOperation[Any, Any]) -> Any:
                return self._read(page, self._send_whole(page, deadline), DECLARED)

            pages, _ = _pages()
            return pages(fetch(operation), operation, fetch, self.send)
        return self._read(operation, self._send_whole(operation), into)

    def send_raw(self, operation: Operation[T]) -> Response[T]:
        """Send an operation and return the whole response; `.parse()` gives its result."""
        return self._send_raw(operation)

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: ContentInput | None = None,
        query: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> dict[str, Any]: ...
    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: ContentInput | None = None,
        query: Mapping[str, Any] | None = None,
        into: type[M],
        options: RequestOptions | None = None,
    ) -> M: ...
    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: ContentInput | None = None,
        query: Mapping[str, Any] | None = None,
        into: Any = dict,
        options: RequestOptions | None = None,
    ) -> Any:
        """Call what no operation covers.

        Args:
            method: HTTP method.
            path: path below the base URL.
            body: anything that can be written as JSON, but no bytes, iterators, paths or files.
            content: what is sent as it is, in the place of `body`: bytes, a text, a path, a file opened in binary mode,
                or an iterable of bytes. All but the first two are read while they are sent. An iterator, or a file that
                can't seek, is sent once, whatever comes of it. The header `Content-Type` is
                `application/octet-stream`, unless `options` have another.
            query: query parameters.
            into: what to read the answer as.
            options: see `RequestOptions`.

        Raises:
            APIError: if there is no good answer.
            InvalidRequestError: if the body or the content can't be sent.
            TypeError: if both are given.
        """
        from openai_core.content import request_operation

        return self.send(request_operation(method, path, body, content, query, options), into=into)

    @overload
    def api(self, group: type[GroupT]) -> GroupT: ...
    @overload
    def api(self, group: str) -> Any: ...
    def api(self, group: type[GroupT] | str) -> Any:
        """An API group that isn't an attribute: by its class, or by the name that a plugin registered it with."""
        return apis.get(group)[0](self) if isinstance(group, str) else group(self)

    def _send_raw(self, operation: AnyOperation, deadline: Deadline | None = None) -> Response[Any]:
        return self._parsed_later(operation, self._send_whole(operation, deadline))

    def _send_whole(self, operation: AnyOperation, deadline: Deadline | None = None) -> Response[Any]:
        return self._through(operation, deadline, self._attempt_whole)

    def _open(self, operation: AnyOperation, deadline: Deadline | None = None) -> OpenResponse:
        return self._through(operation, deadline, self._attempt_open)

    def _through(self, operation: AnyOperation, deadline: Deadline | None, attempt: Callable[[Call], T]) -> T:
        """Send through all middleware."""
        if not self._middleware:
            return self._attempts(self._call(operation, deadline), attempt)

        def send(operation: AnyOperation) -> T:
            return self._attempts(self._call(operation, deadline), attempt)

        return around(self._middleware, send)(operation)

    def _attempts(self, call: Call, attempt: Callable[[Call], T]) -> T:
        self._settings.provider.prepare(call.operation)
        try:
            return attempt(call)
        except APIError as error:
            first = [error]

        # Only now, after a failure, is tenacity imported; it runs the policy from the failed attempt on.
        from tenacity import Retrying

        def again() -> T:
            if first:
                raise first.pop()
            return attempt(call)

        result: T = Retrying(**tenacity_arguments(call.wait_before_retry))(again)
        return result

    def _attempt_whole(self, call: Call) -> Response[Any]:
        reply = self._reply(call, whole=True)
        try:
            content = reply.read()
        except ConnectionFailed as error:
            raise call.connection_error(error) from error
        return Response(reply.status, call.url, reply.headers, call.answered(reply.status, reply.headers), content)

    def _attempt_open(self, call: Call) -> OpenResponse:
        reply = self._reply(call)
        attempts = call.answered(reply.status, reply.headers)
        return OpenResponse(reply.status, call.url, reply.headers, attempts, GuardedReply(reply, call))

    def _reply(self, call: Call, *, whole: bool = False) -> Reply:
        """The reply to one attempt, if it is a good one."""
        transport: Transport = self._carrier.get()
        send: Callable[[Request], Any] = transport.send
        if self._attempt_middleware:
            send = around(self._attempt_middleware, send)
        while True:
            request = call.request(self._settings.provider.auth(call.operation), whole=whole)
            try:
                reply: Reply = send(request)
                if 200 <= reply.status < 300:  # noqa: PLR2004
                    return reply
                content = reply.read()
            except ConnectionFailed as error:
                raise call.connection_error(error) from error
            if not call.redirect(reply.status, reply.headers):
                raise call.status_error(reply.status, reply.headers, content)

    def close(self) -> None:
        """End all connections. The client can be used again, and opens new ones then."""
        transport = self._carrier.take()
        if transport is not None:
            transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(AnyClient, AsyncGroups):
    """Calls the API, awaited. It is made as `Client` is, and works in one event loop after another."""

    colour = 1

    # A page is awaited or walked through; as an Operation it is read by `into`.
    @overload
    def send(self, operation: PagedOperation[PageT, Item]) -> AsyncPages[PageT, Item]: ...  # type: ignore[overload-overlap]
    @overload
    def send(self, operation: Operation[T]) -> Coroutine[Any, Any, T]: ...
    @overload
    def send(self, operation: AccumulatingOperation[Event, Whole]) -> AsyncAccumulatingStream[Event, Whole]: ...
    @overload
    def send(self, operation: StreamOperation[Event]) -> AsyncStream[Event]: ...
    @overload
    def send(self, operation: BinaryOperation) -> Coroutine[Any, Any, AsyncBinary]: ...
    @overload
    def send(self, operation: Operation[Any], *, into: type[M]) -> Coroutine[Any, Any, M]: ...
    @overload
    def send(self, operation: StreamOperation[Any], *, into: type[M]) -> AsyncStream[M]: ...
    def send(self, operation: AnyOperation, *, into: Any = DECLARED) -> Any:
        """As `Client.send`. What a single answer becomes is awaited; streams and lists are there at once."""
        if isinstance(operation, StreamOperation):
            if into is DECLARED and isinstance(operation, AccumulatingOperation):
                from openai_core.accumulating import AsyncAccumulatingStream

                return AsyncAccumulatingStream(*self._accumulating(operation))
            from openai_core.streaming import AsyncStream

            return AsyncStream(self._reader(operation, into), lambda: self._open(operation))
        if isinstance(operation, BinaryOperation):
            return self._send_binary(operation)
        if isinstance(operation, PagedOperation) and into is DECLARED:
            deadline = self._deadline(operation)

            async def fetch(page: PagedOperation[Any, Any]) -> Any:
                return self._read(page, await self._send_whole(page, deadline), DECLARED)

            _, pages = _pages()
            return pages(operation, fetch, self.send)
        return self._send_read(operation, into)

    async def send_raw(self, operation: Operation[T]) -> Response[T]:
        """As `Client.send_raw`."""
        return await self._send_raw(operation)

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: ContentInput | None = None,
        query: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> dict[str, Any]: ...
    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: ContentInput | None = None,
        query: Mapping[str, Any] | None = None,
        into: type[M],
        options: RequestOptions | None = None,
    ) -> M: ...
    async def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: ContentInput | None = None,
        query: Mapping[str, Any] | None = None,
        into: Any = dict,
        options: RequestOptions | None = None,
    ) -> Any:
        """As `Client.request`."""
        from openai_core.content import request_operation

        return await self.send(request_operation(method, path, body, content, query, options), into=into)

    @overload
    def api(self, group: type[AsyncGroupT]) -> AsyncGroupT: ...
    @overload
    def api(self, group: str) -> Any: ...
    def api(self, group: type[AsyncGroupT] | str) -> Any:
        """As `Client.api`."""
        return apis.get(group)[1](self) if isinstance(group, str) else group(self)

    async def _send_read(self, operation: AnyOperation, into: Any) -> Any:
        return self._read(operation, await self._send_whole(operation), into)

    async def _send_binary(self, operation: BinaryOperation) -> AsyncBinary:
        from openai_core.binary import AsyncBinary

        return AsyncBinary(await self._open(operation))

    async def _send_raw(self, operation: AnyOperation, deadline: Deadline | None = None) -> Response[Any]:
        return self._parsed_later(operation, await self._send_whole(operation, deadline))

    def _send_whole(self, operation: AnyOperation, deadline: Deadline | None = None) -> Awaitable[Response[Any]]:
        return self._through(operation, deadline, self._attempt_whole)

    def _open(self, operation: AnyOperation, deadline: Deadline | None = None) -> Awaitable[OpenResponse]:
        return self._through(operation, deadline, self._attempt_open)

    def _through(
        self, operation: AnyOperation, deadline: Deadline | None, attempt: Callable[[Call], Coroutine[Any, Any, T]]
    ) -> Awaitable[T]:
        """As `Client._through`."""
        if not self._middleware:
            return self._attempts(self._call(operation, deadline), attempt)

        async def send(operation: AnyOperation) -> T:
            return await self._attempts(self._call(operation, deadline), attempt)

        return around_async(self._middleware, send)(operation)

    async def _attempts(self, call: Call, attempt: Callable[[Call], Coroutine[Any, Any, T]]) -> T:
        await self._settings.provider.prepare_async(call.operation)
        try:
            return await attempt(call)
        except APIError as error:
            first = [error]

        from tenacity import AsyncRetrying

        async def again() -> T:
            if first:
                raise first.pop()
            return await attempt(call)

        result: T = await AsyncRetrying(**tenacity_arguments(call.wait_before_retry))(again)
        return result

    async def _attempt_whole(self, call: Call) -> Response[Any]:
        reply = await self._reply(call, whole=True)
        try:
            content = await reply.read()
        except ConnectionFailed as error:
            raise call.connection_error(error) from error
        return Response(reply.status, call.url, reply.headers, call.answered(reply.status, reply.headers), content)

    async def _attempt_open(self, call: Call) -> OpenResponse:
        reply = await self._reply(call)
        attempts = call.answered(reply.status, reply.headers)
        return OpenResponse(reply.status, call.url, reply.headers, attempts, AsyncGuardedReply(reply, call))

    async def _reply(self, call: Call, *, whole: bool = False) -> AsyncReply:
        transport: AsyncTransport = self._carrier.get()
        send: Callable[[Request], Any] = transport.send
        if self._attempt_middleware:
            send = around_async(self._attempt_middleware, send)
        while True:
            request = call.request(await self._settings.provider.auth_async(call.operation), whole=whole)
            try:
                reply: AsyncReply = await send(request)
                if 200 <= reply.status < 300:  # noqa: PLR2004
                    return reply
                content = await reply.read()
            except ConnectionFailed as error:
                raise call.connection_error(error) from error
            if not call.redirect(reply.status, reply.headers):
                raise call.status_error(reply.status, reply.headers, content)

    async def close(self) -> None:
        """As `Client.close`."""
        transport = self._carrier.take()
        if transport is not None:
            await transport.close()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
