"""The beta of responses: https://platform.openai.com/docs/api-reference/responses.

Its operations are those of responses, told apart by a parameter of the query, and know more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import responses, responses_more
from .fields import Field

if TYPE_CHECKING:
    from .call import Operation

MULTI_AGENT: Final = Field(
    ("object",),
    properties={
        "enabled": Field(("boolean",), required=True),
        "max_concurrent_subagents": Field(("integer",), minimum=1),
    },
)


def _beta(operation: Operation) -> Operation:
    body = operation.body
    if (operation.method, operation.path) == ("POST", "/responses"):
        body = {**(body or {}), "multi_agent": MULTI_AGENT}
    return replace(operation, path=f"{operation.path}?beta=true", body=body)


OPERATIONS: Final = tuple(_beta(each) for each in (*responses_more.OPERATIONS, *responses.OPERATIONS))
