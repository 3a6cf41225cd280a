"""Certificates for servers of tests."""

from __future__ import annotations

import subprocess

import pytest


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """An authority, and the certificate of a server with its key: some don't take what certifies itself.

    From Python 3.13 on an authority has to say that it signs certificates.
    """
    folder = tmp_path_factory.mktemp("tls")
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj"
    server = "/CN=test -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=CA:FALSE"
    for options in (
        "/CN=authority -addext keyUsage=critical,keyCertSign -out authority.pem -keyout authority.key",
        f"{server} -CA authority.pem -CAkey authority.key -out server.pem -keyout server.key",
    ):
        subprocess.run(f"{request} {options}".split(), cwd=folder, check=True, capture_output=True)
    return folder / "authority.pem", folder / "server.pem", folder / "server.key"
