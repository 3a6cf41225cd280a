"""Sessions against a server of the library `websockets` that follows a script: one entry for each handshake."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Annotated, Any, Literal, TypeAlias

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from openai_core import (
    OMIT,
    APIConnectionError,
    APIError,
    ApiGroup,
    APIStatusError,
    APITimeoutError,
    AsyncApiGroup,
    AsyncClient,
    AsyncSocketMethod,
    AuthenticationError,
    BadRequestError,
    Client,
    ConfigurationError,
    DeadlineExceededError,
    InternalServerError,
    InvalidRequestError,
    NotFoundError,
    OpenAIConfig,
    PermissionDeniedError,
    Provider,
    RateLimitError,
    Reconnect,
    RetryPolicy,
    Socket,
    SocketMethod,
    SocketSettings,
    StreamError,
    UnknownModel,
    WebSocketClosedError,
    WebSocketQueueFullError,
)
from openai_core.model import ApiModel, Event, OpenUnion
from tests.core.conftest import Driven

PATIENCE = 10


class Said(Event):
    type: Literal["said"]
    text: str


class Failed(Event):
    type: Literal["error"]
    error: dict[str, Any]


Told: TypeAlias = Annotated[Said | Failed, OpenUnion("type")]


def talk(*, topic: str = "weather", mood: Any = OMIT, **settings: Any) -> Socket[dict[str, Any], Told]:
    return Socket("/talk", Told, id="talk", query={"topic": topic}, headers={"X-Mood": mood}, **settings)


class Talks(ApiGroup):
    talk = SocketMethod(talk)


class AsyncTalks(AsyncApiGroup):
    talk = AsyncSocketMethod(talk)


Handler = Callable[[ServerConnection], object]


class Server:
    """Treats the n-th handshake by the n-th entry of its script: a function of the connection, or an answer."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._script: list[Handler | Response] = []
        self._server = serve(self._handle, "127.0.0.1", 0, process_request=self._admit, compression=None)
        self.host = f"127.0.0.1:{self._server.socket.getsockname()[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def script(self, *entries: Handler | Response) -> None:
        self._script = list(entries)

    def stop(self) -> None:
        self._server.shutdown()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        connection.entry = self._script.pop(0)
        return connection.entry if isinstance(connection.entry, Response) else None

    def _handle(self, connection: ServerConnection) -> None:
        connection.entry(connection)


def refusal(status: int, body: Any = None, **headers: str) -> Response:
    content = json.dumps(body or {"error": {"message": "no", "type": "t", "code": "c", "param": None}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, "Reason", Headers({"Content-Length": str(len(content)), **named}), content)


def say(connection: ServerConnection, *texts: str) -> None:
    for text in texts:
        connection.send(json.dumps({"type": "said", "text": text}))


def echo(connection: ServerConnection) -> None:
    for message in connection:
        say(connection, json.loads(message)["text"])


def saying(*texts: str) -> Handler:
    """A connection that says something and stays until the client has gone."""

    def handle(connection: ServerConnection) -> None:
        say(connection, *texts)
        for _ in connection:
            pass

    return handle


def closing(code: int, *texts: str) -> Handler:
    def handle(connection: ServerConnection) -> None:
        say(connection, *texts)
        connection.close(code, "so it is")

    return handle


def breaking(connection: ServerConnection) -> None:
    say(connection, "before")
    # Without a word of the protocol, but not before what was said has gone out.
    connection.socket.shutdown(socket.SHUT_WR)
    with suppress(OSError):
        connection.socket.recv(1)


def closing_without_a_code(connection: ServerConnection) -> None:
    say(connection, "before")
    with connection.send_context():
        connection.protocol.send_close()


def event(text: str) -> dict[str, Any]:
    return {"type": "say", "text": text}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def connect(colour, runner, server, monkeypatch) -> Callable[..., Any]:
    """Makes sessions with the server, of both colours, both used as the sync one is."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)

    def make(client_settings: dict[str, Any] | None = None, **settings: Any) -> Any:
        given: dict[str, Any] = {"retry": RetryPolicy(3, 0, 0), **(client_settings or {})}
        if "provider" not in given:
            given = {"api_key": "sk-test-key", "base_url": f"http://{server.host}/v1", **given}
        if colour == "sync":
            return Client(**given).api(Talks).talk(**settings)
        return Driven(AsyncClient(**given).api(AsyncTalks).talk(**settings), runner)

    return make


def texts(session: Any) -> list[str]:
    return [told.text for told in session]


# What goes over the wire


def test_what_is_no_event_and_no_handler_is_told(server, connect):
    server.script(saying())
    with connect() as session:
        with pytest.raises(InvalidRequestError, match=r"an event is a mapping, such as .*, not a str"):
            session.send("hello")
        with pytest.raises(TypeError, match="a handler is a function that takes an event, not 3"):
            session.on("said", 3)


def test_a_session_has_one_reader_at_a_time_in_threads(server):
    go = threading.Event()
    outcomes: queue.Queue[object] = queue.Queue()

    def handle(connection: ServerConnection) -> None:
        go.wait(20)
        say(connection, "a")

    def receive() -> None:
        try:
            outcomes.put(session.receive())
        except StreamError as error:
            outcomes.put(str(error))

    server.script(handle)
    with Client(api_key="k", base_url=f"http://{server.host}/v1").api(Talks).talk() as session:
        readers = [threading.Thread(target=receive) for _ in range(2)]
        for reader in readers:
            reader.start()
        assert "somebody waits for this session's next event already" in str(outcomes.get(timeout=20))
        go.set()
        assert isinstance(outcomes.get(timeout=20), Said)
        for reader in readers:
            reader.join()


async def test_a_session_has_one_reader_at_a_time_in_a_loop(server):
    server.script(echo)
    client = AsyncClient(api_key="k", base_url=f"http://{server.host}/v1")
    async with client.api(AsyncTalks).talk() as session:
        first = asyncio.create_task(session.receive())
        with pytest.raises(StreamError, match="somebody waits for this session's next event already"):
            await asyncio.gather(session.receive(), session.receive())
        # Nothing was said until now, so that the first one waits for certain.
        await session.send(event("a"))
        assert isinstance(await first, Said)


def test_events_go_out_and_come_in_until_the_server_ends_the_session(server, connect):
    def handle(connection: ServerConnection) -> None:
        assert json.loads(connection.recv()) == event("a")
        say(connection, "one", "two")

    server.script(handle)
    with connect() as session:
        session.send(event("a"))
        assert [(type(told), told.text) for told in session] == [(Said, "one"), (Said, "two")]
        with pytest.raises(WebSocketClosedError) as caught:
            session.receive()
        assert caught.value.close_code == 1000


def test_a_model_is_sent_as_what_was_set_of_it(server, connect):
    class Say(ApiModel):
        type: str
        text: str | None = None
        more: int = 3

    server.script(echo)
    with connect() as session:
        session.send(Say(type="say", text="ä"))
        assert session.receive().text == "ä"


def test_the_handshake_is_the_clients(server, connect):
    server.script(saying("hello"))
    client = {"organization": "org-1", "headers": {"X-Team": "a"}, "query": {"v": "2"}}
    with connect(client, topic="sea", options={"headers": {"X-Team": "b"}}) as session:
        assert session.receive().text == "hello"
        assert (session.response.status, len(session.response.attempts)) == (101, 1)
    (request,) = server.requests
    assert request.path == "/v1/talk?topic=sea&v=2"
    headers = request.headers
    assert headers["Authorization"] == "Bearer sk-test-key"
    assert headers["OpenAI-Organization"] == "org-1"
    assert headers.get_all("X-Team") == ["b"]
    assert [agent.partition("/")[0] for agent in headers.get_all("User-Agent")] == ["openai-core"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, []),
        ({"mood": "good"}, ["good"]),
        ({"mood": ["good", "bad"]}, ["good,bad"]),
        ({"mood": "good", "options": {"headers": {"x-mood": "bad"}}}, ["bad"]),
        ({"mood": "good", "options": {"headers": {"X-Mood": None}}}, []),
    ],
)
def test_a_socket_has_headers_of_its_own(server, connect, given, sent):
    server.script(saying("hello"))
    with connect(**given):
        pass
    assert server.requests[0].headers.get_all("X-Mood") == sent


def test_a_provider_may_change_what_is_asked_for(server, connect):
    class Renaming(Provider):
        def adapt(self, operation):
            query = operation.query or {}
            return operation.replace(query={"topic": OMIT, "about": query["topic"]})

    server.script(saying("a"), saying("a"))
    provider = Renaming(OpenAIConfig(api_key="sk-test-key", base_url=f"http://{server.host}/v1"))
    with connect({"provider": provider}) as session:
        session.receive()
    assert server.requests[0].path == "/v1/talk?about=weather"


def test_the_provider_says_where_to_connect_and_as_whom(server, connect):
    from openai_core_azure import AzureProvider

    server.script(saying("a"))
    with connect({"provider": AzureProvider(f"http://{server.host}", api_key="azure-key")}) as session:
        assert session.receive().text == "a"
    (request,) = server.requests
    assert request.path == "/openai/v1/talk?topic=weather"
    assert (request.headers["api-key"], "Authorization" in request.headers) == ("azure-key", False)


def test_a_key_from_a_function_is_asked_for_at_every_attempt(server, connect):
    keys = iter(["sk-one", "sk-two", "sk-three"])
    server.script(refusal(503), closing(1012, "a"), saying("b"))
    with connect({"api_key": lambda: next(keys)}) as session:
        assert [session.receive().text, session.receive().text] == ["a", "b"]
    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent == ["Bearer sk-one", "Bearer sk-two", "Bearer sk-three"]


def test_the_key_is_in_no_log_and_no_repr(server, connect, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("websockets", "websockets.client", "openai_core", "openai_core.websocket"):
        caplog.set_level(logging.DEBUG, name)
    server.script(closing(1012, "a"), saying("b"))
    with connect() as session:
        assert [session.receive().text, session.receive().text] == ["a", "b"]
        shown = repr(session)
    server_log = [record for record in caplog.records if record.name.startswith("websockets.server")]
    ours = [record.getMessage() for record in caplog.records if record not in server_log]
    assert ours
    assert not any("sk-test-key" in line for line in [*ours, shown])


# What comes in


def test_a_type_that_nobody_knew_is_kept(server, connect):
    def handle(connection: ServerConnection) -> None:
        connection.send('{"type": "sung", "tune": {"key": "C"}}')

    server.script(handle)
    with connect() as session:
        told = session.receive()
    assert isinstance(told, UnknownModel)
    assert (told.type, told.tune) == ("sung", {"key": "C"})


@pytest.mark.parametrize("data", ["{", '{"type": "said"}', "[1]", b"\xff\x00", '{"type": "error", "error": "bad"}'])
def test_what_cannot_be_read_does_not_end_the_session(data, server, connect):
    def handle(connection: ServerConnection) -> None:
        connection.send(data)
        say(connection, "after")

    server.script(handle, handle)
    with connect() as session:
        assert len(list(session)) == 2
    with connect({"validation": "strict"}) as session:
        with pytest.raises(APIError):
            session.receive()
        assert session.receive().text == "after"


def test_what_is_no_json_is_given_as_it_is(server, connect):
    server.script(lambda connection: connection.send("oops"))
    with connect() as session:
        assert session.receive().data == "oops"


def test_an_event_that_is_not_as_described_is_reported_once(server, connect):
    def handle(connection: ServerConnection) -> None:
        for _ in range(2):
            connection.send('{"type": "said", "text": 3}')

    drifts: list[Any] = []
    server.script(handle)
    with connect({"on_drift": drifts.append}) as session:
        assert texts(session) == [3, 3]
    assert [str(drift) for drift in drifts] == ["Said.text is an unexpected int"]


REPORTED = [
    ({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, RateLimitError, 429),
    ({"error": {"message": "what?", "type": "invalid_request_error", "code": None}}, BadRequestError, 400),
    ({"status": 404, "error": {"message": "gone", "code": "x"}}, NotFoundError, 404),
    ({"error": {"message": "odd", "type": "odd", "code": None}}, StreamError, None),
]


@pytest.mark.parametrize(("body", "kind", "status"), REPORTED)
def test_errors_are_events_or_raised(body, kind, status, server, connect):
    def handle(connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "error", **body}))
        say(connection, "after")

    server.script(handle, handle)
    with connect() as session:
        assert [told.type for told in session] == ["error", "said"]
    with connect(raise_errors=True) as session:
        with pytest.raises(kind, match=body["error"]["message"]) as caught:
            session.receive()
        assert (type(caught.value), caught.value.status) == (kind, status)
        assert session.receive().text == "after"


def test_an_event_is_waited_for_only_so_long(server, connect):
    server.script(echo)
    with connect() as session:
        with pytest.raises(APITimeoutError, match=r"no event came within 0\.01 s; the session goes on"):
            session.receive(timeout=0.01)
        session.send(event("a"))
        assert session.receive(timeout=PATIENCE).text == "a"


# Handshakes that fail


REFUSED = [
    (400, BadRequestError, 1),
    (401, AuthenticationError, 1),
    (403, PermissionDeniedError, 1),
    (404, NotFoundError, 1),
    (429, RateLimitError, 4),
    (500, InternalServerError, 4),
]


@pytest.mark.parametrize(("status", "kind", "attempts"), REFUSED)
def test_a_refused_handshake_has_the_class_of_a_refused_request(status, kind, attempts, server, connect):
    server.script(*[refusal(status, x_request_id="req_1") for _ in range(attempts)])
    told: list[Any] = []
    with pytest.raises(kind) as caught:
        connect({"on_attempt": told.append}).open()
    error = caught.value
    assert (type(error), error.status, error.code, error.request_id) == (kind, status, "c", "req_1")
    assert error.body == {"error": {"message": "no", "type": "t", "code": "c", "param": None}}
    assert [attempt.status for attempt in error.attempts] == [status] * attempts == [each.status for each in told]


def test_a_handshake_is_repeated_where_a_request_would_be(server, connect):
    server.script(refusal(503), refusal(429, retry_after_ms="1"), saying("hello"))
    with connect() as session:
        assert session.receive().text == "hello"
        assert [attempt.status for attempt in session.response.attempts] == [503, 429, 101]


def test_what_speaks_no_websocket_is_told(server, connect):
    server.script(refusal(200))
    with pytest.raises(APIStatusError) as caught:
        connect().open()
    assert caught.value.status == 200


def test_nobody_there_is_a_connection_error(connect):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(APIConnectionError) as caught:
        connect({"base_url": f"http://127.0.0.1:{port}/v1"}).open()
    assert len(caught.value.attempts) == 4


@pytest.mark.parametrize(
    ("settings", "options", "kind"),
    [
        (SocketSettings(open_timeout=0.02), {"max_retries": 0}, APITimeoutError),
        (None, {"timeout": 0.02, "max_retries": 0}, APITimeoutError),
        (None, {"deadline": 0.02}, DeadlineExceededError),
    ],
)
def test_a_server_that_says_nothing_is_given_up(settings, options, kind, connect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        session = connect(
            {"base_url": f"http://127.0.0.1:{silent.getsockname()[1]}/v1"}, settings=settings, options=options
        )
        with pytest.raises(kind):
            session.open()


def test_another_origin_gets_neither_key_nor_handshake(server, connect):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0)
        server.script(refusal(307, location=f"ws://127.0.0.1:{elsewhere.getsockname()[1]}/v1/talk"))
        with pytest.raises(Exception, match=r"has moved to ws://127\.0\.0\.1") as caught:
            connect().open()
        assert caught.value.status == 307
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_a_redirect_within_the_server_is_followed(server, connect):
    server.script(refusal(308, location="/v2/talk"), saying("hello"))
    with connect() as session:
        assert session.receive().text == "hello"
    assert [request.path for request in server.requests] == ["/v1/talk?topic=weather", "/v2/talk"]
    assert server.requests[1].headers["Authorization"] == "Bearer sk-test-key"


# Connections that are lost


LOST = [closing(code, "before") for code in (1001, 1011, 1012, 1013)] + [breaking, closing_without_a_code]


@pytest.mark.parametrize("loss", LOST, ids=["1001", "1011", "1012", "1013", "1006", "1005"])
def test_a_lost_connection_is_made_anew(loss, server, connect):
    server.script(loss, saying("after"))
    with connect() as session:
        assert [session.receive().text, session.receive().text] == ["before", "after"]
        assert session.response.attempts[-1].number == 2
    assert [request.path for request in server.requests] == ["/v1/talk?topic=weather"] * 2


@pytest.mark.parametrize("code", [1002, 1003, 1008, 1009, 4000])
def test_a_connection_that_the_server_ended_for_good_is_not(code, server, connect):
    server.script(closing(code, "before"))
    with connect() as session:
        assert session.receive().text == "before"
        with pytest.raises(WebSocketClosedError, match=f"was closed: {code}, 'so it is'") as caught:
            session.receive()
        assert caught.value.close_code == code
        with pytest.raises(WebSocketClosedError, match="the session is closed"):
            session.send(event("a"))
        with pytest.raises(WebSocketClosedError):
            next(iter(session))
    assert len(server.requests) == 1


def test_attempts_in_a_row_are_counted_and_a_good_one_begins_anew(server, connect):
    good = [closing(1012, "hello", name) for name in ("a", "b", "c")]
    server.script(good[0], refusal(503), good[1], refusal(503), good[2], saying("d"))
    with connect(options={"max_retries": 2}) as session:
        assert [session.receive().text for _ in range(7)] == ["hello", "a", "hello", "b", "hello", "c", "d"]


@pytest.mark.parametrize("greeting", [(), ("hello",)])
def test_a_server_that_only_accepts_and_greets_and_hangs_up_is_given_up(server, connect, greeting):
    server.script(*[closing(1012, *greeting) for _ in range(4)])
    with connect(options={"max_retries": 3}) as session, pytest.raises(WebSocketClosedError) as caught:  # noqa: PT012
        for _ in range(4 * len(greeting)):
            assert session.receive().text == "hello"
        session.receive()
    assert len(server.requests) == 4
    assert [attempt.number for attempt in caught.value.attempts] == [1, 2, 3, 4]


@pytest.mark.parametrize("greeting", [(), ("hello",)])
def test_a_deadline_bounds_attempts_in_a_row_that_the_server_accepts(server, connect, greeting):
    server.script(*[closing(1012, *greeting)] * 1000)
    with connect({"retry": RetryPolicy(1000, 0.01, 0.01)}, options={"deadline": 0.2}) as session:
        with pytest.raises(DeadlineExceededError, match=r"deadline of 0\.2 s"):  # noqa: PT012
            for _ in range(1000):
                session.receive()
        with pytest.raises(WebSocketClosedError):
            session.receive()


def test_a_key_that_the_server_repeats_in_a_refusal_is_in_no_traceback(server, connect):
    server.script(refusal(401, {"error": {"message": "no such key: sk-hunter2hunter2"}}))
    with pytest.raises(AuthenticationError) as caught:
        connect().open()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_when_no_attempt_is_left_the_session_is_over(server, connect):
    server.script(closing(1012, "a"), refusal(503), refusal(503))
    with connect(options={"max_retries": 2}) as session:
        assert session.receive().text == "a"
        with pytest.raises(InternalServerError):
            session.receive()
        with pytest.raises(WebSocketClosedError) as caught:
            session.receive()
        assert isinstance(caught.value.__cause__, InternalServerError)


def test_a_key_that_was_revoked_meanwhile_ends_the_session(server, connect):
    server.script(closing(1012, "a"), refusal(401))
    with connect() as session:
        assert session.receive().text == "a"
        with pytest.raises(AuthenticationError):
            session.receive()


def test_without_retries_a_lost_connection_is_an_error(server, connect):
    server.script(closing(1011, "a"))
    with connect(options={"max_retries": 0}) as session:
        session.receive()
        with pytest.raises(WebSocketClosedError) as caught:
            session.receive()
        assert caught.value.close_code == 1011


def test_reconnecting_can_be_watched_changed_and_given_up(server, connect):
    told: list[Reconnect] = []

    def look(reconnect: Reconnect) -> Any:
        told.append(reconnect)
        return [{"query": {"session": "s1"}, "headers": {"X-Try": "2"}}, None, False][len(told) - 1]

    server.script(closing(1012, "a"), refusal(503), closing(1001, "b", "c"))
    with connect(on_reconnect=look) as session:
        assert [session.receive().text for _ in range(3)] == ["a", "b", "c"]
        with pytest.raises(WebSocketClosedError) as caught:
            session.receive()
        assert caught.value.close_code == 1001
    assert [(each.attempt, type(each.error)) for each in told] == [
        (1, WebSocketClosedError),
        (2, InternalServerError),
        (1, WebSocketClosedError),
    ]
    first, *others = server.requests
    assert first.path == "/v1/talk?topic=weather"
    for request in others:
        assert request.path == "/v1/talk?topic=weather&session=s1"
        assert request.headers["X-Try"] == "2"


def test_the_wait_for_an_event_bounds_reconnecting_and_the_session_goes_on(server, connect):
    told: list[Reconnect] = []
    server.script(closing(1012, "a"))
    with connect({"retry": RetryPolicy(1, 3600, 3600)}, on_reconnect=told.append) as session:
        session.receive()
        for _ in range(3):
            with pytest.raises(APITimeoutError, match="the session goes on"):
                session.receive(timeout=0.01)
    # Who waits again goes on with the same wait, and isn't asked again.
    assert [each.attempt for each in told] == [1]


def test_an_attempt_under_way_is_finished_however_short_the_wait_for_an_event(server, connect):
    server.script(closing(1012, "a"), saying("b"))
    with connect() as session:
        session.receive()
        with suppress(APITimeoutError):
            session.receive(timeout=0)
        with suppress(APITimeoutError):
            session.receive(timeout=0)
        assert session.receive(timeout=PATIENCE).text == "b"
    assert len(server.requests) == 2


def test_a_dead_connection_is_noticed_by_pings(server, connect):
    def dead(connection: ServerConnection) -> None:
        say(connection, "a")
        # Nobody reads, and so nobody answers pings, until the client has had enough of it.
        connection.protocol.receive_data = lambda data: None
        connection.recv_events_thread.join(PATIENCE)

    server.script(dead, saying("b"))
    with connect(settings=SocketSettings(ping_interval=0.01, ping_timeout=0.01, close_timeout=0.01)) as session:
        assert [session.receive().text, session.receive().text] == ["a", "b"]


def test_an_event_longer_than_allowed_ends_the_session(server, connect):
    server.script(saying("a" * 1000))
    with connect(settings=SocketSettings(max_event=100)) as session, pytest.raises(WebSocketClosedError) as caught:
        session.receive()
    assert caught.value.close_code == 1009


# Events on their way while connections are lost


@pytest.fixture
def lost(server, connect):
    """A session whose connection is lost, as it knows; the next one echoes. And what it is told about it."""
    told: list[Reconnect] = []

    def give_up_at_first(reconnect: Reconnect) -> None:
        told.append(reconnect)
        if len(told) == 1:
            raise ZeroDivisionError  # what a callback raises goes to whoever reads

    server.script(closing(1012, "a"), echo)
    with connect(on_reconnect=give_up_at_first, settings=SocketSettings(max_queue=200)) as session:
        session.receive()
        with pytest.raises(ZeroDivisionError):
            session.receive()
        yield session, told


def test_what_is_sent_without_a_connection_waits_and_goes_out_in_order(lost):
    session, told = lost
    for text in "abc":
        session.send(event(text))
    assert session.unsent == (event("a"), event("b"), event("c"))
    assert [session.receive().text for _ in "abc"] == ["a", "b", "c"]
    assert session.unsent == ()
    assert told[-1].unsent == (event("a"), event("b"), event("c"))


def test_no_more_waits_than_there_is_room_for(lost):
    session, _ = lost
    session.send(event("a" * 100))
    with pytest.raises(WebSocketQueueFullError, match=r"1 events of \d+ characters wait"):
        session.send(event("b" * 100))
    session.send(event("c"))
    assert [session.receive().text for _ in range(2)] == ["a" * 100, "c"]


def test_what_waits_at_the_end_is_told(lost):
    session, _ = lost
    session.send(event("a"))
    session.close()
    assert session.unsent == (event("a"),)
    with pytest.raises(WebSocketClosedError) as caught:
        session.send(event("b"))
    assert caught.value.unsent == (event("a"),)


def test_an_event_of_any_length_goes_out_over_a_connection(server, connect):
    server.script(echo)
    with connect(settings=SocketSettings(max_queue=10)) as session:
        session.send(event("a" * 100_000))
        assert len(session.receive().text) == 100_000


def test_what_the_server_took_is_confirmed_and_the_rest_is_told(server, connect):
    def handle(connection: ServerConnection) -> None:
        for number in range(40):
            connection.recv()
            say(connection, str(number))
        connection.close(1012)

    told: list[Reconnect] = []
    server.script(handle, saying("again"))
    with connect(on_reconnect=told.append) as session:
        for number in range(40):
            session.send(event(str(number)))
        assert [session.receive().text for _ in range(41)] == [*map(str, range(40)), "again"]
        assert session.unconfirmed == ()
    # A ping goes out after 32 events; nothing tells of those behind it.
    assert [each["text"] for each in told[0].unconfirmed] == [str(number) for number in range(32, 40)]


# Raw


def test_what_is_raw_goes_out_and_comes_in_as_it_is(server, connect):
    got: list[str | bytes] = []

    def handle(connection: ServerConnection) -> None:
        for message in connection:
            got.append(message)
            connection.send(message)

    server.script(handle)
    with connect() as session:
        session.send_raw('{"type": "said",  "text": "é"}')
        session.send_raw(b"\x00\xff")
        session.send(event("a"))
        assert session.receive_raw().decode() == '{"type": "said",  "text": "é"}'
        assert session.receive_raw(timeout=PATIENCE) == b"\x00\xff"
        assert json.loads(session.receive_raw()) == event("a")
        assert session.unconfirmed == ('{"type": "said",  "text": "é"}', b"\x00\xff", event("a"))
        with pytest.raises(APITimeoutError, match="no event came within"):
            session.receive_raw(timeout=0.01)
    assert got == ['{"type": "said",  "text": "é"}', b"\x00\xff", json.dumps(event("a"), separators=(",", ":"))]


def test_what_came_raw_can_be_parsed_later(server, connect):
    server.script(
        lambda connection: (say(connection, "a"), connection.send('{"type": "error", "error": {"message": "odd"}}'))
    )
    with connect(raise_errors=True) as session:
        said, error = session.receive_raw(), session.receive_raw()
        assert session.parse(said) == session.parse(said.decode()) == Said(type="said", text="a")
        with pytest.raises(APIError, match="odd"):
            session.parse(error)
        with pytest.raises(WebSocketClosedError):
            session.receive_raw()
    with pytest.raises(StreamError, match="isn't open yet"):
        connect().parse(said)


@pytest.mark.parametrize("wrong", [event("a"), None, bytearray(b"{}"), ["{}"]])
def test_only_text_and_bytes_are_raw(wrong, server, connect):
    server.script(saying())
    with connect() as session, pytest.raises(InvalidRequestError, match="what is sent raw is a text or bytes, not a"):
        session.send_raw(wrong)


def test_what_is_raw_waits_in_turn(lost):
    session, _ = lost
    session.send(event("a"))
    session.send_raw(json.dumps(event("b")))
    session.send_raw(json.dumps(event("c")).encode())
    assert session.unsent == (event("a"), json.dumps(event("b")), json.dumps(event("c")).encode())
    with pytest.raises(WebSocketQueueFullError):
        session.send_raw("x" * 2**21)
    assert [session.receive().text for _ in range(3)] == ["a", "b", "c"]
    assert session.unsent == ()


# Functions that are called with events


def test_functions_are_called_with_the_events_of_their_type(server, connect):
    def handle(connection: ServerConnection) -> None:
        say(connection, "one")
        connection.send('{"type": "error", "error": {"message": "odd"}}')
        say(connection, "two", "three")

    calls: list[str] = []

    def said(told: Said) -> None:
        calls.append(f"said {told.text}")

    def first(told: Said) -> None:
        calls.append(f"first {told.text}")

    def every(told: Any) -> None:
        calls.append(told.type)
        if len(calls) > 6:
            session.off("said", said)

    server.script(handle)
    with connect() as session:
        session.on("said", said)
        session.once("said", first)
        session.on("*", every)
        session.run()
    assert calls == ["said one", "first one", "said", "error", "said two", "said", "said three", "said"]
    with pytest.raises(ValueError, match="isn't called with events of type 'error'"):
        session.off("error", said)


def test_a_function_can_take_away_the_ones_after_it(server, connect):
    server.script(lambda connection: say(connection, "a", "b"))
    calls: list[str] = []

    def second(told: Said) -> None:
        calls.append("never")

    with connect() as session:

        def first(told: Said) -> None:
            calls.append(told.text)
            if told.text == "a":
                session.off("said", second)

        session.on("said", first)
        session.once("said", second)
        session.run()
    assert calls == ["a", "b"]


def test_what_a_function_raises_ends_run_and_not_the_session(server, connect):
    server.script(saying("a", "b"))

    def fail(told: Said) -> None:
        raise KeyError(told.text)

    with connect() as session:
        session.on("said", fail)
        with pytest.raises(KeyError, match="a"):
            session.run()
        assert session.receive().text == "b"


def test_a_function_is_named_by_a_decorator_too(server, connect):
    server.script(lambda connection: say(connection, "a", "b"))
    calls: list[str] = []

    with connect() as session:

        @session.on("said")
        def said(told: Said) -> None:
            calls.append(told.text)

        @session.once("*")
        def first(told: Said) -> None:
            calls.append(f"first {told.text}")

        session.run()
    assert calls == ["a", "first a", "b"]
    # It stays the function that it is.
    assert (said.__name__, first.__name__) == ("said", "first")
    session.off("said", said)


def test_functions_are_named_in_a_row(server, connect):
    server.script(lambda connection: say(connection, "a"))
    calls: list[str] = []

    def said(told: Said) -> None:
        calls.append(told.text)

    with connect() as session:
        session.on("said", said).once("said", said).on("*", said).off("*", said).run()
    assert calls == ["a", "a"]


@pytest.mark.parametrize("name", ["on", "once"])
def test_a_function_is_named_for_a_type_of_events(name, server, connect):
    server.script(saying())
    with connect() as session:
        with pytest.raises(TypeError, match=r"for a type of events: @session.on\('\*'\) is for all"):
            getattr(session, name)(print)
        with pytest.raises(TypeError, match="a handler is a function that takes an event, not 3"):
            getattr(session, name)("said", 3)
        with pytest.raises(TypeError, match="a handler is a function that takes an event, not 3"):
            getattr(session, name)("said")(3)


async def test_async_functions_are_awaited(server):
    server.script(lambda connection: say(connection, "a"))
    calls: list[str] = []

    async def said(told: Said) -> None:
        await asyncio.sleep(0)
        calls.append(told.text)

    client = AsyncClient(api_key="k", base_url=f"http://{server.host}/v1")
    async with client.api(AsyncTalks).talk() as session:
        session.on("said", said)
        await session.run()
    assert calls == ["a"]


# Bad input


@pytest.mark.parametrize("given", [{}, {"type": None}, {"text": "a"}, 3, None])
def test_an_event_has_a_type(given, server, connect):
    server.script(saying())
    with connect() as session, pytest.raises(InvalidRequestError):
        session.send(given)


def test_an_event_that_json_cannot_say_is_not_sent(server, connect):
    server.script(echo)
    with connect() as session:
        with pytest.raises(InvalidRequestError, match=r"NaN|nan"):
            session.send({"type": "say", "text": float("nan")})
        session.send(event("a"))
        assert session.receive().text == "a"


def test_a_session_is_opened_before_it_is_used(connect):
    session = connect()
    for use in (session.receive, lambda: session.send(event("a")), lambda: session.response):
        with pytest.raises(StreamError, match="isn't open yet: use it in a `with` block"):
            use()


def test_a_closed_session_is_not_opened_again(server, connect):
    server.script(saying())
    with connect() as session:
        session.open()
    with pytest.raises(WebSocketClosedError, match="the session is closed"):
        session.receive()
    session.close()
    assert len(server.requests) == 1
    never = connect()
    never.close()
    with pytest.raises(WebSocketClosedError):
        never.open()


@pytest.mark.parametrize("settings", [{"max_queue": 0}, {"open_timeout": -1}, {"ping_interval": 0.0}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ConfigurationError, match="must be above 0"):
        SocketSettings(**settings)


def test_a_misspelt_argument_is_told(connect):
    with pytest.raises(TypeError, match="topics"):
        connect(topics="sea")


# What is left behind


def test_closing_ends_the_wait_of_another_thread(server):
    server.script(saying("a"))
    ended: queue.Queue[list[str]] = queue.Queue()
    with Client(api_key="k", base_url=f"http://{server.host}/v1") as client:
        session = client.api(Talks).talk().open()
        session.receive()
        reader = threading.Thread(target=lambda: ended.put(texts(session)))
        reader.start()
        session.close()
        assert ended.get(timeout=PATIENCE) == []
        reader.join(PATIENCE)


def test_closing_ends_the_wait_before_a_reconnection(server):
    waiting = threading.Event()
    server.script(closing(1012, "a"))
    policy = RetryPolicy(1, initial=3600, maximum=3600)
    ended: queue.Queue[list[str]] = queue.Queue()
    with Client(api_key="k", base_url=f"http://{server.host}/v1", retry=policy) as client:
        session = client.api(Talks).talk(on_reconnect=lambda _: waiting.set()).open()
        session.receive()
        reader = threading.Thread(target=lambda: ended.put(texts(session)))
        reader.start()
        assert waiting.wait(PATIENCE)
        session.close()
        assert ended.get(timeout=PATIENCE) == []
        reader.join(PATIENCE)


def test_no_thread_is_left(server):
    server.script(closing(1012, "a"), saying("b"))
    before = set(threading.enumerate())
    client = Client(api_key="k", base_url=f"http://{server.host}/v1", retry=RetryPolicy(1, 0, 0))
    with client.api(Talks).talk() as session:
        assert [session.receive().text, session.receive().text] == ["a", "b"]
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()


async def test_a_cancelled_wait_loses_no_event_and_leaves_no_task(server):
    asked = threading.Event()

    def handle(connection: ServerConnection) -> None:
        asked.wait(PATIENCE)
        say(connection, "a")
        for _ in connection:
            pass

    server.script(handle)
    client = AsyncClient(api_key="k", base_url=f"http://{server.host}/v1")
    async with client.api(AsyncTalks).talk() as session:
        waiting = asyncio.ensure_future(session.receive())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        asked.set()
        assert (await session.receive()).text == "a"
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_cancelling_while_it_connects_leaves_no_connection():
    accepted = asyncio.Event()
    after: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        accepted.set()
        after.set_result(await reader.read())
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with AsyncClient(api_key="k", base_url=f"http://127.0.0.1:{port}/v1") as client:
            opening = asyncio.ensure_future(client.api(AsyncTalks).talk().open())
            await accepted.wait()
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            assert await after == b""


def test_a_session_that_is_left_open_is_a_resource_warning(server, connect):
    server.script(saying())
    session = connect().open()
    inner = getattr(session, "inner", session)
    with pytest.warns(ResourceWarning, match="left open"):
        inner.__del__()
    session.close()
    inner.__del__()


# The library


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_library_is_imported_when_a_session_is_opened():
    code = """
import sys
from openai_core import Client
client = Client(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0)
connect = client.realtime.connect
print("websockets" in sys.modules, "openai_core.websocket" in sys.modules)
session = connect(model="m")
print("websockets" in sys.modules)
"""
    assert run(code).split() == ["False", "False", "False"]


@pytest.mark.parametrize("colour", ["Client", "AsyncClient"])
def test_without_the_library_the_error_says_what_to_install(colour):
    code = f"""
import asyncio, sys
sys.modules["websockets"] = None
from openai_core import {colour}
session = {colour}(api_key="k").realtime.connect(model="m")
try:
    asyncio.run(session.open()) if {colour == "AsyncClient"} else session.open()
except Exception as error:
    print(type(error).__name__, error)
"""
    said = run(code)
    assert said.startswith("ConfigurationError")
    assert 'pip install "websockets>=15"' in said
