"""Uploads for openai-core: large files, uploaded in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.lazy import lazy_names

if TYPE_CHECKING:
    from openai_core_uploads.state import UploadInterruptedError, UploadState

__all__ = ["UploadInterruptedError", "UploadState"]
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, {"state": __all__})
