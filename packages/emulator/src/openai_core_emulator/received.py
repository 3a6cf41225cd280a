"""What the emulator was asked, for tests to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it came.

    Args:
        method: of HTTP.
        path: with `/v1`, without the query.
        query: as it stands in the URL.
        headers: names in lower case.
        body: all bytes of it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)
