"""What the entry point names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core import hookimpl
from openai_core_local.provider import LocalProvider

if TYPE_CHECKING:
    from openai_core import RegisterProvider


@hookimpl
def register_providers(register: RegisterProvider) -> None:
    """Register the provider."""
    register("local", LocalProvider)
