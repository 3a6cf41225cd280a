"""Batches for openai-core: many requests at once, answered within a day at half the price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.lazy import lazy_names

if TYPE_CHECKING:
    from openai_core_batches.requests import BatchOperations
    from openai_core_batches.results import BatchResult, read_results

__all__ = ["BatchOperations", "BatchResult", "read_results"]
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(
        __name__, {"requests": ("BatchOperations",), "results": ("BatchResult", "read_results")}
    )
