"""The mistakes that users make most: each is refused before anything is sent, and told what to write instead."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import dataclass

import httpx
import pytest
from pydantic import BaseModel

import openai_core
from openai_core import (
    OMIT,
    AsyncBinary,
    AsyncClient,
    AsyncPages,
    Binary,
    Client,
    ConfigurationError,
    Endpoint,
    InvalidRequestError,
    Pages,
    RateLimitError,
    Response,
    Socket,
    WebSocketSession,
)
from openai_core.response import OpenResponse
from openai_core.structured import OutputFormat
from openai_core.tools import tool


class Trip(BaseModel):
    city: str


class Stranger:
    pass


class Page(BaseModel):
    data: list[str] = []


@dataclass
class Booking:
    trip: Trip
    guests: dict[str, Stranger]


@dataclass
class Journey:
    bookings: list[Booking]


def passing(operation):
    return (yield operation)


async def passing_late(request):
    yield request


class Unfinished(BaseModel):
    name: str
    later: list[Nowhere]  # noqa: F821 - that is the mistake


class Outer(BaseModel):
    inner: Unfinished


def square(number: int) -> int:
    """Multiply a number with itself."""
    return number * number


@pytest.fixture
def client():
    with Client(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0) as client:
        yield client


class TestGroups:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("beta", r"no attribute 'beta'; here it is a group of its own: assistants, threads"),
            ("organization", r"here it is client\.provider\.config\.organization$"),
            ("project", r"here it is client\.provider\.config\.project$"),
            ("base_url", r"here it is client\.provider\.config\.base_url$"),
            ("api_key", r"here it is client\.provider\.config\.api_key$"),
            ("weather", r"'Client' object has no attribute 'weather'$"),
        ],
    )
    def test_a_group_that_no_client_has(self, client, wrong, said):
        with pytest.raises(AttributeError, match=said) as caught:
            getattr(client, wrong)
        assert (caught.value.name, caught.value.obj) == (wrong, client)
        assert not hasattr(client, wrong)


class TestSettings:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"api_key": 123}, "api_key must be a string or a function that gives one, not a int"),
            ({"admin_key": b"k"}, "admin_key must be a string or a function that gives one, not a bytes"),
            ({"base_url": httpx.URL("http://x.example")}, r"base_url must be a string, not a httpx\.URL"),
            ({"organization": 1}, "organization must be a string, not a int"),
            ({"headers": [("a", "b")]}, "headers must be a mapping"),
            ({"query": "a=b"}, "query must be a mapping"),
            ({"retry": 3}, "retry is a RetryPolicy, not 3; for a number, pass max_retries="),
            ({"transport": None}, r"transport is the name of one, .* not None; leave it out for the default"),
            ({"transport": object()}, r"or an object with send\(\) and close\(\)"),
            ({"provider": 5}, "provider is a Provider object or the name of one, not 5"),
            ({"middleware": 5}, "^middleware is a list of functions, not 5"),
            ({"middleware": passing}, r"for a single one pass \[passing\]"),
            ({"middleware": [5]}, "^middleware is a list of functions, and 5 is none"),
            (
                {"attempt_middleware": [passing_late]},
                "^attempt_middleware is .* plain generator .*, and passing_late is async",
            ),
            ({"on_attempt": 5}, "on_attempt is a function that is told, not 5"),
            ({"on_drift": "x"}, "on_drift is a function that is told, not 'x'"),
            ({"timeout": httpx.Timeout(3)}, r"an openai_core\.Timeout or a number .*, not the httpx\.Timeout"),
        ],
    )
    @pytest.mark.parametrize("kind", [Client, AsyncClient])
    def test_a_value_of_the_wrong_kind_is_told_when_the_client_is_made(self, kind, wrong, said):
        with pytest.raises(ConfigurationError, match=said):
            kind(**{"api_key": "k", **wrong})

    @pytest.mark.parametrize("name", ["provider", "transport"])
    def test_a_key_in_the_wrong_place_is_not_shown(self, name):
        with pytest.raises(ConfigurationError) as caught:
            Client(**{name: {"api_key": "hunter22"}})
        assert "hunter22" not in str(caught.value)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("apikey", "did you mean 'api_key'"),
            ("default_headers", "did you mean 'headers'"),
            ("data_residency", "did you mean 'region'"),
            ("webhook_secret", r"webhooks\.unwrap\(\.\.\., secret=\.\.\.\)"),
            ("set_default_headers", "did you mean 'headers'"),
            ("_strict_response_validation", "did you mean 'validation'"),
            ("_extra_kwargs", "pass the settings themselves"),
            ("azure_endpoint", "pass provider='azure' with it"),
            ("zzz", "neither Client nor the provider 'openai' takes zzz$"),
        ],
    )
    def test_a_setting_that_there_isn_t_is_told_by_its_right_name(self, wrong, said):
        with pytest.raises(TypeError, match=said):
            Client(**{wrong: "x"})

    @pytest.mark.parametrize(
        ("provider", "wrong", "said"),
        [
            (
                "azure",
                "region",
                "^neither Client nor the provider 'azure' takes region: region names an address of OpenAI's",
            ),
            ("local", "region", "^neither Client nor the provider 'local' takes region: .*leave region out$"),
            ("azure", "azure_deploymnt", "takes azure_deploymnt: did you mean 'azure_deployment'"),
            ("azure", "zzz", "^neither Client nor the provider 'azure' takes zzz$"),
        ],
    )
    def test_a_setting_that_a_provider_does_not_take_is_told_alone(self, provider, wrong, said):
        good = {"azure_endpoint": "https://x.example"} if provider == "azure" else {}
        with pytest.raises(TypeError, match=said):
            Client(provider=provider, api_key="k", **good, **{wrong: "eu"})

    @pytest.mark.parametrize(("value", "what"), [(OMIT, "OMIT"), (5, "a int")])
    def test_a_header_is_taken_away_by_none(self, client, value, what):
        said = f"the header 'X-A' can't be sent: its value is a string, not {what}; None takes a header away"
        with pytest.raises(ConfigurationError, match=said):
            client.with_options(headers={"X-A": value}).models.list()
        with pytest.raises(ConfigurationError, match=said):
            client.models.list(options={"headers": {"X-A": value}})

    @pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding"])
    def test_where_a_body_ends_is_not_said_twice(self, client, name):
        """A server that believes the wrong one takes the rest for another request."""
        with pytest.raises(ConfigurationError, match=f"the header '{name}' can't be set"):
            client.with_options(headers={name: "3"}).models.list()

    def test_a_mistake_inside_a_provider_is_not_the_caller_s(self, monkeypatch):
        def broken(config):
            raise TypeError("of the provider's own")

        monkeypatch.setattr(openai_core.Provider, "from_config", broken)
        with pytest.raises(TypeError, match=r"^of the provider's own$"):
            Client(api_key="k")

    def test_headers_in_the_environment_are_no_json(self, monkeypatch):
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", '{"X-Team": "1"}')
        with pytest.raises(ConfigurationError, match="is no JSON, but holds a line `Name: value` for each header"):
            Client(api_key="k")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
class TestSending:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (lambda client: None, r"not None; an operation is made by \.operation\(\.\.\.\) of a method, such as"),
            (lambda client: "GET /models", "not 'GET /models'; an operation is made by"),
            (lambda client: client.models.list, r"not the method list; call its \.operation\(\.\.\.\)"),
        ],
    )
    async def test_what_is_no_operation(self, kind, settled, given, said):
        client = kind(api_key="k", base_url="http://127.0.0.1:9/v1")
        for send in (client.send, client.send_raw):
            with pytest.raises(TypeError, match=rf"^send\(\) takes an operation, {said}"):
                await settled(send(given(client)))
        await settled(client.close())

    async def test_a_mistake_inside_a_middleware_is_not_the_caller_s(self, kind, settled):
        def broken(operation):
            yield operation.nothing

        client = kind(api_key="k", middleware=[broken])
        with pytest.raises(AttributeError, match="nothing"):
            await settled(client.send(client.models.retrieve.operation("m")))
        await settled(client.close())

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (
                {"settings": {"ping_interval": 3}},
                r"a SocketSettings, not a dict; pass SocketSettings\(ping_interval=\.\.\.\)",
            ),
            ({"on_reconnect": 5}, "on_reconnect is a function that is given a Reconnect, not 5"),
        ],
    )
    async def test_settings_of_a_session(self, kind, settled, wrong, said):
        client = kind(api_key="k")
        with pytest.raises(ConfigurationError, match=said):
            client.realtime.connect(model="m", **wrong)
        await settled(client.close())


class TestCalls:
    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("with_raw_response", r"did you mean create\.raw\(\.\.\.\), as each call has it\?"),
            ("stream", "those that stream are create_stream"),
            ("crate", r"did you mean create\?"),
            ("zzz", "Completions has no call 'zzz'$"),
        ],
    )
    def test_one_that_a_group_doesn_t_have(self, client, name, said):
        with pytest.raises(AttributeError, match=said):
            getattr(client.chat.completions, name)

    def test_what_another_library_calls_waiting(self, client):
        with pytest.raises(AttributeError, match=r"did you mean create_and_wait\?"):
            _ = client.videos.create_and_poll
        assert not hasattr(client.chat, "poll")

    def test_a_parameter_that_only_a_server_knows(self, client):
        with pytest.raises(TypeError, match=r"'top_k'.*goes into options=\{'body': \{'top_k': \.\.\.\}\}"):
            client.chat.completions.create(model="m", messages=[], top_k=3)
        with pytest.raises(TypeError, match=r"'page'.*goes into options=\{'query': \{'page': \.\.\.\}\}"):
            client.models.list(page=3)

    @pytest.mark.parametrize("group", ["chat.completions", "responses"])
    @pytest.mark.parametrize("name", ["response_format", "text_format"])
    def test_the_type_of_an_answer_by_a_name(self, client, group, name):
        place = client
        for part in group.split("."):
            place = getattr(place, part)
        with pytest.raises(TypeError, match=r"it comes first, without its name: parse\(returns, \.\.\.\)"):
            place.parse(model="m", **{name: Trip})

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (Trip, r"body\.temperature is the type Trip, and no value; parse\(Trip, \.\.\.\)"),
            ({"a": [Stranger()]}, r"body\.temperature\.a\.0 is a .*Stranger, of which nothing is known"),
        ],
    )
    def test_a_value_that_cannot_be_written_is_told_where_it_is(self, client, wrong, said):
        with pytest.raises(InvalidRequestError, match=said):
            client.chat.completions.create(model="m", messages=[], temperature=wrong)

    def test_a_file_that_is_closed(self, client, tmp_path):
        (tmp_path / "data").write_text("x")
        with (tmp_path / "data").open("rb") as file:
            pass
        with pytest.raises(InvalidRequestError, match="is a file that was closed before it was sent"):
            client.files.create(file=file, purpose="batch")


class TestObjects:
    """What answers, errors and sessions are asked for by those who know the official library."""

    @pytest.fixture
    def objects(self, client):
        connect = Socket("/talk", dict)
        whole = Response(200, "http://h/v1/x", {}, (), b"{}")
        binary = Binary(OpenResponse(200, "http://h/v1/x", {}, (), None))
        walk = Endpoint("GET", "/x", None).operation(), None, None
        stream = client.chat.completions.create_stream(model="m", messages=[])
        yield {
            "error": RateLimitError("slow down", status=429),
            "list": Pages(Page(), *walk),
            "async list": AsyncPages(*walk),
            "file": binary,
            "async file": AsyncBinary(OpenResponse(200, "http://h/v1/x", {}, (), None)),
            "response": whole,
            "session": WebSocketSession(client, connect),
            "stream": stream,
        }
        stream.close()

    @pytest.mark.parametrize(
        ("kind", "name", "meant"),
        [
            ("error", "status_code", "status"),
            ("error", "response", "headers, body and status"),
            ("list", "iter_pages", "pages()"),
            ("async list", "next_page_info", "next_operation"),
            ("file", "write_to_file", "save(path)"),
            ("async file", "stream_to_file", "save(path)"),
            ("file", "text", "read().decode()"),
            ("file", "json", "json.loads(...) of what read() gives"),
            ("response", "status_code", "status"),
            ("session", "recv", "receive()"),
            ("session", "recv_bytes", "receive_raw()"),
            ("session", "parse_event", "parse(data)"),
            ("session", "dispatch_events", "run()"),
            ("session", "conversation", "send({'type': 'conversation.item.create', ...})"),
            ("stream", "get_final_completion", "final()"),
        ],
    )
    def test_a_name_of_another_library_is_told_by_ours(self, objects, kind, name, meant):
        said = re.escape(f"has no attribute {name!r}; here it is {meant}")
        with pytest.raises(AttributeError, match=f"{said}$") as caught:
            getattr(objects[kind], name)
        assert (caught.value.name, caught.value.obj) == (name, objects[kind])
        # What is named instead is there, or so it would not be said.
        first = re.match(r"\w+", meant)[0]
        assert first in dir(objects[kind]) or first == "json"

    @pytest.mark.parametrize("name", ["zzz", "_zzz", "__zzz__"])
    def test_any_other_name_is_just_not_there(self, objects, name):
        for each in objects.values():
            with pytest.raises(AttributeError, match=f"^'{type(each).__name__}' object has no attribute '{name}'$"):
                getattr(each, name)

    def test_an_error_is_pickled_and_copied_as_before(self):
        error = RateLimitError("slow down", status=429)
        for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            assert (type(twin), twin.status, str(twin)) == (RateLimitError, 429, str(error))


class TestTypes:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"type": "object"}, r"a JSON schema isn't a type; .* create\(\)"),
            ("Trip", "'Trip' is a text; pass the type itself, without quotes"),
            (Trip(city="Paris"), "this is an object of Trip; pass the type: Trip"),
            (Booking(Trip(city="Rome"), {}), "this is an object of Booking; pass the type: Booking"),
            (3, "for 3: that is no type"),
            (Stranger, "for Stranger: nothing is known about the class Stranger"),
            (Booking, r"for Booking\.guests: nothing is known about the class Stranger"),
            (Journey, r"for Journey\.bookings\.guests: nothing is known about the class Stranger"),
            (Unfinished, r"for Unfinished\.later: Nowhere isn't defined"),
            (Outer, r"for Outer\.inner\.later: Nowhere isn't defined"),
        ],
    )
    def test_what_an_answer_cannot_be_read_as(self, wrong, said):
        with pytest.raises(InvalidRequestError, match=said):
            OutputFormat(wrong)

    def test_arguments_of_a_tool_may_be_an_object(self):
        assert tool(square).call({"number": 3}) == tool(square).call('{"number": 3}') == 9
