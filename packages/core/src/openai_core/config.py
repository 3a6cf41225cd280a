"""Keys and addresses, from arguments or from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from openai_core.errors import ConfigurationError
from openai_core.logs import hide, redacted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

BASE_URL: Final = "https://api.openai.com/v1"
REGIONS: Final = {"global": BASE_URL, **{name: f"https://{name}.api.openai.com/v1" for name in ("us", "eu", "ae")}}
"""Where data can be made to stay, and the addresses that see to it."""
CUSTOM_HEADERS: Final = "OPENAI_CUSTOM_HEADERS"
"""The environment variable that holds headers of every request, a line `Name: value` for each."""

ENVIRONMENT: Final = {
    "api_key": "OPENAI_API_KEY",
    "admin_key": "OPENAI_ADMIN_KEY",
    "base_url": "OPENAI_BASE_URL",
    "organization": "OPENAI_ORG_ID",
    "project": "OPENAI_PROJECT_ID",
}


class Secret:
    """A key that no repr, log or traceback shows. `reveal()` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str, name: str) -> None:
        if not value or value != value.strip() or not value.isprintable() or not value.isascii():
            raise ConfigurationError(
                f"{name} must be visible ASCII characters without a blank or a line break around or in it; "
                "strip what a file or a shell added"
            )
        self._value = value
        hide(value)

    def reveal(self) -> str:
        """The key itself."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled; let the other process read it from its environment")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


KeySource: TypeAlias = "str | Callable[[], str] | Callable[[], Awaitable[str]]"
"""A key, or a function that gives the current one and is called before each attempt (async: for an async client)."""


@dataclass(frozen=True, slots=True)
class OpenAIConfig:
    """What names the caller and the server.

    Args:
        api_key: for most operations.
        admin_key: for the operations that administer an organization.
        base_url: where the paths of the API begin.
        organization: sent as `OpenAI-Organization`.
        project: sent as `OpenAI-Project`.
        headers: headers of every request.
    """

    api_key: Secret | Callable[[], str] | Callable[[], Awaitable[str]] | None = None
    admin_key: Secret | Callable[[], str] | Callable[[], Awaitable[str]] | None = None
    base_url: str = BASE_URL
    organization: str | None = None
    project: str | None = None
    headers: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        for name in ("api_key", "admin_key"):
            key = getattr(self, name)
            if isinstance(key, str):
                object.__setattr__(self, name, Secret(key, name))
        self._check_kinds()
        if not self.base_url.startswith(("https://", "http://")):
            raise ConfigurationError(f"base_url must begin with https:// or http://, not {redacted(self.base_url)!r}")
        if "@" in self.base_url.split("/")[2]:
            # It would be in every message, and not every transport would send it.
            raise ConfigurationError(
                "base_url has a user or a password in it; pass them as headers={'Authorization': 'Basic ...'}"
            )
        try:
            urlsplit(self.base_url).port  # noqa: B018 - it is read where it is asked for
        except ValueError as error:
            raise ConfigurationError(f"base_url has a host or a port that makes no sense: {error}") from error
        if not self.base_url.isprintable() or " " in self.base_url:
            raise ConfigurationError(f"base_url has a blank or a line break around or in it: {self.base_url!r}")
        if "?" in self.base_url or "#" in self.base_url:
            raise ConfigurationError(
                "base_url is where paths are put behind and has no query; pass its parameters as query={...}"
            )
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        for name in ("organization", "project"):
            value = getattr(self, name)
            if value is not None and not value.isprintable():
                raise ConfigurationError(f"{name} must be one line of visible characters")

    def _check_kinds(self) -> None:
        for name in ("api_key", "admin_key"):
            key = getattr(self, name)
            if not (key is None or isinstance(key, Secret) or callable(key)):
                raise ConfigurationError(f"{name} must be a string or a function that gives one, not a {_kind(key)}")
        for name in ("base_url", "organization", "project"):
            value = getattr(self, name)
            if not isinstance(value, str) and (value is not None or name == "base_url"):
                raise ConfigurationError(f"{name} must be a string, not a {_kind(value)}")

    @classmethod
    def read(
        cls,
        *,
        api_key: KeySource | None = None,
        admin_key: KeySource | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> OpenAIConfig:
        """The given values, and those of the environment for what isn't given.

        Args:
            environment: taken for `os.environ`. The names are `OPENAI_API_KEY`, `OPENAI_ADMIN_KEY`, `OPENAI_BASE_URL`,
                `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID` and `OPENAI_CUSTOM_HEADERS`.
            api_key: as above, as the others are.
            admin_key: …
            base_url: …
            organization: …
            project: …

        Raises:
            ConfigurationError: for a value that can't be used.
        """
        variables = os.environ if environment is None else environment
        given = {
            "api_key": api_key,
            "admin_key": admin_key,
            "base_url": base_url,
            "organization": organization,
            "project": project,
        }
        found = {name: variables.get(variable) for name, variable in ENVIRONMENT.items()}
        values = {name: value if value is not None else found[name] or None for name, value in given.items()}
        for name in ("api_key", "admin_key"):
            if isinstance(values[name], str):
                source = name if given[name] is not None else ENVIRONMENT[name]
                values[name] = Secret(values[name], source)  # type: ignore[arg-type,assignment]
        headers = _headers(variables.get(CUSTOM_HEADERS) or "")
        return cls(
            **{name: value for name, value in values.items() if value is not None},  # type: ignore[arg-type]
            headers=headers,
        )

    def replace(self, **changes: object) -> OpenAIConfig:
        """A copy with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def _headers(lines: str) -> dict[str, str] | None:
    headers = {}
    if lines.lstrip().startswith("{"):
        raise ConfigurationError(f"{CUSTOM_HEADERS} is no JSON, but holds a line `Name: value` for each header")
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            # The line may hold a secret.
            raise ConfigurationError(f"{CUSTOM_HEADERS} holds a line `Name: value` for each header, and one isn't such")
        headers[name.strip()] = value.strip()
    return headers or None


def regional(base_url: str, region: str) -> str:
    """The address of a region.

    Args:
        base_url: what is set otherwise.
        region: its name.

    Raises:
        ConfigurationError: if there is no such region, or another address is set as well.
    """
    if region not in REGIONS:
        known = ", ".join(map(repr, REGIONS))
        raise ConfigurationError(f"region is one of {known}, not {region!r}; for another address pass base_url=")
    if base_url not in {BASE_URL, REGIONS[region]}:
        raise ConfigurationError(
            f"region={region!r} and the base_url {redacted(base_url)!r} are two addresses: pass one of them, and see "
            f"whether {ENVIRONMENT['base_url']} is set"
        )
    return REGIONS[region]
