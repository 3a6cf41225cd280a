"""What the API says when it refuses a request.

https://platform.openai.com/docs/guides/error-codes
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - an answer of the API, not a failure of this program
    """A request that is answered with an error.

    Args:
        status: the HTTP status.
        message: for people.
        code: for programs, where the API has one.
        param: the parameter at fault.
        type: the family of the error.
        headers: sent along with the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",  # noqa: A002 - the name on the wire
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.error: dict[str, Any] = {"message": message, "type": type, "param": param, "code": code}

    @property
    def body(self) -> dict[str, Any]:
        """The JSON document that is sent."""
        return {"error": self.error}


def bad(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """A 400."""
    return Refusal(400, message, param=param, code=code)


def missing(param: str) -> Refusal:
    """A required parameter isn't there."""
    return bad(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


def unknown_parameter(param: str) -> Refusal:
    """A parameter that the operation doesn't have."""
    return bad(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def not_found(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """A 404."""
    return Refusal(404, message, param=param, code=code)
