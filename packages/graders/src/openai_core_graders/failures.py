"""What went wrong when a grader ran, by name."""

from __future__ import annotations


class Failures:
    """What the errors of a run have beside the fields that the server sends."""

    @property
    def failures(self) -> list[str]:
        """The errors that occurred, such as `invalid_variable_error`; empty if the reward counts."""
        told: dict[str, object] = self.to_dict()  # type: ignore[attr-defined]  # the model it is mixed into has it
        return [name for name, value in told.items() if value is True]
