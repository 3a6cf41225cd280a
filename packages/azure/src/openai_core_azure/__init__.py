"""The provider `azure`: Azure OpenAI; see `AzureProvider`."""

from __future__ import annotations

from openai_core_azure.provider import AzureProvider

__all__ = ["AzureProvider"]
