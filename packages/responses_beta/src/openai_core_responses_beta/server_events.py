"""What a session over a websocket brings."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from openai_core.model import OpenUnion
from openai_core_responses_beta.types.events import (
    BetaResponseInjectCreatedEvent,
    BetaResponseInjectFailedEvent,
    BetaResponseSocketErrorEvent,
    BetaResponseStreamEvent,
)

BetaResponsesServerEvent: TypeAlias = Annotated[
    BetaResponseStreamEvent
    | BetaResponseInjectCreatedEvent
    | BetaResponseInjectFailedEvent
    | BetaResponseSocketErrorEvent,
    OpenUnion("type"),
]
"""The events of streamed responses, what became of outputs that were put in, and errors of requests. With a `stream_id`
in the request, each has it, too."""
