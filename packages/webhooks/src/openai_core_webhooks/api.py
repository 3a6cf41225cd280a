"""The calls of `client.webhooks`. Nothing is sent, so they are the same in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.group import ApiGroup, AsyncApiGroup
from openai_core_webhooks.signature import TOLERANCE
from openai_core_webhooks.signature import verify as verify_signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai_core_webhooks.events import WebhookEvent


class _Receiving:
    @staticmethod
    def unwrap(
        payload: bytes | str,
        headers: Mapping[str, str],
        *,
        secret: str | None = None,
        tolerance: float = TOLERANCE,
        now: float | None = None,
    ) -> WebhookEvent:
        """As `openai_core_webhooks.unwrap`."""
        from openai_core_webhooks.events import unwrap

        return unwrap(payload, headers, secret=secret, tolerance=tolerance, now=now)

    @staticmethod
    def verify(
        payload: bytes | str,
        headers: Mapping[str, str],
        *,
        secret: str | None = None,
        tolerance: float = TOLERANCE,
        now: float | None = None,
    ) -> None:
        """As `openai_core_webhooks.verify`."""
        verify_signature(payload, headers, secret=secret, tolerance=tolerance, now=now)


class Webhooks(_Receiving, ApiGroup):
    """Events that the API sends to you: checked and read."""


class AsyncWebhooks(_Receiving, AsyncApiGroup):
    """Events that the API sends to you: checked and read. Nothing is awaited, as nothing is sent."""
