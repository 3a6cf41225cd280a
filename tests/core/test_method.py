from __future__ import annotations

import asyncio
import inspect
import pydoc
import re
import sys
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from pydantic import BaseModel

from openai_core import AsyncClient, Client
from openai_core.group import ApiGroup, AsyncApiGroup, SubGroup
from openai_core.method import (
    AsyncBinaryMethod,
    AsyncMethod,
    AsyncPagedMethod,
    AsyncStreamMethod,
    BinaryMethod,
    Method,
    PagedMethod,
    StreamMethod,
    forwards,
)
from openai_core.operation import (
    OMIT,
    BinaryEndpoint,
    BinaryOperation,
    Endpoint,
    Omit,
    Operation,
    PagedEndpoint,
    PagedOperation,
    StreamEndpoint,
    StreamOperation,
)
from openai_core.options import RequestOptions
from openai_core.steps import AsyncStepsMethod, Steps, StepsMethod, send


class Thing(BaseModel):
    name: str


class Page(BaseModel):
    data: list[Thing]


CREATE: Endpoint[Thing] = Endpoint("POST", "/things", Thing, stream="create_stream")
CREATE_STREAM: StreamEndpoint[Thing] = StreamEndpoint("POST", "/things", Thing, body={"stream": True})
RENAME: Endpoint[Thing] = Endpoint("POST", "/boxes/{box_id}/things/{thing_id}", Thing)
LIST: PagedEndpoint[Page, Thing] = PagedEndpoint("GET", "/boxes/{box_id}/things", Page)
CONTENT = BinaryEndpoint("GET", "/things/{thing_id}/content", None)


@CREATE.builder
def create(*, name: str, size: int | Omit = OMIT, options: RequestOptions | None = None) -> Operation[Thing]:
    """Make a thing."""
    return CREATE.operation(body={"name": name, "size": size}, options=options)


@CREATE_STREAM.builder
def create_stream(*, name: str, options: RequestOptions | None = None) -> StreamOperation[Thing]:
    """Make a thing, bit by bit."""
    return CREATE_STREAM.operation(body={"name": name}, options=options)


@RENAME.builder
def rename(box_id: str, thing_id: str, *, name: str, options: RequestOptions | None = None) -> Operation[Thing]:
    """Call a thing something else."""
    return RENAME.operation(path=(box_id, thing_id), body={"name": name}, options=options)


@LIST.builder
def list_(
    box_id: str, *, limit: int | Omit = OMIT, options: RequestOptions | None = None
) -> PagedOperation[Page, Thing]:
    """List the things in a box."""
    return LIST.operation(path=(box_id,), query={"limit": limit}, options=options)


@CONTENT.builder
def content(thing_id: str, *, options: RequestOptions | None = None) -> BinaryOperation:
    """Fetch what is in a thing."""
    return CONTENT.operation(path=(thing_id,), options=options)


class Nested(ApiGroup):
    create = Method(create)


class Things(ApiGroup):
    create = Method(create)
    create_stream = StreamMethod(create_stream)
    rename = Method(rename)
    list = PagedMethod(list_)
    content = BinaryMethod(content)
    nested = SubGroup(Nested)


class AsyncNested(AsyncApiGroup):
    __module__ = "openai_core_things"  # What the clients of these tests drive are objects of the family.

    create = AsyncMethod(create)


class AsyncThings(AsyncApiGroup):
    __module__ = "openai_core_things"

    create = AsyncMethod(create)
    create_stream = AsyncStreamMethod(create_stream)
    rename = AsyncMethod(rename)
    list = AsyncPagedMethod(list_)
    content = AsyncBinaryMethod(content)
    nested = SubGroup(AsyncNested)


BUILDERS = {"create": create, "create_stream": create_stream, "rename": rename, "list": list_, "content": content}


def say_ok(exchange):
    exchange.json({"name": "ok"}, x_request_id="req_1")


def say_events(exchange):
    exchange.begin()
    exchange.event({"name": "o"})
    exchange.event({"name": "ok"})
    exchange.event("[DONE]")
    exchange.end()


@pytest.fixture
def group(colour):
    return Things if colour == "sync" else AsyncThings


@pytest.fixture
def things(client, group):
    """The group of a client that can send."""
    return client.api(group)


@pytest.fixture
def bare(colour, group):
    """The group as it is, of a client that never sends."""
    return group((Client if colour == "sync" else AsyncClient)(api_key="sk-test"))


class TestCalling:
    def test_a_call_sends_what_the_function_builds_and_gives_what_it_declares(self, things, server):
        server.script(say_ok)

        assert things.create(name="a") == Thing(name="ok")
        assert things.rename("b-1", "t-1", name="c") == Thing(name="ok")

        first, second = server.requests
        assert (first.method, first.target, first.json_body) == ("POST", "/v1/things", {"name": "a"})
        assert (second.target, second.json_body) == ("/v1/boxes/b-1/things/t-1", {"name": "c"})

    def test_a_stream(self, things, server):
        server.script(say_events)

        assert list(things.create_stream(name="a")) == [Thing(name="o"), Thing(name="ok")]
        assert server.requests[0].json_body == {"name": "a", "stream": True}

    def test_a_list(self, things, server, colour):
        server.script(lambda exchange: exchange.json({"data": [{"name": "a"}, {"name": "b"}]}))

        pages = things.list("b-1", limit=2)
        if colour == "async":
            pages = type(things)(pages, things._runner)

        assert [thing.name for thing in pages] == ["a", "b"]
        assert server.requests[0].target == "/v1/boxes/b-1/things?limit=2"

    def test_bytes(self, things, server):
        server.script(lambda exchange: exchange.answer(b"la la la"))

        assert things.content("t-1").read() == b"la la la"

    def test_the_raw_response(self, things, server):
        server.script(say_ok)

        response = things.create.raw(name="a")

        assert (response.status, response.request_id, response.content) == (200, "req_1", b'{"name": "ok"}')
        assert response.parse() == Thing(name="ok")

    def test_the_raw_response_of_a_list_is_its_first_page(self, things, server):
        server.script(lambda exchange: exchange.json({"data": [{"name": "a"}]}))

        assert things.list.raw("b-1").parse() == Page(data=[Thing(name="a")])
        assert len(server.requests) == 1


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("wrong", "named"),
        [({}, "name"), ({"name": "a", "sise": 1}, "sise")],
        ids=["missing", "misspelt"],
    )
    def test_an_argument_that_is_wrong_is_named(self, bare, wrong, named):
        for method in (bare.create, bare.create.operation, bare.create.raw):
            with pytest.raises(TypeError, match=f"'{named}'"):
                method(**wrong)

    def test_a_method_that_doesnt_stream_names_the_one_that_does(self, bare):
        with pytest.raises(TypeError, match=r"^create\(\) doesn't stream; call create_stream\(\) instead$"):
            bare.create(name="a", stream=True)

    @pytest.mark.parametrize("name", BUILDERS)
    def test_the_method_is_named_as_it_is_called(self, bare, name):
        with pytest.raises(TypeError, match=rf"^{name}\(\) got an unexpected keyword argument 'sise'"):
            getattr(bare, name)(sise=1)

    def test_what_is_sent_in_any_case_is_left_out(self, bare):
        with pytest.raises(TypeError, match=r"^create_stream\(\) sends stream=True in any case; leave it out$"):
            bare.create_stream(name="a", stream=True)

    def test_where_nothing_streams_stream_is_an_unknown_argument(self, bare):
        with pytest.raises(TypeError, match="unexpected keyword argument 'stream'"):
            bare.rename("b-1", "t-1", name="a", stream=True)


@forwards(create, stream="make_stream")
def make(times: int, *, options: RequestOptions | None = None, **thing: Any) -> Steps[Thing]:
    """Make a thing so many times."""
    return send(create(options=options, **thing))


@forwards(create)
def make_twice(*, options: RequestOptions | None = None, **thing: Any) -> Steps[Thing]:
    """Make a thing twice."""
    return send(create(options=options, **thing))


class Making(ApiGroup):
    make = StepsMethod(make)
    make_twice = StepsMethod(make_twice)


class AsyncMaking(AsyncApiGroup):
    make = AsyncStepsMethod(make)
    make_twice = AsyncStepsMethod(make_twice)


class TestWhatIsHandedOn:
    """A function that hands its keyword arguments on to another one."""

    @pytest.fixture
    def making(self, colour):
        return Making(Client(api_key="sk-test")) if colour == "sync" else AsyncMaking(AsyncClient(api_key="sk-test"))

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({}, r"missing 1 required keyword-only argument: 'name'"),
            ({"name": "a", "sise": 1}, r"got an unexpected keyword argument 'sise'.*[Dd]id you mean 'size'\?"),
            ({"name": "a", "timeout": 1}, r".*'timeout'.*; pass options={'timeout': \.\.\.}"),
            ({"name": "a", "extra_query": {}}, r".*'extra_query'.*; pass options={'query': \.\.\.}"),
            ({"name": "a", "stream": True}, r"doesn't stream; call make_stream\(\) instead"),
        ],
    )
    def test_what_is_wrong_is_said_of_the_method_that_was_called(self, making, wrong, said):
        with pytest.raises(TypeError, match=rf"^make\(\) {said}"):
            making.make(1, **wrong)

    def test_without_a_stream_of_its_own_it_names_that_of_the_other(self, making):
        with pytest.raises(TypeError, match=r"^make_twice\(\) doesn't stream; call create_stream\(\) instead$"):
            making.make_twice(name="a", stream=True)

    def test_its_own_arguments_are_known(self, making):
        with pytest.raises(TypeError, match=r"make\(\) missing 1 required positional argument: 'times'$"):
            making.make(name="a", options=None)


class TestOperation:
    def test_it_is_built_and_nothing_is_sent(self, things, server):
        operation = things.create.operation(name="a")

        assert operation == create(name="a")
        assert type(things.create_stream.operation(name="a")) is StreamOperation
        assert type(things.list.operation("b-1")) is PagedOperation
        assert type(things.content.operation("t-1")) is BinaryOperation
        assert server.connections == 0

    def test_any_client_can_send_it(self, things, make_client, server):
        server.script(say_ok)

        assert make_client(api_key="sk-other").send(things.create.operation(name="a")) == Thing(name="ok")

        assert server.requests[0].headers["authorization"] == "Bearer sk-other"

    def test_it_carries_the_methods_options(self, bare):
        method = bare.with_options(timeout=7, query={"a": 1}).create.with_options(query={"b": 2})

        operation = method.operation(name="a", options={"timeout": 5})

        assert operation.options == {"timeout": 5, "query": {"a": 1, "b": 2}}


class TestInto:
    def test_any_body_is_sent_and_the_answer_read_as_any_type(self, things, server):
        server.script(say_ok)

        assert things.create.into(dict, {"not": "described", "type": "x"}) == {"name": "ok"}
        assert things.create.into(bytes, ["x"]) == b'{"name": "ok"}'
        assert things.create.into(Thing, Thing(name="own")) == Thing(name="ok")

        bodies = [exchange.json_body for exchange in server.requests]
        assert bodies == [{"not": "described", "type": "x"}, ["x"], {"name": "own"}]

    def test_path_parameters_are_given_by_keyword(self, things, server):
        server.script(say_ok)

        things.rename.into(dict, {}, thing_id="t-1", box_id="b-1")

        assert server.requests[0].target == "/v1/boxes/b-1/things/t-1"

    @pytest.mark.parametrize(
        "path",
        [{}, {"box_id": "b"}, {"box_id": "b", "thing_id": "t", "other": "o"}, {"box_id": "b", "thing": "t"}],
    )
    def test_wrong_path_parameters_are_an_error_that_names_the_right_ones(self, things, server, path):
        with pytest.raises(TypeError, match=r"into\(\) takes a type, .* the path parameters \['box_id', 'thing_id'\]"):
            things.rename.into(dict, {}, **path)

        assert server.connections == 0

    def test_of_a_read_it_sends_a_query(self, things, server):
        server.script(lambda exchange: exchange.json({"data": []}))

        assert things.list.into(dict, {"limit": 3}, box_id="b-1") == {"data": []}

        (request,) = server.requests
        assert (request.target, request.body) == ("/v1/boxes/b-1/things?limit=3", b"")

    def test_every_event_of_a_stream_is_read_as_it(self, things, server):
        server.script(say_events)

        assert list(things.create_stream.into(dict, {"any": 1})) == [{"name": "o"}, {"name": "ok"}]
        assert server.requests[0].json_body == {"any": 1, "stream": True}

    def test_options_count(self, things, server):
        server.script(say_ok)

        things.create.with_options(path="/elsewhere", headers={"x-more": "1"}).into(dict, {})

        (request,) = server.requests
        assert (request.target, request.headers["x-more"]) == ("/v1/elsewhere", "1")


class TestOptions:
    def test_the_nearer_ones_win(self, make_client, group, server):
        server.script(say_ok)
        names = ("client", "group", "method", "call")

        def own(*levels):
            return {f"x-{level}": level for level in levels}

        client = make_client().with_options(headers=dict.fromkeys(own(*names), "client"))
        things = client.api(group).with_options(headers=dict.fromkeys(own(*names[1:]), "group"))
        method = things.create.with_options(headers=dict.fromkeys(own(*names[2:]), "method"))
        method(name="a", options={"headers": {"x-call": "call"}})

        sent = server.requests[0].headers
        assert {name: sent[name] for name in own(*names)} == own(*names)

    def test_what_they_are_of_stays_as_it_was(self, things, server, transport):
        server.script(say_ok)

        things.with_options(headers={"x-more": "1"}).create(name="a")
        things.create.with_options(headers={"x-more": "2"})(name="a")
        things.create(name="a")

        assert [exchange.headers.get("x-more") for exchange in server.requests] == ["1", "2", None]
        assert server.was_reached_over(1, transport)

    def test_groups_inside_inherit_them(self, things, server):
        server.script(say_ok)
        things.nested.create(name="a")

        things.with_options(headers={"x-more": "1"}).nested.create(name="a")
        things.nested.create(name="a")

        assert [exchange.headers.get("x-more") for exchange in server.requests] == [None, "1", None]

    def test_groups_of_a_client_with_options_have_them(self, client, group, server):
        server.script(say_ok)

        client.with_options(query={"v": 1}).api(group).nested.create(name="a")

        assert server.requests[0].target == "/v1/things?v=1"

    def test_a_method_may_go_to_another_path(self, things, server):
        server.script(say_ok)

        things.create.with_options(path="/messages")(name="a")
        things.rename("b", "t", name="a", options={"path": "/renamed"})

        assert [exchange.target for exchange in server.requests] == ["/v1/messages", "/v1/renamed"]

    def test_a_group_may_not(self, bare):
        with pytest.raises(TypeError, match="single method or call"):
            bare.with_options(path="/messages")

    def test_an_option_that_doesnt_exist_is_an_error_at_once(self, bare):
        for thing in (bare, bare.create):
            with pytest.raises(TypeError, match="unknown option 'colour'"):
                thing.with_options(colour="blue")


RESULTS = {
    "create": ("Thing", "Thing"),
    "create_stream": ("Stream[Thing]", "AsyncStream[Thing]"),
    "rename": ("Thing", "Thing"),
    "list": ("Pages[Page, Thing]", "AsyncPages[Page, Thing]"),
    "content": ("Binary", "AsyncBinary"),
}


class TestLooks:
    @pytest.mark.parametrize("name", BUILDERS)
    def test_a_method_has_the_name_and_docstring_of_its_function(self, bare, group, name):
        method = getattr(bare, name)

        assert method.__name__ == name
        assert method.__doc__ == BUILDERS[name].__doc__ == getattr(group, name).__doc__
        assert f".{name}>" in repr(method)

    @pytest.mark.parametrize("name", BUILDERS)
    def test_a_signature_has_the_parameters_and_gives_the_result(self, bare, colour, name):
        signature = inspect.signature(getattr(bare, name))

        assert signature.parameters == inspect.signature(BUILDERS[name]).parameters
        assert signature.return_annotation == RESULTS[name][colour == "async"]

    @pytest.mark.parametrize("name", BUILDERS)
    def test_help_shows_what_it_does(self, bare, name):
        shown = pydoc.plain(pydoc.render_doc(getattr(bare, name)))

        assert BUILDERS[name].__doc__ in shown
        assert re.search(rf"\n(async )?{name}\(", shown)

    def test_methods_are_equal_when_they_do_the_same(self, bare):
        assert bare.create == bare.create
        assert hash(bare.create) == hash(bare.create)
        assert bare.create.with_options(timeout=5) == bare.create.with_options(timeout=5)
        assert hash(bare.create.with_options(timeout=5)) == hash(bare.create.with_options(timeout=5))
        assert {bare.create: 1}[bare.create] == 1

    def test_methods_that_do_something_else_are_not(self, bare, group):
        other_client = group(Client(api_key="sk-test"))

        others = [bare.rename, bare.create.with_options(timeout=5), other_client.create, create, None]
        assert not [other for other in others if bare.create == other]

    def test_the_colours_are_not_equal(self):
        client = SimpleNamespace()

        assert Things(client).create != AsyncThings(client).create

    def test_what_is_awaited_is_marked_as_a_coroutine_function(self, bare, colour):
        marks = inspect if sys.version_info >= (3, 12) else asyncio

        marked = {name for name in BUILDERS if marks.iscoroutinefunction(getattr(bare, name))}

        assert marked == ({"create", "rename", "content"} if colour == "async" else set())

    def test_a_mock_of_what_is_awaited_is_awaited(self, bare, colour):
        with mock.patch.object(type(bare), "create", mock.create_autospec(bare.create, return_value="mocked")):
            answer: Any = bare.create(name="a")
            assert (asyncio.run(answer) if colour == "async" else answer) == "mocked"

    def test_a_method_read_from_the_class_is_not_bound(self, group):
        assert group.create is group.__dict__["create"]

    def test_a_group_inside_is_made_once(self, bare, group):
        assert bare.nested is bare.nested
        assert group.nested is group.__dict__["nested"]
