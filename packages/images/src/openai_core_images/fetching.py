"""Fetching images from wherever their URLs lead, as a stranger: with nobody's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_core.client import AsyncClient, Client
from openai_core.config import OpenAIConfig
from openai_core.errors import OpenAIError
from openai_core.group import ApiGroup, AsyncApiGroup
from openai_core.operation import BinaryEndpoint
from openai_core.provider import Provider
from openai_core.steps import AsyncStepsMethod, StepsMethod, read, together, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openai_core.operation import AnyOperation
    from openai_core.steps import Steps

_AT_ONCE: Final = 8
_IMAGE: Final = BinaryEndpoint("GET", "{url}", None)


class _Anybody(Provider):
    """Whoever has the image."""

    name = "anybody"

    def url(self, operation: AnyOperation) -> str:
        return operation.path_params[0]

    def headers(self) -> dict[str, str]:
        return {}

    def auth(self, operation: AnyOperation) -> Mapping[str, str]:  # noqa: ARG002 - the same for all
        return {}

    async def auth_async(self, operation: AnyOperation) -> Mapping[str, str]:  # noqa: ARG002 - as above
        return {}


def _fetched(urls: Sequence[str], deadline: float | None) -> Steps[list[bytes | OpenAIError]]:
    yield from within(deadline)
    return (yield from together(map(_one, urls), limit=min(_AT_ONCE, len(urls))))


def _one(url: str) -> Steps[bytes | OpenAIError]:
    try:
        return (yield from read(_IMAGE.operation(path=(url,))))
    except OpenAIError as error:
        # The others are fetched all the same.
        return error


class _Images(ApiGroup):
    fetched = StepsMethod(_fetched)


class _AsyncImages(AsyncApiGroup):
    fetched = AsyncStepsMethod(_fetched)


def fetch(urls: Sequence[str], deadline: float | None) -> list[bytes | OpenAIError]:
    """What is at these URLs, or why it can't be had.

    Args:
        urls: one or more.
        deadline: seconds for all of them; `None` for no limit.
    """
    with Client(provider=_Anybody(OpenAIConfig())) as client:
        return _Images(client).fetched(urls, deadline)


async def fetch_async(urls: Sequence[str], deadline: float | None) -> list[bytes | OpenAIError]:
    """As `fetch`, in an event loop."""
    async with AsyncClient(provider=_Anybody(OpenAIConfig())) as client:
        return await _AsyncImages(client).fetched(urls, deadline)
