"""Acme's gateway to several models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_core import OMIT, ConfigurationError, OpenAIConfig, Provider, hookimpl
from openai_core.provider import Quirks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from openai_core import RegisterProvider
    from openai_core.config import Secret
    from openai_core.operation import AnyOperation


class AcmeGateway(Provider):
    """Where it is, how it knows who calls, and what is odd about it.

    Args:
        config: keys and address.
        tenant: on whose account.
    """

    name = "acme"

    def __init__(self, config: OpenAIConfig, tenant: str) -> None:
        super().__init__(config, Quirks(stream_end=False))
        self._tenant = tenant

    @classmethod
    def from_config(cls, config: OpenAIConfig, *, tenant: str = "", **settings: Any) -> Self:
        """Made by `Client(provider="acme", tenant=...)`."""
        if settings:
            raise TypeError(f"Acme's gateway doesn't know {', '.join(settings)}")
        if not tenant:
            raise ConfigurationError("no tenant: pass tenant=... to the client")
        return cls(config, tenant)

    def headers(self) -> dict[str, str]:
        """Every request tells the tenant."""
        return {**super().headers(), "X-Tenant": self._tenant}

    def adapt(self, operation: AnyOperation) -> AnyOperation:
        """The gateway knows the length of an answer by its older name."""
        body: Any = operation.body
        if operation.path != "/chat/completions" or "max_completion_tokens" not in body:
            return operation
        return operation.replace(body={"max_completion_tokens": OMIT, "max_tokens": body["max_completion_tokens"]})

    def authorization(self, key: str | Secret | None) -> Mapping[str, str]:
        """The key has a header of its own."""
        bearer = super().authorization(key).get("Authorization", "")
        return {"X-Acme-Key": bearer.removeprefix("Bearer ")} if bearer else {}


@hookimpl
def register_providers(register: RegisterProvider) -> None:
    """Register the provider by the name that clients take."""
    register("acme", AcmeGateway)
