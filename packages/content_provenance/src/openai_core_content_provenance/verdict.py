"""The signs that were found in a file, taken together."""

from __future__ import annotations


class Verdict:
    """What a check has beside the fields that the server sends."""

    @property
    def detected(self) -> bool:
        """Whether any sign was found. Signs get lost when a file is converted, so false proves nothing."""
        return any(getattr(result, "outcome", None) == "detected" for result in getattr(self, "results", None) or ())
