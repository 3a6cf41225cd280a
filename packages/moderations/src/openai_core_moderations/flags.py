"""The kinds of harm that a moderation found, by name."""

from __future__ import annotations


class FlaggedCategories:
    """What a moderation has beside the fields that the server sends."""

    @property
    def flagged_categories(self) -> list[str]:
        """The categories that the input falls into, as the API spells them, such as `self-harm/intent`."""
        found = getattr(self, "categories", None)
        if found is None:
            return []
        # Categories that are newer than this library are among the model's extra fields, and count.
        return [name for name, flagged in found.to_dict().items() if flagged is True]
