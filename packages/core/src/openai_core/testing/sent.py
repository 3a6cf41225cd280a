"""What a client has sent, in a form that can be compared and shown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from openai_core.logs import is_secret, without_secrets
from openai_core.testing.comparing import compared
from openai_core.testing.redacting import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai_core.encoding import Multipart
    from openai_core.testing.redacting import Redactor
    from openai_core.transport.protocol import Request

_BOUNDARY: Final = "boundary="
_FIELD: Final = re.compile(rb'; name="([^"]*)"')
# Besides the names that tell it everywhere.
_SECRET_PARAMETERS: Final = frozenset({"key", "sig", "signature"})


@dataclass(frozen=True)
class SentRequest:
    """A request, without what tells who sent it.

    Args:
        method: of HTTP.
        path: of the URL.
        query: the parameters in the URL; those that come several times as lists.
        body: what was sent as JSON; of a form, and of what was sent as it is (`content=`), its length and the SHA-256
            of its bytes; of a session over a websocket, the events that were sent so far.
        fields: of a form, the texts in it: all but its files.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    body: Any
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> SentRequest:
        """The request that is about to be sent."""
        content = request.content
        if content is None:
            return cls.to(request.method, request.url, None)
        if isinstance(content, bytes):
            return cls.to(request.method, request.url, _read(content))
        return cls.to(request.method, request.url, _digest(content), _fields(content))

    @classmethod
    def to(cls, method: str, address: str, body: Any, fields: Mapping[str, str] | None = None) -> SentRequest:
        """A request to an address, from which its query is read."""
        url = urlsplit(address)
        query: dict[str, Any] = {}
        for name, given in parse_qsl(url.query, keep_blank_values=True):
            secret = is_secret(name) or name in _SECRET_PARAMETERS
            value = HIDDEN if secret else without_secrets(given)
            query[name] = value if name not in query else [*_listed(query[name]), value]
        return cls(method, url.path, query, body, fields or {})

    def differences(self, other: SentRequest) -> list[str]:
        """Where another request isn't the same, each in a line. What is hidden in the other one may be anything."""
        if (self.method, self.path) != (other.method, other.path):
            return [f"it goes to {other.method} {other.path}"]
        found = [*compared("query", self.query, other.query), *compared("body", self.body, other.body)]
        # A cassette has only the digest of a form.
        return [*found, *(compared("fields", self.fields, other.fields) if other.fields else ())]


def redacted(sent: SentRequest, redactor: Redactor) -> SentRequest:
    """A request without secrets."""
    return SentRequest(sent.method, redactor.text(sent.path), redactor.data(dict(sent.query)), redactor.data(sent.body))


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        # Sent as it is.
        return {"content": sha256(content).hexdigest(), "bytes": len(content)}


def _digest(content: Multipart) -> dict[str, Any]:
    digest, length = sha256(), 0
    boundary = content.content_type.partition(_BOUNDARY)[2].encode()
    for piece in content:
        # The boundary is another one each time.
        plain = piece.replace(boundary, b"")
        digest.update(plain)
        length += len(plain)
    return {"form" if boundary else "content": digest.hexdigest(), "bytes": length}


def _fields(content: Multipart) -> dict[str, str]:
    fields = {}
    for head, part in content._parts:  # noqa: SLF001 - of this package
        if isinstance(part, bytes) and (name := _FIELD.search(head)):
            fields[name[1].decode()] = part.decode()
    return fields


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
