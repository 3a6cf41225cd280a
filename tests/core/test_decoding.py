from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, create_model
from typing_extensions import TypedDict

from openai_core.decoding import Decoder, decoder
from openai_core.errors import APIError, APIResponseValidationError, Attempt, RateLimitError
from openai_core.lenient import Drift
from openai_core.model import ApiModel, OpenUnion, UnknownModel
from openai_core.response import Response
from openai_core.transport.protocol import Headers

URL = "https://host/v1/answers"
ATTEMPTS = (Attempt(1, 0.1, 500), Attempt(2, 0.1, 200))


class Text(ApiModel):
    type: Literal["text"]
    text: str


class Call(ApiModel):
    type: Literal["call"]
    id: str


class Answer(ApiModel):
    id: str
    created: int
    output: list[Annotated[Text | Call, OpenUnion("type")]] = []


class Job(ApiModel):
    """Tells why it failed in a field of its own."""

    id: str
    seconds: int
    error: dict[str, Any] | None = None


class Own(BaseModel):
    id: str


class OwnDict(TypedDict):
    id: str


@dataclass
class OwnData:
    id: str
    created: int = 0


def response(content: bytes, content_type: str | None = "application/json") -> Response[Any]:
    headers = Headers({"x-request-id": "req_1"})
    if content_type:
        headers["content-type"] = content_type
    return Response(200, URL, headers, ATTEMPTS, content)


class Drifts(list[Drift]):
    """Notes drift, as a client's hook does."""

    __call__ = list.append


def read(returns: Any, content: bytes, *, lenient: bool = True) -> Any:
    return decoder(returns).read(response(content), None, Drifts() if lenient else None)


class TestGood:
    def test_a_model_is_read(self):
        answer = read(Answer, b'{"id": "a", "created": 1, "output": [{"type": "text", "text": "t"}]}')
        assert type(answer) is Answer
        assert type(answer.output[0]) is Text

    def test_without_drift_nobody_is_told(self):
        drifts = Drifts()
        decoder(Answer).read(response(b'{"id": "a", "created": 1, "new": 1}'), None, drifts)
        assert drifts == []

    def test_a_unknown_member_of_a_union_is_read_strictly_too(self):
        answer = read(Answer, b'{"id": "a", "created": 1, "output": [{"type": "new"}]}', lenient=False)
        assert type(answer.output[0]) is UnknownModel

    def test_a_type_may_be_named(self):
        answer = read("openai_core.model:UnknownModel", b'{"type": "x", "y": 1}')
        assert type(answer) is UnknownModel
        assert answer.y == 1

    def test_an_answer_without_a_body_is_none(self):
        assert read(None, b"") is None
        assert read(None, b"whatever") is None

    @pytest.mark.parametrize(
        ("returns", "expected"),
        [
            (str, '{"id": "é"}'),
            (bytes, '{"id": "é"}'.encode()),
            (dict, {"id": "é"}),
            (dict[str, str], {"id": "é"}),
            (Any, {"id": "é"}),
            (Own, Own(id="é")),
            (OwnDict, {"id": "é"}),
            (OwnData, OwnData(id="é")),
            (list[int] | OwnData, OwnData(id="é")),
        ],
    )
    def test_into_any_type_of_the_caller_s(self, returns, expected):
        assert read(returns, '{"id": "é"}'.encode()) == expected

    def test_text_that_is_no_utf_8_is_read_as_far_as_it_goes(self):
        assert read(str, b"caf\xe9") == "caf\ufffd"

    def test_an_event_is_read_in_the_place_of_the_body(self):
        assert decoder(Own).read(response(b"the stream"), b'{"id": "event"}') == Own(id="event")

    def test_each_type_has_one_decoder(self):
        assert decoder(Answer) is decoder(Answer)
        assert decoder("openai_core.model:UnknownModel") is decoder("openai_core.model:UnknownModel")
        assert isinstance(decoder(Answer), Decoder)

    def test_a_type_is_imported_for_its_first_answer_and_not_before(self):
        code = (
            "import sys; from openai_core.operation import Endpoint; "
            "Endpoint('GET', '/x', 'openai_core.types:Nothing').operation(); "
            "print('pydantic' in sys.modules, 'openai_core.types' in sys.modules)"
        )
        command = [sys.executable, "-c", code]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False False\n"


class TestDrift:
    def test_what_can_be_built_is_and_the_hook_is_told(self):
        drifts = Drifts()
        answer = decoder(Answer).read(
            response(b'{"id": 7, "output": [{"type": "call"}, {"type": "new"}]}'), None, drifts
        )
        assert answer.id == 7
        assert [type(item) for item in answer.output] == [Call, UnknownModel]
        assert [str(drift) for drift in drifts] == [
            "Answer.id is an unexpected int",
            "Call.id is missing",
            "Answer.created is missing",
        ]
        with pytest.raises(AttributeError, match="left out 'created'"):
            _ = answer.created

    def test_an_event_that_differs_is_built_too(self):
        drifts = Drifts()
        event = decoder(Answer).read(response(b""), b'{"id": "a", "created": "x"}', drifts)
        assert event.created == "x"
        assert len(drifts) == 1

    def test_strict_reading_raises_and_says_where_and_what_to_do(self):
        with pytest.raises(APIResponseValidationError) as caught:
            read(Answer, b'{"id": "a", "created": "x"}', lenient=False)
        message = str(caught.value)
        assert f"the answer of {URL} isn't a Answer: created: " in message
        assert ".raw(...) or .into(dict, ...)" in message
        assert caught.value.body == {"id": "a", "created": "x"}

    def test_a_union_goes_by_the_name_that_it_was_imported_by(self):
        with pytest.raises(APIResponseValidationError, match="isn't a ResponseStreamEvent: "):
            decoder("openai_core_responses.types:ResponseStreamEvent").read(response(b""), b"7")

    @pytest.mark.parametrize(
        ("content", "place"), [(b"5", "it"), (b'{"type": "response.created", "response": 5}', "response")]
    )
    def test_the_members_of_a_union_are_no_places(self, content, place):
        with pytest.raises(APIResponseValidationError, match=f"isn't a ResponseStreamEvent: {place}: input") as caught:
            decoder("openai_core_responses.types:ResponseStreamEvent").read(response(b""), content)
        assert len(str(caught.value)) < 250

    def test_a_union_without_a_name_is_not_told_in_full(self):
        many = reduce(or_, (create_model(f"Number{number}", a=(int, ...)) for number in range(100)))
        with pytest.raises(APIResponseValidationError) as caught:
            decoder(many).read(response(b""), b"7")
        assert len(str(caught.value)) < 600

    @pytest.mark.parametrize("content", [b'[{"error": "no"}]', b'{"object": "error", "message": "no"}'])
    def test_an_error_in_another_shape_is_one(self, content):
        with pytest.raises(APIError, match=r"^no"):
            read(Answer, content)

    @pytest.mark.parametrize("returns", [Own, OwnDict, OwnData, dict[str, int], list[int]])
    def test_a_type_of_the_caller_s_own_is_never_half_built(self, returns):
        with pytest.raises(APIResponseValidationError, match="Read it as it is with"):
            read(returns, b'{"id": ["x"]}')

    @pytest.mark.parametrize("content", [b"null", b"3", b'"text"', b"[]"])
    def test_json_that_is_no_object_is_no_answer(self, content):
        with pytest.raises(APIResponseValidationError, match="isn't a Answer"):
            read(Answer, content)

    def test_reading_a_thousand_of_them_is_quick(self):
        """The readers of the parts are built once: without that this takes half a minute."""
        item = b'{"type": "text", "text": 3}'
        content = b'{"id": "a", "created": "x", "output": [%b]}' % b",".join([item] * 20)
        read(Answer, content)
        started = time.process_time()
        for _ in range(50):
            read(Answer, content)
        assert time.process_time() - started < 2


class TestUnreadable:
    def test_a_page_of_html_names_address_kind_and_beginning(self):
        page = b"<!DOCTYPE html><html><body>" + b"x" * 500
        with pytest.raises(APIResponseValidationError) as caught:
            decoder(Answer).read(response(page, "text/html; charset=utf-8"))
        message = str(caught.value)
        assert URL in message
        assert "is no JSON but text/html; charset=utf-8" in message
        assert "<!DOCTYPE html><html><body>" + "x" * 173 in message
        assert "x" * 174 not in message
        assert "Is the base URL right, does it need /v1 at its end?" in message
        assert caught.value.body == page.decode()

    def test_html_that_calls_itself_json_is_still_no_json(self):
        with pytest.raises(APIResponseValidationError, match="is no JSON but application/json: '<html>'"):
            decoder(Answer).read(response(b"<html>"))

    @pytest.mark.parametrize("content_type", [None, "text/plain"])
    def test_another_kind_of_answer_asks_for_the_base_url(self, content_type):
        with pytest.raises(APIResponseValidationError, match="Is the base URL right") as caught:
            decoder(Answer).read(response(b"Hello", content_type))
        assert (content_type or "no content type") in str(caught.value)

    def test_an_empty_body_says_that_it_is_empty(self):
        with pytest.raises(APIResponseValidationError, match=f"the answer of {URL} is empty"):
            read(Answer, b"")

    @pytest.mark.parametrize(
        "content", [b'{"id": "a", "crea', b'{"id": "a"', b"[1, 2", b'{"id": "a"} trailing', b"\xff\xfe"]
    )
    def test_json_that_is_cut_off_says_so(self, content):
        with pytest.raises(APIResponseValidationError, match="is no complete JSON") as caught:
            read(Answer, content)
        assert "/v1" not in str(caught.value).replace(URL, "")

    def test_a_key_that_the_server_repeats_is_not_shown(self):
        with pytest.raises(APIResponseValidationError) as caught:
            decoder(Answer).read(response(b"wrong key sk-hunter2hunter2", "text/plain"))
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize("content", [b"<html>", b"", b'{"id": 1}'])
    def test_the_error_has_what_is_known_of_the_answer(self, content):
        with pytest.raises(APIResponseValidationError) as caught:
            read(Own, content)
        error = caught.value
        assert (error.status, error.request_id, error.attempts) == (200, "req_1", ATTEMPTS)
        assert error.headers is not None
        assert error.headers["content-type"] == "application/json"

    def test_pydantic_s_error_is_not_in_the_traceback(self):
        """Its text would repeat the body."""
        with pytest.raises(APIResponseValidationError) as caught:
            read(Own, b'{"id": 1}')
        assert caught.value.__suppress_context__


class TestReportedErrors:
    """Some servers answer 200 and put the error into the body."""

    def test_an_error_in_a_good_answer_has_its_proper_class(self):
        with pytest.raises(RateLimitError) as caught:
            read(Answer, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}')
        assert caught.value.message == "slow down"
        assert (caught.value.request_id, caught.value.attempts) == ("req_1", ATTEMPTS)

    @pytest.mark.parametrize(
        "content", [b'{"error": "no such model"}', b'{"error": {"message": "no such model", "code": "odd"}}']
    )
    @pytest.mark.parametrize("lenient", [True, False])
    def test_an_error_without_a_class_of_its_own_is_an_api_error(self, content, lenient):
        with pytest.raises(APIError, match="no such model") as caught:
            read(Answer, content, lenient=lenient)
        assert type(caught.value) is APIError

    def test_a_field_called_error_is_no_error(self):
        content = b'{"id": "job_1", "seconds": 3, "error": {"code": "rate_limit_exceeded"}}'
        assert read(Job, content).error == {"code": "rate_limit_exceeded"}

    def test_not_even_beside_drift(self):
        job = read(Job, b'{"id": "job_1", "seconds": "three", "error": {"code": "rate_limit_exceeded"}}')
        assert (type(job), job.seconds) == (Job, "three")

    def test_but_an_error_alone_is_one(self):
        with pytest.raises(RateLimitError):
            read(Job, b'{"error": {"code": "rate_limit_exceeded"}}')

    def test_into_a_dict_it_is_data(self):
        assert read(dict, b'{"error": {"message": "m"}}') == {"error": {"message": "m"}}

    def test_an_empty_error_is_none(self):
        assert read(Answer, b'{"id": "a", "created": "x", "error": null}').created == "x"
