"""Which failures are worth another attempt, how long to wait, and when to give up. Policy only; tenacity runs it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openai_core.errors import APIConnectionError, APIStatusError, ConfigurationError, DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tenacity import RetryCallState

    from openai_core.errors import APIError

_REPEATABLE: Final = frozenset({408, 409, 429})
_DOUBLINGS: Final = 60  # far beyond any maximum, and within what a float can hold
_HOPELESS_CODES: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a failed attempt is repeated.

    Args:
        max_retries: how often, 0 or more.
        initial: seconds; the wait before the n-th retry is a random part of `initial * 2 ** (n - 1)` ("full jitter").
        maximum: seconds; no such wait is longer.
        patience: seconds; a server that asks for a longer wait is not waited for, and the error is raised at once.
    """

    max_retries: int = 2
    initial: float = 0.5
    maximum: float = 8.0
    patience: float = 120.0

    def __post_init__(self) -> None:
        if self.max_retries < 0 or self.initial < 0 or self.maximum < self.initial or self.patience < 0:
            raise ConfigurationError(f"{self!r} makes no sense: all values are 0 or more, and maximum >= initial")

    def repeatable(self, error: APIError) -> bool:
        """Whether another attempt could succeed where this one failed."""
        if isinstance(error, DeadlineExceededError):
            return False
        if isinstance(error, APIConnectionError):
            return True
        if not isinstance(error, APIStatusError) or error.status is None:
            return False
        if error.code in _HOPELESS_CODES or error.type in _HOPELESS_CODES:
            return False
        said = (error.headers or {}).get("x-should-retry")
        if said in {"true", "false"}:
            return said == "true"
        return error.status in _REPEATABLE or error.status >= 500  # noqa: PLR2004

    def wait(self, error: APIError, retry: int) -> float | None:
        """Seconds before the n-th retry, `None` when the server asks for more than `patience`.

        Args:
            error: what went wrong.
            retry: 1 for the first.
        """
        asked = retry_after(error.headers or {})
        if asked is not None:
            return asked if asked <= self.patience else None
        import random

        # Not for secrets: how long to wait may be guessed by anyone.
        return random.uniform(0, min(self.maximum, self.initial * 2 ** min(retry - 1, _DOUBLINGS)))  # noqa: S311


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def tenacity_arguments(wait_before_retry: Callable[[BaseException, int], float | None]) -> dict[str, Any]:
    """How tenacity is to run a policy.

    Args:
        wait_before_retry: gives the seconds to wait after an error and before the n-th retry; `None` ends it.
    """
    waits: dict[int, float | None] = {}

    def worthwhile(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        number = state.attempt_number
        waits[number] = wait_before_retry(error, number) if error else None
        return waits[number] is not None

    return {"retry": worthwhile, "wait": lambda state: waits[state.attempt_number], "reraise": True}


class RetryBudget:
    """Tokens that retries cost, so that many callers don't hammer a server that is down.

    Every retry takes one. They come back with calls that succeed, and slowly with time.

    Args:
        capacity: how many there are at most, and at first.
        refill: how many come back per second.
    """

    __slots__ = ("_capacity", "_refill", "_tokens", "_updated")

    def __init__(self, capacity: float = 20.0, refill: float = 0.2) -> None:
        self._capacity = capacity
        self._refill = refill
        self._tokens = capacity
        self._updated = time.monotonic()

    def take(self) -> bool:
        """Take the token for one retry, if there is one."""
        now = time.monotonic()
        self._tokens = min(self._capacity, self._tokens + (now - self._updated) * self._refill)
        self._updated = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def succeed(self) -> None:
        """Note a call that succeeded."""
        if self._tokens < self._capacity:
            self._tokens = min(self._capacity, self._tokens + 1)


class Deadline:
    """The moment at which a call has to be over.

    Args:
        seconds: from now.
    """

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, 0 or less when it is over."""
        return self._end - time.monotonic()

    def put_off(self, seconds: float) -> None:
        """Let it be so much later: for a time that isn't the call's."""
        self._end += seconds

    def check(self) -> None:
        """Raise when it is over.

        Raises:
            DeadlineExceededError: then.
        """
        if self.left() <= 0:
            raise self.error()

    def error(self, cause: str = "") -> DeadlineExceededError:
        """The error to raise when it is over, or would be before the next attempt."""
        because = f"; the last attempt failed with: {cause}" if cause else ""
        return DeadlineExceededError(f"the call's deadline of {self.seconds:g} s is over{because}")
