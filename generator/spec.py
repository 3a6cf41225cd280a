"""Reads the API description, checks that it is the pinned one, and applies the overrides."""

from __future__ import annotations

import hashlib
import json
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openapi_pydantic import OpenAPI

HERE = Path(__file__).parent


class GeneratorError(Exception):
    """Something in the description or in the generator's data needs a decision by a person."""


@dataclass(frozen=True)
class Override:
    """One departure from the description: what to put in place of what stands at a JSON pointer, and why."""

    at: str
    reason: str
    set: Any = None
    remove: bool = False

    def apply(self, document: dict[str, Any]) -> None:
        """Change the document.

        Raises:
            GeneratorError: if nothing changes, because the description says by now what the override wants.
        """
        *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in self.at.strip("/").split("/"))
        target: Any = document
        for part in parents:
            try:
                target = target[int(part) if isinstance(target, list) else part]
            except (KeyError, IndexError, ValueError):
                raise GeneratorError(
                    f"override {self.at}: {part!r} isn't there any more; remove the override"
                ) from None
        key: Any = int(last) if isinstance(target, list) else last
        before = json.dumps(target, sort_keys=True)
        if self.remove:
            if key not in (range(len(target)) if isinstance(target, list) else target):
                raise GeneratorError(f"override {self.at}: already gone; remove the override")
            del target[key]
        else:
            target[key] = self.set
        if json.dumps(target, sort_keys=True) == before:
            raise GeneratorError(f"override {self.at}: the description says so itself by now; remove the override")


def data(name: str) -> dict[str, Any]:
    """One of the generator's own data files."""
    return tomllib.loads((HERE / name).read_text("utf-8"))


def load(source: str) -> OpenAPI:
    """The API description with all overrides applied; as for `document`."""
    return OpenAPI.model_validate(document(source))


def document(source: str) -> dict[str, Any]:
    """The API description with all overrides applied, as plain data.

    Args:
        source: path or URL of the description as JSON.

    Raises:
        GeneratorError: if it isn't the pinned one, or an override changes nothing.
    """
    raw = _read(source)
    pinned = data("config.toml")["spec"]["sha256"]
    found = hashlib.sha256(raw).hexdigest()
    if found != pinned:
        raise GeneratorError(f"{source} has the SHA-256 {found}, config.toml pins {pinned}")
    described: dict[str, Any] = json.loads(raw)
    for entry in data("overrides.toml")["override"]:
        Override(**entry).apply(described)
    return described


def _read(source: str) -> bytes:
    if not source.startswith("https://"):
        return Path(source).read_bytes()
    with urllib.request.urlopen(source, timeout=60) as answer:  # noqa: S310 - https only, see above
        body: bytes = answer.read()
    return body
