"""Sessions over websockets: with a model, for transcripts, for translations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core.errors import InvalidRequestError
from openai_core.operation import OMIT
from openai_core.sockets import Socket

if TYPE_CHECKING:
    from openai_core.operation import Omit
    from openai_core.options import RequestOptions
    from openai_core.sockets import OnReconnect, SocketSettings
    from openai_core_realtime.params.events import RealtimeClientEventParam, RealtimeTranslationClientEventParam
    from openai_core_realtime.types.events import RealtimeServerEvent, RealtimeTranslationServerEvent


def connect(
    *,
    model: str | Omit = OMIT,
    call_id: str | Omit = OMIT,
    on_reconnect: OnReconnect | None = None,
    raise_errors: bool = False,
    settings: SocketSettings | None = None,
    options: RequestOptions | None = None,
) -> Socket[RealtimeClientEventParam, RealtimeServerEvent]:
    """Open a session over a websocket: speak with a model, or follow a call.

        with client.realtime.connect(model="gpt-realtime") as session:
            session.send({"type": "response.create"})
            for event in session:
                ...

    A connection that breaks is made anew. The server knows nothing of the session that was: a `session.created` comes
    again, and settings and conversation have to be sent again. What it may not have got, `on_reconnect` is told.

    Args:
        model: Name of the model, such as `gpt-realtime`.
        call_id: ID of a call, in the place of a model, whose session is to be followed and steered.
        on_reconnect: Called before each attempt to connect anew with a `Reconnect`. `False` gives up; options, such as
            `{"query": {...}}` or `{"headers": {...}}`, are added to the handshake.
        raise_errors: Whether an event of type `error` is raised as the error that it means, instead of given. The
            session goes on in both cases.
        settings: How the connection is treated: its timeouts, pings and queues.
        options: Options of the handshake. `max_retries` counts attempts to connect in a row, `deadline` bounds them.

    Returns:
        A session, connected when it is entered or opened.

    Raises:
        InvalidRequestError: With both a model and a call.

    [Guide](https://platform.openai.com/docs/guides/realtime-websocket)
    """
    if model and call_id:
        raise InvalidRequestError("a session has a model or follows a call, not both", param="call_id")
    return Socket(
        "/realtime",
        "openai_core_realtime.types.events:RealtimeServerEvent",
        id="realtime.connect",
        query={"model": model, "call_id": call_id},
        on_reconnect=on_reconnect,
        raise_errors=raise_errors,
        settings=settings,
        options=options,
    )


def connect_transcription(
    *,
    on_reconnect: OnReconnect | None = None,
    raise_errors: bool = False,
    settings: SocketSettings | None = None,
    options: RequestOptions | None = None,
) -> Socket[RealtimeClientEventParam, RealtimeServerEvent]:
    """Open a session over a websocket that writes down what is spoken.

    The model is chosen with the first event, a `session.update` of a session of type `transcription`.

    Args:
        on_reconnect: As in `connect`.
        raise_errors: As in `connect`.
        settings: How the connection is treated: its timeouts, pings and queues.
        options: Options of the handshake.

    Returns:
        A session, connected when it is entered or opened.

    [Guide](https://platform.openai.com/docs/guides/realtime-transcription)
    """
    return Socket(
        "/realtime",
        "openai_core_realtime.types.events:RealtimeServerEvent",
        id="realtime.connect_transcription",
        query={"intent": "transcription"},
        on_reconnect=on_reconnect,
        raise_errors=raise_errors,
        settings=settings,
        options=options,
    )


def connect_translation(
    *,
    model: str | Omit = OMIT,
    on_reconnect: OnReconnect | None = None,
    raise_errors: bool = False,
    settings: SocketSettings | None = None,
    options: RequestOptions | None = None,
) -> Socket[RealtimeTranslationClientEventParam, RealtimeTranslationServerEvent]:
    """Open a session over a websocket that translates what is spoken.

    Args:
        model: Name of the model, such as `gpt-realtime-translate`.
        on_reconnect: As in `client.realtime.connect`.
        raise_errors: As in `client.realtime.connect`.
        settings: How the connection is treated: its timeouts, pings and queues.
        options: Options of the handshake.

    Returns:
        A session, connected when it is entered or opened.

    [API reference](https://platform.openai.com/docs/api-reference/realtime)
    """
    return Socket(
        "/realtime/translations",
        "openai_core_realtime.types.events:RealtimeTranslationServerEvent",
        id="realtime.translations.connect",
        query={"model": model},
        on_reconnect=on_reconnect,
        raise_errors=raise_errors,
        settings=settings,
        options=options,
    )
