"""The provider: where a resource's operations are, and what proves who calls."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from openai_core import ConfigurationError, OpenAIConfig, Provider, Secret
from openai_core.errors import InvalidRequestError
from openai_core.operation import OMIT, Endpoint, Operation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

    from openai_core.config import KeySource
    from openai_core.operation import AnyOperation

_ENVIRONMENT: Final = {
    "azure_endpoint": "AZURE_OPENAI_ENDPOINT",
    "api_version": "OPENAI_API_VERSION",
    "api_key": "AZURE_OPENAI_API_KEY",
    "azure_ad_token": "AZURE_OPENAI_AD_TOKEN",
}

# In dated versions these belong to a deployment, and all others to the resource.
# https://learn.microsoft.com/azure/ai-foundry/openai/reference
_OF_A_DEPLOYMENT: Final = frozenset(
    {
        "/audio/speech",
        "/audio/transcriptions",
        "/audio/translations",
        "/chat/completions",
        "/completions",
        "/embeddings",
        "/images/edits",
        "/images/generations",
    }
)

# In dated versions its query names a deployment, and none where it follows a call or only writes down what is spoken.
# https://learn.microsoft.com/azure/ai-foundry/openai/how-to/realtime-audio-websockets
_REALTIME: Final = "/realtime"
_WITHOUT_DEPLOYMENT: Final = frozenset({"call_id", "intent"})


class AzureProvider(Provider):
    """A resource of Azure OpenAI, for `Client(provider="azure", ...)`. A call's `model` is the name of a deployment.

    What isn't given is read from the environment: `AZURE_OPENAI_ENDPOINT`, `OPENAI_API_VERSION`, and, if no credential
    is given, `AZURE_OPENAI_AD_TOKEN` or else `AZURE_OPENAI_API_KEY`. Nothing that is OpenAI's own is sent to Azure.

    See https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle.

    Args:
        azure_endpoint: address of the resource, such as `https://RESOURCE.openai.azure.com`.
        api_version: a dated version, such as `2024-10-21`; without one, the v1 API is called.
        azure_deployment: with a dated version, the deployment that answers in the place of a call's `model`.
        api_key: a key of the resource, or a function that gives one and is called before each attempt.
        azure_ad_token: a token of Entra ID.
        azure_ad_token_provider: a function that gives the current token and is called before each attempt; an async
            one works in an async client.

    Raises:
        ConfigurationError: if something is missing, or contradicts something else.
    """

    name = "azure"
    alternatives = (frozenset({"api_key", "azure_ad_token", "azure_ad_token_provider"}),)

    def __init__(
        self,
        azure_endpoint: str | None = None,
        *,
        api_version: str | None = None,
        azure_deployment: str | None = None,
        api_key: KeySource | Secret | None = None,
        azure_ad_token: str | None = None,
        azure_ad_token_provider: Callable[[], str] | Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        endpoint = azure_endpoint or _environment("azure_endpoint")
        if not endpoint:
            raise ConfigurationError(
                f"no address of an Azure resource: set {_ENVIRONMENT['azure_endpoint']} in the environment or pass "
                "azure_endpoint='https://RESOURCE.openai.azure.com'"
            )
        self._version = api_version or _environment("api_version")
        self._deployment = azure_deployment
        if azure_deployment and not self._version:
            raise ConfigurationError(
                "azure_deployment needs a dated api_version; in the v1 API a call's model names the deployment"
            )
        token = azure_ad_token_provider or azure_ad_token
        if sum(map(bool, (api_key, azure_ad_token, azure_ad_token_provider))) > 1:
            raise ConfigurationError("pass one of api_key, azure_ad_token and azure_ad_token_provider")
        if not token and not api_key:
            token = _environment("azure_ad_token")
        key = token or api_key or _environment("api_key")
        if not key:
            raise ConfigurationError(
                f"no key or token for Azure: set {_ENVIRONMENT['api_key']} or {_ENVIRONMENT['azure_ad_token']} in the "
                "environment, or pass api_key=..., azure_ad_token=... or azure_ad_token_provider=..."
            )
        self._by_token = bool(token)
        # The portal shows the address with and without the path of an API.
        resource = endpoint.rstrip("/").removesuffix("/v1").removesuffix("/openai")
        path = "/openai" if self._version else "/openai/v1"
        if isinstance(key, str):
            key = Secret(key, "azure_ad_token" if token else "api_key")
        super().__init__(OpenAIConfig(api_key=key, base_url=resource + path))

    @classmethod
    def from_config(cls, config: OpenAIConfig, **settings: Any) -> Self:
        """As `Provider.from_config`."""
        # What the environment says about OpenAI isn't meant for Azure; what the client was given is.
        elsewhere = OpenAIConfig.read()
        if config.base_url != elsewhere.base_url:
            raise ConfigurationError("pass azure_endpoint=..., the address of the resource, in the place of base_url")
        if config.api_key != elsewhere.api_key:
            settings["api_key"] = config.api_key
        return cls(**settings)

    def prepare(self, operation: AnyOperation) -> None:
        """Refuse what Azure doesn't have.

        Raises:
            ConfigurationError: for an operation that administers an organization of OpenAI.
        """
        if operation.endpoint.admin:
            raise ConfigurationError(
                f"Azure has no organizations of OpenAI: {operation.endpoint} can't be called there"
            )

    def adapt(self, operation: AnyOperation) -> AnyOperation:
        """An operation as Azure wants it: realtime sessions of a dated version name a deployment, and no model.

        Raises:
            InvalidRequestError: if such a session names no model, and no deployment was given.
        """
        if not self._version or operation.path != _REALTIME:
            return operation
        query = operation.query or {}
        deployment = self._deployment or query.get("model")
        if deployment:
            return operation.replace(query={"model": OMIT, "deployment": deployment})
        if not _WITHOUT_DEPLOYMENT & query.keys():
            raise InvalidRequestError(f"{_REALTIME} needs a model, which names the deployment", param="model")
        return operation

    def url(self, operation: AnyOperation) -> str:
        """The absolute URL of an operation.

        Raises:
            InvalidRequestError: if the operation belongs to a deployment and none is named.
        """
        path = operation.path
        if self._version and path in _OF_A_DEPLOYMENT:
            body = operation.body
            deployment = self._deployment or (body.get("model") if isinstance(body, Mapping) else None)
            if not deployment:
                raise InvalidRequestError(f"{path} needs a model, which names the deployment", param="model")
            endpoint: Endpoint[Any] = Endpoint(operation.method, "/deployments/{model}" + path, None)
            path = Operation(endpoint, (deployment,)).path
        return self.config.base_url + path

    def query(self) -> Mapping[str, str]:
        """The version, if it is a dated one."""
        return {"api-version": self._version} if self._version else {}

    def authorization(self, key: str | Secret | None) -> Mapping[str, str]:
        """The header that carries a key or a token."""
        if self._by_token or key is None:
            return super().authorization(key)
        secret = key if isinstance(key, Secret) else Secret(key, "the key that the api_key function returned")
        return {"api-key": secret.reveal()}


def _environment(name: str) -> str | None:
    return os.environ.get(_ENVIRONMENT[name]) or None
