"""The text of a message, gathered from the parts of its content."""

from __future__ import annotations


class MessageText:
    """What a message, or a piece of one, has beside the fields that the server sends."""

    @property
    def text(self) -> str:
        """What is said, without images and notes of sources; empty if there is no text."""
        parts = getattr(self, "content", None) or ()
        texts = [getattr(part, "text", None) for part in parts if getattr(part, "type", None) == "text"]
        return "".join(getattr(text, "value", None) or "" for text in texts)
