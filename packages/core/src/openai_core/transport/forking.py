"""What becomes of connections when the process forks."""

from __future__ import annotations

import os
import weakref
from typing import Final, Protocol


class Forgetful(Protocol):
    """A transport that can drop its connections."""

    def forget(self) -> None:
        """Drop all connections without a word to the other side: they may still belong to somebody else."""


_ALIVE: Final[weakref.WeakSet[Forgetful]] = weakref.WeakSet()


def forget_after_fork(transport: Forgetful) -> None:
    """Let a transport forget its connections in each child process: they are the parent's."""
    _ALIVE.add(transport)


def _forget_all() -> None:
    for transport in list(_ALIVE):
        transport.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
