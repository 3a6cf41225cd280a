"""What an event of the audit log tells, wherever it stands."""

from __future__ import annotations

from typing import Any


class Details:
    """What an event has beside the fields that the server sends."""

    @property
    def details(self) -> Any:
        """What is told about the event, which stands in the field named after its `type`; None if nothing is.

        For a `project.created` it is the same as `project_created`. For a type that is newer than this library it is
        plain data.
        """
        kind = getattr(self, "type", None)
        if not isinstance(kind, str):
            return None
        known = getattr(self, kind.replace(".", "_"), None)
        return known if known is not None else getattr(self, kind, None)
