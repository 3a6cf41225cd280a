"""A third party's API group and provider, made as the first-party ones are."""

from __future__ import annotations

from typing import Any

from openai_core import (
    ApiGroup,
    AsyncApiGroup,
    AsyncMethod,
    CompatibleProvider,
    Endpoint,
    Method,
    OpenAIConfig,
    Operation,
    RegisterApi,
    RegisterProvider,
    hookimpl,
)

FIND: Endpoint[str] = Endpoint("GET", "/acme/search", str, id="find")


@FIND.builder
def find(*, text: str) -> Operation[str]:
    """Find what is alike."""
    return FIND.operation(query={"text": text})


class Search(ApiGroup):
    """Search."""

    find = Method(find)


class AsyncSearch(AsyncApiGroup):
    """Search."""

    find = AsyncMethod(find)


class Acme(CompatibleProvider):
    """Acme's own server, which wants a header."""

    name = "acme"

    @classmethod
    def from_config(cls, config: OpenAIConfig, **settings: Any) -> Acme:
        """A provider for Acme's server."""
        return cls(config.replace(base_url=f"https://{settings.pop('region')}.acme.example/v1"), **settings)

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {**super().headers(), "X-Acme": "yes"}


@hookimpl
def register_apis(register: RegisterApi) -> None:
    """Register the search."""
    register("search", Search, AsyncSearch)


@hookimpl
def register_providers(register: RegisterProvider) -> None:
    """Register Acme."""
    register("acme", Acme)
