"""The provider `local`: a small real model on this machine, run by llama.cpp.

`Client(provider="local")` needs no more than this distribution and a model; see `LocalProvider`.
"""

from __future__ import annotations

from openai_core_local.provider import LocalProvider
from openai_core_local.server import stop

__all__ = ["LocalProvider", "stop"]
