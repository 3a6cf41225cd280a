"""Which transports there are, and how all clients of the tests get another one than the default."""

from __future__ import annotations

from typing import Any

from openai_core import plugins
from openai_core.transport import httpx

TRANSPORTS = ("httpx", "httptools", "pyreqwest", "aiohttp", "httpx2")


def send_over(name: str) -> None:
    """Let the clients whose transport isn't named send over this one, those of a colour that it has."""
    make_default = httpx.make

    def make(colour: int, http_client: Any = None) -> Any:
        make_other = plugins.transports.get(name)[colour]
        return make_other() if make_other and http_client is None else make_default(colour, http_client)

    httpx.make = make
