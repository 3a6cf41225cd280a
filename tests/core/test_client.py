from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import subprocess
import sys
import textwrap
import threading
import traceback
from importlib.metadata import EntryPoints

import httpx
import pytest
from pydantic import BaseModel

from openai_core import (
    OMIT,
    AsyncClient,
    Client,
    ConfigurationError,
    MissingPluginError,
    OpenAIConfig,
    Quirks,
    RetryPolicy,
    plugins,
)
from openai_core.errors import (
    APIConnectionError,
    APIResponseValidationError,
    AuthenticationError,
    InternalServerError,
)
from openai_core.model import ApiModel
from openai_core.operation import BinaryEndpoint, Endpoint, PagedEndpoint
from openai_core.options import Timeout
from openai_core.provider import CompatibleProvider, Provider
from tests.core.conftest import Driven

READ = Endpoint("GET", "/things/{thing_id}", "builtins:dict")
WRITE = Endpoint("POST", "/things", "builtins:dict")
ADMIN = Endpoint("GET", "/organization/things", "builtins:dict", admin=True)
LIST = PagedEndpoint("GET", "/things", "builtins:dict")


class Thing(BaseModel):
    name: str


class Item(ApiModel):
    id: str


class Page(ApiModel):
    data: list[Item]
    has_more: bool


def say_ok(exchange):
    exchange.json({"name": "ok"}, x_request_id="req_1")


def keys_of(server):
    return [exchange.headers.get("authorization") for exchange in server.requests]


class TestSending:
    def test_a_read_has_no_body_and_no_idempotency_key(self, client, server):
        server.script(say_ok)

        assert client.send(READ.operation(path=("t/1".replace("/", "-"),), query={"limit": 2})) == {"name": "ok"}

        (request,) = server.requests
        assert (request.method, request.target) == ("GET", "/v1/things/t-1?limit=2")
        assert request.body == b""
        assert "idempotency-key" not in request.headers
        assert "content-type" not in request.headers

    def test_a_write_is_json_with_an_idempotency_key(self, client, server):
        server.script(say_ok)

        client.send(WRITE.operation(body={"name": "é"}))

        (request,) = server.requests
        assert request.body == '{"name":"é"}'.encode()
        assert request.headers["content-type"] == "application/json"
        assert request.headers["accept"] == "application/json"
        assert request.headers["user-agent"].startswith("openai-core/")
        assert request.headers["idempotency-key"]

    def test_a_write_without_a_body_says_so(self, client, server):
        server.script(say_ok)

        client.send(WRITE.operation())

        assert server.requests[0].headers["content-length"] == "0"

    def test_calls_share_a_connection(self, client, server, transport):
        server.script(say_ok)

        for _ in range(20):
            client.send(WRITE.operation(body={}))

        assert server.was_reached_over(1, transport)

    def test_an_answer_can_be_read_as_a_type_of_the_users(self, client, server):
        server.script(say_ok)

        assert client.send(WRITE.operation(body={}), into=Thing) == Thing(name="ok")
        assert client.send(LIST.operation(), into=Thing) == Thing(name="ok")

    def test_a_raw_response_is_read_when_asked(self, client, server):
        server.script(say_ok)

        response = client.send_raw(WRITE.operation(body={}))

        assert (response.status, response.request_id, response.content) == (200, "req_1", b'{"name": "ok"}')
        assert [attempt.status for attempt in response.attempts] == [200]
        assert response.parse() == {"name": "ok"}

    def test_what_no_operation_covers_can_be_requested(self, client, server):
        server.script(say_ok)

        thing = client.request("PUT", "/not/described", body=["x"], query={"a": 1}, into=Thing, options={"timeout": 5})

        assert thing == Thing(name="ok")
        (request,) = server.requests
        assert (request.method, request.target, request.body) == ("PUT", "/v1/not/described?a=1", b'["x"]')

    def test_organization_and_project_are_sent(self, make_client, server):
        server.script(say_ok)

        make_client(organization="org-1", project="proj_1").send(WRITE.operation())

        assert server.requests[0].headers["openai-organization"] == "org-1"
        assert server.requests[0].headers["openai-project"] == "proj_1"

    def test_a_transport_is_told_whether_an_answer_is_read_whole(self, make_client, server):
        told = []

        def note(request):
            told.append(request.whole)
            return (yield request)

        server.script(say_ok)
        client = make_client(attempt_middleware=[note])
        client.send(WRITE.operation())
        client.send_raw(WRITE.operation())
        client.send(BinaryEndpoint("GET", "/things", None).operation()).close()

        assert told == [True, True, False]

    def test_a_compressed_answer_is_decoded(self, client, server):
        import gzip

        server.script(lambda exchange: exchange.answer(gzip.compress(b'{"a": 1}'), content_encoding="gzip"))

        assert client.send(WRITE.operation()) == {"a": 1}

    def test_a_compressed_answer_that_breaks_off_is_none(self, make_client, server):
        import gzip

        cut = gzip.compress(b'{"a": 1}')[:-4]
        server.script(lambda exchange: exchange.answer(cut, content_encoding="gzip"))

        with pytest.raises(APIConnectionError):
            make_client(max_retries=0).send(WRITE.operation())


class TestOptions:
    def test_a_client_with_options_leaves_the_first_one_alone_and_shares_its_connections(
        self, client, server, transport
    ):
        server.script(say_ok)

        other = client.with_options(headers={"x-more": "1"}, query={"v": 2})
        other.send(WRITE.operation())
        client.send(WRITE.operation())
        other.send(WRITE.operation())

        first, second, _ = server.requests
        assert (first.headers["x-more"], first.target) == ("1", "/v1/things?v=2")
        assert "x-more" not in second.headers
        assert second.target == "/v1/things"
        assert server.was_reached_over(1, transport)

    def test_an_operations_options_win_over_the_clients(self, make_client, server):
        server.script(say_ok)
        client = make_client(headers={"X-Whose": "client", "x-gone": "1"}, query={"whose": "client"})

        options = {"headers": {"x-whose": "operation", "X-Gone": None}, "query": {"whose": "operation"}}
        client.send(WRITE.operation(options=options))

        (request,) = server.requests
        assert request.headers["x-whose"] == "operation"
        assert "x-gone" not in request.headers
        assert request.target == "/v1/things?whose=operation"

    def test_more_fields_of_the_body_can_be_sent(self, client, server):
        server.script(say_ok)

        client.with_options(body={"vendor": 1}).send(WRITE.operation(body={"name": "a"}))

        assert server.requests[0].json_body == {"name": "a", "vendor": 1}

    def test_a_header_of_the_users_replaces_authentication(self, client, server):
        server.script(say_ok)

        client.with_options(headers={"authorization": "Basic x"}).send(WRITE.operation())

        assert [line for line in server.requests[0].lines if line.lower().startswith("authorization")] == [
            "authorization: Basic x"
        ] or server.requests[0].headers["authorization"] == "Basic x"

    def test_the_path_is_no_option_of_a_client(self, client):
        with pytest.raises(TypeError, match="single method or call"):
            client.with_options(path="/x")


class TestCopies:
    """A copy is a client of its own, made like the first one but for what is said."""

    def test_with_another_key_and_organization_it_calls_on_the_same_connections(self, make_client, server, transport):
        server.script(say_ok)
        client = make_client(organization="org-1", project="proj_1", headers={"x-team": "search"})

        client.send(WRITE.operation())
        client.copy(api_key="sk-other", organization="org-2").send(WRITE.operation())
        client.send(WRITE.operation())

        assert keys_of(server) == ["Bearer sk-test", "Bearer sk-other", "Bearer sk-test"]
        assert [each.headers["openai-organization"] for each in server.requests] == ["org-1", "org-2", "org-1"]
        assert {each.headers["openai-project"] for each in server.requests} == {"proj_1"}
        assert {each.headers["x-team"] for each in server.requests} == {"search"}
        assert server.was_reached_over(1, transport)

    def test_with_another_address(self, make_client, server):
        server.script(say_ok)

        make_client(base_url="http://127.0.0.1:1/v1").copy(base_url=server.url + "/proxy").send(WRITE.operation())

        assert server.requests[0].target == "/v1/proxy/things"

    def test_what_the_environment_said_at_first_stays(self, make_client, server, monkeypatch):
        server.script(say_ok)
        monkeypatch.setenv("OPENAI_PROJECT_ID", "proj_then")
        client = make_client()
        monkeypatch.setenv("OPENAI_PROJECT_ID", "proj_now")

        client.copy(api_key="sk-other").send(WRITE.operation())

        assert server.requests[0].headers["openai-project"] == "proj_then"

    def test_options_are_merged_and_the_rest_is_replaced(self, make_client, server):
        server.script(say_ok)
        client = make_client(headers={"x-a": "1", "x-b": "1"}, query={"q": "1"}, timeout=3, max_retries=7)

        copy = client.with_options(deadline=9).copy(headers={"X-B": "2"}, query={"r": "2"}, timeout=4)
        copy.send(WRITE.operation())

        (request,) = server.requests
        assert (request.headers["x-a"], request.headers["x-b"], request.target) == ("1", "2", "/v1/things?q=1&r=2")
        options = getattr(copy, "inner", copy)._settings.options
        assert (options["timeout"], options["deadline"], options["max_retries"]) == (4, 9, 7)

    def test_a_retry_policy_says_how_often_too(self, make_client, server):
        server.script(lambda exchange: exchange.answer(status=500))
        copy = make_client(max_retries=5).copy(retry=RetryPolicy(max_retries=1, initial=0, maximum=0))

        with pytest.raises(InternalServerError):
            copy.send(WRITE.operation())

        assert len(server.requests) == 2

    def test_everything_else_goes_along(self, make_client, server):
        server.script(lambda exchange: exchange.json({"name": 3}))
        attempts = []

        def middleware(operation):
            return (yield operation.replace(body={"seen": True}))

        client = make_client(validation="strict", middleware=[middleware], on_attempt=attempts.append)
        with pytest.raises(APIResponseValidationError):
            client.copy(api_key="sk-other").copy(project="proj_1").send(WRITE.operation(), into=Thing)

        assert server.requests[0].json_body == {"seen": True}
        assert keys_of(server) == ["Bearer sk-other"]
        assert len(attempts) == 1

    def test_another_transport_has_connections_of_its_own(self, make_client, server, transport):
        server.script(say_ok)
        client = make_client()

        client.send(WRITE.operation())
        copy = client.copy(transport=transport)
        copy.send(WRITE.operation())
        copy.close()

        assert server.connections == 2

    @pytest.mark.only_on("httpx", reason="an http_client takes the place of any transport")
    def test_an_http_client(self, make_client, server, colour, runner):
        server.script(say_ok)
        seen = []

        def note(request):
            seen.append(request.url.path)

        async def note_async(request):
            note(request)

        kind, hook = (httpx.Client, note) if colour == "sync" else (httpx.AsyncClient, note_async)
        http = kind(event_hooks={"request": [hook]})
        make_client().copy(http_client=http).send(WRITE.operation())
        http.close() if colour == "sync" else runner.run(http.aclose())

        assert seen == ["/v1/things"]

    def test_settings_of_a_named_provider_can_be_changed(self, make_client):
        client = make_client(provider="compatible", base_url="http://127.0.0.1:1/v1")

        copy = client.copy(base_url="http://127.0.0.1:2/v1").copy(quirks=Quirks(stream_end=True))

        assert (copy.provider.config.base_url, copy.provider.quirks.stream_end) == ("http://127.0.0.1:2/v1", True)
        assert client.provider.quirks.stream_end is False

    def test_another_provider_gets_neither_the_key_nor_the_address(self, make_client):
        copy = make_client(api_key="sk-test").copy(provider="compatible")

        assert isinstance(copy.provider, CompatibleProvider)
        assert copy.provider.config == OpenAIConfig()

    def test_a_copy_of_a_copy_with_another_provider_keeps_that_one(self, make_client, server):
        server.script(say_ok)
        elsewhere = CompatibleProvider(OpenAIConfig(api_key="sk-gateway", base_url=server.url))
        first = make_client(base_url="http://127.0.0.1:1/v1").copy(provider=elsewhere)

        first.copy(timeout=3).send(WRITE.operation())

        assert keys_of(server) == ["Bearer sk-gateway"]
        for own in ({"api_key": "sk-other"}, {"organization": "org-2"}, {"base_url": "http://127.0.0.1:1/v1"}):
            with pytest.raises(TypeError, match="a Provider object has its own keys and address"):
                first.copy(**own)

    def test_an_address_and_a_region_take_each_others_place(self, make_client):
        client = make_client(base_url="http://127.0.0.1:1/v1")

        regional = client.copy(region="eu")
        back = regional.copy(base_url="http://127.0.0.1:2/v1")

        assert regional.provider.config.base_url == "https://eu.api.openai.com/v1"
        assert regional.copy(region="us").provider.config.base_url == "https://us.api.openai.com/v1"
        assert regional.copy(api_key="sk-other").provider.config.base_url == "https://eu.api.openai.com/v1"
        assert back.provider.config.base_url == "http://127.0.0.1:2/v1"
        with pytest.raises(ConfigurationError, match="are two addresses"):
            client.copy(region="eu", base_url="http://127.0.0.1:2/v1")

    def test_none_is_as_if_it_was_not_given(self, make_client, server):
        server.script(say_ok)
        client = make_client(timeout=3, organization="org-1", on_attempt=lambda attempt: None)

        same = client.copy(api_key=None, organization=None, base_url=None, timeout=None, on_attempt=None)
        same.send(WRITE.operation())

        assert keys_of(server) == ["Bearer sk-test"]
        assert server.requests[0].headers["openai-organization"] == "org-1"

    def test_a_provider_object_goes_along_and_has_its_own_key(self, make_client):
        provider = Provider(OpenAIConfig(api_key="sk-own"))
        client = make_client(provider=provider)

        assert client.copy(timeout=3).provider is provider
        with pytest.raises(TypeError, match="a Provider object has its own keys and address"):
            client.copy(api_key="sk-other")

    def test_a_misspelt_setting_is_named(self, client):
        with pytest.raises(TypeError, match=r"takes base_ulr: .*did you mean 'base_url'"):
            client.copy(base_ulr="http://127.0.0.1/v1")

    def test_a_class_of_ones_own_stays_what_it_is(self):
        class Mine(Client):
            def __init__(self, team):
                super().__init__(api_key="k")
                self.team = team

        mine = Mine("search")

        for other in (mine.copy(timeout=3), mine.with_options(timeout=3)):
            assert (type(other), other.team) == (Mine, "search")


async def _awaited(pages):
    return await pages


class TestRequestId:
    def test_an_answer_knows_it(self, make_client, server):
        server.script(lambda exchange: exchange.json({"id": "a", "object": "model"}, x_request_id="req_7"))

        model = make_client().send(Endpoint("GET", "/models/a", "openai_core.model:UnknownModel").operation())

        assert model._request_id == "req_7"

    def test_without_one_it_is_none(self, make_client, server):
        server.script(lambda exchange: exchange.json({"id": "a"}))

        model = make_client().send(Endpoint("GET", "/models/a", "openai_core.model:UnknownModel").operation())

        assert model._request_id is None

    def test_a_list_has_that_of_its_first_page(self, make_client, server, colour, runner):
        pages = iter(["req_1", "req_2"])
        page = {"data": [{"id": "a"}], "has_more": True}
        server.script(lambda exchange: exchange.json(page, x_request_id=next(pages)))

        listed = make_client().send(PagedEndpoint("GET", "/things", Page).operation())
        if colour == "async":
            listed = runner.run(_awaited(listed))

        assert listed._request_id == listed.page._request_id == "req_1"

    def test_bytes_have_it_too(self, make_client, server):
        server.script(lambda exchange: exchange.answer(b"abc", x_request_id="req_1"))

        content = make_client().send(BinaryEndpoint("GET", "/files/a/content", None).operation())

        assert content._request_id == "req_1"
        assert content.read() == b"abc"


class TestPages:
    def test_a_deadline_is_one_for_all_pages_but_each_page_by_hand_has_its_own(
        self, make_client, server, colour, runner
    ):
        server.script(
            lambda exchange: exchange.json({"data": [{"id": "a"}], "has_more": True}),
            lambda exchange: exchange.json({"data": [{"id": "b"}], "has_more": False}),
        )
        deadlines = []

        def note(request):
            deadlines.append(request.deadline)
            return (yield request)

        client = make_client(deadline=30, attempt_middleware=[note])
        pages = client.send(PagedEndpoint("GET", "/things", Page).operation())
        if colour == "async":
            pages = Driven(pages, runner)
        first = list(pages)
        second = pages.get_next_page()

        assert [item.id for item in [*first, *second.data]] == ["a", "b", "b"]
        assert deadlines[0] is deadlines[1]
        assert deadlines[2] is not deadlines[0]


class TestKeys:
    def test_no_key_is_an_error_at_the_first_call(self, make_client, server):
        client = make_client(api_key=None)

        with pytest.raises(ConfigurationError, match=r"set OPENAI_API_KEY .* or pass api_key="):
            client.send(WRITE.operation())

        assert server.requests == []

    def test_operations_of_administration_use_the_admin_key(self, make_client, server):
        server.script(say_ok)
        client = make_client(admin_key="sk-admin")

        client.send(ADMIN.operation())
        client.send(WRITE.operation())

        assert keys_of(server) == ["Bearer sk-admin", "Bearer sk-test"]

    def test_no_admin_key_is_an_error_that_names_it(self, client):
        with pytest.raises(ConfigurationError, match="OPENAI_ADMIN_KEY"):
            client.send(ADMIN.operation())

    def test_a_key_function_is_called_for_each_attempt(self, make_client, server):
        keys = iter(["sk-old", "sk-new"])
        server.script(lambda exchange: exchange.json({}, 500), say_ok)

        make_client(api_key=lambda: next(keys)).send(WRITE.operation())

        assert keys_of(server) == ["Bearer sk-old", "Bearer sk-new"]

    def test_an_async_key_function_is_for_the_async_client(self, make_client, server, colour):
        async def key():
            await asyncio.sleep(0)
            return "sk-async"

        server.script(say_ok)
        client = make_client(api_key=key)

        if colour == "async":
            client.send(WRITE.operation())
            assert keys_of(server) == ["Bearer sk-async"]
        else:
            with pytest.raises(ConfigurationError, match="only an AsyncClient"):
                client.send(WRITE.operation())

    def test_a_server_that_needs_no_key_gets_none(self, make_client, server):
        server.script(say_ok)

        make_client(provider="compatible", api_key=None).send(WRITE.operation())

        assert keys_of(server) == [None]

    def test_a_provider_object_is_used_as_it_is(self, make_client, server):
        from openai_core.config import OpenAIConfig

        server.script(say_ok)
        provider = Provider(OpenAIConfig(api_key="sk-own", base_url=server.url))

        make_client(provider=provider).send(WRITE.operation())

        assert keys_of(server) == ["Bearer sk-own"]
        with pytest.raises(TypeError, match="its own keys"):
            Client(provider=provider, api_key="sk-other")

    def test_a_provider_may_call_things_by_other_names(self, make_client, server):
        class OlderNames(CompatibleProvider):
            def adapt(self, operation):
                return operation.replace(body={"limit": OMIT, "max": operation.body["limit"]})

        server.script(say_ok)
        operation = WRITE.operation(body={"limit": 3, "kept": True})
        make_client(provider=OlderNames(OpenAIConfig(base_url=server.url))).send(operation)
        assert server.requests[0].json_body == {"kept": True, "max": 3}
        assert operation.body == {"limit": 3, "kept": True}


class TestLife:
    def test_a_deep_copy_shares_the_connections(self, make_client, server, colour, transport):
        server.script(say_ok)
        client = make_client()
        client.send(WRITE.operation())

        twin = copy.deepcopy(client.inner if colour == "async" else client)

        for _ in range(2):
            (twin if colour == "sync" else client._wrapped(twin)).send(WRITE.operation())
        assert twin is not (client.inner if colour == "async" else client)
        assert server.was_reached_over(1, transport)

    @pytest.mark.parametrize("kind", [Client, AsyncClient])
    def test_a_client_is_not_pickled(self, kind):
        with pytest.raises(TypeError, match="make one in the other process"):
            pickle.dumps(kind(api_key="sk-test"))

    def test_closing_ends_connections_and_the_client_can_be_used_again(self, client, server):
        server.script(say_ok)
        client.send(WRITE.operation())

        client.close()

        assert server.has_open(0)
        client.send(WRITE.operation())
        assert server.connections == 2

    def test_leaving_the_block_closes(self, make_client, server):
        server.script(say_ok)

        with make_client() as client:
            client.send(WRITE.operation())

        assert server.has_open(0)

    @pytest.mark.parametrize("colour", ["sync"])
    def test_connections_end_with_a_client_that_nobody_closed(self, colour, server, transport):
        server.script(say_ok)
        Client(api_key="sk-test", base_url=server.url, transport=transport).send(WRITE.operation())

        assert server.has_open(0)

    def test_connections_end_with_an_async_client_that_nobody_closed(self, server, runner, transport):
        server.script(say_ok)

        async def call():
            await AsyncClient(api_key="sk-test", base_url=server.url, transport=transport).send(WRITE.operation())
            return await asyncio.to_thread(server.has_open, 0)

        assert runner.run(call())

    @pytest.mark.only_on("httpx", "aiohttp", "httpx2", reason="pyreqwest's connections belong to no event loop")
    def test_connections_end_with_their_event_loop(self, server):
        """Each loop has its own, which nothing would close later."""
        server.script(say_ok)
        client = AsyncClient(api_key="sk-test", base_url=server.url)
        asyncio.run(client.send(WRITE.operation()))

        assert server.has_open(0)
        asyncio.run(client.send(WRITE.operation()))
        assert server.connections == 2

    def test_what_is_being_read_keeps_its_connection(self, server, colour, runner):
        """Also when its client is not to be reached any more."""
        go_on = threading.Event()

        def in_two_pieces(exchange):
            exchange.begin()
            exchange.chunk(b"one")
            go_on.wait(10)
            exchange.chunk(b"two")
            exchange.end()

        server.script(in_two_pieces)
        fetch = BinaryEndpoint("GET", "/content", None)

        async def read():
            content = await AsyncClient(api_key="sk-test", base_url=server.url).send(fetch.operation())
            go_on.set()
            return await content.read()

        if colour == "sync":
            content = Client(api_key="sk-test", base_url=server.url).send(fetch.operation())
            go_on.set()
            assert content.read() == b"onetwo"
        else:
            assert runner.run(read()) == b"onetwo"

    def test_an_async_client_works_in_one_event_loop_after_another(self, transport, server):
        server.script(say_ok)
        client = AsyncClient(api_key="sk-test", base_url=server.url, transport=transport)

        async def call():
            return await asyncio.gather(*(client.send(WRITE.operation()) for _ in range(3)))

        for _ in range(3):
            assert asyncio.run(call()) == [{"name": "ok"}] * 3
        asyncio.run(client.close())

    @pytest.mark.parametrize("colour", ["sync"])
    def test_a_client_works_inside_a_running_event_loop(self, colour, transport, server, runner):
        """As it is used in a notebook."""
        server.script(say_ok)

        async def call():
            with Client(api_key="sk-test", base_url=server.url, transport=transport) as client:
                return client.send(WRITE.operation())

        assert runner.run(call()) == {"name": "ok"}

    @pytest.mark.parametrize("colour", ["sync"])
    def test_threads_share_a_client(self, colour, transport, server):
        from concurrent.futures import ThreadPoolExecutor

        server.script(say_ok)
        with (
            Client(api_key="sk-test", base_url=server.url, transport=transport) as client,
            ThreadPoolExecutor(8) as pool,
        ):
            answers = list(pool.map(lambda _: client.send(WRITE.operation()), range(40)))

        assert answers == [{"name": "ok"}] * 40


FORK_IN_A_LOOP = """
    import asyncio, os, sys
    from openai_core import AsyncClient

    async def main():
        client = AsyncClient(api_key="sk-test", base_url=sys.argv[1], transport=sys.argv[2])
        await client.request("POST", "/things", body={})
        child = os.fork()
        if child:
            assert os.waitpid(child, 0)[1] == 0
            await client.request("POST", "/things", body={}, options={"deadline": 20})

    # In the child, too, this ends the event loop, which listens where the parent's does.
    asyncio.run(main())
"""
FORK = """
import asyncio, os, sys
from openai_core import AsyncClient, Client, ConfigurationError
from openai_core.operation import Endpoint

url, transport, colour = sys.argv[1:]
operation = Endpoint("POST", "/things", "builtins:dict").operation()
kind = Client if colour == "sync" else AsyncClient
client = kind(api_key="sk-test", base_url=url, transport=transport)
call = (lambda: client.send(operation)) if colour == "sync" else (lambda: asyncio.run(client.send(operation)))
call()
child = os.fork()
if child == 0:
    try:
        call()
    except ConfigurationError as error:
        print(error, flush=True)
        os._exit(3)
    os._exit(0)
_, status = os.waitpid(child, 0)
call()
print("parent fine", flush=True)
# At once: a thread outside Python that still lets go of its lock would abort an interpreter that takes itself apart.
os._exit(os.waitstatus_to_exitcode(status))
"""


class TestFork:
    @pytest.fixture
    def forked(self, server, transport, colour):
        server.script(say_ok)
        command = [sys.executable, "-c", textwrap.dedent(FORK), server.url, transport, colour]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    @pytest.mark.parametrize("transport", ["httpx"])
    def test_a_child_process_has_connections_of_its_own(self, forked, server, colour):
        assert forked.returncode == 0, forked.stderr
        assert len({exchange.connection for exchange in server.requests[:2]}) == 2
        if colour == "sync":  # An event loop of asyncio.run ends with its connections.
            assert server.requests[2].connection == server.requests[0].connection

    @pytest.mark.parametrize("transport", ["httpx", "httpx2"])
    def test_a_fork_in_a_running_event_loop_leaves_the_parent_its_connections(self, server, transport):
        server.script(say_ok)
        command = [sys.executable, "-c", textwrap.dedent(FORK_IN_A_LOOP), server.url, transport]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert [exchange.connection for exchange in server.requests] == [0, 0]

    @pytest.mark.parametrize("transport", ["pyreqwest"])
    def test_a_transport_that_cant_fork_says_so_and_goes_on_in_the_parent(self, forked):
        assert forked.returncode == 3, forked.stderr
        assert "doesn't work in a forked process" in forked.stdout
        assert "parent fine" in forked.stdout


class TestSecrets:
    def test_nothing_shows_the_key(self, make_client, server, caplog):
        server.script(lambda exchange: exchange.json({"error": {"message": "no such key: sk-very-secret"}}, 401))
        client = make_client(api_key="sk-very-secret", headers={"x-api-key": "other-secret"})

        with caplog.at_level(logging.DEBUG, "openai_core"), pytest.raises(AuthenticationError) as caught:
            client.send(
                WRITE.operation(body={"name": "x"}, options={"headers": {"authorization": "Bearer third-secret"}})
            )

        shown = " ".join([caplog.text, str(caught.value), repr(client), repr(caught.value), repr(vars(client))])
        assert "401" in caplog.text
        assert not [secret for secret in ("very-secret", "other-secret", "third-secret") if secret in shown]

    def test_a_key_in_the_query_is_in_no_traceback(self, make_client, server):
        server.script(lambda exchange: exchange.hang_up())
        client = make_client(query={"api_key": "hunter2hunter2"}, max_retries=0)

        with pytest.raises(APIConnectionError) as caught:
            client.send(WRITE.operation())

        assert "hunter2" not in "".join(traceback.format_exception(caught.value))

    def test_a_key_that_looks_like_nothing_is_not_shown_either(self, make_client, server):
        server.script(lambda exchange: exchange.json({"error": {"message": "no such key: 0123456789"}}, 401))

        with pytest.raises(AuthenticationError) as caught:
            make_client(headers={"x-gateway-token": "0123456789"}).send(WRITE.operation())

        assert "no such key: ***" in str(caught.value)


class TestSetup:
    def test_a_transport_that_isnt_there(self):
        with pytest.raises(MissingPluginError, match="no transport 'carrier_pigeon' here"):
            Client(api_key="sk-test", transport="carrier_pigeon")

    def test_a_transport_and_an_http_client_exclude_each_other(self):
        with pytest.raises(ConfigurationError, match="either transport= or http_client="):
            Client(api_key="sk-test", transport="pyreqwest", http_client=object())

    async def test_an_http_client_is_one_and_of_the_same_colour(self):
        with pytest.raises(ConfigurationError, match="http_client is a client of httpx"):
            Client(api_key="sk-test", http_client=1)
        with httpx.Client() as http, pytest.raises(ConfigurationError, match="of an AsyncClient is an async one"):
            AsyncClient(api_key="sk-test", http_client=http)
        async with httpx.AsyncClient() as http:
            with pytest.raises(ConfigurationError, match="of a Client is a sync one"):
                Client(api_key="sk-test", http_client=http)

    def test_a_transport_object_is_used_and_stays_the_clients_after_closing(self, server):
        from openai_core.transport.httpx import HttpxTransport

        server.script(say_ok)
        client = Client(api_key="sk-test", base_url=server.url, transport=HttpxTransport())

        client.send(WRITE.operation())
        client.close()
        client.send(WRITE.operation())
        client.close()

        assert server.connections == 2

    def test_making_a_client_opens_nothing(self, make_client, server):
        make_client(timeout=Timeout(connect=1))

        assert server.connections == 0

    @pytest.mark.parametrize("validation", ["loose", ""])
    def test_values_that_make_no_sense(self, validation):
        with pytest.raises(ConfigurationError, match="'lenient' or 'strict'"):
            Client(api_key="sk-test", validation=validation)

    def test_settings_that_the_provider_doesnt_know(self):
        with pytest.raises(TypeError, match="colour"):
            Client(api_key="sk-test", colour="blue")


def test_a_group_that_isn_t_installed_isn_t_offered(monkeypatch):
    client = Client(api_key="k")
    assert {"chat", "threads", "webhooks", "send"} <= set(dir(client))
    monkeypatch.setattr(plugins, "entry_points", lambda: EntryPoints(()))
    monkeypatch.setattr(plugins.apis, "_found", {"models": ()})
    assert not {"chat", "threads", "webhooks"} & set(dir(client))
    assert {"models", "send"} <= set(dir(client))
