"""What a plugin can implement. Each hook is handed a function with which to register something.

Entry points name the module that holds a plugin's hooks, in the groups `openai_core.apis`, `openai_core.providers`
and `openai_core.transports`; the entry point's name is the name of what it registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pluggy

RegisterApi: TypeAlias = Callable[[str, type, type], None]
"""`register(name, group, async_group)`: an API group for each colour, read as `client.api(name)`."""
RegisterProvider: TypeAlias = Callable[[str, type], None]
"""`register(name, provider)`: a `Provider` class, used by `Client(provider=name)`."""
RegisterTransport: TypeAlias = Callable[[str, Callable[[], Any] | None, Callable[[], Any] | None], None]
"""`register(name, transport, async_transport)`: what makes a transport of each colour, for `Client(transport=name)`;
`None` for a colour that it doesn't have."""

hookspec = pluggy.HookspecMarker("openai_core")
hookimpl = pluggy.HookimplMarker("openai_core")


@hookspec(historic=True)
def register_apis(register: RegisterApi) -> None:
    """Register API groups."""


@hookspec(historic=True)
def register_providers(register: RegisterProvider) -> None:
    """Register providers."""


@hookspec(historic=True)
def register_transports(register: RegisterTransport) -> None:
    """Register transports."""
