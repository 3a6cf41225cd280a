from __future__ import annotations

import copy
import multiprocessing
import pickle
import subprocess
import sys

import pytest

from openai_core import errors
from openai_core.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    Attempt,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    FileSaveError,
    InternalServerError,
    InvalidRequestError,
    MissingPluginError,
    NotFoundError,
    OpenAIError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    StreamError,
    StreamTruncatedError,
    UnprocessableEntityError,
    error_in_stream,
    parse_error,
    reports_error,
    status_class,
)
from openai_core.options import Timeout
from openai_core.transport.protocol import Headers

ALL = sorted(
    {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, OpenAIError)},
    key=lambda kind: kind.__name__,
)
OF_THE_API = [kind for kind in ALL if issubclass(kind, APIError)]


def full(kind: type[APIError]) -> APIError:
    """An error of a class with everything that one can hold."""
    error = kind(
        "it failed",
        status=429,
        code="rate_limit_exceeded",
        type="requests",
        param="messages",
        request_id="req_1",
        attempts=(Attempt(1, 0.5, 429, "req_0", "RateLimitError", 1.5), Attempt(2, 0.25, 429, "req_1")),
        headers=Headers({"x-request-id": "req_1"}),
        body={"error": {"message": "it failed"}},
    )
    error.partial = ("first", "second")
    return error


class TestTree:
    @pytest.mark.parametrize(
        ("kind", "parent"),
        [
            (ConfigurationError, OpenAIError),
            (InvalidRequestError, OpenAIError),
            (InvalidRequestError, ValueError),
            (MissingPluginError, OpenAIError),
            (MissingPluginError, AttributeError),
            (FileSaveError, OpenAIError),
            (APIError, OpenAIError),
            (APIConnectionError, APIError),
            (APITimeoutError, APIConnectionError),
            (DeadlineExceededError, APITimeoutError),
            (APIStatusError, APIError),
            (APIResponseValidationError, APIError),
            (StreamError, APIError),
            (StreamTruncatedError, StreamError),
        ],
    )
    def test_a_class_is_caught_as_its_parents_are(self, kind, parent):
        assert issubclass(kind, parent)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, BadRequestError),
            (401, AuthenticationError),
            (403, PermissionDeniedError),
            (404, NotFoundError),
            (408, RequestTimeoutError),
            (409, ConflictError),
            (422, UnprocessableEntityError),
            (429, RateLimitError),
            (500, InternalServerError),
            (503, InternalServerError),
            (599, InternalServerError),
            (418, APIStatusError),
            (304, APIStatusError),
        ],
    )
    def test_each_status_has_its_class(self, status, kind):
        assert status_class(status) is kind
        assert issubclass(kind, APIStatusError)

    def test_every_class_says_what_it_is(self):
        assert all(kind.__doc__ for kind in ALL)


class TestMessage:
    def test_it_tells_what_the_server_said_and_the_facts(self):
        assert str(full(BadRequestError)) == (
            "it failed (status 429, code rate_limit_exceeded, param messages, request_id req_1, 2 attempts)"
        )

    def test_without_facts_it_is_the_message_alone(self):
        assert str(APIConnectionError("no route")) == "no route"

    def test_a_single_attempt_is_not_worth_a_word(self):
        assert "attempt" not in str(APIError("x", attempts=(Attempt(1, 0.1),)))

    @pytest.mark.parametrize(
        ("error", "advice"),
        [
            (AuthenticationError("x", status=401), "Check the API key"),
            (PermissionDeniedError("x", status=403), "Check what the key"),
            (RateLimitError("x", status=429), "Send fewer requests at once"),
            (RateLimitError("x", status=429, code="insufficient_quota"), "waiting doesn't help"),
            (BadRequestError("x", status=400, code="context_length_exceeded"), "shorten it"),
            (NotFoundError("x", status=404, code="model_not_found"), "Check the model's name"),
            (StreamError("x", code="insufficient_quota"), "waiting doesn't help"),
        ],
    )
    def test_it_says_what_to_do(self, error, advice):
        assert advice in str(error)

    def test_a_used_up_quota_is_not_told_to_wait(self):
        assert "wait longer" not in str(RateLimitError("x", status=429, code="insufficient_quota"))


class TestCopies:
    @pytest.mark.parametrize("kind", OF_THE_API)
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_an_api_error_survives_pickle(self, kind, protocol):
        error = full(kind)
        twin = pickle.loads(pickle.dumps(error, protocol))
        assert type(twin) is kind
        assert vars(twin) == vars(error)
        assert str(twin) == str(error)
        assert twin.args == error.args
        assert twin.headers.get("X-Request-Id") == "req_1"

    @pytest.mark.parametrize("kind", OF_THE_API)
    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
    def test_an_api_error_survives_copying(self, kind, copied):
        error = full(kind)
        twin = copied(error)
        assert twin is not error
        assert type(twin) is kind
        assert vars(twin) == vars(error)
        assert str(twin) == str(error)

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
    @pytest.mark.parametrize(
        ("error", "name", "value"),
        [
            (ConfigurationError("m"), "message", "m"),
            (InvalidRequestError("m", param="file_id"), "param", "file_id"),
            (MissingPluginError("m", name="chat"), "name", "chat"),
            (FileSaveError("m", partial="x.part"), "partial", "x.part"),
            (OpenAIError("m"), "message", "m"),
        ],
    )
    def test_the_others_do_too(self, again, error, name, value):
        twin = again(error)
        assert type(twin) is type(error)
        assert getattr(twin, name) == value
        assert str(twin) == "m"

    def test_a_deep_copy_shares_nothing_that_changes(self):
        error = full(APIError)
        copy.deepcopy(error).body["error"]["message"] = "changed"
        assert error.body == {"error": {"message": "it failed"}}

    def test_an_error_of_one_s_own_survives_whatever_its_arguments(self):
        twin = pickle.loads(pickle.dumps(OwnError("model-1")))
        assert (type(twin), twin.model, str(twin)) == (OwnError, "model-1", "model-1 is gone (status 410)")

    def test_an_error_comes_back_from_another_process(self):
        with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(OpenAIError) as caught:
            pool.apply(Timeout.of, (0,))
        assert type(caught.value) is ConfigurationError
        assert "timeout must be" in str(caught.value)


class OwnError(APIStatusError):
    def __init__(self, model: str) -> None:
        super().__init__(f"{model} is gone", status=410)
        self.model = model


class TestParse:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (
                {"error": {"message": "m", "type": "t", "param": "p", "code": "c"}},
                {"message": "m", "type": "t", "param": "p", "code": "c"},
            ),
            ({"error": {"message": "m", "type": None, "param": None, "code": None}}, {"message": "m"}),
            (
                {"error": {"code": 500, "message": "m", "type": "server_error"}},
                {"message": "m", "code": "500", "type": "server_error"},
            ),
            ({"error": "text"}, {"message": "text"}),
            ({"message": "m", "code": "c"}, {"message": "m", "code": "c"}),
            (
                {"object": "error", "message": "m", "type": "BadRequestError", "code": 400},
                {"message": "m", "type": "BadRequestError", "code": "400"},
            ),
            ({"detail": "Not Found"}, {"message": "Not Found"}),
            (
                {"detail": [{"loc": ["body"], "msg": "field required"}]},
                {"message": "[{'loc': ['body'], 'msg': 'field required'}]"},
            ),
            ([{"error": {"message": "m", "code": 400}}], {"message": "m", "code": "400"}),
            (
                {"type": "error", "code": "c", "message": "m", "param": None},
                {"message": "m", "type": "error", "code": "c"},
            ),
            ("bare text", {"message": "bare text"}),
            ({"error": {"message": ["not", "text"], "type": {"x": 1}, "param": 3}}, {"message": "['not', 'text']"}),
            ({"error": {}}, {}),
            ({"error": None, "message": "m"}, {"message": "m"}),
            ({"error": ["odd"]}, {}),
            ("", {}),
            (None, {}),
            ([], {}),
            ({}, {}),
            (7, {}),
            (["text"], {"message": "text"}),
        ],
    )
    def test_every_shape_that_servers_send(self, body, expected):
        assert parse_error(body) == {"message": None, "code": None, "type": None, "param": None} | expected


class TestInStream:
    @pytest.mark.parametrize(
        ("name", "kind", "status"),
        [
            ("rate_limit_exceeded", RateLimitError, 429),
            ("insufficient_quota", RateLimitError, 429),
            ("invalid_api_key", AuthenticationError, 401),
            ("permission_error", PermissionDeniedError, 403),
            ("model_not_found", NotFoundError, 404),
            ("context_length_exceeded", BadRequestError, 400),
            ("server_error", InternalServerError, 500),
            ("overloaded_error", InternalServerError, 503),
        ],
    )
    def test_a_code_or_type_has_the_class_of_its_response(self, name, kind, status):
        for field in ("code", "type"):
            error = error_in_stream({"error": {"message": "m", field: name}}, request_id="req_1")
            assert type(error) is kind
            assert (error.status, error.message, error.request_id) == (status, "m", "req_1")
            assert getattr(error, field) == name

    def test_the_code_counts_before_the_type(self):
        error = error_in_stream({"error": {"code": "rate_limit_exceeded", "type": "invalid_request_error"}})
        assert type(error) is RateLimitError

    @pytest.mark.parametrize(
        ("code", "kind"), [(429, RateLimitError), ("503", InternalServerError), (404, NotFoundError)]
    )
    def test_a_code_may_be_a_status(self, code, kind):
        assert type(error_in_stream({"error": {"message": "m", "code": code}})) is kind

    @pytest.mark.parametrize("code", ["something_new", 200, 1000, None, "4²9"])
    def test_what_has_no_class_is_a_stream_error(self, code):
        error = error_in_stream({"type": "error", "code": code, "message": "m"})
        assert type(error) is StreamError
        assert error.status is None

    def test_another_class_can_be_asked_for(self):
        assert type(error_in_stream({"error": "m"}, APIError)) is APIError

    @pytest.mark.parametrize("body", [{}, None, {"error": {}}, ""])
    def test_an_error_without_words_still_has_a_message(self, body):
        error = error_in_stream(body)
        assert "the server reported an error" in str(error)
        assert error.body == body


def test_a_missing_plugin_looks_like_a_missing_attribute():
    class Host:
        @property
        def chat(self) -> object:
            raise MissingPluginError("install it", name="chat")

    assert not hasattr(Host(), "chat")
    assert getattr(Host(), "chat", None) is None


def test_errors_can_be_imported_without_a_http_library_or_pydantic():
    code = "import sys, openai_core.errors; print(sorted({'httpx', 'pydantic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

    def test_bare_text_may_be_a_whole_page(self):
        error = error_in_stream("x" * 5000)
        assert len(error.message) < 300
        assert error.body == "x" * 5000

    def test_a_key_that_the_server_repeats_is_not_shown(self):
        error = error_in_stream({"error": {"message": "no such key: sk-hunter2hunter2"}})
        assert "hunter2" not in str(error)

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"error": {"message": "m"}}, True),
            ({"error": "m"}, True),
            ([{"error": {"message": "m"}}], True),
            ({"object": "error", "message": "m", "code": 400}, True),
            ({"error": None}, False),
            ({"object": "list"}, False),
            ([], False),
            (["error"], False),
            ("error", False),
            (None, False),
        ],
    )
    def test_an_error_is_known_by_its_shape(self, body, told):
        assert reports_error(body) is told
