from __future__ import annotations

import asyncio

import pytest

from openai_core import AsyncClient, RetryPolicy
from openai_core.errors import APIConnectionError, InternalServerError, NotFoundError, RateLimitError
from openai_core.operation import BinaryEndpoint, Endpoint, PagedEndpoint, StreamEndpoint
from openai_core.response import Response
from openai_core.transport.protocol import ConnectionFailed

WRITE = Endpoint("POST", "/things", "builtins:dict")
STREAM = StreamEndpoint("POST", "/things", "builtins:dict")
CONTENT = BinaryEndpoint("GET", "/content", None)
LIST = PagedEndpoint("GET", "/things", "openai_core.model:ApiModel")


def say_ok(exchange):
    exchange.json({"name": "ok"}, x_request_id=f"req_{exchange.headers.get('x-number', 0)}")


def say_error(exchange):
    exchange.json({"error": {"message": "broken"}}, 500)


def say_events(exchange):
    exchange.begin()
    exchange.event({"n": 1})
    exchange.event("[DONE]")
    exchange.end()


def noting(notes, name):
    """A middleware, of either kind, that notes when it is passed through."""

    def note(sent):
        notes.append(f"{name} in")
        answer = yield sent
        notes.append(f"{name} out")
        return answer

    return note


BOTH = pytest.mark.parametrize("kind", ["middleware", "attempt_middleware"])


class TestBoth:
    @BOTH
    def test_the_first_is_the_outermost(self, make_client, server, kind):
        notes = []
        server.script(say_ok)

        make_client(**{kind: [noting(notes, "outer"), noting(notes, "inner")]}).send(WRITE.operation())

        assert notes == ["outer in", "inner in", "inner out", "outer out"]

    def test_an_operation_is_around_its_attempts(self, make_client, server):
        notes = []
        server.script(say_error, say_ok)
        client = make_client(middleware=[noting(notes, "operation")], attempt_middleware=[noting(notes, "attempt")])

        client.send(WRITE.operation())

        assert notes == ["operation in", *["attempt in", "attempt out"] * 2, "operation out"]

    @BOTH
    def test_one_serves_clients_of_both_colours(self, server, transport, make_client, kind):
        """The very same object, within one test."""
        notes = []
        middleware = {kind: [noting(notes, "it")]}
        server.script(say_ok)

        async def call():
            async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport, **middleware) as other:
                return await other.send(WRITE.operation())

        assert asyncio.run(call()) == {"name": "ok"}
        assert make_client(**middleware).send(WRITE.operation()) == {"name": "ok"}
        assert notes == ["it in", "it out"] * 2

    @BOTH
    def test_copies_of_a_client_have_it_too(self, make_client, server, kind):
        notes = []
        server.script(say_ok)

        make_client(**{kind: [noting(notes, "it")]}).with_options(timeout=5).send(WRITE.operation())

        assert notes == ["it in", "it out"]

    @BOTH
    def test_its_own_error_is_what_the_caller_sees(self, make_client, server, kind):
        def refuse(sent):
            raise PermissionError("not today")
            yield sent

        with pytest.raises(PermissionError, match="not today"):
            make_client(**{kind: [refuse]}).send(WRITE.operation())

        assert server.requests == []

    @BOTH
    def test_what_the_inner_one_raises_the_outer_one_may_handle(self, make_client, server, kind):
        def again(sent):
            try:
                return (yield sent)
            except LookupError:
                return (yield sent)

        troubles = iter([True, False])

        def fail_once(sent):
            if next(troubles):
                raise LookupError
            return (yield sent)

        server.script(say_ok)

        assert make_client(**{kind: [again, fail_once]}).send(WRITE.operation()) == {"name": "ok"}
        assert len(server.requests) == 1

    @BOTH
    async def test_it_sees_that_the_call_is_cancelled(self, server, transport, kind):
        seen = []

        def watch(sent):
            try:
                return (yield sent)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        server.script(lambda exchange: exchange.gone())
        async with AsyncClient(
            api_key="sk-test", base_url=server.url, transport=transport, **{kind: [watch]}
        ) as client:
            calling = asyncio.create_task(client.send(WRITE.operation()))
            assert await asyncio.to_thread(server.has_received, 1)
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling

        assert seen == ["cancelled"]


class TestOperations:
    def test_it_sees_the_operation_and_the_response(self, make_client, server):
        seen = []

        def look(operation):
            response = yield operation
            seen.append((operation.method, operation.path, operation.body, response.status, response.json()))
            return response

        server.script(say_ok)
        make_client(middleware=[look]).send(WRITE.operation(body={"a": 1}))

        assert seen == [("POST", "/things", {"a": 1}, 200, {"name": "ok"})]

    def test_it_may_change_what_is_sent(self, make_client, server):
        def change(operation):
            return (yield operation.replace(body={"b": 2}, options={"headers": {"x-more": "1"}}))

        server.script(say_ok)
        operation = WRITE.operation(body={"a": 1})
        make_client(middleware=[change]).send(operation)

        (request,) = server.requests
        assert request.json_body == {"a": 1, "b": 2}
        assert request.headers["x-more"] == "1"
        assert operation == WRITE.operation(body={"a": 1})

    def test_it_may_send_again(self, make_client, server):
        def ask_twice(operation):
            yield operation
            return (yield operation.replace(body={"again": True}))

        server.script(say_ok)
        client = make_client(middleware=[ask_twice])

        assert client.send(WRITE.operation(body={})) == {"name": "ok"}
        assert [exchange.json_body for exchange in server.requests] == [{}, {"again": True}]

    def test_it_may_answer_without_sending(self, make_client, server):
        def answer(operation):
            return Response(200, "memory:", {}, (), b'{"name": "kept"}')
            yield operation

        client = make_client(middleware=[answer])

        assert client.send(WRITE.operation()) == {"name": "kept"}
        assert client.send_raw(WRITE.operation()).parse() == {"name": "kept"}
        assert server.connections == 0

    @pytest.mark.parametrize("sent", ["send", "send_raw"])
    def test_what_it_has_kept_can_be_parsed_afterwards(self, make_client, server, sent):
        kept = []

        def keep(operation):
            kept.append((yield operation))
            return kept[0]

        server.script(say_ok)
        getattr(make_client(middleware=[keep]), sent)(WRITE.operation())

        assert kept[0].parse() == {"name": "ok"}

    def test_it_may_change_the_answer(self, make_client, server):
        def change(operation):
            response = yield operation
            return Response(response.status, response.url, response.headers, response.attempts, b'{"name": "other"}')

        server.script(say_ok)

        assert make_client(middleware=[change]).send(WRITE.operation()) == {"name": "other"}

    def test_it_sees_the_error_after_the_last_attempt(self, make_client, server):
        seen = []

        def look(operation):
            try:
                return (yield operation)
            except InternalServerError as error:
                seen.append(len(error.attempts))
                raise

        server.script(say_error)
        with pytest.raises(InternalServerError, match="broken"):
            make_client(middleware=[look]).send(WRITE.operation())

        assert seen == [3]

    def test_it_may_answer_in_the_place_of_an_error(self, make_client, server):
        def forgive(operation):
            try:
                return (yield operation)
            except NotFoundError:
                return Response(200, "memory:", {}, (), b"{}")

        server.script(lambda exchange: exchange.json({}, 404))

        assert make_client(middleware=[forgive]).send(WRITE.operation()) == {}

    def test_it_is_around_a_raw_response_too(self, make_client, server):
        notes = []
        server.script(say_ok)

        assert make_client(middleware=[noting(notes, "it")]).send_raw(WRITE.operation()).json() == {"name": "ok"}
        assert notes == ["it in", "it out"]

    def test_it_is_around_each_page(self, make_client, server, colour):
        notes = []
        server.script(
            lambda exchange: exchange.json({"data": [{"id": "a"}], "has_more": True, "last_id": "a"}),
            lambda exchange: exchange.json({"data": [{"id": "b"}], "has_more": False}),
        )
        client = make_client(middleware=[noting(notes, "it")])
        pages = client.send(LIST.operation())

        assert list(pages if colour == "sync" else type(client)(pages, client._runner)) == [{"id": "a"}, {"id": "b"}]
        assert notes == ["it in", "it out"] * 2


class TestAttempts:
    def test_it_sees_the_request_as_it_goes_out_and_the_reply(self, make_client, server):
        seen = []

        def look(request):
            reply = yield request
            seen.append((request.method, request.url, request.content, request.headers["Authorization"]))
            seen.append((reply.status, reply.headers["X-Request-Id"]))
            return reply

        server.script(say_ok)
        make_client(attempt_middleware=[look]).send(WRITE.operation(body={"a": 1}, query={"q": 1}))

        assert seen == [("POST", f"{server.url}/things?q=1", b'{"a":1}', "Bearer sk-test"), (200, "req_0")]

    def test_it_may_change_what_is_sent_each_time(self, make_client, server):
        numbers = iter("123")

        def number(request):
            request.headers = {**request.headers, "x-number": next(numbers)}
            return (yield request)

        server.script(say_error, say_ok)
        response = make_client(attempt_middleware=[number]).send_raw(WRITE.operation())

        assert [exchange.headers["x-number"] for exchange in server.requests] == ["1", "2"]
        assert response.request_id == "req_2"

    def test_it_may_send_again_within_the_attempt(self, make_client, server):
        def again(request):
            reply = yield request
            return (yield request) if reply.status == 500 else reply

        server.script(say_error, say_ok)
        response = make_client(attempt_middleware=[again], retry=RetryPolicy(max_retries=0)).send_raw(WRITE.operation())

        assert [attempt.status for attempt in response.attempts] == [200]
        assert len(server.requests) == 2

    def test_it_sees_that_the_connection_failed(self, make_client, server):
        seen = []

        def look(request):
            try:
                return (yield request)
            except ConnectionFailed as error:
                seen.append(type(error))
                raise

        server.script(lambda exchange: exchange.hang_up())
        with pytest.raises(APIConnectionError):
            make_client(attempt_middleware=[look], max_retries=1).send(WRITE.operation())

        assert seen == [ConnectionFailed] * 2

    def test_what_it_raises_as_a_failed_connection_is_tried_again(self, make_client, server):
        troubles = iter([True, False])

        def fail_once(request):
            if next(troubles):
                raise ConnectionFailed("the cable is out")
            return (yield request)

        server.script(say_ok)
        response = make_client(attempt_middleware=[fail_once]).send_raw(WRITE.operation())

        assert [attempt.error for attempt in response.attempts] == ["APIConnectionError", None]
        assert len(server.requests) == 1

    def test_what_it_raises_as_an_answer_is_tried_again_and_counts_as_an_attempt(self, make_client, server):
        server.script(say_ok)
        left = [1, 2]

        def busy(request):
            if left:
                raise RateLimitError(f"busy {left.pop()}", status=429)
            return (yield request)

        response = make_client(attempt_middleware=[busy]).send_raw(WRITE.operation())
        assert [(attempt.number, attempt.status) for attempt in response.attempts] == [(1, 429), (2, 429), (3, 200)]
        assert len(server.requests) == 1


class TestStreams:
    @BOTH
    def test_it_is_passed_when_the_stream_is_opened(self, make_client, server, kind):
        notes = []
        server.script(say_events)
        stream = make_client(**{kind: [noting(notes, "it")]}).send(STREAM.operation())
        assert notes == []

        with stream:
            assert notes == ["it in", "it out"]
            assert list(stream) == [{"n": 1}]

        assert notes == ["it in", "it out"]

    def test_around_the_operation_it_sees_the_answer_without_content(self, make_client, server):
        seen = []

        def look(operation):
            response = yield operation.replace(body={"stream": True})
            seen.append((type(operation).__name__, response.status, hasattr(response, "content")))
            return response

        server.script(say_events)

        assert list(make_client(middleware=[look]).send(STREAM.operation(body={}))) == [{"n": 1}]
        assert seen == [("StreamOperation", 200, False)]
        assert server.requests[0].json_body == {"stream": True}

    @BOTH
    def test_it_sees_the_error_of_a_stream_that_isnt_opened(self, make_client, server, kind):
        seen = []

        def look(sent):
            try:
                reply = yield sent
            except NotFoundError as error:
                seen.append(error.status)
                raise
            seen.append(reply.status)
            return reply

        server.script(lambda exchange: exchange.json({}, 404))
        with pytest.raises(NotFoundError):
            make_client(**{kind: [look]}).send(STREAM.operation()).open()

        assert seen == [404]

    @BOTH
    def test_it_is_around_downloads_too(self, make_client, server, kind):
        notes = []
        server.script(lambda exchange: exchange.answer(b"la la la"))

        binary = make_client(**{kind: [noting(notes, "it")]}).send(CONTENT.operation())

        assert notes == ["it in", "it out"]
        assert binary.read() == b"la la la"
