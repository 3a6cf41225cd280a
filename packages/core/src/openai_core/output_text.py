"""The text of a response, gathered from its output items."""

from __future__ import annotations


class OutputText:
    """What a response has beside the fields that the server sends."""

    @property
    def output_text(self) -> str:
        """The text of all output messages, joined; empty if there is none."""
        texts: list[str] = []
        for item in getattr(self, "output", None) or ():
            if getattr(item, "type", None) == "message":
                parts = getattr(item, "content", None) or ()
                texts += [part.text for part in parts if getattr(part, "type", None) == "output_text"]
        return "".join(texts)
