"""What a client has sent, in a form that can be compared and shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from openai_core.logs import redacted, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openai_core.transport.protocol import Request

_BOUNDARY: Final = "boundary="
_SHOWN: Final = 300


class UnexpectedRequestError(AssertionError):
    """A request that there is no answer for. It says how the request differs from the ones that there are."""


@dataclass(frozen=True)
class SentRequest:
    """A request, without what tells who sent it.

    Args:
        method: of HTTP.
        path: of the URL.
        query: the parameters in the URL; those that come several times as lists.
        body: what was sent as JSON; of a form, its length and the SHA-256 of its bytes.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    body: Any

    @classmethod
    def of(cls, request: Request) -> SentRequest:
        """The request that is about to be sent."""
        url = urlsplit(request.url)
        query: dict[str, Any] = {}
        for name, given in parse_qsl(url.query, keep_blank_values=True):
            value = without_secrets(given)
            query[name] = value if name not in query else [*_listed(query[name]), value]
        return cls(request.method, url.path, query, _body(request))

    def differences(self, other: SentRequest) -> list[str]:
        """Where another request isn't the same, each in a line."""
        if (self.method, self.path) != (other.method, other.path):
            return [f"it goes to {other.method} {other.path}"]
        return [*_compared("query", self.query, other.query), *_compared("body", self.body, other.body)]


def unexpected(sent: SentRequest, known: Iterable[SentRequest]) -> UnexpectedRequestError:
    """The error for a request that isn't known.

    Args:
        sent: the request.
        known: those that could have been sent.
    """
    lines = [f"{sent.method} {sent.path} isn't expected"]
    nearest = min(((sent.differences(each), each) for each in known), key=lambda pair: _weight(pair[0]), default=None)
    if nearest is None:
        lines.append("nothing is, or is any more")
    else:
        lines.append(f"what comes closest is {nearest[1].method} {nearest[1].path}, but")
        lines += [f"  {difference}" for difference in nearest[0]]
    return UnexpectedRequestError("\n".join(lines))


def _weight(differences: list[str]) -> int:
    return 1000 if differences[:1] and differences[0].startswith("it goes to") else len(differences)


def _body(request: Request) -> Any:
    content = request.content
    if content is None:
        return None
    if isinstance(content, bytes):
        return json.loads(content)
    digest, length = sha256(), 0
    boundary = content.content_type.partition(_BOUNDARY)[2].encode()
    for piece in content:
        # The boundary is another one each time.
        plain = piece.replace(boundary, b"")
        digest.update(plain)
        length += len(plain)
    return {"form": digest.hexdigest(), "bytes": length}


def _compared(place: str, sent: Any, known: Any) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(known, dict):
        for name in sorted(sent.keys() | known.keys()):
            yield from _compared(f"{place}.{name}", sent.get(name, _ABSENT), known.get(name, _ABSENT))
    elif isinstance(sent, list) and isinstance(known, list) and len(sent) == len(known):
        for number, (one, other) in enumerate(zip(sent, known, strict=True)):
            yield from _compared(f"{place}[{number}]", one, other)
    elif sent != known:
        yield f"{place} is {_shown(sent)}, and not {_shown(known)}"


class _Absent:
    """Stands for a field that isn't there."""


_ABSENT: Final = _Absent()


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else repr(redacted(value))[:_SHOWN]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
