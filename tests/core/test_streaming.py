from __future__ import annotations

import asyncio
import dataclasses
import gc
import threading
from typing import Any

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from openai_core import AsyncClient
from openai_core.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    DeadlineExceededError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    StreamError,
    StreamTruncatedError,
)
from openai_core.model import ApiModel
from openai_core.operation import StreamEndpoint
from openai_core.options import Timeout


class Event(ApiModel):
    type: str


STREAM = StreamEndpoint("POST", "/things", "builtins:dict")
# As the Responses API has it: its streams end with an event of a certain type and have no [DONE].
NAMED = StreamEndpoint("POST", "/threads/runs", "builtins:dict", named=True)
TYPED = StreamEndpoint("POST", "/responses", Event, ends=("response.completed", "response.failed"))

ONE, TWO = {"n": 1}, {"n": 2}
COMPLETED, FAILED = {"type": "response.completed"}, {"type": "response.failed"}


def end(exchange):
    exchange.end()


def hang_up(exchange):
    exchange.hang_up()


def reset(exchange):
    exchange.reset()
    raise EOFError  # The socket is open until the server has stopped reading from it.


def hold(exchange):
    """Keep the client waiting until it has had enough."""
    exchange.gone()


def stream_of(*events, end=end):
    """A handler that sends events, and the end of the body unless told otherwise."""

    def handle(exchange):
        exchange.begin(x_request_id="req_1")
        for event in events:
            exchange.event(event)
        end(exchange)

    return handle


def bytes_of(*chunks):
    """As `stream_of`, for bytes."""

    def handle(exchange):
        exchange.begin()
        for chunk in chunks:
            exchange.chunk(chunk)
        exchange.end()

    return handle


def broken(stream, kind=StreamTruncatedError):
    """What a stream gives, and the error that ends it."""
    events = []
    with pytest.raises(kind) as caught:  # noqa: PT012 - what comes before the error counts too
        for event in stream:
            events.append(event)  # noqa: PERF402
    return events, caught.value


class TestSending:
    def test_making_a_stream_sends_nothing(self, client, server):
        stream = client.send(STREAM.operation(body={}))

        assert stream.outcome is None
        with pytest.raises(StreamError, match="isn't open yet"):
            _ = stream.response
        stream.close()
        assert server.connections == 0

    def test_iterating_sends_the_request(self, client, server):
        server.script(stream_of(ONE, TWO, "[DONE]"))

        assert list(client.send(STREAM.operation(body={"name": "a"}))) == [ONE, TWO]

        (request,) = server.requests
        assert request.headers["accept"] == "text/event-stream"
        assert request.json_body == {"name": "a"}

    def test_entering_sends_the_request(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))

        with client.send(STREAM.operation()) as stream:
            assert stream.response.status == 200
            assert stream.response.request_id == "req_1"
            assert len(server.requests) == 1
            assert list(stream) == [ONE]

    def test_opening_sends_the_request_once(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))

        stream = client.send(STREAM.operation()).open().open()

        assert len(server.requests) == 1
        with stream:
            assert list(stream) == [ONE]
        assert len(server.requests) == 1

    async def test_awaiting_sends_the_request(self, server, transport):
        server.script(stream_of(ONE, "[DONE]"))

        async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
            stream = await client.send(STREAM.operation())
            assert stream.response.status == 200
            assert [event async for event in stream] == [ONE]

        assert len(server.requests) == 1

    def test_a_wrong_key_shows_when_the_stream_is_opened(self, client, server):
        server.script(lambda exchange: exchange.json({"error": {"message": "no", "code": "invalid_api_key"}}, 401))
        stream = client.send(STREAM.operation())

        with pytest.raises(AuthenticationError) as caught:
            stream.open()

        assert caught.value.code == "invalid_api_key"
        assert stream.outcome == "failed"
        with pytest.raises(StreamError, match="closed"):
            stream.open()
        assert len(server.requests) == 1

    def test_the_first_event_is_there_before_the_second_is_sent(self, client, server):
        seen = threading.Event()

        def in_turns(exchange):
            exchange.begin()
            exchange.event(ONE)
            exchange.event(TWO if seen.wait(10) else "too late")
            exchange.event("[DONE]")
            exchange.end()

        server.script(in_turns)
        events = []
        for event in client.send(STREAM.operation()):
            events.append(event)
            seen.set()

        assert events == [ONE, TWO]

    def test_a_second_loop_is_an_error_and_sends_nothing(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        stream = client.send(STREAM.operation())
        assert list(stream) == [ONE]

        with pytest.raises(StreamError, match="read once"):
            list(stream)

        assert len(server.requests) == 1
        assert stream.outcome == "complete"

    def test_a_closed_stream_sends_nothing(self, client, server):
        stream = client.send(STREAM.operation())
        stream.close()

        with pytest.raises(StreamError, match="closed"):
            list(stream)

        assert server.connections == 0


class TestComplete:
    def test_a_stream_that_ends_with_done_is_complete(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        stream = client.send(STREAM.operation()).open()
        assert stream.outcome is None

        assert list(stream) == [ONE]

        assert stream.outcome == "complete"

    def test_what_follows_done_is_no_event(self, client, server):
        server.script(stream_of(ONE, "[DONE]", TWO))
        stream = client.send(STREAM.operation())

        assert list(stream) == [ONE]
        assert stream.outcome == "complete"

    def test_a_complete_stream_leaves_its_connection_to_the_next_call(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))

        for _ in range(3):
            assert list(client.send(STREAM.operation())) == [ONE]

        assert (len(server.requests), server.connections) == (3, 1)

    @pytest.mark.parametrize("ending", [reset, hang_up])
    def test_a_connection_that_breaks_after_done_is_no_failure(self, client, server, ending):
        server.script(stream_of(ONE, "[DONE]", end=ending))
        stream = client.send(STREAM.operation())

        assert list(stream) == [ONE]
        assert stream.outcome == "complete"

    def test_a_server_that_doesnt_end_the_body_after_done_is_soon_left(self, client, server, monkeypatch):
        monkeypatch.setattr("openai_core.streaming._AFTERMATH", 0.1)
        server.script(stream_of(ONE, "[DONE]", end=hold))
        stream = client.send(STREAM.operation())

        assert list(stream) == [ONE]
        assert stream.outcome == "complete"
        assert server.has_open(0)

    def test_an_event_of_a_type_that_ends_the_stream_completes_it(self, client, server):
        server.script(stream_of({"type": "delta"}, COMPLETED))
        stream = client.send(TYPED.operation())

        assert [event.type for event in stream] == ["delta", "response.completed"]
        assert stream.outcome == "complete"

    @pytest.mark.parametrize("events", [(FAILED,), (FAILED, COMPLETED), (COMPLETED, FAILED), (FAILED, "[DONE]")])
    def test_an_answer_that_failed_is_told_by_the_outcome(self, client, server, events):
        server.script(stream_of(*events))
        stream = client.send(TYPED.operation())

        assert [{"type": event.type} for event in stream] == [event for event in events if event != "[DONE]"]
        assert stream.outcome == "failed"

    def test_a_connection_that_breaks_after_the_ending_event_is_no_failure(self, client, server):
        server.script(stream_of(COMPLETED, end=hang_up))
        stream = client.send(TYPED.operation())

        assert [event.type for event in stream] == ["response.completed"]
        assert stream.outcome == "complete"


class TestTruncated:
    @pytest.mark.parametrize("ending", [end, hang_up])
    def test_the_end_of_the_data_is_not_the_end_of_the_stream(self, client, server, ending):
        server.script(stream_of(ONE, TWO, end=ending))
        stream = client.send(STREAM.operation())

        events, error = broken(stream)

        assert events == [ONE, TWO]
        assert error.partial == (ONE, TWO)
        assert error.request_id == "req_1"
        assert [attempt.status for attempt in error.attempts] == [200]
        assert "after 2 events" in str(error)
        assert stream.outcome == "truncated"

    def test_a_stream_without_a_single_event_is_truncated(self, client, server):
        server.script(stream_of())

        events, error = broken(client.send(STREAM.operation()))

        assert (events, error.partial) == ([], ())

    def test_a_reset_truncates(self, client, server):
        seen = threading.Event()

        def reset_once_seen(exchange):
            seen.wait(10)
            reset(exchange)

        server.script(stream_of(ONE, end=reset_once_seen))
        stream = client.send(STREAM.operation())
        with pytest.raises(StreamTruncatedError) as caught:  # noqa: PT012 - the server waits for the first event
            for _ in stream:
                seen.set()

        assert caught.value.partial == (ONE,)
        assert stream.outcome == "truncated"

    def test_an_event_that_is_cut_off_is_no_event(self, client, server):
        server.script(bytes_of(b'data: {"n": 1}\n\ndata: {"n": 2}'))

        events, error = broken(client.send(STREAM.operation()))

        assert events == [ONE]
        assert error.partial == (ONE,)

    def test_no_ending_event_is_a_truncation(self, client, server):
        server.script(stream_of({"type": "delta"}))
        stream = client.send(TYPED.operation())

        _, error = broken(stream)

        assert error.partial == (Event(type="delta"),)
        assert stream.outcome == "truncated"

    def test_a_provider_may_take_the_end_of_the_data_for_the_end(self, make_client, server):
        server.script(stream_of(ONE, TWO))
        stream = make_client(provider="compatible").send(STREAM.operation())

        assert list(stream) == [ONE, TWO]
        assert stream.outcome == "complete"

    def test_such_a_provider_too_has_to_send_something(self, make_client, server):
        server.script(stream_of())
        stream = make_client(provider="compatible").send(STREAM.operation())

        broken(stream)

        assert stream.outcome == "truncated"

    def test_such_a_providers_connection_too_must_not_break(self, make_client, server):
        server.script(stream_of(ONE, end=hang_up))
        stream = make_client(provider="compatible").send(STREAM.operation())

        _, error = broken(stream)

        assert error.partial == (ONE,)
        assert stream.outcome == "truncated"

    def test_only_the_last_events_of_a_long_stream_are_kept(self, client, server):
        server.script(bytes_of(b"".join(b"data: %d\n\n" % number for number in range(5000))))

        _, error = broken(client.send(STREAM.operation(), into=int))

        assert error.partial == tuple(range(5000 - 4096, 5000))


class TestLeaving:
    def test_leaving_the_block_early_closes_the_connection(self, client, server):
        server.script(stream_of(ONE, end=hold))

        with client.send(STREAM.operation()) as stream:
            for event in stream:
                assert event == ONE
                break

        assert server.has_open(0)
        assert stream.outcome == "cancelled"

    def test_leaving_the_loop_early_closes_the_connection(self, client, server):
        server.script(stream_of(ONE, end=hold))
        stream = client.send(STREAM.operation())

        for _ in stream:
            break

        assert server.has_open(0)
        assert stream.outcome == "cancelled"

    def test_an_error_of_the_readers_closes_the_connection_and_is_passed_on(self, client, server):
        server.script(stream_of(ONE, end=hold))

        with pytest.raises(ZeroDivisionError), client.send(STREAM.operation()) as stream:  # noqa: PT012 - a reader
            for _ in stream:
                _ = 1 / 0

        assert server.has_open(0)
        assert stream.outcome == "cancelled"

    def test_a_block_that_reads_nothing_closes_the_connection(self, client, server):
        server.script(stream_of(end=hold))

        with client.send(STREAM.operation()) as stream:
            pass

        assert server.has_open(0)
        assert stream.outcome == "cancelled"

    def test_leaving_after_the_ending_event_leaves_a_complete_stream(self, client, server):
        server.script(stream_of(COMPLETED, end=hold))

        with client.send(TYPED.operation()) as stream:
            for _ in stream:
                break

        assert stream.outcome == "complete"

    def test_closing_twice_does_no_harm(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        stream = client.send(STREAM.operation())
        assert list(stream) == [ONE]

        stream.close()
        stream.close()

        assert stream.outcome == "complete"

    @pytest.mark.parametrize("rest", [b"", b"data: [DONE]\n\n"], ids=["no end", "an end"])
    def test_closing_in_the_loop_ends_it(self, client, server, rest):
        server.script(bytes_of(b'data: {"n": 1}\n\ndata: {"n": 2}\n\n' + rest))
        stream = client.send(STREAM.operation())
        seen = []

        for event in stream:
            seen.append(event)
            stream.close()

        assert seen == [ONE]
        assert stream.outcome == "cancelled"

    async def test_closing_in_an_async_loop_ends_it(self, server, transport):
        server.script(bytes_of(b'data: {"n": 1}\n\ndata: {"n": 2}\n\ndata: [DONE]\n\n'))
        seen = []

        async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
            stream = client.send(STREAM.operation())
            async for event in stream:
                seen.append(event)
                await stream.close()

        assert seen == [ONE]
        assert stream.outcome == "cancelled"

    async def test_leaving_a_bare_async_loop_closes_the_connection_soon(self, server, transport):
        server.script(stream_of(ONE, end=hold))

        async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
            stream = client.send(STREAM.operation())
            async for _ in stream:
                break
            assert await asyncio.to_thread(server.has_open, 0)

        assert stream.outcome == "cancelled"

    async def test_cancelling_the_reader_closes_the_connection(self, server, transport):
        server.script(stream_of(ONE, end=hold))
        seen = asyncio.Event()

        async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
            stream = client.send(STREAM.operation())

            async def read():
                async for _ in stream:
                    seen.set()

            reading = asyncio.create_task(read())
            await seen.wait()
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            assert await asyncio.to_thread(server.has_open, 0)

        assert stream.outcome == "cancelled"

    @pytest.mark.parametrize("transport", ["httpx"])  # The other one can't; it says so.
    async def test_cancelling_while_the_stream_is_opened_closes_the_connection(self, server, transport):
        server.script(hold)

        async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
            stream = client.send(STREAM.operation())
            opening = asyncio.create_task(stream.open())
            assert await asyncio.to_thread(server.has_received, 1)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            assert await asyncio.to_thread(server.has_open, 0)

        assert stream.outcome == "cancelled"


class TestWaiting:
    """Whatever isn't set short here lasts minutes: waiting for the wrong phase would never end."""

    def test_a_pause_between_events_ends_the_stream(self, make_client, server):
        server.script(stream_of(ONE, end=hold))
        stream = make_client(timeout=Timeout(idle=0.2)).send(STREAM.operation())

        events, error = broken(stream, APITimeoutError)

        assert type(error) is APITimeoutError
        assert events == [ONE]
        assert error.partial == (ONE,)
        assert stream.outcome == "truncated"
        assert len(server.requests) == 1

    def test_the_first_byte_has_a_timeout_of_its_own(self, make_client, server):
        server.script(hold)
        stream = make_client(timeout=Timeout(read=0.2), max_retries=0).send(STREAM.operation())

        _, error = broken(stream, APITimeoutError)

        assert error.partial == ()
        assert [attempt.error for attempt in error.attempts] == ["APITimeoutError"]

    def test_a_deadline_ends_the_stream(self, client, server):
        server.script(stream_of(ONE, end=hold))
        stream = client.send(STREAM.operation(options={"deadline": 0.3}))

        _, error = broken(stream, DeadlineExceededError)

        assert error.partial == (ONE,)
        assert stream.outcome == "truncated"
        assert server.has_open(0)


def error_event(data, name=""):
    return f"event: {name}\ndata: {data}\n\n".encode() if name else f"data: {data}\n\n".encode()


REPORTS = {
    "an event named error": error_event('{"code": "rate_limit_exceeded", "message": "slow down"}', "error"),
    "a named event around an error": error_event(
        '{"error": {"code": "rate_limit_exceeded", "message": "slow down"}}', "error"
    ),
    "an unnamed event around an error": error_event(
        '{"error": {"code": "rate_limit_exceeded", "message": "slow down"}}'
    ),
    "an event of type error": error_event(
        '{"type": "error", "code": "rate_limit_exceeded", "message": "slow down", "param": null}'
    ),
    "an event of type error around an error": error_event(
        '{"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}'
    ),
    "a status for a code": error_event('{"error": {"code": 429, "message": "slow down"}}'),
}


class TestReportedErrors:
    @pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
    def test_an_error_in_a_stream_has_the_class_that_it_has_in_a_response(self, client, server, report):
        server.script(bytes_of(b'data: {"n": 1}\n\n', report))
        stream = client.send(STREAM.operation())

        events, error = broken(stream, RateLimitError)

        assert error.message == "slow down"
        assert (error.status, error.partial) == (429, (ONE,))
        assert error.attempts
        assert events == [ONE]
        assert stream.outcome == "failed"
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("insufficient_quota", RateLimitError),
            ("invalid_api_key", AuthenticationError),
            ("permission_denied", PermissionDeniedError),
            ("model_not_found", NotFoundError),
            ("context_length_exceeded", BadRequestError),
            ("server_error", InternalServerError),
            ("503", InternalServerError),
        ],
    )
    def test_the_code_tells_the_class(self, client, server, code, kind):
        server.script(stream_of({"error": {"code": code, "message": "no"}}))

        _, error = broken(client.send(STREAM.operation()), APIStatusError)

        assert type(error) is kind
        assert error.code == code
        assert error.request_id == "req_1"

    @pytest.mark.parametrize(
        "report",
        [
            error_event("out of luck", "error"),
            error_event('"out of luck"', "error"),
            error_event('{"error": "out of luck"}'),
            error_event('{"error": {"message": "out of luck", "code": "unheard_of"}}'),
            error_event('[{"error": {"message": "out of luck"}}]'),
            error_event('{"object": "error", "message": "out of luck"}'),
            error_event("out of luck"),
            error_event('"out of luck"'),
        ],
        ids=["text", "string", "string in error", "unknown code", "list", "object", "bare text", "bare string"],
    )
    def test_an_error_of_no_known_code_is_a_stream_error(self, client, server, report):
        server.script(bytes_of(report, b"data: [DONE]\n\n"))
        stream = client.send(STREAM.operation())

        _, error = broken(stream, StreamError)

        assert type(error) is StreamError
        assert error.message == "out of luck"
        assert stream.outcome == "failed"

    @pytest.mark.parametrize("data", ['{"n": 1', "[1]", "7"])
    def test_what_is_neither_an_event_nor_an_error_cant_be_read(self, client, server, data):
        server.script(bytes_of(error_event(data), b"data: [DONE]\n\n"))

        broken(client.send(STREAM.operation()), APIResponseValidationError)

    def test_an_error_in_the_place_of_the_events_is_one(self, client, server):
        server.script(bytes_of(b'{"error": {"message": "out of luck", "code": "server_error"}}\n'))

        _, error = broken(client.send(STREAM.operation()), InternalServerError)

        assert error.message == "out of luck"

    def test_an_event_that_does_not_end_fills_no_memory(self, client, server, monkeypatch):
        monkeypatch.setattr("openai_core.streaming._LONGEST", 2**20)
        server.script(bytes_of(b'data: {"n": 1}\n\ndata: "', *[b"x" * 2**18] * 5))
        stream = client.send(STREAM.operation())

        events, error = broken(stream, StreamError)

        assert "is longer than 1 MB" in error.message
        assert (events, error.partial, stream.outcome) == ([ONE], (ONE,), "failed")

    def test_an_event_that_only_mentions_an_error_is_an_event(self, client, server):
        mentions = [{"error": None}, {"text": "error"}, {"item": {"error": {"code": "server_error"}}}]
        server.script(stream_of(*mentions, "[DONE]"))

        assert list(client.send(STREAM.operation())) == mentions

    def test_an_error_closes_the_connection(self, client, server):
        server.script(stream_of({"error": {"message": "no"}}, end=hold))

        broken(client.send(STREAM.operation()), StreamError)

        assert server.has_open(0)


class TestRetrying:
    def test_a_stream_is_tried_again_before_it_is_open(self, client, server):
        server.script(lambda exchange: exchange.json({}, 503), hang_up, stream_of(ONE, "[DONE]"))

        with client.send(STREAM.operation(body={})) as stream:
            assert [attempt.status for attempt in stream.response.attempts] == [503, None, 200]
            assert list(stream) == [ONE]

        assert len({exchange.headers["idempotency-key"] for exchange in server.requests}) == 1

    @pytest.mark.parametrize("ending", [end, hang_up, reset])
    def test_a_stream_is_not_tried_again_after_its_first_event(self, client, server, ending):
        server.script(stream_of(ONE, end=ending), stream_of(ONE, TWO, "[DONE]"))

        broken(client.send(STREAM.operation()))

        assert len(server.requests) == 1

    def test_an_error_that_a_response_would_be_repeated_for_is_not_in_a_stream(self, client, server):
        server.script(stream_of(ONE, {"error": {"code": "server_error"}}), stream_of(ONE, "[DONE]"))

        broken(client.send(STREAM.operation()), InternalServerError)

        assert len(server.requests) == 1

    def test_a_server_that_isnt_there_is_told_after_all_attempts(self, client, server):
        server.script(hang_up)
        stream = client.send(STREAM.operation())

        _, error = broken(stream, APIConnectionError)

        assert type(error) is APIConnectionError
        assert len(error.attempts) == 3
        assert stream.outcome == "truncated"


class TestNamed:
    """Streams whose events have their type beside their data."""

    def send(self, server, *events):
        def answer(exchange):
            exchange.begin()
            for name, data in events:
                exchange.chunk(f"event: {name}\ndata: {data}\n\n".encode())
            exchange.end()

        server.script(answer)

    def test_an_event_is_read_with_its_name(self, client, server):
        self.send(server, ("thread.created", '{"id": "t"}'), ('a"b', '"text"'), ("done", "[DONE]"))
        assert list(client.send(NAMED.operation())) == [
            {"event": "thread.created", "data": {"id": "t"}},
            {"event": 'a"b', "data": "text"},
        ]

    def test_an_error_is_raised_all_the_same(self, client, server):
        self.send(server, ("thread.created", '{"id": "t"}'), ("error", '{"message": "no", "code": "x"}'))
        with pytest.raises(StreamError, match="no"):
            list(client.send(NAMED.operation()))

    def test_without_its_end_it_is_truncated(self, client, server):
        self.send(server, ("thread.created", '{"id": "t"}'))
        with pytest.raises(StreamTruncatedError):
            list(client.send(NAMED.operation()))


class TestEvents:
    @pytest.mark.parametrize(
        "noise",
        [
            b": a comment\n\n",
            b"retry: 3000\n\n",
            b"id: 7\n\n",
            b"event: keepalive\ndata: {}\n\n",
            b"event: ping\ndata: not even JSON\n\n",
            b"data:\n\n",
            b"\n\n\n",
        ],
    )
    def test_what_is_no_event_is_passed_over(self, client, server, noise):
        server.script(bytes_of(noise, b'data: {"n": 1}\n\n', noise, b"data: [DONE]\n\n", noise))
        stream = client.send(STREAM.operation())

        assert list(stream) == [ONE]
        assert stream.outcome == "complete"

    @pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
    def test_lines_may_end_in_any_way_and_be_cut_anywhere(self, client, server, line_end):
        sent = 'data: {"n":\ndata: "é"}\n\ndata: [DONE]\n\n'.encode().replace(b"\n", line_end)
        server.script(bytes_of(*(sent[i : i + 1] for i in range(len(sent)))))
        stream = client.send(STREAM.operation())

        assert list(stream) == [{"n": "é"}]
        assert stream.outcome == "complete"

    def test_many_events_may_come_in_one_piece(self, client, server):
        server.script(bytes_of(b'data: {"n": 1}\n\ndata: {"n": 2}\n\ndata: [DONE]\n\n'))

        assert list(client.send(STREAM.operation())) == [ONE, TWO]

    def test_an_event_that_cant_be_read_fails_the_stream(self, client, server):
        server.script(stream_of(ONE, '{"n": ', TWO, "[DONE]"))
        stream = client.send(STREAM.operation())

        _, error = broken(stream, APIResponseValidationError)

        assert error.partial == (ONE,)
        assert stream.outcome == "failed"

    def test_an_event_of_another_shape_is_reported_and_built(self, make_client, server):
        drifts = []
        server.script(stream_of({"type": 7}, COMPLETED))

        events = list(make_client(on_drift=drifts.append).send(TYPED.operation()))

        assert [event.type for event in events] == [7, "response.completed"]
        assert len(drifts) == 1

    def test_an_event_of_another_shape_is_an_error_for_a_strict_client(self, make_client, server):
        server.script(stream_of({"type": 7}, COMPLETED))
        stream = make_client(validation="strict").send(TYPED.operation())

        broken(stream, APIResponseValidationError)

        assert stream.outcome == "failed"


class Own(BaseModel):
    n: int


class OwnDict(TypedDict):
    n: int


@dataclasses.dataclass
class OwnData:
    n: int


class TestInto:
    @pytest.mark.parametrize(
        ("into", "expected"),
        [(Own, Own(n=1)), (OwnDict, ONE), (OwnData, OwnData(1)), (dict, ONE), (bytes, b'{"n": 1}'), (Any, ONE)],
    )
    def test_events_can_be_read_as_a_type_of_the_users(self, client, server, into, expected):
        server.script(stream_of(ONE, "[DONE]"))

        assert list(client.send(TYPED.operation(), into=into)) == [expected]

    @pytest.mark.parametrize("into", [dict, OwnData, str, bytes, Any])
    @pytest.mark.parametrize(("kind", "outcome"), [("completed", "complete"), ("failed", "failed")])
    def test_the_stream_ends_all_the_same(self, client, server, into, kind, outcome):
        """Also where the user's type doesn't know what tells the end."""
        server.script(stream_of({"n": 1, "type": f"response.{kind}"}))
        stream = client.send(TYPED.operation(), into=into)

        assert len(list(stream)) == 1
        assert stream.outcome == outcome

    @pytest.mark.parametrize("data", ["response.completed", '["response.completed"]', '{"of": "response.completed"}'])
    def test_what_only_mentions_the_end_doesnt_end_the_stream(self, client, server, data):
        server.script(stream_of(data))

        broken(client.send(TYPED.operation(), into=str))


class TestForgotten:
    def test_a_stream_that_was_never_used_is_a_warning(self, client, server):
        with pytest.warns(ResourceWarning, match="made and never used"):  # noqa: PT031 - the collector warns
            client.send(STREAM.operation())
            gc.collect()

        assert server.connections == 0

    def test_a_stream_that_was_left_open_is_a_warning(self, client, server):
        server.script(stream_of(ONE, end=hold))

        with pytest.warns(ResourceWarning, match="left open"):  # noqa: PT031 - the collector warns
            client.send(STREAM.operation()).open()
            gc.collect()

    def test_a_used_or_closed_stream_is_none(self, client, server, recwarn):
        server.script(stream_of(ONE, "[DONE]"), lambda exchange: exchange.json({}, 400), stream_of(ONE))

        list(client.send(STREAM.operation()))
        client.send(STREAM.operation()).close()
        for _ in range(2):
            with pytest.raises(APIError):
                list(client.send(STREAM.operation()))
        gc.collect()

        assert recwarn.list == []
