"""The calls of `client.webhooks`. Nothing is sent, so they are the same in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.group import ApiGroup, AsyncApiGroup
from openai_core_webhooks.signature import TOLERANCE
from openai_core_webhooks.signature import verify as verify_signature

if TYPE_CHECKING:
    from openai_core_webhooks.events import WebhookEvent
    from openai_core_webhooks.signature import WebhookHeaders


class _Receiving:
    @staticmethod
    def unwrap(
        payload: bytes | str,
        headers: WebhookHeaders,
        *,
        secret: str | None = None,
        tolerance: float = TOLERANCE,
        now: float | None = None,
    ) -> WebhookEvent:
        """Check that the API has sent a request, and read the event in it; nothing is sent.

        Args:
            payload: The body of the request as it came, before anything has read it.
            headers: Those of the request, as a mapping or as pairs, such as ASGI has them; names in any case.
            secret: The secret of the webhook endpoint, `whsec_...`; `OPENAI_WEBHOOK_SECRET` if not given.
            tolerance: Seconds by which the time of the request may differ from the clock, either way.
            now: Seconds since 1970 to take for the time; those of the clock if not given.

        Raises:
            InvalidWebhookSignatureError: if it isn't signed by this secret, or is too old or too new.
            ConfigurationError: if there is no secret, or it can't be one.

        [Guide](https://platform.openai.com/docs/guides/webhooks)
        """
        from openai_core_webhooks.events import unwrap

        return unwrap(payload, headers, secret=secret, tolerance=tolerance, now=now)

    @staticmethod
    def verify(
        payload: bytes | str,
        headers: WebhookHeaders,
        *,
        secret: str | None = None,
        tolerance: float = TOLERANCE,
        now: float | None = None,
    ) -> None:
        """Check that the API has sent a request, and sent it now; nothing is sent.

        Args:
            payload: The body of the request as it came, before anything has read it.
            headers: Those of the request, as a mapping or as pairs, such as ASGI has them; names in any case.
            secret: The secret of the webhook endpoint, `whsec_...`; `OPENAI_WEBHOOK_SECRET` if not given.
            tolerance: Seconds by which the time of the request may differ from the clock, either way.
            now: Seconds since 1970 to take for the time; those of the clock if not given.

        Raises:
            InvalidWebhookSignatureError: if it isn't signed by this secret, or is too old or too new.
            ConfigurationError: if there is no secret, or it can't be one.

        [Guide](https://platform.openai.com/docs/guides/webhooks)
        """
        verify_signature(payload, headers, secret=secret, tolerance=tolerance, now=now)


class Webhooks(_Receiving, ApiGroup):
    """Events that the API sends to you: checked and read."""


class AsyncWebhooks(_Receiving, AsyncApiGroup):
    """Events that the API sends to you: checked and read. Nothing is awaited, as nothing is sent."""
