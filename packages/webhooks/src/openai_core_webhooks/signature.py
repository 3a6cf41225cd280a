"""Whether the API has sent a request: https://www.standardwebhooks.com says how it is signed.

The signature is an HMAC-SHA256 over the id, the time and the body of the request, by a secret that the API and its
receiver share.
"""

from __future__ import annotations

import hmac
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Final, NamedTuple, TypeAlias

from openai_core.errors import ConfigurationError, OpenAIError

SECRET: Final = "OPENAI_WEBHOOK_SECRET"  # noqa: S105 - the name of the environment variable that holds it
TOLERANCE: Final = 300.0
"""Seconds by which the time of a request may differ from the clock."""

WebhookHeaders: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]

_ID: Final = "webhook-id"
_TIMESTAMP: Final = "webhook-timestamp"
_SIGNATURE: Final = "webhook-signature"
_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"
_LONGEST_TIMESTAMP: Final = 15


class InvalidWebhookSignatureError(OpenAIError, ValueError):
    """A request that the API hasn't sent, or not now. Answer it with status 400 and forget it."""


class _Signed(NamedTuple):
    """What a request says about its signature."""

    id: str
    timestamp: str
    signatures: str


def verify(
    payload: bytes | str,
    headers: WebhookHeaders,
    *,
    secret: str | None = None,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> None:
    """Check that the API has sent a request, and sent it now.

    Args:
        payload: The body of the request as it came, before anything has read it.
        headers: Those of the request, as a mapping or as pairs, such as ASGI has them; names in any case.
        secret: The secret of the webhook endpoint, `whsec_...`; `OPENAI_WEBHOOK_SECRET` if not given.
        tolerance: Seconds by which the time of the request may differ from the clock, either way.
        now: Seconds since 1970 to take for the time; those of the clock if not given.

    Raises:
        InvalidWebhookSignatureError: if it isn't signed by this secret, or is too old or too new.
        ConfigurationError: if there is no secret, or it can't be one.

    [Guide](https://platform.openai.com/docs/guides/webhooks)
    """
    key = _key(secret)
    signed = _signed(headers)
    expected = _signature(key, signed.id, signed.timestamp, _bytes(payload))
    # All are compared, and each in a time that doesn't tell how much of it is right.
    matches = [hmac.compare_digest(expected, _bytes(given)) for given in signed.signatures.split()]
    if not any(matches):
        raise InvalidWebhookSignatureError(
            "no signature of the webhook fits its body: it comes from somebody else, or the secret is that of another "
            "webhook endpoint, or the body was changed on its way; pass the body's bytes as they came"
        )
    _check_time(signed.timestamp, time.time() if now is None else now, tolerance)


def sign(
    payload: bytes | str,
    *,
    secret: str | None = None,
    id: str | None = None,  # noqa: A002 - the header's name
    timestamp: int | None = None,
) -> dict[str, str]:
    """The headers that the API sends with a payload: for tests of what receives them.

    Args:
        payload: The body.
        secret: The secret that the receiver has; `OPENAI_WEBHOOK_SECRET` if not given.
        id: The delivery's name, the same for each attempt to deliver; a new one if not given.
        timestamp: When it is sent, in seconds since 1970; now if not given.

    Raises:
        ConfigurationError: if there is no secret, or it can't be one.
    """
    id = id or f"wh_{token_hex(12)}"  # noqa: A001 - as above
    at = str(int(time.time()) if timestamp is None else timestamp)
    signature = _signature(_key(secret), id, at, _bytes(payload)).decode()
    return {_ID: id, _TIMESTAMP: at, _SIGNATURE: signature}


def _key(secret: str | None) -> bytes:
    given = os.environ.get(SECRET) if secret is None else secret
    text = (given or "").strip()
    if not text:
        raise ConfigurationError(f"no webhook secret: set {SECRET} in the environment or pass secret=...")
    if not text.startswith(_PREFIX):
        return _bytes(text)
    try:
        key = b64decode(_bytes(text.removeprefix(_PREFIX)), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ConfigurationError(f"the webhook secret isn't base64 after {_PREFIX}; copy it once more")
    return key


def _signed(headers: WebhookHeaders) -> _Signed:
    by_name = {_text(name).lower(): _text(value) for name, value in dict(headers).items()}
    missing = [name for name in (_ID, _TIMESTAMP, _SIGNATURE) if not by_name.get(name)]
    if missing:
        raise InvalidWebhookSignatureError(
            f"the webhook lacks the header {' and '.join(missing)}: the API didn't send it, or something on its way "
            "dropped headers"
        )
    return _Signed(by_name[_ID], by_name[_TIMESTAMP], by_name[_SIGNATURE])


def _signature(key: bytes, id_: str, timestamp: str, payload: bytes) -> bytes:
    content = b".".join((_bytes(id_), _bytes(timestamp), payload))
    return _VERSION.encode() + b"," + b64encode(hmac.digest(key, content, "sha256"))


def _check_time(timestamp: str, now: float, tolerance: float) -> None:
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > _LONGEST_TIMESTAMP:
        raise InvalidWebhookSignatureError(f"the webhook's time is no number of seconds: {timestamp[:40]!r}")
    age = now - int(timestamp)
    if age > tolerance:
        raise InvalidWebhookSignatureError(
            f"the webhook was sent {age:.0f} s ago, more than the tolerance of {tolerance:g} s: somebody repeats an "
            "old one, or the clock here is fast"
        )
    if age < -tolerance:
        raise InvalidWebhookSignatureError(
            f"the webhook comes from {-age:.0f} s in the future, more than the tolerance of {tolerance:g} s: is the "
            "clock here slow?"
        )


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(value: bytes | str) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview, str)):
        raise TypeError(f"the payload is the body as it came, bytes or str, and not a {type(value).__name__}")
    # Whatever a server hands over has to be compared; what is no text can't fit.
    return value.encode(errors="surrogatepass") if isinstance(value, str) else bytes(value)
