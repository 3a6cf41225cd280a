"""A server on this machine that speaks the OpenAI API, with answers that are the same in every run."""

from __future__ import annotations

from .received import ReceivedRequest
from .server import Emulator

__all__ = ["Emulator", "ReceivedRequest"]
