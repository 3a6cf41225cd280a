from __future__ import annotations

import pytest

from openai_core.errors import APIResponseValidationError, Attempt
from openai_core.response import Response, ResponseInfo
from openai_core.transport.protocol import Headers


def response(content: bytes = b"{}", **headers: str) -> Response[object]:
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(200, "https://host/v1/x", named, (Attempt(1, 0.1, 200),), content)


class TestResponse:
    def test_it_tells_of_the_limits_that_its_headers_tell_of(self):
        assert response(x_ratelimit_limit_requests="60").limits.requests == 60
        assert response().limits.requests is None

    def test_the_request_id_comes_from_the_headers(self):
        assert response(x_request_id="req_1").request_id == "req_1"
        assert response().request_id is None

    def test_headers_are_looked_up_in_any_case(self):
        answer = response(x_request_id="req_1")
        assert answer.headers["X-Request-ID"] == answer.headers.get("X-REQUEST-ID") == "req_1"
        assert "X-Request-Id" in answer.headers

    def test_the_body_as_it_is(self):
        answer = response('{"a": "é"}'.encode())
        assert answer.content == '{"a": "é"}'.encode()
        assert answer.text == '{"a": "é"}'
        assert answer.json() == {"a": "é"}

    def test_text_that_is_no_utf_8_is_shown_as_far_as_it_goes(self):
        assert response(b"caf\xe9").text == "caf\ufffd"

    @pytest.mark.parametrize("content", [b"<html>", b"", b'{"a": '])
    def test_a_body_that_is_no_json_says_so(self, content):
        with pytest.raises(APIResponseValidationError, match="https://host/v1/x"):
            response(content).json()

    def test_parsing_one_made_by_hand_is_a_type_error(self):
        with pytest.raises(TypeError, match="made by hand"):
            response().parse()

    def test_it_is_parsed_as_its_client_says(self):
        answer = response(b"[1]")
        answer._parse = lambda given: len(given.content)
        assert answer.parse() == 3

    def test_it_shows_no_body(self):
        assert repr(response(b"secret", x_request_id="req_1")) == "Response(status=200, request_id='req_1')"
        info = ResponseInfo(201, "https://host/v1/x", Headers(), ())
        assert repr(info) == "ResponseInfo(status=201, request_id=None)"
