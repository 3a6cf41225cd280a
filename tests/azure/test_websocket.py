"""Sessions over websockets: what their handshakes ask of Azure, seen by a server of the library `websockets`."""

from __future__ import annotations

import itertools
import json
import logging
import threading
from urllib.parse import parse_qsl, urlsplit

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response
from websockets.sync.server import serve

from openai_core import AsyncClient, AuthenticationError, Client, InvalidRequestError, RetryPolicy, WebSocketClosedError

VERSION = "2025-04-01-preview"
SECOND_TRY = RetryPolicy(max_retries=1, initial=0)
HELLO = {"type": "response.create"}


class Azure:
    """Accepts handshakes unless its script has an answer for one, and says back what it is told."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self._server = serve(self._echo, "127.0.0.1", 0, process_request=self._admit, compression=None)
        self.endpoint = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def refuse(self, status, **error):
        content = json.dumps({"error": {"message": "no", "code": str(status), **error}}).encode()
        headers = Headers({"Content-Length": str(len(content)), "Content-Type": "application/json"})
        self.answers.append(Response(status, "Reason", headers, content))

    def _admit(self, connection, request):
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else None

    @staticmethod
    def _echo(connection):
        for message in connection:
            connection.send(message)

    def stop(self):
        self._server.shutdown()

    @property
    def asked(self):
        """Path and query of the last handshake."""
        parts = urlsplit(self.requests[-1].path)
        return parts.path, dict(parse_qsl(parts.query))

    @property
    def credentials(self):
        """What proved in each handshake who called."""
        names = ("api-key", "Authorization")
        return [{name: request.headers[name] for name in names if name in request.headers} for request in self.requests]


@pytest.fixture
def azure():
    server = Azure()
    yield server
    server.stop()


@pytest.fixture(params=[Client, AsyncClient])
async def make(request, azure, settled):
    made = []

    def client(**settings):
        if not settings.keys() & {"azure_ad_token", "azure_ad_token_provider"}:
            settings = {"api_key": "key-1", **settings}
        made.append(request.param(provider="azure", azure_endpoint=azure.endpoint, **settings))
        return made[-1]

    yield client
    for each in made:
        await settled(each.close())


async def test_the_v1_api_is_asked_for_a_model(make, azure, entered, settled):
    async with entered(make().realtime.connect(model="my realtime")) as session:
        await settled(session.send(HELLO))
        assert (await settled(session.receive(timeout=10))).type == "response.create"
    assert azure.asked == ("/openai/v1/realtime", {"model": "my realtime"})
    assert azure.credentials == [{"api-key": "key-1"}]


async def test_a_dated_version_is_asked_for_a_deployment(make, azure, entered):
    async with entered(make(api_version=VERSION).realtime.connect(model="my realtime")):
        pass
    assert azure.asked == ("/openai/realtime", {"api-version": VERSION, "deployment": "my realtime"})
    assert azure.credentials == [{"api-key": "key-1"}]


@pytest.mark.parametrize("model", [{"model": "gpt-realtime"}, {}])
async def test_a_given_deployment_answers_whatever_the_model(make, azure, entered, model):
    client = make(api_version=VERSION, azure_deployment="mine")
    async with entered(client.realtime.connect(**model)):
        pass
    assert azure.asked == ("/openai/realtime", {"api-version": VERSION, "deployment": "mine"})


async def test_without_a_model_there_is_no_deployment(make, azure, settled):
    with pytest.raises(InvalidRequestError, match="needs a model") as caught:
        await settled(make(api_version=VERSION).realtime.connect().open())
    assert caught.value.param == "model"
    assert azure.requests == []


async def test_a_call_is_followed_and_speech_written_down_without_one(make, azure, entered):
    client = make(api_version=VERSION)
    async with entered(client.realtime.connect(call_id="rtc_1")):
        assert azure.asked == ("/openai/realtime", {"api-version": VERSION, "call_id": "rtc_1"})
    async with entered(client.realtime.connect_transcription()):
        assert azure.asked == ("/openai/realtime", {"api-version": VERSION, "intent": "transcription"})


async def test_what_the_user_adds_to_the_query_wins(make, azure, entered):
    client = make(api_version=VERSION)
    async with entered(client.realtime.connect(model="m", options={"query": {"deployment": "other", "x": "1"}})):
        pass
    assert azure.asked[1] == {"api-version": VERSION, "deployment": "other", "x": "1"}


async def test_responses_have_a_socket_too(make, azure, entered):
    async with entered(make().responses.connect()):
        pass
    assert azure.asked == ("/openai/v1/responses", {})


async def test_a_token_is_a_bearer_s(make, azure, entered):
    async with entered(make(azure_ad_token="token-1").realtime.connect(model="m")):
        pass
    assert azure.credentials == [{"Authorization": "Bearer token-1"}]


async def test_each_handshake_asks_for_the_token(make, azure, entered):
    numbers = itertools.count(1)
    client = make(azure_ad_token_provider=lambda: f"token-{next(numbers)}", retry=SECOND_TRY, api_version=VERSION)
    azure.refuse(500)
    async with entered(client.realtime.connect(model="m")):
        pass
    assert azure.credentials == [{"Authorization": "Bearer token-1"}, {"Authorization": "Bearer token-2"}]
    assert len({request.path for request in azure.requests}) == 1


async def test_each_handshake_awaits_the_token(azure):
    async def token():
        return "token-1"

    settings = {"azure_endpoint": azure.endpoint, "azure_ad_token_provider": token}
    async with AsyncClient(provider="azure", **settings) as client, client.realtime.connect(model="m"):
        pass
    assert azure.credentials == [{"Authorization": "Bearer token-1"}]


@pytest.mark.parametrize("given", [{"api_key": "secret-1"}, {"azure_ad_token": "secret-1"}])
async def test_no_repr_error_or_log_shows_a_secret(*, make, azure, entered, settled, given, caplog):
    caplog.set_level(logging.DEBUG)
    client = make(**given, api_version=VERSION, max_retries=0)
    azure.refuse(401)
    refused = client.realtime.connect(model="m")
    with pytest.raises(AuthenticationError) as caught:
        await settled(refused.open())
    session = client.realtime.connect(model="m")
    async with entered(session):
        shown = [repr(session), repr(session.response), str(session.response.headers)]
    with pytest.raises(WebSocketClosedError) as closed:
        await settled(session.receive())
    for each in (client, client.provider, refused, caught.value, closed.value, closed.value.attempts):
        shown += [repr(each), str(each)]
    # Of the same library, the server in this test logs the headers that it gets.
    shown += [record.getMessage() for record in caplog.records if record.name != "websockets.server"]
    assert [text for text in shown if "secret-1" in text] == []
    assert {next(iter(each.values())).removeprefix("Bearer ") for each in azure.credentials} == {"secret-1"}
