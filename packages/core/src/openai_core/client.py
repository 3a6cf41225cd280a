"""The clients: two thin shells around `Call` that do nothing but I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, overload

from openai_core._groups import AsyncGroups, Groups
from openai_core.call import Call, Settings
from openai_core.config import OpenAIConfig
from openai_core.decoding import decoder
from openai_core.errors import APIError, ConfigurationError
from openai_core.middleware import around, around_async
from openai_core.operation import (
    AccumulatingOperation,
    BinaryOperation,
    Endpoint,
    Operation,
    PagedOperation,
    StreamOperation,
)
from openai_core.options import merged
from openai_core.plugins import PluginGroup, apis, providers
from openai_core.provider import CompatibleProvider, Provider
from openai_core.response import OpenResponse, Response
from openai_core.retrying import Deadline, RetryBudget, RetryPolicy, tenacity_arguments
from openai_core.streaming import AsyncStream, EventReader, Stream
from openai_core.transport.protocol import ConnectionFailed
from openai_core.wire import AsyncGuardedReply, Carrier, GuardedReply

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from types import TracebackType
    from typing import Self, Unpack

    from openai_core.accumulating import AccumulatingStream, Assembly, AsyncAccumulatingStream
    from openai_core.binary import AsyncBinary, Binary
    from openai_core.config import KeySource
    from openai_core.errors import Attempt
    from openai_core.group import ApiGroup, AsyncApiGroup
    from openai_core.lenient import Drift
    from openai_core.middleware import AttemptMiddleware, Middleware
    from openai_core.operation import AnyOperation
    from openai_core.options import RequestOptions, Timeout
    from openai_core.pagination import AsyncPages, Pages
    from openai_core.transport.protocol import AsyncReply, AsyncTransport, Reply, Request, Transport

T = TypeVar("T")
M = TypeVar("M")
PageT = TypeVar("PageT")
Item = TypeVar("Item")
Event = TypeVar("Event")
Whole = TypeVar("Whole")
GroupT = TypeVar("GroupT", bound="ApiGroup")
AsyncGroupT = TypeVar("AsyncGroupT", bound="AsyncApiGroup")

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"
_ANY: Final = "*/*"
_BUILT_IN: Final = {"openai": Provider, "compatible": CompatibleProvider}


class _AnyClient:
    """What the clients have in common: everything but I/O."""

    colour: Literal[0, 1]
    _open: Any

    def __init__(
        self,
        *,
        api_key: KeySource | None = None,
        admin_key: KeySource | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        provider: Provider | str = "openai",
        timeout: float | Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        validation: Literal["lenient", "strict"] = "lenient",
        transport: Any = "httpx",
        http_client: Any = None,
        middleware: Sequence[Middleware] = (),
        attempt_middleware: Sequence[AttemptMiddleware] = (),
        on_attempt: Callable[[Attempt], None] | None = None,
        on_drift: Callable[[Drift], None] | None = None,
        **settings: Any,
    ) -> None:
        if isinstance(provider, str):
            config = OpenAIConfig.read(
                api_key=api_key, admin_key=admin_key, base_url=base_url, organization=organization, project=project
            )
            kind: type[Provider] = _BUILT_IN.get(provider) or providers.get(provider)[0]
            try:
                provider = kind.from_config(config, **settings)
            except TypeError as error:
                if not settings:
                    raise
                from openai_core.advice import for_settings

                raise TypeError(
                    f"neither {type(self).__name__} nor the provider {provider!r} takes {', '.join(settings)}: "
                    f"{error}{for_settings(settings, _AnyClient.__init__)}"
                ) from error
        elif settings or any((api_key, admin_key, base_url, organization, project)):
            raise TypeError("a Provider object has its own keys and address; pass them to it, not to the client")
        if validation not in {"lenient", "strict"}:
            raise ConfigurationError(f"validation is 'lenient' or 'strict', not {validation!r}")
        if retry is not None and not isinstance(retry, RetryPolicy):
            raise ConfigurationError(f"retry is a RetryPolicy, not {retry!r}; for a number, pass max_retries=")
        given: dict[str, Any] = {
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "headers": headers,
            "query": query,
        }
        options: Any = {name: value for name, value in given.items() if value is not None}
        self._settings = Settings(
            provider=provider,
            options=merged(None, options),
            retry=retry or RetryPolicy(),
            budget=RetryBudget(),
            strict=validation == "strict",
            on_attempt=on_attempt,
            on_drift=on_drift,
        )
        self._middleware = tuple(middleware)
        self._attempt_middleware = tuple(attempt_middleware)
        self._carrier = Carrier(transport, http_client, self.colour)

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """A client with other options for all calls, on the same connections; see `RequestOptions`."""
        if "path" in options:
            raise TypeError("path is an option of a single method or call, not of a client")
        copy = self.__copy__()
        copy._settings = self._settings.with_options(options)  # noqa: SLF001 - its own kind
        return copy

    @property
    def provider(self) -> Provider:
        """Who answers."""
        return self._settings.provider

    def _read(self, operation: AnyOperation, response: Response[Any], into: Any) -> Any:
        returns = operation.endpoint.returns if into is _DECLARED else into
        return decoder(returns).read(response, None, self._settings.report_drift)

    def _reader(self, operation: StreamOperation[Any], into: Any) -> EventReader[Any]:
        endpoint: Any = operation.endpoint
        return EventReader(
            decoder(endpoint.returns if into is _DECLARED else into),
            endpoint.ends,
            named=endpoint.named,
            end_required=self.provider.quirks.stream_end,
            accumulating=into is _DECLARED and isinstance(operation, AccumulatingOperation),
            on_drift=self._settings.report_drift,
        )

    def _accumulating(
        self, operation: AccumulatingOperation[Any, Any]
    ) -> tuple[EventReader[Any], Callable[[], Any], Assembly[Any]]:
        """What an accumulating stream is made of."""
        from openai_core.accumulating import Assembly

        endpoint: Any = operation.endpoint
        reader = self._reader(operation, _DECLARED)
        return reader, lambda: self._open(operation), Assembly(reader, endpoint, self._settings.report_drift)

    def _call(self, operation: AnyOperation, deadline: Deadline | None) -> Call:
        accept = _JSON
        if isinstance(operation, StreamOperation):
            accept = _EVENTS
        elif isinstance(operation, BinaryOperation) or operation.endpoint.returns is str:
            accept = _ANY
        return Call(self._settings, operation, accept, deadline)

    def _deadline(self, operation: AnyOperation) -> Deadline | None:
        options = merged(self._settings.options, operation.options)
        return Deadline(options["deadline"]) if options and "deadline" in options else None

    def __dir__(self) -> list[str]:
        # An API group that isn't installed isn't offered.
        installed = apis.installed()
        attributes = [pair for kind in type(self).__mro__ for pair in vars(kind).items()]
        groups = {name: each.plugin for name, each in attributes if isinstance(each, PluginGroup)}
        return sorted({*super().__dir__()} - {name for name, plugin in groups.items() if plugin not in installed})

    def __copy__(self) -> Self:
        # Attributes without an underscore are API groups, which belong to the client they were read from.
        copy = object.__new__(type(self))
        copy.__dict__.update({name: value for name, value in self.__dict__.items() if name.startswith("_")})
        return copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.__copy__()

    def __reduce__(self) -> str:
        raise TypeError("a client has connections and a key, and can't be pickled; make one in the other process")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.provider!r}>"


class _Declared:
    """Stands for the type that the endpoint declares."""


_DECLARED: Final = _Declared()


class Client(_AnyClient, Groups):
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
    def send(self, operation: AnyOperation, *, into: Any = _DECLARED) -> Any:
        """Send an operation.

        Args:
            operation: what to send.
            into: a type of your own to read the answer, or each event, as.

        Raises:
            APIError: if there is no good answer.
        """
        if isinstance(operation, StreamOperation):
            if into is _DECLARED and isinstance(operation, AccumulatingOperation):
                from openai_core.accumulating import AccumulatingStream

                return AccumulatingStream(*self._accumulating(operation))
            return Stream(self._reader(operation, into), lambda: self._open(operation))
        if isinstance(operation, BinaryOperation):
            from openai_core.binary import Binary

            return Binary(self._open(operation))
        if isinstance(operation, PagedOperation) and into is _DECLARED:
            from openai_core.pagination import Pages

            deadline = self._deadline(operation)

            def fetch(page: PagedOperation[Any, Any]) -> Any:
                return self._read(page, self._send_whole(page, deadline), _DECLARED)

            return Pages(fetch(operation), operation, fetch)
        return self._read(operation, self._send_whole(operation), into)

    def send_raw(self, operation: Operation[T]) -> Response[T]:
        """Send an operation and return the whole response; `.parse()` gives its result."""
        return self._send_whole(operation)

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
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
        query: Mapping[str, Any] | None = None,
        into: Any = dict,
        options: RequestOptions | None = None,
    ) -> Any:
        """Call what no operation covers.

        Args:
            method: HTTP method.
            path: path below the base URL.
            body: anything that can be written as JSON.
            query: query parameters.
            into: what to read the answer as.
            options: see `RequestOptions`.
        """
        operation: Operation[Any] = Operation(Endpoint(method, path, None), (), query, body, None, options)
        return self.send(operation, into=into)

    @overload
    def api(self, group: type[GroupT]) -> GroupT: ...
    @overload
    def api(self, group: str) -> Any: ...
    def api(self, group: type[GroupT] | str) -> Any:
        """An API group that isn't an attribute: by its class, or by the name that a plugin registered it with."""
        return apis.get(group)[0](self) if isinstance(group, str) else group(self)

    def _send_whole(self, operation: AnyOperation, deadline: Deadline | None = None) -> Response[Any]:
        def send(operation: AnyOperation) -> Response[Any]:
            return self._attempts(self._call(operation, deadline), self._attempt_whole)

        response = around(self._middleware, send)(operation) if self._middleware else send(operation)
        response._parse = lambda answer: self._read(operation, answer, _DECLARED)  # noqa: SLF001 - middleware may have made it
        return response

    def _open(self, operation: AnyOperation, deadline: Deadline | None = None) -> OpenResponse:
        def send(operation: AnyOperation) -> OpenResponse:
            return self._attempts(self._call(operation, deadline), self._attempt_open)

        return around(self._middleware, send)(operation) if self._middleware else send(operation)

    def _attempts(self, call: Call, attempt: Callable[[Call], T]) -> T:
        self.provider.prepare(call.operation)
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
        reply = self._reply(call)
        try:
            content = reply.read()
        except ConnectionFailed as error:
            raise call.connection_error(error) from error
        return Response(reply.status, call.url, reply.headers, call.answered(reply.status, reply.headers), content)

    def _attempt_open(self, call: Call) -> OpenResponse:
        reply = self._reply(call)
        attempts = call.answered(reply.status, reply.headers)
        return OpenResponse(reply.status, call.url, reply.headers, attempts, GuardedReply(reply, call))

    def _reply(self, call: Call) -> Reply:
        """The reply to one attempt, if it is a good one."""
        transport: Transport = self._carrier.get()
        send: Callable[[Request], Any] = transport.send
        if self._attempt_middleware:
            send = around(self._attempt_middleware, send)
        while True:
            request = call.request(self.provider.auth(call.operation))
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


class AsyncClient(_AnyClient, AsyncGroups):
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
    def send(self, operation: AnyOperation, *, into: Any = _DECLARED) -> Any:
        """As `Client.send`. What a single answer becomes is awaited; streams and lists are there at once."""
        if isinstance(operation, StreamOperation):
            if into is _DECLARED and isinstance(operation, AccumulatingOperation):
                from openai_core.accumulating import AsyncAccumulatingStream

                return AsyncAccumulatingStream(*self._accumulating(operation))
            return AsyncStream(self._reader(operation, into), lambda: self._open(operation))
        if isinstance(operation, BinaryOperation):
            return self._send_binary(operation)
        if isinstance(operation, PagedOperation) and into is _DECLARED:
            from openai_core.pagination import AsyncPages

            deadline = self._deadline(operation)

            async def fetch(page: PagedOperation[Any, Any]) -> Any:
                return self._read(page, await self._send_whole(page, deadline), _DECLARED)

            return AsyncPages(operation, fetch)
        return self._send_read(operation, into)

    async def send_raw(self, operation: Operation[T]) -> Response[T]:
        """As `Client.send_raw`."""
        return await self._send_whole(operation)

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
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
        query: Mapping[str, Any] | None = None,
        into: Any = dict,
        options: RequestOptions | None = None,
    ) -> Any:
        """As `Client.request`."""
        operation: Operation[Any] = Operation(Endpoint(method, path, None), (), query, body, None, options)
        return await self.send(operation, into=into)

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

    async def _send_whole(self, operation: AnyOperation, deadline: Deadline | None = None) -> Response[Any]:
        async def send(operation: AnyOperation) -> Response[Any]:
            return await self._attempts(self._call(operation, deadline), self._attempt_whole)

        response = await (around_async(self._middleware, send) if self._middleware else send)(operation)
        response._parse = lambda answer: self._read(operation, answer, _DECLARED)  # noqa: SLF001 - middleware may have made it
        return response

    async def _open(self, operation: AnyOperation, deadline: Deadline | None = None) -> OpenResponse:
        async def send(operation: AnyOperation) -> OpenResponse:
            return await self._attempts(self._call(operation, deadline), self._attempt_open)

        return await (around_async(self._middleware, send) if self._middleware else send)(operation)

    async def _attempts(self, call: Call, attempt: Callable[[Call], Coroutine[Any, Any, T]]) -> T:
        await self.provider.prepare_async(call.operation)
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
        reply = await self._reply(call)
        try:
            content = await reply.read()
        except ConnectionFailed as error:
            raise call.connection_error(error) from error
        return Response(reply.status, call.url, reply.headers, call.answered(reply.status, reply.headers), content)

    async def _attempt_open(self, call: Call) -> OpenResponse:
        reply = await self._reply(call)
        attempts = call.answered(reply.status, reply.headers)
        return OpenResponse(reply.status, call.url, reply.headers, attempts, AsyncGuardedReply(reply, call))

    async def _reply(self, call: Call) -> AsyncReply:
        transport: AsyncTransport = self._carrier.get()
        send: Callable[[Request], Any] = transport.send
        if self._attempt_middleware:
            send = around_async(self._attempt_middleware, send)
        while True:
            request = call.request(await self.provider.auth_async(call.operation))
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
