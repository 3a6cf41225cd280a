from __future__ import annotations

import copy
import pickle
import pprint
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core import AsyncClient, Client
from openai_core.config import BASE_URL, CUSTOM_HEADERS, ENVIRONMENT, REGIONS, OpenAIConfig, Secret
from openai_core.errors import ConfigurationError

KEY = "sk-hunter2hunter2"
FULL = {
    "OPENAI_API_KEY": "sk-env",
    "OPENAI_ADMIN_KEY": "sk-admin-env",
    "OPENAI_BASE_URL": "https://env.example/v1",
    "OPENAI_ORG_ID": "org-env",
    "OPENAI_PROJECT_ID": "proj-env",
}
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for variable in (*ENVIRONMENT.values(), CUSTOM_HEADERS):
        monkeypatch.delenv(variable, raising=False)


class TestEnvironment:
    def test_all_five_variables_are_read(self):
        config = OpenAIConfig.read(environment=FULL)
        assert config.api_key == Secret("sk-env", "key")
        assert config.admin_key == Secret("sk-admin-env", "key")
        assert config.base_url == "https://env.example/v1"
        assert (config.organization, config.project) == ("org-env", "proj-env")

    def test_the_process_s_own_environment_is_the_default(self, monkeypatch):
        for name, value in FULL.items():
            monkeypatch.setenv(name, value)
        assert OpenAIConfig.read() == OpenAIConfig.read(environment=FULL)

    def test_headers_of_every_request_are_read_line_by_line(self):
        lines = "X-Team: search\n\n  X-Trace:a:b  \r\n"
        config = OpenAIConfig.read(environment={"OPENAI_CUSTOM_HEADERS": lines})
        assert config.headers == {"X-Team": "search", "X-Trace": "a:b"}
        assert OpenAIConfig.read(environment={"OPENAI_CUSTOM_HEADERS": " "}).headers is None

    @pytest.mark.parametrize("line", ["X-Team", ": search", "sk-hunter2hunter2"])
    def test_a_line_that_is_no_header_is_refused_without_being_shown(self, line):
        with pytest.raises(ConfigurationError, match="one isn't such") as error:
            OpenAIConfig.read(environment={"OPENAI_CUSTOM_HEADERS": f"X-Good: 1\n{line}"})
        assert "hunter2" not in str(error.value)

    def test_explicit_arguments_win(self):
        config = OpenAIConfig.read(
            api_key="sk-mine",
            admin_key="sk-admin-mine",
            base_url="https://mine.example/v1",
            organization="org-mine",
            project="proj-mine",
            environment=FULL,
        )
        assert config == OpenAIConfig.read(
            api_key="sk-mine",
            admin_key="sk-admin-mine",
            base_url="https://mine.example/v1",
            organization="org-mine",
            project="proj-mine",
            environment={},
        )
        assert isinstance(config.api_key, Secret)
        assert config.api_key.reveal() == "sk-mine"

    def test_one_argument_leaves_the_others_to_the_environment(self):
        config = OpenAIConfig.read(api_key="sk-mine", environment=FULL)
        assert config.base_url == "https://env.example/v1"

    def test_a_broken_variable_does_not_matter_when_the_argument_is_given(self):
        config = OpenAIConfig.read(api_key=KEY, environment={"OPENAI_API_KEY": "broken\n"})
        assert config.api_key == Secret(KEY, "key")

    @pytest.mark.parametrize("variable", list(FULL))
    def test_an_empty_variable_counts_as_unset(self, variable):
        assert OpenAIConfig.read(environment={variable: ""}) == OpenAIConfig()

    def test_without_anything_there_is_no_key_and_the_public_address(self):
        config = OpenAIConfig.read(environment={})
        assert (config.api_key, config.admin_key, config.base_url) == (None, None, BASE_URL)


class TestNoKey:
    """A client without a key can be made, so that a program can start; its first call says what to set."""

    def test_the_first_call_says_what_to_set(self):
        with Client() as client, pytest.raises(ConfigurationError, match=r"set OPENAI_API_KEY .* pass api_key="):
            client.request("GET", "/models")

    async def test_the_first_async_call_says_what_to_set(self):
        async with AsyncClient() as client:
            with pytest.raises(ConfigurationError, match=r"set OPENAI_API_KEY .* pass api_key="):
                await client.request("GET", "/models")


class TestSecret:
    def test_nothing_that_shows_a_secret_shows_its_value(self):
        secret = Secret(KEY, "api_key")
        config = OpenAIConfig(api_key=secret, admin_key=secret)
        with Client(api_key=KEY) as client:
            shown = [
                f"{thing!r} {thing!s} {thing} {[thing]} {pprint.pformat(thing)}" for thing in (secret, client.provider)
            ]
            shown += [repr(config), f"{config}", repr([config]), repr(client), str(config.replace(project="p"))]
        assert "hunter2" not in "".join(shown)

    @given(PRINTABLE)
    def test_no_key_at_all_is_shown(self, key):
        secret = Secret(key, "api_key")
        shown = f"{secret!r}{secret}{OpenAIConfig(api_key=secret)!r}"
        assert shown == f"Secret(***)Secret(***){OpenAIConfig(api_key=Secret('other', 'k'))!r}"
        assert secret.reveal() == key

    def test_a_key_is_not_pickled(self):
        for thing in (Secret(KEY, "api_key"), OpenAIConfig(api_key=Secret(KEY, "api_key"))):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                with pytest.raises(TypeError, match="a key is not pickled"):
                    pickle.dumps(thing, protocol)

    def test_a_copy_shares_the_key(self):
        config = OpenAIConfig(api_key=Secret(KEY, "api_key"))
        assert copy.deepcopy(config).api_key is config.api_key
        assert copy.copy(config).api_key is config.api_key
        assert copy.copy(config.api_key) is config.api_key

    def test_secrets_compare_by_value(self):
        assert Secret(KEY, "a") == Secret(KEY, "b")
        assert hash(Secret(KEY, "a")) == hash(Secret(KEY, "b"))
        assert Secret(KEY, "a") != Secret("other", "a")
        assert Secret(KEY, "a") != KEY

    @pytest.mark.parametrize(
        "key", [f"{KEY}\n", f" {KEY}", f"{KEY}\r\n", f"{KEY}\x00", f"{KEY}\u200b", "clé-hunter2", ""]
    )
    def test_a_key_that_a_header_can_not_carry_says_what_to_do_and_does_not_show_it(self, key):
        with pytest.raises(ConfigurationError, match=r"api_key must be visible ASCII .* strip what a file") as caught:
            OpenAIConfig.read(api_key=key, environment={})
        assert "hunter2" not in str(caught.value)
        assert "hunter2" not in "".join(traceback.format_exception_only(caught.value))

    @pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "OPENAI_ADMIN_KEY"])
    def test_the_error_names_the_variable_that_the_key_came_from(self, variable):
        with pytest.raises(ConfigurationError, match=f"^{variable} must be"):
            OpenAIConfig.read(environment={variable: f"{KEY}\n"})

    def test_a_key_that_is_a_plain_string_is_wrapped(self):
        assert isinstance(OpenAIConfig(api_key=KEY).api_key, Secret)


class TestAddress:
    def test_a_slash_at_the_end_is_dropped(self):
        assert OpenAIConfig(base_url="http://127.0.0.1:8000/v1//").base_url == "http://127.0.0.1:8000/v1"

    @pytest.mark.parametrize("url", ["api.openai.com/v1", "", "ftp://x", "//host/v1"])
    def test_it_needs_a_scheme(self, url):
        with pytest.raises(ConfigurationError, match="base_url must begin with https:// or http://"):
            OpenAIConfig(base_url=url)

    def test_a_key_in_its_place_is_not_shown(self):
        with pytest.raises(ConfigurationError) as caught:
            OpenAIConfig(base_url=KEY)
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize("url", ["https://host/v1\n", "https://host/v1 ", "https://ho st/v1", "https://host/\x00"])
    def test_blanks_and_line_breaks_are_refused(self, url):
        with pytest.raises(ConfigurationError, match="base_url has a blank or a line break"):
            OpenAIConfig(base_url=url)

    @pytest.mark.parametrize("url", ["http://[::1/v1", "http://host:65536/v1", "https://host:port"])
    def test_a_host_or_port_that_makes_no_sense_is_refused(self, url):
        with pytest.raises(ConfigurationError, match="base_url has a host or a port that makes no sense"):
            OpenAIConfig(base_url=url)

    @pytest.mark.parametrize("url", ["https://user:hunter2@host/v1", "http://hunter2@127.0.0.1:80"])
    def test_a_password_is_told_where_it_belongs_and_not_shown(self, url):
        with pytest.raises(ConfigurationError, match=r"pass them as headers=\{'Authorization'") as caught:
            OpenAIConfig(base_url=url)
        assert "hunter2" not in str(caught.value)

    def test_an_at_in_the_path_is_none_of_it(self):
        assert OpenAIConfig(base_url="https://host/@me/v1").base_url == "https://host/@me/v1"

    @pytest.mark.parametrize("url", ["https://host/v1?api-version=1", "https://host/v1#x"])
    def test_a_query_is_told_where_it_belongs(self, url):
        with pytest.raises(ConfigurationError, match="pass its parameters as query="):
            OpenAIConfig(base_url=url)

    @pytest.mark.parametrize("name", ["organization", "project"])
    def test_a_name_that_a_header_can_not_carry_is_refused(self, name):
        with pytest.raises(ConfigurationError, match=f"{name} must be one line"):
            OpenAIConfig(**{name: "org\r\nX-Evil: 1"})


def test_a_config_is_replaced_rather_than_changed():
    config = OpenAIConfig(api_key=KEY)
    other = config.replace(base_url="https://other.example/v1/", api_key="sk-other")
    assert other.base_url == "https://other.example/v1"
    assert isinstance(other.api_key, Secret)
    assert config.base_url == BASE_URL
    with pytest.raises(AttributeError):
        config.base_url = "x"


class TestRegions:
    @pytest.mark.parametrize("name", REGIONS)
    def test_a_region_is_an_address(self, name):
        assert Client(api_key="k", region=name).provider.config.base_url == REGIONS[name]

    def test_a_region_that_there_isn_t_is_told_what_there_is(self):
        with pytest.raises(ConfigurationError, match=r"one of 'global', 'us', 'eu', 'ae', not 'mars'"):
            Client(api_key="k", region="mars")

    def test_two_addresses_are_refused(self, monkeypatch):
        with pytest.raises(ConfigurationError, match="two addresses"):
            Client(api_key="k", region="eu", base_url="https://mine.example/v1")
        monkeypatch.setenv("OPENAI_BASE_URL", "https://mine.example/v1")
        with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL is set"):
            AsyncClient(api_key="k", region="eu")
