from __future__ import annotations

import pytest

from openai_core.config import OpenAIConfig
from openai_core.errors import ConfigurationError
from openai_core.operation import Endpoint
from openai_core.provider import CompatibleProvider, Provider, Quirks

CALL = Endpoint("GET", "/models", None).operation()
ADMIN = Endpoint("GET", "/organization/users", None, admin=True).operation()


def provider(**values: object) -> Provider:
    return Provider(OpenAIConfig(**values))


def test_urls_are_paths_below_the_base_url():
    file = Endpoint("GET", "/files/{file_id}", None).operation(path=("a b",))
    assert provider(base_url="https://host/v1/").url(file) == "https://host/v1/files/a%20b"


def test_without_a_config_it_is_that_of_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://mine.example/v1")
    assert Provider().config.base_url == CompatibleProvider().config.base_url == "https://mine.example/v1"


def test_an_operation_is_sent_as_it_is():
    assert provider().adapt(CALL) is CALL


def test_organization_and_project_are_headers_of_every_request():
    assert provider(organization="org", project="proj").headers() == {
        "OpenAI-Organization": "org",
        "OpenAI-Project": "proj",
    }
    assert provider().headers() == {}


class TestAuth:
    def test_a_call_is_made_with_the_api_key(self):
        assert provider(api_key="sk-a", admin_key="sk-b").auth(CALL) == {"Authorization": "Bearer sk-a"}

    def test_an_operation_of_the_organization_is_made_with_the_admin_key(self):
        assert provider(api_key="sk-a", admin_key="sk-b").auth(ADMIN) == {"Authorization": "Bearer sk-b"}

    @pytest.mark.parametrize(
        ("operation", "variable", "argument"),
        [(CALL, "OPENAI_API_KEY", "api_key="), (ADMIN, "OPENAI_ADMIN_KEY", "admin_key=")],
    )
    async def test_without_the_key_the_error_says_which_to_set(self, operation, variable, argument):
        """The other key doesn't help out: it may do something else."""
        bare = provider(**{"api_key" if operation is ADMIN else "admin_key": "sk-x"})
        with pytest.raises(ConfigurationError, match=f"set {variable} .* {argument}"):
            bare.auth(operation)
        with pytest.raises(ConfigurationError, match=f"set {variable} .* {argument}"):
            await bare.auth_async(operation)

    def test_a_function_is_called_before_each_attempt(self):
        keys = iter(["sk-1", "sk-2"])
        rotating = provider(api_key=lambda: next(keys))
        assert rotating.auth(CALL) == {"Authorization": "Bearer sk-1"}
        assert rotating.auth(CALL) == {"Authorization": "Bearer sk-2"}

    async def test_an_async_client_calls_either_kind_of_function(self):
        async def key() -> str:
            return "sk-async"

        assert await provider(api_key=key).auth_async(CALL) == {"Authorization": "Bearer sk-async"}
        assert await provider(api_key=lambda: "sk-sync").auth_async(CALL) == {"Authorization": "Bearer sk-sync"}
        assert await provider(api_key="sk-plain").auth_async(CALL) == {"Authorization": "Bearer sk-plain"}

    def test_a_sync_client_says_that_it_can_not_await(self):
        """And leaves no coroutine behind that was never awaited, which this suite would fail for."""

        async def key() -> str:
            return "sk-async"

        with pytest.raises(ConfigurationError, match="async function, which only an AsyncClient can call"):
            provider(api_key=key).auth(CALL)

    def test_what_a_function_returns_is_checked_and_not_shown(self):
        with pytest.raises(ConfigurationError, match="the api_key function returned must be visible ASCII") as caught:
            provider(api_key=lambda: "sk-hunter2\n").auth(CALL)
        assert "hunter2" not in str(caught.value)


class TestCompatible:
    def test_it_needs_no_key_and_uses_one_that_is_there(self):
        assert CompatibleProvider(OpenAIConfig()).auth(CALL) == {}
        assert CompatibleProvider(OpenAIConfig(api_key="sk-a")).auth(CALL) == {"Authorization": "Bearer sk-a"}

    def test_its_streams_may_end_without_an_end(self):
        assert not CompatibleProvider(OpenAIConfig()).quirks.stream_end
        assert CompatibleProvider(OpenAIConfig(), Quirks(stream_end=True)).quirks.stream_end
        assert provider().quirks.stream_end


def test_settings_that_a_provider_does_not_know_are_a_type_error():
    with pytest.raises(TypeError, match="regoin"):
        Provider.from_config(OpenAIConfig(), regoin="eu")
    assert Provider.from_config(OpenAIConfig(), quirks=Quirks(stream_end=False)).quirks.stream_end is False


def test_a_provider_shows_its_address_and_no_key():
    assert repr(provider(api_key="sk-hunter2", base_url="https://host/v1")) == "Provider('https://host/v1')"
