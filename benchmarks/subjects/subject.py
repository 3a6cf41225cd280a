"""The jobs. Each returns what it got, so that it can be checked. Imports stand inside, for start-up is measured too."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHAT: Final = "gpt-5-mini"
EMBEDDING: Final = "text-embedding-3-small"
KEY: Final = "sk-benchmark"
ASKED: Final = [{"role": "user", "content": "a"}]


class Missing(Exception):  # noqa: N818 - no error: the table has an empty cell for it
    """A subject doesn't do a job."""


@contextmanager
def figures_of(name: str, case: str) -> Iterator[None]:
    """Let a measurement end without figures where the subject doesn't do the job; if it fails, it says why.

    Args:
        name: of the subject.
        case: of the job.
    """
    try:
        yield
    except Missing:
        pass
    except Exception as error:  # noqa: BLE001 - whatever a library raises under load, the others are still measured
        print(f"{name} has no figures of {case}: {type(error).__name__}: {error}", file=sys.stderr)


class Subject:
    """One way to call the API. A subject has the jobs that it can do.

    Args:
        base_url: of the benchmark's server.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def chat(self, messages: list[Any]) -> str:
        """The text of an answer."""
        raise Missing

    def response(self) -> str:
        """The text of a response."""
        raise Missing

    def models(self) -> list[str]:
        """The names of all models."""
        raise Missing

    def chat_stream(self) -> str:
        """The text of a streamed answer."""
        raise Missing

    def responses_stream(self) -> str:
        """The text of a streamed response."""
        raise Missing

    def accumulated(self) -> str:
        """The text of a whole answer that came as a stream."""
        raise Missing

    def proxied(self) -> int:
        """How many bytes of a stream were handed on as they came."""
        raise Missing

    def embeddings(self, texts: list[str]) -> list[Any]:
        """Vectors as lists of floats."""
        raise Missing

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        """Vectors as arrays."""
        raise Missing

    def upload(self, path: Path) -> int:
        """Upload a file, and return how many bytes arrived."""
        raise Missing

    def download(self, path: Path) -> None:
        """Download into a file."""
        raise Missing

    async def open(self) -> None:
        """Make what the asynchronous jobs need."""
        raise Missing

    async def close(self) -> None:
        """Close what `open` has made."""

    async def chat_async(self, messages: list[Any]) -> str:
        """As `chat`."""
        raise Missing

    async def response_async(self) -> str:
        """As `response`."""
        raise Missing

    async def models_async(self) -> list[str]:
        """As `models`."""
        raise Missing

    async def chat_stream_async(self) -> str:
        """As `chat_stream`."""
        raise Missing

    async def responses_stream_async(self) -> str:
        """As `responses_stream`."""
        raise Missing

    async def accumulated_async(self) -> str:
        """As `accumulated`."""
        raise Missing

    async def proxied_async(self) -> int:
        """As `proxied`."""
        raise Missing

    async def embeddings_async(self, texts: list[str]) -> list[Any]:
        """As `embeddings`."""
        raise Missing
