from __future__ import annotations

import contextlib
import itertools

import httpx
import pytest

from openai_core import AsyncClient, AuthenticationError, Client, ConfigurationError, InvalidRequestError, RetryPolicy
from openai_core.operation import Endpoint
from openai_core_azure import AzureProvider

RESOURCE = "https://resource.openai.azure.com"
V1 = f"{RESOURCE}/openai/v1"
DATED = f"{RESOURCE}/openai"
VERSION = "2024-10-21"
CHAT = {"model": "my-gpt", "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4.1-2025-04-14",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": None,
            "message": {"role": "assistant", "content": "Hi", "refusal": None},
            "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}},
        }
    ],
    "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
}
SECOND_TRY = RetryPolicy(max_retries=1, initial=0)


def azure(**settings) -> Client:
    return Client(provider="azure", **{"azure_endpoint": RESOURCE, "api_key": "key-1", **settings})


def async_azure(**settings) -> contextlib.aclosing[AsyncClient]:
    return contextlib.aclosing(
        AsyncClient(provider="azure", **{"azure_endpoint": RESOURCE, "api_key": "key-1", **settings})
    )


def credentials(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name in {"api-key", "authorization"}}


class TestAddresses:
    def test_the_v1_api_is_called_unless_a_version_is_given(self, server):
        route = server.post(f"{V1}/chat/completions").respond(json=ANSWER)
        with azure() as client:
            assert client.chat.completions.create(**CHAT).choices[0].message.content == "Hi"
        assert not route.calls.last.request.url.query

    async def test_the_v1_api_is_called_unless_a_version_is_given_async(self, server):
        server.post(f"{V1}/chat/completions").respond(json=ANSWER)
        async with async_azure() as client:
            answer = await client.chat.completions.create(**CHAT)
        assert answer.choices[0].message.content == "Hi"

    def test_a_dated_version_calls_the_deployment_that_the_model_names(self, server):
        route = server.post(f"{DATED}/deployments/my-gpt/chat/completions", params={"api-version": VERSION})
        route.respond(json=ANSWER)
        with azure(api_version=VERSION) as client:
            assert client.chat.completions.create(**CHAT).choices[0].message.content == "Hi"

    async def test_a_dated_version_calls_the_deployment_that_the_model_names_async(self, server):
        route = server.post(f"{DATED}/deployments/my-gpt/chat/completions", params={"api-version": VERSION})
        route.respond(json=ANSWER)
        async with async_azure(api_version=VERSION) as client:
            assert (await client.chat.completions.create(**CHAT)).choices[0].message.content == "Hi"

    def test_a_given_deployment_answers_whatever_the_model(self, server):
        server.post(f"{DATED}/deployments/other/chat/completions").respond(json=ANSWER)
        with azure(api_version=VERSION, azure_deployment="other") as client:
            assert client.chat.completions.create(**CHAT).id == "chatcmpl-1"

    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "/responses"), ("GET", "/models"), ("GET", "/chat/completions/chatcmpl-1")]
    )
    def test_what_belongs_to_the_resource_is_called_there(self, server, method, path):
        server.request(method, f"{DATED}{path}", params={"api-version": VERSION}).respond(json={"id": "1"})
        with azure(api_version=VERSION, azure_deployment="other") as client:
            assert client.request(method, path) == {"id": "1"}

    def test_a_form_names_its_deployment_too(self, server):
        server.post(f"{DATED}/deployments/my-whisper/audio/transcriptions").respond(json={"text": "Hi"})
        endpoint = Endpoint("POST", "/audio/transcriptions", None, multipart=("file",))
        operation = endpoint.operation(body={"model": "my-whisper", "file": ("a.wav", b"RIFF")})
        with azure(api_version=VERSION) as client:
            assert client.send(operation, into=dict) == {"text": "Hi"}

    def test_a_deployment_stays_one_segment_of_the_path(self, server):
        server.post(url__regex=r".*/deployments/my%20gpt%3F/chat/completions\?api-version=.*").respond(json=ANSWER)
        with azure(api_version=VERSION) as client:
            assert client.chat.completions.create(**{**CHAT, "model": "my gpt?"}).id == "chatcmpl-1"
            with pytest.raises(InvalidRequestError, match="model"):
                client.chat.completions.create(**{**CHAT, "model": "../../admin"})

    @pytest.mark.parametrize("body", [None, {}, ["no", "mapping"]])
    def test_without_a_model_there_is_no_deployment(self, body):
        with azure(api_version=VERSION) as client, pytest.raises(InvalidRequestError, match="model") as caught:
            client.request("POST", "/chat/completions", body=body)
        assert caught.value.param == "model"

    @pytest.mark.parametrize("tail", ["", "/", "/openai", "/openai/", "/openai/v1", "/openai/v1/"])
    def test_the_address_may_have_the_path_that_the_portal_shows(self, tail):
        assert AzureProvider(RESOURCE + tail, api_key="key-1").config.base_url == V1
        assert AzureProvider(RESOURCE + tail, api_key="key-1", api_version=VERSION).config.base_url == DATED

    def test_a_stream_is_read(self, server):
        def chunk(choices: str) -> str:
            return (
                f'data: {{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{choices}]}}\n\n'
            )

        said = chunk('{"index":0,"delta":{"content":"Hi"},"finish_reason":null}')
        text = chunk("") + said + "data: [DONE]\n\n"
        server.post(f"{V1}/chat/completions").respond(text=text, content_type="text/event-stream")
        with azure() as client, client.chat.completions.create_stream(**CHAT) as stream:
            assert [choice.delta.content for event in stream for choice in event.choices] == ["Hi"]


class TestCredentials:
    def test_a_key_has_a_header_of_its_own(self, server):
        route = server.post(f"{V1}/chat/completions").respond(json=ANSWER)
        with azure() as client:
            client.chat.completions.create(**CHAT)
        assert credentials(route.calls.last.request) == {"api-key": "key-1"}

    def test_a_token_is_a_bearer_s(self, server):
        route = server.post(f"{V1}/chat/completions").respond(json=ANSWER)
        with azure(api_key=None, azure_ad_token="token-1") as client:
            client.chat.completions.create(**CHAT)
        assert credentials(route.calls.last.request) == {"authorization": "Bearer token-1"}

    def test_each_attempt_asks_for_the_token(self, server):
        route = server.post(f"{V1}/chat/completions")
        route.side_effect = [httpx.Response(500), httpx.Response(200, json=ANSWER)]
        numbers = itertools.count(1)
        with azure(api_key=None, azure_ad_token_provider=lambda: f"token-{next(numbers)}", retry=SECOND_TRY) as client:
            client.chat.completions.create(**CHAT)
        sent = [credentials(call.request)["authorization"] for call in route.calls]
        assert sent == ["Bearer token-1", "Bearer token-2"]

    async def test_each_attempt_awaits_the_token(self, server):
        route = server.post(f"{V1}/chat/completions")
        route.side_effect = [httpx.Response(500), httpx.Response(200, json=ANSWER)]
        numbers = itertools.count(1)

        async def token() -> str:
            return f"token-{next(numbers)}"

        async with async_azure(api_key=None, azure_ad_token_provider=token, retry=SECOND_TRY) as client:
            await client.chat.completions.create(**CHAT)
        sent = [credentials(call.request)["authorization"] for call in route.calls]
        assert sent == ["Bearer token-1", "Bearer token-2"]

    def test_a_function_may_give_the_key(self, server):
        route = server.post(f"{V1}/chat/completions").respond(json=ANSWER)
        with azure(api_key=lambda: "key-2") as client:
            client.chat.completions.create(**CHAT)
        assert credentials(route.calls.last.request) == {"api-key": "key-2"}

    def test_a_function_that_gives_no_key_is_told_off(self):
        with azure(api_key=lambda: "") as client, pytest.raises(ConfigurationError, match="api_key function"):
            client.chat.completions.create(**CHAT)

    def test_a_key_does_not_follow_a_redirect_to_another_host(self, server):
        server.get(f"{V1}/models").respond(307, headers={"Location": "https://elsewhere.example/models"})
        elsewhere = server.get("https://elsewhere.example/models").respond(json={"data": []})
        with azure() as client:
            assert client.request("GET", "/models") == {"data": []}
        assert credentials(elsewhere.calls.last.request) == {}

    @pytest.mark.parametrize("given", [{"api_key": "secret-1"}, {"azure_ad_token": "secret-1", "api_key": None}])
    def test_no_repr_or_error_shows_a_secret(self, server, given):
        server.post(f"{V1}/chat/completions").respond(401, json={"error": {"message": "no", "code": "401"}})
        with azure(**given) as client, pytest.raises(AuthenticationError) as caught:
            client.chat.completions.create(**CHAT)
        for shown in (client, client.provider, client.provider.config, caught.value):
            assert "secret-1" not in repr(shown)
        assert "secret-1" not in str(vars(client.provider))

    def test_two_credentials_are_one_too_many(self):
        with pytest.raises(ConfigurationError, match="pass one of"):
            azure(azure_ad_token="token-1")

    def test_an_operation_of_an_organization_is_refused(self):
        operation = Endpoint("GET", "/organization/users", None, admin=True).operation()
        with azure() as client, pytest.raises(ConfigurationError, match="/organization/users"):
            client.send(operation)

    async def test_an_operation_of_an_organization_is_refused_async(self):
        operation = Endpoint("GET", "/organization/users", None, admin=True).operation()
        async with async_azure() as client:
            with pytest.raises(ConfigurationError, match="/organization/users"):
                await client.send(operation)


class TestEnvironment:
    def test_everything_may_come_from_it(self, server, monkeypatch):
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", RESOURCE)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-of-environment")
        monkeypatch.setenv("OPENAI_API_VERSION", VERSION)
        route = server.post(f"{DATED}/deployments/my-gpt/chat/completions", params={"api-version": VERSION})
        route.respond(json=ANSWER)
        with Client(provider="azure") as client:
            client.chat.completions.create(**CHAT)
        assert credentials(route.calls.last.request) == {"api-key": "key-of-environment"}

    def test_a_token_wins_over_a_key(self, monkeypatch):
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-of-environment")
        monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-of-environment")
        assert self.sent(AzureProvider(RESOURCE)) == {"Authorization": "Bearer token-of-environment"}

    def test_what_is_given_wins_over_all(self, monkeypatch):
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://other.openai.azure.com")
        monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-of-environment")
        client = azure(api_key="key-1")
        assert client.provider.config.base_url == V1
        assert self.sent(client.provider) == {"api-key": "key-1"}

    def test_what_is_openai_s_own_is_not_sent_to_azure(self, server, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
        monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-of-openai")
        monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
        monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-of-azure")
        route = server.post(f"{V1}/chat/completions").respond(json=ANSWER)
        with Client(provider="azure", azure_endpoint=RESOURCE) as client:
            client.chat.completions.create(**CHAT)
        headers = route.calls.last.request.headers
        assert credentials(route.calls.last.request) == {"api-key": "key-of-azure"}
        assert not [name for name in headers if name.startswith("openai-")]

    def test_openai_s_key_does_not_stand_in_for_azure_s(self, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
        with pytest.raises(ConfigurationError, match="AZURE_OPENAI_API_KEY"):
            Client(provider="azure", azure_endpoint=RESOURCE)

    @staticmethod
    def sent(provider) -> dict[str, str]:
        return dict(provider.auth(Endpoint("GET", "/models", None).operation()))


class TestMistakes:
    def test_a_missing_address_is_asked_for(self):
        with pytest.raises(ConfigurationError, match=r"AZURE_OPENAI_ENDPOINT.*azure_endpoint="):
            Client(provider="azure", api_key="key-1")

    def test_a_missing_credential_is_asked_for(self):
        with pytest.raises(ConfigurationError, match=r"AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN"):
            Client(provider="azure", azure_endpoint=RESOURCE)

    def test_an_address_without_a_scheme_is_refused(self):
        with pytest.raises(ConfigurationError, match="https://"):
            azure(azure_endpoint="resource.openai.azure.com")

    def test_a_base_url_is_not_an_endpoint(self):
        with pytest.raises(ConfigurationError, match="azure_endpoint"):
            azure(base_url=RESOURCE)

    def test_a_deployment_without_a_version_is_refused(self):
        with pytest.raises(ConfigurationError, match="dated api_version"):
            azure(azure_deployment="my-gpt")

    def test_an_unknown_setting_is_a_type_error(self):
        with pytest.raises(TypeError, match="deployment_id"):
            azure(deployment_id="my-gpt")

    def test_one_credential_takes_the_place_of_another_in_a_copy(self):
        endpoint = Endpoint("GET", "/models", "builtins:dict")
        copy = azure(api_key="key-1").copy(azure_ad_token="token-1")
        assert copy.provider.auth(endpoint.operation()) == {"Authorization": "Bearer token-1"}
        assert copy.copy(api_key="key-2").provider.auth(endpoint.operation()) == {"api-key": "key-2"}
        assert copy.copy(api_version=VERSION).provider.query() == {"api-version": VERSION}
