"""What a connection takes from its surroundings: certificates, proxies, the options of its socket."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from openai_core.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

# Without keepalive a connection that a NAT has forgotten is waited on until the timeout.
SOCKET_OPTIONS: Final = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), value)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPALIVE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
    if hasattr(socket, name)
]
KEPT: Final = 60.0
"""Seconds that a connection is kept for the next request."""


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """One for the process: reading the certificates takes longer than a call. Those that httpx trusts."""
    import ssl

    import certifi

    if file := os.environ.get("SSL_CERT_FILE"):
        context = ssl.create_default_context(cafile=file)
    elif folder := os.environ.get("SSL_CERT_DIR"):
        context = ssl.create_default_context(capath=folder)
    else:
        context = ssl.create_default_context(cafile=certifi.where())
    # With it OpenSSL 3 takes a connection that was cut off for one that has ended.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    # Once, and not for each connection: OpenSSL reads it while other threads connect, without Python's lock.
    context.set_alpn_protocols(["http/1.1"])
    return context


class Proxies:
    """Which proxies lead to which servers; each is looked up once, when it is first asked for."""

    def __init__(self) -> None:
        self._routes: dict[str, tuple[bool, str | None]] = {}

    def route(self, url: str) -> tuple[bool, str | None]:
        """Whether connections for a URL are encrypted, and the proxy that they lead through."""
        end = url.find("/", 8)
        origin = url if end < 0 else url[:end]
        return self._routes.get(origin) or self._find(origin)

    def _find(self, origin: str) -> tuple[bool, str | None]:
        parts = urlsplit(origin)
        route = self._routes[origin] = (parts.scheme == "https", proxy_for(parts.scheme, parts.hostname or ""))
        return route


def proxy_for(scheme: str, host: str) -> str | None:
    """The proxy that the environment or the system wants for a host."""
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


@contextmanager
def usable(proxy: str | None) -> Iterator[None]:
    """Say what to do about a proxy of which httpx, or its successor, can make no transport.

    Raises:
        ConfigurationError: if it is tried within, and fails.
    """
    try:
        yield
    except (ImportError, ValueError) as error:
        if proxy is None:
            raise
        raise ConfigurationError(
            f"the environment has a proxy of the kind {proxy.partition(':')[0]!r} for this server. Of the kinds 'http' "
            "and 'https' one can be used, of 'socks5' with the package socksio (pip install socksio) or with "
            "transport='pyreqwest'. NO_PROXY names servers that are reached without one"
        ) from error
