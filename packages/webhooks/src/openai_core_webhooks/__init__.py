"""Webhooks for openai-core: events that the API sends to you, checked and read.

`unwrap` and `verify` need no client; importing them imports neither httpx nor pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.lazy import lazy_names

if TYPE_CHECKING:
    from openai_core_webhooks.events import WebhookEvent, unwrap
    from openai_core_webhooks.signature import InvalidWebhookSignatureError, sign, verify

__all__ = ["InvalidWebhookSignatureError", "WebhookEvent", "sign", "unwrap", "verify"]
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {"events": ("WebhookEvent", "unwrap"), "signature": ("InvalidWebhookSignatureError", "sign", "verify")},
    )
