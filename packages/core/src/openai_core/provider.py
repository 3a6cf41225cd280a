"""Who answers: address, authentication and habits of one server or service."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from openai_core.config import ENVIRONMENT, OpenAIConfig, Secret, regional
from openai_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from openai_core.operation import AnyOperation


@dataclass(frozen=True, slots=True)
class Quirks:
    """Where a server differs from the API.

    Args:
        stream_end: whether a stream has to end as the protocol says (`[DONE]`, or an event that closes the response);
            if not, the end of the data is taken for the end of the answer.
    """

    stream_end: bool = True


class Provider:
    """OpenAI, or any server that speaks its API at another address.

    Subclass it for a service that differs, and pass an instance as `Client(provider=...)`, or register the class as a
    plugin and pass its name.

    Args:
        config: keys and address; those of the environment if not given.
        quirks: where the server differs from the API.
    """

    name = "openai"
    key_required = True
    alternatives: ClassVar[Sequence[frozenset[str]]] = (frozenset({"base_url", "region"}),)
    """Settings of a client of which one takes the place of the others when the client is copied."""

    def __init__(self, config: OpenAIConfig | None = None, quirks: Quirks = Quirks()) -> None:
        self.config = OpenAIConfig.read() if config is None else config
        self.quirks = quirks

    @classmethod
    def from_config(cls, config: OpenAIConfig, *, region: str | None = None, **settings: Any) -> Self:
        """Make one for `Client(provider="name", ...)`.

        Args:
            config: what the client was given, or found in the environment.
            region: where data has to stay, in the place of an address: `us`, `eu`, `ae`, or `global`.
            settings: arguments of the client that only this provider knows.

        Raises:
            TypeError: for settings that it doesn't know.
        """
        if region is not None:
            config = config.replace(base_url=regional(config.base_url, region))
        return cls(config, **settings)

    def adapt(self, operation: AnyOperation) -> AnyOperation:
        """The operation as this server takes it; the same one, unless it has other names for something.

        Never change the one that is given, which is the caller's: `operation.replace(body={...})` gives a copy.
        """
        return operation

    def prepare(self, operation: AnyOperation) -> None:
        """Called before each call, in a sync client: start what has to run, refuse what isn't there."""

    async def prepare_async(self, operation: AnyOperation) -> None:
        """As `prepare`, in an async client."""
        self.prepare(operation)

    def url(self, operation: AnyOperation) -> str:
        """The absolute URL of an operation, without a query."""
        return self.config.base_url + operation.path

    def headers(self) -> dict[str, str]:
        """Headers of every request, without authentication."""
        headers = {**(self.config.headers or {})}
        if self.config.organization:
            headers["OpenAI-Organization"] = self.config.organization
        if self.config.project:
            headers["OpenAI-Project"] = self.config.project
        return headers

    def query(self) -> Mapping[str, str]:
        """Query parameters of every request."""
        return {}

    def auth(self, operation: AnyOperation) -> Mapping[str, str]:
        """Headers that authenticate one attempt of an operation.

        Raises:
            ConfigurationError: when there is no key.
        """
        key: Any = self._key(operation)
        if callable(key):
            key = key()
            if inspect.isawaitable(key):
                close = getattr(key, "close", None)
                if close:
                    close()
                raise ConfigurationError("api_key is an async function, which only an AsyncClient can call")
        return self.authorization(key)

    async def auth_async(self, operation: AnyOperation) -> Mapping[str, str]:
        """As `auth`, in an async client."""
        key: Any = self._key(operation)
        if callable(key):
            key = key()
            if inspect.isawaitable(key):
                key = await key
        return self.authorization(key)

    def authorization(self, key: str | Secret | None) -> Mapping[str, str]:
        """The headers that carry a key; none without one."""
        if key is None:
            return {}
        secret = key if isinstance(key, Secret) else Secret(key, "the key that the api_key function returned")
        return {"Authorization": f"Bearer {secret.reveal()}"}

    def _key(self, operation: AnyOperation) -> Any:
        key = self.config.admin_key if operation.endpoint.admin else self.config.api_key
        if key is None and self.key_required:
            which, kind = ("admin_key", "admin") if operation.endpoint.admin else ("api_key", "API")
            raise ConfigurationError(
                f"no {kind} key: set {ENVIRONMENT[which]} in the environment or pass {which}=... to the client"
            )
        return key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.config.base_url!r})"


class CompatibleProvider(Provider):
    """A server that speaks the API and may not be strict about it: a gateway, vLLM, Ollama, llama.cpp, ….

    It needs no key, and its streams may end without the protocol's end.
    """

    name = "compatible"
    key_required = False

    def __init__(self, config: OpenAIConfig | None = None, quirks: Quirks = Quirks(stream_end=False)) -> None:
        super().__init__(config, quirks)
