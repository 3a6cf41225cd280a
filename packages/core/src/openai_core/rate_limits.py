"""The rate limits that answers tell of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """The rate limits that an answer tells of; `None` where it doesn't.

    Args:
        requests: requests allowed in the current window.
        remaining_requests: those that are left.
        reset_requests: seconds until all are there again.
        tokens: tokens allowed in the current window.
        remaining_tokens: those that are left.
        reset_tokens: seconds until all are there again.
    """

    requests: int | None = None
    remaining_requests: int | None = None
    reset_requests: float | None = None
    tokens: int | None = None
    remaining_tokens: int | None = None
    reset_tokens: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Limits:
        """Read the `x-ratelimit-*` headers."""

        def count(name: str) -> int | None:
            value = headers.get(f"x-ratelimit-{name}") or ""
            return int(value) if value.isdecimal() else None

        def seconds(name: str) -> float | None:
            parts = _DURATION.findall(headers.get(f"x-ratelimit-{name}") or "")
            return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None

        return cls(
            count("limit-requests"),
            count("remaining-requests"),
            seconds("reset-requests"),
            count("limit-tokens"),
            count("remaining-tokens"),
            seconds("reset-tokens"),
        )
