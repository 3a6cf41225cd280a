from __future__ import annotations

import copy
import inspect
import json
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from openai_core import Client
from openai_core.errors import APIConnectionError, InvalidRequestError
from openai_core.group import ApiGroup
from openai_core.method import Method
from openai_core.model import ApiModel
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

CREATE: Endpoint[object] = Endpoint("POST", "/chat/completions", "somewhere:ChatCompletion", id="createChatCompletion")
FILE: Endpoint[object] = Endpoint("GET", "/files/{file_id}", None)
NESTED: Endpoint[object] = Endpoint("GET", "/threads/{thread_id}/runs/{run_id}", None)
UPLOAD: Endpoint[object] = Endpoint("POST", "/files", None, multipart=("file",))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Colour(StrEnum):
    RED = "red"


class Message(ApiModel):
    role: str
    refusal: str | None = None


class Own(BaseModel):
    name: str


@dataclass
class Point:
    x: list[int]


def reversed_keys(value: object) -> object:
    """The same data with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: reversed_keys(inner) for key, inner in reversed(value.items())}
    return [reversed_keys(inner) for inner in value] if isinstance(value, list) else value


class TestOmit:
    def test_an_omitted_value_is_not_sent_and_none_is(self):
        operation = CREATE.operation(body={"model": "m", "seed": OMIT, "stop": None})
        assert operation.body == {"model": "m", "stop": None}

    def test_it_is_left_out_of_queries_and_headers_too(self):
        operation = CREATE.operation(query={"after": OMIT, "limit": 3}, headers={"X-A": OMIT, "X-B": "b"})
        assert (operation.query, operation.headers) == ({"limit": 3}, {"X-B": "b"})

    def test_it_is_false_has_a_name_and_stays_itself_when_copied_or_pickled(self):
        assert not OMIT
        assert repr(OMIT) == "OMIT"
        assert isinstance(OMIT, Omit)
        assert copy.deepcopy(OMIT) is OMIT
        assert pickle.loads(pickle.dumps(OMIT)) is OMIT

    def test_an_operation_without_a_body_has_none_rather_than_an_empty_one(self):
        assert CREATE.operation().body is None
        assert CREATE.operation(body={}).body == {}

    def test_what_an_endpoint_always_sends_is_added_and_wins(self):
        streaming: Endpoint[object] = Endpoint("POST", "/x", None, body={"stream": True}, query={"v": 2})
        operation = streaming.operation(body={"stream": False, "model": "m"})
        assert operation.body == {"stream": True, "model": "m"}
        assert operation.query == {"v": 2}
        assert streaming.body == {"stream": True}


class TestPath:
    def test_parameters_stand_in_their_places(self):
        assert NESTED.operation(path=("thread_1", "run_2")).path == "/threads/thread_1/runs/run_2"

    @pytest.mark.parametrize(
        ("given", "sent"),
        [("a b", "a%20b"), ("a?b#c", "a%3Fb%23c"), ("ü", "%C3%BC"), ("%2e%2e", "%252e%252e"), ("a:b@c", "a%3Ab%40c")],
    )
    def test_a_parameter_is_percent_encoded(self, given, sent):
        assert FILE.operation(path=(given,)).path == f"/files/{sent}"

    @pytest.mark.parametrize("given", ["..", ".", "../x", "x/../y", "a/b", "..\\x", "/"])
    def test_what_would_leave_its_place_is_refused_by_name(self, given):
        with pytest.raises(InvalidRequestError, match="file_id is one segment") as caught:
            _ = FILE.operation(path=(given,)).path
        assert caught.value.param == "file_id"

    @pytest.mark.parametrize("given", ["", None, 3, b"x"])
    def test_what_is_no_text_is_refused_by_name(self, given):
        """An empty id would turn 'delete this file' into a call of the collection."""
        with pytest.raises(InvalidRequestError, match="file_id must be a non-empty string"):
            _ = FILE.operation(path=(given,)).path

    def test_dots_inside_a_name_are_fine(self):
        assert FILE.operation(path=("a..b.txt",)).path == "/files/a..b.txt"

    def test_an_enum_of_strings_counts_as_its_value(self):
        assert FILE.operation(path=(Colour.RED,)).path == "/files/red"

    @given(st.text(min_size=1))
    def test_any_text_is_refused_or_one_segment_that_reads_back_the_same(self, text):
        operation = FILE.operation(path=(text,))
        try:
            path = operation.path
        except InvalidRequestError:
            assert text in {".", ".."} or "/" in text or "\\" in text
        else:
            segment = path.removeprefix("/files/")
            assert not set(segment) & set("/\\?#")
            assert path.isascii()
            assert unquote(segment) == text

    def test_an_option_takes_the_place_of_the_path(self):
        assert CREATE.operation(options={"path": "/messages"}).path == "/messages"

    @pytest.mark.parametrize("path", ["messages", "@evil.example/x", ".evil.example", ""])
    def test_a_path_that_would_continue_the_host_is_refused(self, path):
        """`https://api.example` + `@evil.example` is another host, which would get the key."""
        with pytest.raises(InvalidRequestError, match="begins with /"):
            _ = CREATE.operation(options={"path": path}).path
        with pytest.raises(InvalidRequestError, match="begins with /"):
            _ = Endpoint("GET", path, None).operation().path


class TestEquality:
    def test_equal_values_are_equal_operations_with_one_hash(self):
        first = CREATE.operation(body={"model": "m", "messages": [{"role": "user"}]}, query={"a": 1})
        second = CREATE.operation(body={"messages": [{"role": "user"}], "model": "m"}, query={"a": 1})
        assert first == second
        assert hash(first) == hash(second)
        assert {first: "answer"}[second] == "answer"

    @pytest.mark.parametrize(
        "other",
        [
            CREATE.operation(body={"model": "n"}),
            CREATE.operation(body={"model": "m"}, query={"a": 1}),
            CREATE.operation(body={"model": "m"}, headers={"X-A": "1"}),
            CREATE.operation(body={"model": "m"}, options={"timeout": 3}),
            Endpoint("POST", "/other", None).operation(body={"model": "m"}),
            StreamEndpoint("POST", "/chat/completions", None).operation(body={"model": "m"}),
            {"model": "m"},
        ],
    )
    def test_different_values_are_different_operations(self, other):
        assert CREATE.operation(body={"model": "m"}) != other

    def test_path_parameters_count(self):
        assert FILE.operation(path=("a",)) != FILE.operation(path=("b",))

    def test_copies_are_equal_to_what_they_were_made_of(self):
        operation = NESTED.operation(path=("t", "r"), query={"include": ["a"]}, options={"timeout": 3.0})
        for twin in (copy.copy(operation), copy.deepcopy(operation), pickle.loads(pickle.dumps(operation))):
            assert twin == operation
            assert hash(twin) == hash(operation)

    def test_paged_endpoints_with_other_cursors_differ(self):
        assert PagedEndpoint("GET", "/x", None, cursor="after") != PagedEndpoint("GET", "/x", None, cursor="page")

    @pytest.mark.parametrize(
        ("one", "same"),
        [
            (1, 1.0),
            (True, 1),
            (b"x", bytearray(b"x")),
            ({1, 2}, frozenset({2, 1})),
            ({"a": 1}, OrderedDict(a=1)),
            (Message(role="user"), Message(role="user")),
            (Own(name="x"), Own(name="x")),
            (Point([1]), Point([1])),
            (Path("/a"), Path("/a")),
        ],
    )
    def test_values_that_compare_equal_hash_equal(self, one, same):
        first, second = CREATE.operation(body={"v": [one]}), CREATE.operation(body={"v": [same]})
        assert first == second
        assert hash(first) == hash(second)

    @given(JSON)
    def test_the_order_of_keys_never_matters(self, value):
        first, second = CREATE.operation(body={"v": value}), CREATE.operation(body={"v": reversed_keys(value)})
        assert first == second
        assert hash(first) == hash(second)


class TestReplace:
    def test_fields_are_merged_and_the_original_stays(self):
        operation = CREATE.operation(body={"model": "m", "seed": 1}, query={"a": 1})
        changed = operation.replace(body={"seed": 2, "user": "u"}, headers={"X-A": "1"})
        assert changed.body == {"model": "m", "seed": 2, "user": "u"}
        assert changed.query == {"a": 1}
        assert changed.headers == {"X-A": "1"}
        assert operation == CREATE.operation(body={"model": "m", "seed": 1}, query={"a": 1})

    def test_omit_takes_a_field_away(self):
        assert CREATE.operation(body={"model": "m", "seed": 1}).replace(body={"seed": OMIT}).body == {"model": "m"}

    def test_the_kind_and_the_path_parameters_are_kept(self):
        stream: StreamOperation[object] = StreamEndpoint("GET", "/r/{id}", None).operation(path=("x",))
        changed = stream.replace(query={"starting_after": 4})
        assert type(changed) is StreamOperation
        assert changed.path == "/r/x"

    def test_options_are_merged_as_those_of_a_client_are(self):
        operation = CREATE.operation(options={"timeout": 3.0, "headers": {"X-A": "1"}})
        changed = operation.replace(options={"headers": {"X-B": "2"}})
        assert changed.options == {"timeout": 3.0, "headers": {"X-A": "1", "X-B": "2"}}

    def test_an_option_that_does_not_exist_is_a_type_error(self):
        with pytest.raises(TypeError, match="unknown option 'timeuot'"):
            CREATE.operation().replace(options={"timeuot": 3})

    def test_a_body_that_is_a_model_gets_fields_too(self):
        operation: Operation[object] = Operation(CREATE, (), None, Message.model_validate({"role": "user"}))
        assert operation.replace(body={"name": "n"}).body == {"role": "user", "name": "n"}


class TestRepr:
    def test_it_shows_what_is_sent(self):
        text = repr(NESTED.operation(path=("t", "r"), query={"limit": 3}))
        assert text == "Operation(GET /threads/{thread_id}/runs/{run_id}, path_params=('t', 'r'), query={'limit': 3})"

    @pytest.mark.parametrize(
        "operation",
        [
            CREATE.operation(headers={"Authorization": "Bearer hunter2hunter2"}),
            CREATE.operation(options={"headers": {"api-key": "hunter2hunter2"}}),
            CREATE.operation(body={"tools": [{"type": "mcp", "authorization": "hunter2hunter2"}]}),
            CREATE.operation(body={"headers": {"X-Api-Key": "hunter2hunter2"}}),
            CREATE.operation(body={"text": "my key is sk-hunter2hunter2, really"}),
            CREATE.operation(body={"items": {"sk-hunter2hunter2"}}),
            CREATE.operation(body={"message": Message.model_validate({"role": "u", "secret": "hunter2hunter2"})}),
            CREATE.operation(query={"client_secret": "hunter2hunter2"}),
        ],
    )
    def test_it_shows_no_secret(self, operation):
        assert "hunter2" not in repr(operation)
        assert "hunter2" not in str(operation)
        assert "***" in repr(operation)

    def test_it_is_short_whatever_is_sent(self):
        operation = CREATE.operation(
            body={"file": b"x" * 100_000, "text": "y" * 100_000, "messages": [{"role": "user"}] * 10_000}
        )
        assert len(repr(operation)) < 1_000
        assert "<100000 bytes>" in repr(operation)

    def test_an_endpoint_shows_what_it_calls(self):
        assert repr(FILE) == "Endpoint(GET /files/{file_id})"


class TestBatchLine:
    def test_it_is_one_line_of_json(self):
        line = CREATE.operation(body={"model": "m", "messages": [{"role": "user", "content": "a\nb"}]}).to_batch_line(
            "1"
        )
        assert b"\n" not in line
        assert json.loads(line) == {
            "custom_id": "1",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "m", "messages": [{"role": "user", "content": "a\nb"}]},
        }

    def test_a_call_without_a_body_has_an_empty_one(self):
        assert json.loads(CREATE.operation().to_batch_line("1"))["body"] == {}

    def test_fields_from_the_options_are_in_it(self):
        operation = CREATE.operation(body={"model": "m"}, options={"body": {"top_k": 3}})
        assert json.loads(operation.to_batch_line("1"))["body"] == {"model": "m", "top_k": 3}

    def test_models_are_written_as_they_are_sent(self):
        answer = Message.model_validate({"role": "assistant"})
        line = CREATE.operation(body={"messages": [answer]}).to_batch_line("1")
        assert json.loads(line)["body"] == {"messages": [{"role": "assistant"}]}

    def test_what_sends_files_or_streams_is_refused(self):
        with pytest.raises(InvalidRequestError, match="sends files"):
            UPLOAD.operation(body={"file": Path(__file__)}).to_batch_line("1")
        with pytest.raises(InvalidRequestError, match="streams its answer"):
            StreamEndpoint("POST", "/x", None).operation().to_batch_line("1")


class TestLinesThatWouldLoseSomething:
    BETA: Endpoint[object] = Endpoint("POST", "/responses", None, headers={"OpenAI-Beta": "multi=v1"})
    FIXED: Endpoint[object] = Endpoint("POST", "/responses", None, query={"beta": "true"})

    @pytest.mark.parametrize(
        ("operation", "lost"),
        [
            (BETA.operation(body={}), "header OpenAI-Beta"),
            (FIXED.operation(body={}), "query parameter beta"),
            (CREATE.operation(body={}, headers={"X-A": "1"}), "header X-A"),
            (CREATE.operation(body={}, options={"headers": {"X-A": "1"}}), "header X-A"),
            (CREATE.operation(body={}, options={"query": {"trace": "1"}}), "query parameter trace"),
        ],
        ids=str,
    )
    def test_they_are_refused(self, operation, lost):
        with pytest.raises(InvalidRequestError, match=f"would lose its {lost}"):
            operation.to_batch_line("a")

    def test_what_only_concerns_the_sending_is_no_loss(self):
        operation = CREATE.operation(body={"a": 1}, options={"timeout": 5, "headers": {"X-A": None}})
        assert json.loads(operation.to_batch_line("a"))["body"] == {"a": 1}


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        (CREATE, Operation),
        (PagedEndpoint("GET", "/x", None), PagedOperation),
        (StreamEndpoint("POST", "/x", None), StreamOperation),
        (BinaryEndpoint("GET", "/x", None), BinaryOperation),
    ],
)
def test_each_kind_of_endpoint_makes_its_kind_of_operation(endpoint, kind):
    operation = endpoint.operation()
    assert type(operation) is kind
    assert operation.method == endpoint.method


def test_a_stream_is_not_an_operation_that_answers_once():
    assert not isinstance(StreamEndpoint("POST", "/x", None).operation(), Operation)


def test_a_builder_knows_its_endpoint():
    @CREATE.builder
    def create(*, model: str) -> Operation[object]:
        return CREATE.operation(body={"model": model})

    assert create.endpoint is CREATE
    assert create(model="m").body == {"model": "m"}


NUMBERS = count()


class TestDeprecated:
    def endpoint(self) -> Endpoint[object]:
        # Each operation is warned of once in a process, so each test has one of its own.
        return Endpoint("GET", "/old/{thing_id}", None, id=f"old-{next(NUMBERS)}", deprecated="use the new one")

    def test_it_is_told_once_at_the_line_that_calls(self):
        endpoint = self.endpoint()

        @endpoint.builder
        def retrieve(thing_id: str) -> Operation[object]:
            return endpoint.operation(path=(thing_id,))

        with pytest.warns(DeprecationWarning, match=r"GET /old/\{thing_id\} is deprecated: use the new one") as told:
            retrieve("a")
        assert [warning.filename for warning in told] == [__file__]
        assert retrieve("b").path == "/old/b"  # any warning is an error here

    def test_the_line_that_calls_is_found_through_a_client(self):
        endpoint = self.endpoint()

        @endpoint.builder
        def retrieve(thing_id: str) -> Operation[object]:
            return endpoint.operation(path=(thing_id,))

        group = type("Old", (ApiGroup,), {"retrieve": Method(retrieve)})
        method = Client(api_key="k").api(group).retrieve
        with pytest.warns(DeprecationWarning, match="use the new one") as told:
            method.operation("a")
        assert [warning.filename for warning in told] == [__file__]
        assert list(inspect.signature(method).parameters) == ["thing_id"]

    def test_a_warning_that_is_an_error_is_raised_again(self):
        endpoint = self.endpoint()
        for _ in range(2):
            with pytest.raises(DeprecationWarning):
                endpoint.warn_if_deprecated()

    def test_bodies_of_one_s_own_are_told_too(self):
        endpoint = self.endpoint()

        @endpoint.builder
        def retrieve(thing_id: str) -> Operation[object]:
            return endpoint.operation(path=(thing_id,))

        group = type("Old", (ApiGroup,), {"retrieve": Method(retrieve)})
        client = Client(api_key="k", base_url="http://127.0.0.1:1/v1", max_retries=0)
        with pytest.warns(DeprecationWarning, match="use the new one"), pytest.raises(APIConnectionError):
            client.api(group).retrieve.into(dict, thing_id="a")
