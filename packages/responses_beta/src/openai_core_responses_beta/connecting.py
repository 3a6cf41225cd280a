"""Responses of several agents over a websocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.operation import OMIT
from openai_core.sockets import Socket
from openai_core_responses_beta.operations import responses_beta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.sockets import OnReconnect, SocketSettings
    from openai_core_responses_beta.params.events import BetaResponsesClientEventParam
    from openai_core_responses_beta.server_events import BetaResponsesServerEvent


def connect(
    *,
    betas: Sequence[str] | Omit = OMIT,
    on_reconnect: OnReconnect | None = None,
    raise_errors: bool = False,
    settings: SocketSettings | None = None,
    options: RequestOptions | None = None,
) -> Socket[BetaResponsesClientEventParam, BetaResponsesServerEvent]:
    """Open a session over a websocket, for responses of several agents one after the other.

        with client.responses_beta.connect() as session:
            agents = {"enabled": True}
            session.send({"type": "response.create", "model": "gpt-5", "input": "Hello", "multi_agent": agents})
            for event in session:
                if event.type == "response.completed":
                    break

    Responses are streamed without asking; `background` isn't possible. An agent that calls a function of yours waits
    for its output, which goes into the response while it is being made: send a `response.inject` with the `response_id`
    and the outputs as `input`. A `response.inject.created` answers it, or a `response.inject.failed`, which gives the
    input back.

    Args:
        betas: Names of the features to try out; `["responses_multi_agent=v1"]` if not given.
        on_reconnect: Called before each attempt to connect anew with a `Reconnect`. `False` gives up; options, such as
            `{"headers": {...}}`, are added to the handshake. Responses that weren't stored can't be gone on with then,
            and those that were being made have to be asked for again.
        raise_errors: Whether an event of type `error` is raised as the error that it means, instead of given. The
            session goes on in both cases.
        settings: How the connection is treated: its timeouts, pings and queues.
        options: Options of the handshake. `max_retries` counts attempts to connect in a row, `deadline` bounds them.

    Returns:
        A session, connected when it is entered or opened.

    [Guide](https://platform.openai.com/docs/guides/websocket-mode)
    """
    named = responses_beta.CREATE.headers or {}
    return Socket(
        "/responses",
        "openai_core_responses_beta.server_events:BetaResponsesServerEvent",
        id="responses_beta.connect",
        headers=named if betas is OMIT else dict.fromkeys(named, betas),
        on_reconnect=on_reconnect,
        raise_errors=raise_errors,
        settings=settings,
        options=options,
    )
