"""Registers this distribution's API groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.hookspecs import hookimpl
from openai_core_webhooks.api import AsyncWebhooks, Webhooks

if TYPE_CHECKING:
    from openai_core.hookspecs import RegisterApi


@hookimpl
def register_apis(register: RegisterApi) -> None:
    """Register for both colours of client."""
    register("webhooks", Webhooks, AsyncWebhooks)
