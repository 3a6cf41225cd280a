"""What a call promises, seen on the wire: retries, waits, deadlines, redirects."""

from __future__ import annotations

import copy
import os
import pickle
import socket
import threading
import time
from collections import Counter

import pytest

from openai_core import RetryPolicy
from openai_core.errors import (
    APIConnectionError,
    APIStatusError,
    DeadlineExceededError,
    InternalServerError,
    RateLimitError,
    status_class,
)
from openai_core.operation import BinaryEndpoint, Endpoint

READ = Endpoint("GET", "/things", "builtins:dict")
WRITE = Endpoint("POST", "/things", "builtins:dict")
DELETE = Endpoint("DELETE", "/things", "builtins:dict")
UPLOAD = Endpoint("POST", "/files", "builtins:dict", multipart=("file",))
DOWNLOAD = BinaryEndpoint("GET", "/content", None)

# What a policy would wait for by itself is far beyond the deadline, so that a test which it decides fails.
UNHURRIED = {"retry": RetryPolicy(initial=1e6, maximum=1e6), "deadline": 60}


def say_ok(exchange):
    exchange.json({"name": "ok"}, x_request_id="req_ok")


def say(status, **headers):
    return lambda exchange: exchange.json({"error": {"message": "no luck"}}, status, **headers)


def hang_up(exchange):
    exchange.hang_up()


def reset(exchange):
    exchange.reset()
    raise EOFError  # The server's thread has the connection, too, and lets go of it now.


def never_answer(exchange):
    exchange.gone()


def fetch(client, operation):
    """The whole answer, of whatever kind."""
    answer = client.send(operation)
    return answer.read() if operation.endpoint is DOWNLOAD else answer


def facts(attempts):
    return [(attempt.number, attempt.status, attempt.request_id, attempt.error) for attempt in attempts]


@pytest.fixture
def other_server(server):
    other = type(server)()
    yield other
    other.stop()


@pytest.fixture
def nobody():
    """The URL of a port at which nobody listens, nor will while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


class TestRetries:
    @pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
    def test_a_status_that_passes_is_retried_twice(self, client, server, status):
        server.script(say(status))

        with pytest.raises(status_class(status), match="no luck") as caught:
            client.send(WRITE.operation(body={}))

        assert len(server.requests) == 3
        assert caught.value.status == status
        assert [attempt.status for attempt in caught.value.attempts] == [status] * 3

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
    def test_a_status_that_stays_is_sent_once(self, client, server, status):
        server.script(say(status))

        with pytest.raises(status_class(status), match="no luck"):
            client.send(WRITE.operation(body={}))

        assert len(server.requests) == 1

    @pytest.mark.parametrize("endpoint", [READ, WRITE, DELETE])
    def test_a_call_succeeds_when_a_retry_does(self, client, server, endpoint):
        server.script(say(500), say(429), say_ok)

        assert client.send(endpoint.operation()) == {"name": "ok"}
        assert len(server.requests) == 3

    @pytest.mark.parametrize("failure", [hang_up, reset])
    def test_a_connection_that_ends_before_the_headers_is_retried(self, client, server, failure):
        server.script(failure, failure, say_ok)

        assert client.send(WRITE.operation(body={"name": "a"})) == {"name": "ok"}
        assert [exchange.json_body for exchange in server.requests] == [{"name": "a"}] * 3

    def test_a_connection_that_ends_within_the_body_is_retried(self, client, server):
        def half(exchange):
            exchange.head(content_length=100)
            exchange.send(b'{"na')
            exchange.hang_up()

        server.script(half, say_ok)

        assert client.send(WRITE.operation()) == {"name": "ok"}

    def test_a_refused_connection_is_retried(self, make_client, nobody):
        seen = []

        with pytest.raises(APIConnectionError, match="Is the base URL right") as caught:
            make_client(base_url=nobody, on_attempt=seen.append).send(WRITE.operation())

        assert [attempt.error for attempt in seen] == ["APIConnectionError"] * 3
        assert len(caught.value.attempts) == 3

    def test_a_used_up_quota_is_sent_once(self, client, server):
        error = {"message": "You exceeded your quota", "type": "insufficient_quota", "code": "insufficient_quota"}
        server.script(lambda exchange: exchange.json({"error": error}, 429, retry_after="0"))

        with pytest.raises(RateLimitError, match="waiting doesn't help"):
            client.send(WRITE.operation())

        assert len(server.requests) == 1

    def test_the_server_can_ask_for_a_retry(self, client, server):
        server.script(say(400, x_should_retry="true"), say_ok)

        assert client.send(WRITE.operation()) == {"name": "ok"}
        assert len(server.requests) == 2

    def test_the_server_can_ask_for_none(self, client, server):
        server.script(say(503, x_should_retry="false"), say_ok)

        with pytest.raises(InternalServerError):
            client.send(WRITE.operation())

        assert len(server.requests) == 1

    @pytest.mark.parametrize("failure", [say(500), hang_up])
    @pytest.mark.parametrize("where", ["client", "policy", "copy", "operation"])
    def test_no_retries_means_one_attempt(self, make_client, server, where, failure):
        server.script(failure, say_ok)
        client = make_client(**{"client": {"max_retries": 0}, "policy": {"retry": RetryPolicy(0)}}.get(where, {}))
        if where == "copy":
            client = client.with_options(max_retries=0)
        options = {"max_retries": 0} if where == "operation" else None

        with pytest.raises((InternalServerError, APIConnectionError)) as caught:
            client.send(WRITE.operation(options=options))

        assert len(server.requests) == 1
        assert len(caught.value.attempts) == 1

    def test_an_operations_retries_count_before_the_clients(self, make_client, server):
        server.script(*[say(500)] * 4, say_ok)

        assert make_client(max_retries=0).send(WRITE.operation(options={"max_retries": 4})) == {"name": "ok"}
        assert len(server.requests) == 5

    def test_a_stream_of_bytes_is_retried_until_it_begins(self, client, server):
        server.script(say(500), lambda exchange: exchange.answer(b"bytes"))

        assert client.send(DOWNLOAD.operation()).read() == b"bytes"

    def test_a_stream_of_bytes_that_has_begun_is_not_sent_again(self, client, server):
        def half(exchange):
            exchange.head(content_length=100)
            exchange.send(b"half")
            exchange.hang_up()

        server.script(half)

        with pytest.raises(APIConnectionError):
            client.send(DOWNLOAD.operation()).read()

        assert len(server.requests) == 1

    def test_many_failing_calls_send_few_retries(self, client, server):
        """A server that is down isn't hammered, by copies of the client neither."""
        server.script(say(500))
        clients = [client, client.with_options(timeout=60)]

        for number in range(40):
            with pytest.raises(InternalServerError):
                clients[number % 2].send(WRITE.operation())

        # The budget is of 20, and a fifth of a retry comes back with each second.
        assert 20 <= len(server.requests) - 40 <= 23

    def test_success_earns_retries(self, client, server):
        server.script(say(500))
        for _ in range(12):
            with pytest.raises(InternalServerError):
                client.send(WRITE.operation())
        server.script(say_ok)
        for _ in range(5):
            client.send(WRITE.operation())
        sent = len(server.requests)
        server.script(say(500))

        for _ in range(5):
            with pytest.raises(InternalServerError):
                client.send(WRITE.operation())

        assert len(server.requests) - sent - 5 >= 5


class TestWaits:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"retry_after_ms": "30"}, 0.03),
            ({"retry_after": "0.03"}, 0.03),
            ({"retry_after_ms": "30", "retry_after": "1000"}, 0.03),
            ({"retry_after": "0"}, 0),
            ({"retry_after": "Sun, 01 Mar 2020 12:00:30 GMT"}, 0),
        ],
    )
    @pytest.mark.parametrize("status", [429, 503])
    def test_the_server_says_how_long(self, make_client, server, headers, seconds, status):
        moments = []

        def busy(exchange):
            moments.append(time.monotonic())
            say(status, **headers)(exchange)

        def free(exchange):
            moments.append(time.monotonic())
            say_ok(exchange)

        server.script(busy, free)

        response = make_client(**UNHURRIED).send_raw(WRITE.operation())

        assert [attempt.wait for attempt in response.attempts] == [seconds, None]
        assert moments[1] - moments[0] >= seconds

    def test_a_wait_beyond_patience_is_not_waited_for(self, make_client, server):
        server.script(say(429, retry_after="3600"))

        with pytest.raises(RateLimitError) as caught:
            make_client(**UNHURRIED).send(WRITE.operation())

        assert len(server.requests) == 1
        assert caught.value.headers["Retry-After"] == "3600"

    def test_patience_can_be_set(self, make_client, server):
        server.script(say(429, retry_after_ms="30"))

        with pytest.raises(RateLimitError):
            make_client(retry=RetryPolicy(initial=0, maximum=0, patience=0.02)).send(WRITE.operation())

        assert len(server.requests) == 1


class TestSameRequest:
    def test_all_attempts_of_a_write_are_the_same(self, client, server):
        server.script(say(500), hang_up, say_ok)

        client.send(WRITE.operation(body={"text": "é" * 1000}))

        assert len({exchange.body for exchange in server.requests}) == 1
        (key,) = {exchange.headers["idempotency-key"] for exchange in server.requests}
        assert key.startswith("oc-")
        assert len(server.requests) == 3

    def test_two_calls_have_different_keys(self, client, server):
        server.script(say_ok)

        for _ in range(2):
            client.send(WRITE.operation())

        assert len({exchange.headers["idempotency-key"] for exchange in server.requests}) == 2

    def test_a_key_of_the_callers_is_used(self, client, server):
        server.script(say(500), say_ok)

        client.send(WRITE.operation(options={"idempotency_key": "mine"}))

        assert [exchange.headers["idempotency-key"] for exchange in server.requests] == ["mine"] * 2

    def test_no_attempt_of_a_read_has_a_key(self, client, server):
        server.script(say(500), say_ok)

        client.send(READ.operation())

        assert ["idempotency-key" in exchange.headers for exchange in server.requests] == [False] * 2

    @pytest.mark.parametrize("failure", [say(500), hang_up])
    def test_a_body_that_cant_be_replayed_is_sent_once(self, client, server, failure):
        server.script(failure, say_ok)
        out, into = os.pipe()
        os.write(into, b"only once")
        os.close(into)

        with os.fdopen(out, "rb") as pipe, pytest.raises((InternalServerError, APIConnectionError)) as caught:
            client.send(UPLOAD.operation(body={"file": pipe}))

        (request,) = server.requests
        assert b"only once" in request.body
        assert len(caught.value.attempts) == 1

    def test_an_open_file_is_read_from_where_it_stood_for_each_attempt(self, client, server, tmp_path):
        server.script(say(500), hang_up, say_ok)
        path = tmp_path / "data.txt"
        path.write_bytes(b"skipped.kept")

        with path.open("rb") as file:
            file.seek(8)
            client.send(UPLOAD.operation(body={"file": file}))

        (body,) = {exchange.body for exchange in server.requests}
        assert b"\r\nkept\r\n" in body
        assert b"skipped" not in body
        assert len(server.requests) == 3

    def test_a_path_is_read_again_for_each_attempt(self, client, server, tmp_path):
        path = tmp_path / "data.txt"
        path.write_bytes(b"first.")

        def replace_the_file(exchange):
            path.write_bytes(b"second")
            say(500)(exchange)

        server.script(replace_the_file, say_ok)

        client.send(UPLOAD.operation(body={"file": path}))

        first, second = server.requests
        assert b"\r\nfirst.\r\n" in first.body
        assert second.body == first.body.replace(b"first.", b"second")


class TestDeadline:
    def test_a_wait_that_would_pass_it_raises_at_once(self, make_client, server):
        server.script(say(429, retry_after="60"), say_ok)
        begun = time.monotonic()

        with pytest.raises(DeadlineExceededError, match=r"deadline of 30 s is over.*no luck") as caught:
            make_client(deadline=30).send(WRITE.operation())

        assert time.monotonic() - begun < 20
        assert isinstance(caught.value.__cause__, RateLimitError)
        assert facts(caught.value.attempts) == [(1, 429, None, "RateLimitError")]
        assert len(server.requests) == 1

    def test_it_bounds_all_attempts_together(self, make_client, server):
        server.script(say_ok, say(500, retry_after_ms="100"))
        client = make_client()
        client.send(WRITE.operation())  # The first call of all takes its time.
        begun = time.monotonic()

        with pytest.raises(DeadlineExceededError) as caught:
            client.with_options(deadline=1).send(WRITE.operation(options={"max_retries": 10_000}))

        assert time.monotonic() - begun < 5
        assert 1 < len(caught.value.attempts) <= 11

    def test_a_server_that_never_answers_is_given_up(self, client, server):
        server.script(never_answer)
        begun = time.monotonic()

        with pytest.raises(DeadlineExceededError, match=r"deadline of 0\.2 s is over") as caught:
            client.send(WRITE.operation(options={"deadline": 0.2}))

        assert 0.15 < time.monotonic() - begun < 5
        assert facts(caught.value.attempts) == [(1, None, None, "DeadlineExceededError")]
        assert server.has_open(0)

    @pytest.mark.parametrize("endpoint", [WRITE, DOWNLOAD])
    @pytest.mark.parametrize("where", ["headers", "body"])
    def test_a_server_that_drips_bytes_is_given_up(self, client, server, request, where, endpoint):
        """No single byte is late, so that no timeout of a phase helps."""
        given = request.node.callspec.params
        if (given["transport"], given["colour"], where) == ("httpx2", "sync", "headers"):
            reason = "httpx2's sync connection gives each read of the headers all the time that was left at first"
            request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
        over = threading.Event()

        def drip(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\n")
            exchange.send(b"x-long: " if where == "headers" else b"content-length: 100000\r\n\r\n")
            for _ in range(200):
                exchange.send(b" ")
                if over.wait(0.02):
                    return

        server.script(drip)
        begun = time.monotonic()

        with pytest.raises(DeadlineExceededError, match=r"deadline of 0\.2 s is over"):
            fetch(client, endpoint.operation(options={"deadline": 0.2}))

        took = time.monotonic() - begun
        over.set()
        assert took < 3
        assert len(server.requests) == 1

    def test_a_call_in_time_is_not_disturbed(self, client, server):
        server.script(say(500), say_ok)

        assert client.send(WRITE.operation(options={"deadline": 60})) == {"name": "ok"}

    def test_a_phase_that_takes_too_long_is_tried_again(self, client, server):
        server.script(never_answer, say_ok)

        response = client.send_raw(WRITE.operation(options={"timeout": 0.2}))

        assert facts(response.attempts) == [(1, None, None, "APITimeoutError"), (2, 200, "req_ok", None)]


class TestAttempts:
    EXPECTED = (
        (1, 500, "req_1", "InternalServerError"),
        (2, None, None, "APIConnectionError"),
        (3, 200, "req_ok", None),
    )

    def test_a_response_has_all_of_them(self, client, server):
        server.script(say(500, x_request_id="req_1"), hang_up, say_ok)

        response = client.send_raw(WRITE.operation())

        assert facts(response.attempts) == list(self.EXPECTED)
        assert [attempt.wait for attempt in response.attempts] == [0, 0, None]
        assert all(0 < attempt.seconds < 10 for attempt in response.attempts)

    def test_an_error_has_all_of_them_and_says_how_many(self, client, server):
        server.script(say(500, x_request_id="req_1"), hang_up, say(400, x_request_id="req_3"))

        with pytest.raises(APIStatusError, match="3 attempts") as caught:
            client.send(WRITE.operation())

        assert facts(caught.value.attempts) == [*self.EXPECTED[:2], (3, 400, "req_3", "BadRequestError")]

    def test_a_download_has_all_of_them(self, client, server):
        server.script(say(500, x_request_id="req_1"), hang_up, say_ok)

        with client.send(DOWNLOAD.operation()) as content:
            assert facts(content.response.attempts) == list(self.EXPECTED)

    def test_on_attempt_sees_each_when_it_is_over(self, make_client, server):
        seen = []
        counts = []

        def count(exchange):
            counts.append(len(seen))

        failures = (say(500, x_request_id="req_1"), hang_up, say_ok)
        server.script(*[lambda exchange, answer=answer: (count(exchange), answer(exchange)) for answer in failures])

        make_client(on_attempt=seen.append).send(WRITE.operation())

        assert facts(seen) == list(self.EXPECTED)
        assert counts == [0, 1, 2]

    def test_each_call_has_its_own(self, client, server):
        server.script(say(500), say_ok)

        assert len(client.send_raw(WRITE.operation()).attempts) == 2
        assert len(client.send_raw(WRITE.operation()).attempts) == 1


class TestErrors:
    def test_a_rate_limit_carries_everything(self, client, server):
        body = {
            "error": {
                "message": "Rate limit reached",
                "type": "tokens",
                "code": "rate_limit_exceeded",
                "param": "model",
            }
        }
        server.script(
            lambda exchange: exchange.json(
                body, 429, x_request_id="req_9", retry_after_ms="1", x_ratelimit_remaining_tokens="0"
            )
        )

        with pytest.raises(RateLimitError) as caught:
            client.send(WRITE.operation())

        for error in (caught.value, pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
            assert (error.status, error.request_id, error.message) == (429, "req_9", "Rate limit reached")
            assert (error.code, error.type, error.param) == ("rate_limit_exceeded", "tokens", "model")
            assert error.body == body
            assert error.headers["X-RateLimit-Remaining-Tokens"] == "0"
            assert facts(error.attempts) == [(number, 429, "req_9", "RateLimitError") for number in (1, 2, 3)]
            assert [attempt.wait for attempt in error.attempts] == [0.001, 0.001, None]
            for part in ("429", "rate_limit_exceeded", "model", "req_9", "3 attempts", "Send fewer requests"):
                assert part in str(error)


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("location", ["/v1/elsewhere?a=1", "elsewhere?a=1", "{origin}/v1/elsewhere?a=1"])
    def test_a_read_is_followed_with_its_key(self, client, server, status, location):
        place = location.format(origin=server.url.removesuffix("/v1"))
        server.script(lambda exchange: exchange.answer(status=status, location=place), say_ok)

        assert client.send(READ.operation()) == {"name": "ok"}

        assert [exchange.target for exchange in server.requests] == ["/v1/things", "/v1/elsewhere?a=1"]
        assert [exchange.headers["authorization"] for exchange in server.requests] == ["Bearer sk-test"] * 2

    def test_a_read_is_followed_five_times(self, client, server):
        server.script(*[lambda exchange: exchange.answer(status=302, location="/v1/round")] * 5, say_ok)

        assert client.send(READ.operation()) == {"name": "ok"}
        assert len(server.requests) == 6

    def test_a_read_is_not_followed_a_sixth_time(self, client, server):
        server.script(lambda exchange: exchange.answer(status=302, location="/v1/round"))

        with pytest.raises(APIStatusError, match="has moved") as caught:
            client.send(READ.operation())

        assert len(server.requests) == 6
        assert caught.value.status == 302

    @pytest.mark.parametrize("endpoint", [READ, DOWNLOAD])
    def test_keys_dont_go_to_another_origin(self, make_client, server, other_server, endpoint):
        secrets = {"Cookie": "a=secret", "api-key": "secret", "X-Api-Key": "secret", "Proxy-Authorization": "secret"}
        client = make_client(organization="org-secret", project="proj_secret", headers={**secrets, "x-mine": "kept"})
        server.script(lambda exchange: exchange.answer(status=302, location=f"{other_server.url}/there"))
        other_server.script(lambda exchange: exchange.answer(status=302, location="/v1/further"), say_ok)

        fetch(client, endpoint.operation())

        assert "sk-test" in server.requests[0].headers["authorization"]
        assert [exchange.target for exchange in other_server.requests] == ["/v1/there", "/v1/further"]
        for request in other_server.requests:
            assert not [line for line in request.lines if "secret" in line or "sk-test" in line]
            assert request.headers["x-mine"] == "kept"

    def test_keys_dont_come_back_with_a_redirect_to_where_it_came_from(self, client, server, other_server):
        server.script(lambda exchange: exchange.answer(status=302, location=f"{other_server.url}/there"), say_ok)
        other_server.script(lambda exchange: exchange.answer(status=302, location=f"{server.url}/chosen-by-another"))

        client.send(READ.operation())

        assert ["authorization" in exchange.headers for exchange in server.requests] == [True, False]

    @pytest.mark.parametrize("endpoint", [WRITE, DELETE])
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_write_is_not_followed_and_the_error_says_what_to_do(
        self, client, server, other_server, endpoint, status
    ):
        place = f"{other_server.url}/things?token=secret"
        server.script(lambda exchange: exchange.answer(status=status, location=place))
        other_server.script(say_ok)

        with pytest.raises(APIStatusError, match=r"has moved to http://127\.0\.0\.1:\d+; set base_url") as caught:
            client.send(endpoint.operation())

        assert caught.value.status == status
        assert "secret" not in str(caught.value)
        assert (len(server.requests), len(other_server.requests)) == (1, 0)

    @pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
    def test_only_http_is_followed(self, client, server, location):
        server.script(lambda exchange: exchange.answer(status=302, location=location))

        with pytest.raises(APIStatusError, match="has moved"):
            client.send(READ.operation())

        assert len(server.requests) == 1

    def test_one_to_nowhere_is_told_as_such(self, client, server):
        server.script(lambda exchange: exchange.answer(status=302))

        with pytest.raises(APIStatusError, match=r"/things has moved; set base_url to where it is now"):
            client.send(WRITE.operation())

    def test_a_redirect_is_among_the_attempts(self, client, server):
        server.script(lambda exchange: exchange.answer(status=302, location="/v1/elsewhere"), say_ok)

        response = client.send_raw(READ.operation())

        assert Counter(attempt.status for attempt in response.attempts) == {302: 1, 200: 1}

    def test_retries_go_to_where_the_redirect_led(self, client, server):
        server.script(lambda exchange: exchange.answer(status=302, location="/v1/elsewhere"), say(500), say_ok)

        assert client.send(READ.operation()) == {"name": "ok"}
        assert [exchange.target for exchange in server.requests] == ["/v1/things", "/v1/elsewhere", "/v1/elsewhere"]
