"""Responses over a websocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.sockets import Socket

if TYPE_CHECKING:
    from openai_core.options import RequestOptions
    from openai_core.sockets import OnReconnect, SocketSettings
    from openai_core_responses.params.events import ResponsesClientEventParam
    from openai_core_responses.server_events import ResponsesServerEvent


def connect(
    *,
    on_reconnect: OnReconnect | None = None,
    raise_errors: bool = False,
    settings: SocketSettings | None = None,
    options: RequestOptions | None = None,
) -> Socket[ResponsesClientEventParam, ResponsesServerEvent]:
    """Open a session over a websocket, for many responses one after the other.

        with client.responses.connect() as session:
            session.send({"type": "response.create", "model": "gpt-5-mini", "input": "Hello"})
            for event in session:
                if event.type == "response.completed":
                    break

    It saves the handshakes of long chains of responses, as those of agents are: each names the one before it as
    `previous_response_id`, which the server finds faster than over HTTP, and on the same connection even if it isn't
    stored. Responses are streamed without asking; `background` isn't possible.

    Args:
        on_reconnect: Called before each attempt to connect anew with a `Reconnect`. `False` gives up; options, such as
            `{"headers": {...}}`, are added to the handshake. Responses that weren't stored can't be gone on with then.
        raise_errors: Whether an event of type `error` is raised as the error that it means, instead of given. The
            session goes on in both cases.
        settings: How the connection is treated: its timeouts, pings and queues.
        options: Options of the handshake. `max_retries` counts attempts to connect in a row, `deadline` bounds them.

    Returns:
        A session, connected when it is entered or opened.

    [Guide](https://platform.openai.com/docs/guides/websocket-mode)
    """
    return Socket(
        "/responses",
        "openai_core_responses.server_events:ResponsesServerEvent",
        id="responses.connect",
        on_reconnect=on_reconnect,
        raise_errors=raise_errors,
        settings=settings,
        options=options,
    )
