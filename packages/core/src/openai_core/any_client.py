"""What the clients of both colours have in common: everything but I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, ParamSpec, Protocol, TypeVar, cast

from openai_core.call import Call, Settings
from openai_core.config import BASE_URL, ENVIRONMENT, OpenAIConfig
from openai_core.decoding import decoder
from openai_core.errors import ConfigurationError
from openai_core.lazy import elsewhere
from openai_core.logs import redacted
from openai_core.middleware import layers
from openai_core.operation import AccumulatingOperation, BinaryOperation, StreamOperation, check_operation
from openai_core.options import merged
from openai_core.plugins import PluginGroup, apis, providers
from openai_core.provider import CompatibleProvider, Provider
from openai_core.retrying import Deadline, RetryBudget, RetryPolicy
from openai_core.wire import Carrier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self, Unpack

    from openai_core.accumulating import Assembly
    from openai_core.config import KeySource
    from openai_core.errors import Attempt
    from openai_core.lenient import Drift
    from openai_core.middleware import AttemptMiddleware, Middleware
    from openai_core.operation import AnyOperation
    from openai_core.options import RequestOptions, Timeout
    from openai_core.response import Response
    from openai_core.streaming import EventReader

P = ParamSpec("P")
ClientT = TypeVar("ClientT", bound="AnyClient")

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"
_ANY: Final = "*/*"
_BUILT_IN: Final = {"openai": Provider, "compatible": CompatibleProvider}


class _Declared:
    """Stands for the type that the endpoint declares."""


DECLARED: Final = _Declared()


class _Source:
    """What a provider that was asked for by its name is made of."""

    def __init__(self, name: str, config: OpenAIConfig, settings: dict[str, Any]) -> None:
        self._name = name
        self._config = config
        self._settings = settings

    @property
    def _kind(self) -> type[Provider]:
        return _BUILT_IN.get(self._name) or providers.get(self._name)[0]

    def provider(self, client: type[AnyClient]) -> Provider:
        """Make it, for a client of a class."""
        try:
            return self._kind.from_config(self._config, **self._settings)
        except TypeError as error:
            from openai_core.advice import for_settings, unknown

            takes = (self._kind.from_config, self._kind.__init__)
            if not (strange := unknown(self._settings, *takes)):
                raise
            raise TypeError(
                f"neither {client.__name__} nor the provider {self._name!r} takes {', '.join(strange)}"
                f"{for_settings(strange, AnyClient.__init__, *takes)}"
            ) from error

    def replace(self, changes: dict[str, Any]) -> _Source:
        """The same with other keys, another address or other settings."""
        for group in self._kind.alternatives:
            if group & changes.keys():
                # One of them takes the place of the others.
                changes = {**dict.fromkeys(group), **changes}
        config = {name: value for name, value in changes.items() if name in ENVIRONMENT}
        if config.get("base_url", "") is None:
            config["base_url"] = BASE_URL
        settings = {**self._settings, **{name: value for name, value in changes.items() if name not in ENVIRONMENT}}
        given = {name: value for name, value in settings.items() if value is not None}
        return _Source(self._name, self._config.replace(**config), given)


class _Copying(Protocol[P]):
    """A method that takes what its class is made with, and gives another one."""

    def __get__(self, client: ClientT, kind: Any) -> Callable[P, ClientT]: ...


def _as_made_by(_made: Callable[Concatenate[Any, P], None]) -> Callable[[Callable[..., Any]], _Copying[P]]:
    """Tell type checkers that a method takes what another one does."""
    return lambda method: cast("_Copying[P]", method)


@elsewhere(
    beta="a group of its own: assistants, threads, chatkit, realtime, responses_beta",
    **{name: f"client.provider.config.{name}" for name in ENVIRONMENT},
)
class AnyClient:
    """What the clients have in common: everything but I/O."""

    colour: Literal[0, 1]
    _open: Any

    def __init__(
        self,
        /,
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
        self._source: _Source | None = None
        if isinstance(provider, str):
            config = OpenAIConfig.read(
                api_key=api_key, admin_key=admin_key, base_url=base_url, organization=organization, project=project
            )
            self._source = _Source(provider, config, settings)
            provider = self._source.provider(type(self))
        elif not isinstance(provider, Provider):
            raise ConfigurationError(
                f"provider is a Provider object or the name of one, not {redacted(provider)!r:.80}"
            )
        elif settings or any((api_key, admin_key, base_url, organization, project)):
            raise TypeError("a Provider object has its own keys and address; pass them to it, not to the client")
        if validation not in {"lenient", "strict"}:
            raise ConfigurationError(f"validation is 'lenient' or 'strict', not {validation!r}")
        if retry is not None and not isinstance(retry, RetryPolicy):
            raise ConfigurationError(f"retry is a RetryPolicy, not {retry!r}; for a number, pass max_retries=")
        for name, told in (("on_attempt", on_attempt), ("on_drift", on_drift)):
            if told is not None and not callable(told):
                raise ConfigurationError(f"{name} is a function that is told, not {told!r:.80}")
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
        self._middleware = layers("middleware", middleware)
        self._attempt_middleware = layers("attempt_middleware", attempt_middleware)
        self._carrier = Carrier(transport, http_client, self.colour)

    @_as_made_by(__init__)
    def copy(self, **changes: Any) -> Self:
        """A client like this one with other settings, which may be all that a client is made with.

        Timeout, deadline, retries, headers and query are merged with this one's as by `with_options`; what else is
        given, and isn't `None`, takes the place of what was. Another `provider` takes over neither keys nor address.
        Connections are shared, so that closing one client ends those of both, unless `transport` or `http_client` is
        given.

        Raises:
            ConfigurationError: for values that make no sense.
            TypeError: for a key or an address, if this client was given a `Provider` object, which has its own.
        """
        copy = self.__copy__()
        copy._change(changes)  # noqa: SLF001 - its own kind
        return copy

    def _change(self, changes: dict[str, Any]) -> None:
        changes = {name: value for name, value in changes.items() if value is not None}
        settings, carrier, source = self._settings, self._carrier, self._source
        options: Any = {**(settings.options or {})}
        if "retry" in changes:
            # It says how often, too.
            options.pop("max_retries", None)
        kept: dict[str, Any] = {
            "retry": settings.retry,
            "validation": "strict" if settings.strict else "lenient",
            "middleware": self._middleware,
            "attempt_middleware": self._attempt_middleware,
            "on_attempt": settings.on_attempt,
            "on_drift": settings.on_drift,
        }
        if "provider" in changes:
            source = None
        else:
            kept["provider"] = settings.provider
            if source and (names := changes.keys() - _OWN):
                source = source.replace({name: changes.pop(name) for name in names})
                kept["provider"] = source.provider(type(self))
        AnyClient.__init__(self, **{**kept, **changes})
        self._source = source or self._source
        self._settings.options = merged(options, self._settings.options)
        if not changes.keys() & {"transport", "http_client"}:
            self._carrier = carrier

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """A client with other options for all calls, on the same connections; see `RequestOptions`.

        Closing one of the two ends the connections of both.
        """
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
        if self._middleware:
            # It may have kept the answer, or made it.
            self._parsed_later(operation, response)
        returns = operation.endpoint.returns if into is DECLARED else into
        return decoder(returns).read(response, None, self._settings.report_drift)

    def _reader(self, operation: StreamOperation[Any], into: Any) -> EventReader[Any]:
        from openai_core.streaming import EventReader

        endpoint: Any = operation.endpoint
        return EventReader(
            decoder(endpoint.returns if into is DECLARED else into),
            endpoint.ends,
            named=endpoint.named,
            end_required=self.provider.quirks.stream_end,
            accumulating=into is DECLARED and isinstance(operation, AccumulatingOperation),
            on_drift=self._settings.report_drift,
        )

    def _accumulating(
        self, operation: AccumulatingOperation[Any, Any]
    ) -> tuple[EventReader[Any], Callable[[], Any], Assembly[Any]]:
        """What an accumulating stream is made of."""
        from openai_core.accumulating import Assembly

        endpoint: Any = operation.endpoint
        reader = self._reader(operation, DECLARED)
        return reader, lambda: self._open(operation), Assembly(reader, endpoint, self._settings.report_drift)

    def _parsed_later(self, operation: AnyOperation, response: Response[Any]) -> Response[Any]:
        """An answer that can be parsed from now on."""
        response._parse = lambda answer: self._read(operation, answer, DECLARED)  # noqa: SLF001 - of this package
        return response

    def _call(self, operation: AnyOperation, deadline: Deadline | None) -> Call:
        check_operation(operation)
        accept = _JSON
        if isinstance(operation, StreamOperation):
            accept = _EVENTS
        elif isinstance(operation, BinaryOperation) or operation.endpoint.returns is str:
            accept = _ANY
        return Call(self._settings, operation, accept, deadline)

    def _deadline(self, operation: AnyOperation) -> Deadline | None:
        options = self._settings.options
        if operation.options:
            options = merged(options, operation.options)
        return Deadline(options["deadline"]) if options and "deadline" in options else None

    def __dir__(self) -> list[str]:
        # An API group that isn't installed isn't offered.
        installed = apis.installed()
        attributes = [pair for kind in type(self).__mro__ for pair in vars(kind).items()]
        groups = {name: each.plugin for name, each in attributes if isinstance(each, PluginGroup)}
        return sorted({*super().__dir__()} - {name for name, plugin in groups.items() if plugin not in installed})

    def __copy__(self) -> Self:
        # API groups belong to the client they were read from.
        kind = type(self)
        copy = object.__new__(kind)
        for name, value in vars(self).items():
            if not isinstance(getattr(kind, name, None), PluginGroup):
                copy.__dict__[name] = value
        return copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.__copy__()

    def __reduce__(self) -> str:
        raise TypeError("a client has connections and a key, and can't be pickled; make one in the other process")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.provider!r}>"


# What a client is made with and its provider isn't.
_OWN: Final = frozenset(AnyClient.__init__.__kwdefaults__ or ()) - ENVIRONMENT.keys()
