"""What a session over a websocket brings."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from openai_core.model import OpenUnion
from openai_core_responses.types.events import ResponseSocketErrorEvent, ResponseStreamEvent

ResponsesServerEvent: TypeAlias = Annotated[ResponseStreamEvent | ResponseSocketErrorEvent, OpenUnion("type")]
"""The events of streamed responses, and errors of requests. With a `stream_id` in the request, each has it, too."""
