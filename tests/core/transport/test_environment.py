"""What connections take from their surroundings."""

from __future__ import annotations

import os
import socket

import pytest

from openai_core.transport import environment
from openai_core.transport.environment import SOCKET_OPTIONS, Proxies, proxy_for, tls_context


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)


class TestProxies:
    def test_without_any_there_is_none(self):
        assert proxy_for("https", "api.example.invalid") is None

    @pytest.mark.parametrize(
        ("name", "scheme", "expected"),
        [
            ("HTTPS_PROXY", "https", "http://proxy:3128"),
            ("https_proxy", "https", "http://proxy:3128"),
            ("ALL_PROXY", "https", "http://proxy:3128"),
            ("HTTP_PROXY", "https", None),
            ("HTTPS_PROXY", "http", None),
        ],
    )
    def test_that_of_the_scheme_or_of_all(self, monkeypatch, name, scheme, expected):
        monkeypatch.setenv(name, "http://proxy:3128")

        assert proxy_for(scheme, "api.example.invalid") == expected

    def test_one_without_a_scheme_is_one_of_http(self, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "proxy:3128")

        assert proxy_for("http", "api.example.invalid") == "http://proxy:3128"

    @pytest.mark.parametrize("exempt", ["*", "example.invalid", ".example.invalid", "other,api.example.invalid"])
    def test_some_hosts_are_exempt(self, monkeypatch, exempt):
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
        monkeypatch.setenv("NO_PROXY", exempt)

        assert proxy_for("https", "api.example.invalid") is None

    def test_a_route_is_looked_up_once_for_an_origin(self, monkeypatch):
        asked = []
        monkeypatch.setattr(environment, "proxy_for", lambda *origin: asked.append(origin))
        proxies = Proxies()

        for path in ("", "/v1/models", "/v1/files?limit=1"):
            assert proxies.route(f"https://api.example.invalid:8443{path}") == (True, None)
        assert proxies.route("http://user:password@other.example.invalid") == (False, None)

        assert asked == [("https", "api.example.invalid"), ("http", "other.example.invalid")]


class TestTls:
    @pytest.fixture(autouse=True)
    def anew(self):
        tls_context.cache_clear()
        yield
        tls_context.cache_clear()

    def test_it_is_made_once(self):
        assert tls_context() is tls_context()

    @pytest.mark.parametrize(
        ("name", "argument"), [("SSL_CERT_FILE", "cafile"), ("SSL_CERT_DIR", "capath"), (None, "cafile")]
    )
    def test_certificates_come_from_the_environment_or_from_certifi(self, monkeypatch, tmp_path, name, argument):
        import ssl

        import certifi

        found = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        monkeypatch.setattr(ssl, "create_default_context", lambda **given: found.append(given) or context)
        if name:
            monkeypatch.setenv(name, str(tmp_path))

        tls_context()

        assert found == [{argument: str(tmp_path) if name else certifi.where()}]


def test_options_of_sockets_are_known_to_the_system():
    with socket.socket() as own:
        for level, name, value in SOCKET_OPTIONS:
            own.setsockopt(level, name, value)
            assert own.getsockopt(level, name)
