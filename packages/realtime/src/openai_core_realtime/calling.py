"""Calls over WebRTC, answered together with their IDs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openai_core.operation import OMIT
from openai_core.steps import send_raw
from openai_core_realtime.operations import calls

if TYPE_CHECKING:
    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_realtime.params.realtime import RealtimeSessionParam


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What a peer connects with.

    Args:
        sdp: the answer, in the Session Description Protocol, to hand to the peer.
        call_id: ID of the call, with which `realtime.connect` follows it and `calls.hangup` ends it; `None` if the
            server didn't tell it.
        location: the header of this name, which tells it.
    """

    sdp: str
    call_id: str | None
    location: str | None = None


def answer(
    *, sdp: str, session: RealtimeSessionParam | Omit = OMIT, options: RequestOptions | None = None
) -> Steps[CallAnswer]:
    """Answer the offer of a WebRTC peer; gives the answer and the ID of the call.

    Args:
        sdp: The peer's offer, in the Session Description Protocol.
        session: How the session shall be: `{"type": "realtime", "model": "gpt-realtime"}` and what else is to be set.
        options: Options of this one call.

    Returns:
        What `calls.create` answers, and what its header `Location` tells.

    Raises:
        BadRequestError: If the offer or the session can't be understood.

    [API reference](https://platform.openai.com/docs/api-reference/realtime)
    """
    response = yield from send_raw(calls.create(sdp=sdp, session=session, options=options))
    location = response.headers.get("location")
    return CallAnswer(response.parse(), (location or "").rstrip("/").rpartition("/")[2] or None, location)
