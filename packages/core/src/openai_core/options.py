"""What can be set for one call, or for all calls of a client, a group or a method."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, ClassVar, Final, TypedDict

from openai_core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long each phase of one attempt may take, in seconds.

    Args:
        connect: until the connection stands, TLS included.
        read: until the first byte of the answer; an answer that isn't streamed may also pause that long.
        idle: between two pieces of a stream or a download.
        write: between two pieces of the request that the server takes.
        pool: until a connection is free.
    """

    connect: float = 5.0
    read: float = 600.0
    idle: float = 120.0
    write: float = 600.0
    pool: float = 600.0

    UNBOUNDED: ClassVar[Timeout]
    """Wait for ever. There is no shorter way to say it, so that nobody says it by accident."""

    def __post_init__(self) -> None:
        for field in fields(self):
            seconds = getattr(self, field.name)
            if not isinstance(seconds, (int, float)) or not seconds > 0:
                raise ConfigurationError(f"timeout {field.name} must be a number of seconds above 0, not {seconds!r}")

    def at_most(self, seconds: float) -> Timeout:
        """These limits, none above `seconds`."""
        return Timeout(*(min(seconds, getattr(self, field.name)) for field in fields(self)))

    @classmethod
    def of(cls, value: float | Timeout) -> Timeout:
        """A `Timeout`; from a number, one whose every phase may take that many seconds."""
        if isinstance(value, Timeout):
            return value
        if isinstance(value, (int, float)) and value > 0:
            return _uniform(value)
        raise ConfigurationError(
            f"timeout must be an openai_core.Timeout or a number of seconds above 0, not the "
            f"{type(value).__module__}.{type(value).__qualname__} {value!r}; to wait for ever, say Timeout.UNBOUNDED"
        )


_DEFAULT: Final = Timeout()


@lru_cache(maxsize=64, typed=True)
def _uniform(seconds: float) -> Timeout:
    # Each call of a client with a timeout asks for the same one.
    if seconds < _DEFAULT.read:
        return _DEFAULT.at_most(seconds)
    return Timeout(_DEFAULT.connect, seconds, seconds, seconds, seconds)


Timeout.UNBOUNDED = Timeout(math.inf, math.inf, math.inf, math.inf, math.inf)


class RequestOptions(TypedDict, total=False):
    """Options of a call. Those of a method win over the group's, and these over the client's.

    Mappings are merged; a header or query parameter of value `None` is taken away.
    """

    headers: Mapping[str, str | None]
    """More headers."""
    query: Mapping[str, Any]
    """More query parameters."""
    body: Mapping[str, Any]
    """More fields of the body, for what a provider knows beyond the API description."""
    timeout: float | Timeout
    """Seconds for each phase of an attempt, or a `Timeout`."""
    deadline: float
    """Seconds for the whole call: all attempts, the waits between them, polling and further pages."""
    max_retries: int
    """How often a failed attempt is repeated, 0 or more."""
    idempotency_key: str
    """The key that marks all attempts of this call as one; made up for writes when not given."""
    path: str
    """Another path below the base URL. For a single method or call only."""


def checked(options: RequestOptions | None) -> RequestOptions | None:
    """The same options.

    Raises:
        TypeError: for one that doesn't exist.
        ConfigurationError: for a value that makes no sense.
    """
    if not options:
        return None
    unknown = options.keys() - RequestOptions.__annotations__.keys()
    if unknown:
        known = ", ".join(sorted(RequestOptions.__annotations__))
        raise TypeError(f"unknown option {min(unknown)!r}; there are {known}")
    for name in ("headers", "query", "body"):
        if not isinstance(options.get(name, {}), Mapping):
            raise ConfigurationError(f"{name} must be a mapping, such as {{'name': 'value'}}")
    if "timeout" in options:
        Timeout.of(options["timeout"])
    if "deadline" in options and not _is_number(options["deadline"], above=0):
        raise ConfigurationError(f"deadline must be a number of seconds above 0, not {options['deadline']!r}")
    if "max_retries" in options and not _is_number(options["max_retries"], above=-1):
        raise ConfigurationError(f"max_retries must be 0 or more, not {options['max_retries']!r}")
    return options


def _is_number(value: object, *, above: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > above


def merged(outer: RequestOptions | None, inner: RequestOptions | None) -> RequestOptions | None:
    """Both options in one; the inner ones win."""
    if not outer or not inner:
        return checked(inner) or outer
    both: Any = {**outer, **inner}
    for name in ("query", "body"):
        if name in outer and name in inner:
            both[name] = {**outer.get(name, {}), **inner.get(name, {})}
    if "headers" in outer and "headers" in inner:
        # A header is the same one however its name is written.
        own = {name.lower() for name in inner["headers"]}
        others = {name: value for name, value in outer["headers"].items() if name.lower() not in own}
        both["headers"] = {**others, **inner["headers"]}
    return checked(both)
