"""Everything the server remembers, and the one source of its ids, times and chance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from .errors import not_found

_START: Final = 1_767_225_600
"""1 January 2026: the clock is the emulator's own, so that two runs give the same answers."""


@dataclass(slots=True)
class StoredFile:
    """A file as it was uploaded."""

    info: dict[str, Any]
    content: bytes


@dataclass(slots=True)
class StoredCompletion:
    """A chat completion created with `store`."""

    completion: dict[str, Any]
    messages: list[dict[str, Any]]


@dataclass(slots=True)
class StoredResponse:
    """A response.

    Args:
        response: as it is when it is finished.
        input_items: what it was asked, oldest first.
        context: what was said before, oldest first.
        status: how far it has come; one in the background isn't finished at once.
    """

    response: dict[str, Any]
    input_items: list[dict[str, Any]]
    context: list[dict[str, Any]]
    status: str


@dataclass(slots=True)
class Conversation:
    """A conversation and its items, oldest first."""

    info: dict[str, Any]
    items: list[dict[str, Any]] = field(default_factory=list)


class State:
    """The memory of one emulator, from its start or last reset.

    Args:
        seed: the same seed and the same requests give the same ids, texts and times.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.files: dict[str, StoredFile] = {}
        self.completions: dict[str, StoredCompletion] = {}
        self.responses: dict[str, StoredResponse] = {}
        self.conversations: dict[str, Conversation] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, tuple[bytes, str]] = {}
        self.deleted_models: set[str] = set()
        self._shelves: dict[str, dict[str, dict[str, Any]]] = {}
        self._made = 0
        self._clock = _START

    def new_id(self, prefix: str, length: int = 32) -> str:
        """An id that no other object of this state has.

        Args:
            prefix: such as `file-`.
            length: of the part behind the prefix, at most 64.
        """
        self._made += 1
        return prefix + self.digest("id", prefix, str(self._made)).hex()[:length]

    def now(self) -> int:
        """The time in seconds since 1970; every look at the clock moves it on by a second."""
        self._clock += 1
        return self._clock

    def advance(self, seconds: int) -> None:
        """Move the clock on."""
        self._clock += seconds

    def shelf(self, name: str) -> dict[str, dict[str, Any]]:
        """The objects of one kind by their ids, oldest first; such a kind is whatever is given a name of its own."""
        return self._shelves.setdefault(name, {})

    def digest(self, *parts: str) -> bytes:
        """32 bytes that depend on the seed and on these texts alone."""
        return hashlib.sha256("\0".join((str(self.seed), *parts)).encode()).digest()

    def chance(self, below: int, *parts: str) -> int:
        """A number from 0 up to, not including, `below`, that depends on the seed and these texts alone."""
        return int.from_bytes(self.digest(*parts)[:8]) % below

    def file(self, file_id: str) -> StoredFile:
        """The file of this id, unless it was deleted or is past its time."""
        self.drop_expired_files()
        if file_id not in self.files:
            raise not_found(f"No such File object: {file_id}", param="id")
        return self.files[file_id]

    def drop_expired_files(self) -> None:
        """Forget the files whose time is over."""
        for file_id, stored in list(self.files.items()):
            if stored.info.get("expires_at", self._clock) < self._clock:
                del self.files[file_id]

    def response(self, response_id: str) -> StoredResponse:
        """The stored response of this id."""
        if response_id not in self.responses:
            raise not_found(f"Response with id '{response_id}' not found.")
        return self.responses[response_id]

    def conversation(self, conversation_id: str) -> Conversation:
        """The conversation of this id."""
        if conversation_id not in self.conversations:
            raise not_found(f"Conversation with id '{conversation_id}' not found.")
        return self.conversations[conversation_id]

    def completion(self, completion_id: str) -> StoredCompletion:
        """The stored chat completion of this id."""
        if completion_id not in self.completions:
            raise not_found(f"Chat completion {completion_id} not found.", param="id")
        return self.completions[completion_id]
