from __future__ import annotations

import gc
import json
import tracemalloc
import weakref

import pytest

from openai_core import AccumulatingStream, AsyncAccumulatingStream, Stream, streaming
from openai_core.errors import (
    APIResponseValidationError,
    AuthenticationError,
    RateLimitError,
    StreamError,
    StreamTruncatedError,
)
from openai_core.merging import merge, settled
from openai_core.model import ApiModel
from openai_core.operation import AccumulatingEndpoint, AccumulatingOperation, StreamEndpoint


class Event(ApiModel):
    type: str


class Answer(ApiModel):
    status: str


class All:
    """Makes an answer of all events, as they came."""

    made = 0

    def __init__(self):
        self.events = []
        type(self).made += 1

    def add(self, data):
        self.events.append(data.decode())

    def result(self):
        return self.events


class Last:
    """Makes an answer of what the last event tells."""

    told = None

    def add(self, data):
        self.told = json.loads(data).get("response")

    def result(self):
        return self.told


class Tale:
    """Makes an answer of the texts of all events."""

    def __init__(self):
        self.told = {}

    def add(self, data):
        merge(self.told, {"text": json.loads(data)["text"]})

    def result(self):
        return settled(self.told)


PLACE = f"{__name__}:All"
ALL = AccumulatingEndpoint("POST", "/things", "builtins:dict", whole="builtins:list", accumulator=PLACE)
TALE = AccumulatingEndpoint("POST", "/things", "builtins:dict", whole="builtins:dict", accumulator=f"{__name__}:Tale")
# What the event tells that ends the stream.
FIELD = AccumulatingEndpoint(
    "POST",
    "/responses",
    Event,
    ends=("response.completed", "response.failed"),
    whole=Answer,
    accumulator=f"{__name__}:Last",
)
# All events that end it: there may be several.
ENDS = AccumulatingEndpoint(
    "POST", "/images", "builtins:dict", ends=("completed",), whole="builtins:list", accumulator=PLACE
)

ONE, TWO = {"n": 1}, {"n": 2}
WHOLE = ['{"n": 1}', '{"n": 2}']
BEGUN = {"type": "response.created", "response": {"status": "in_progress"}}


def ended(status):
    return {"type": f"response.{status}", "response": {"status": status}}


def stream_of(*events, end=None):
    """A handler that sends events, and the end of the body unless told otherwise."""

    def handle(exchange):
        exchange.begin()
        for event in events:
            exchange.event(event)
        (end or type(exchange).end)(exchange)

    return handle


BESIDE = 2_000


def long_stream(number):
    """A handler that tells a tale in so many events."""
    event = b'data: {"text": "word ", "beside": "%b"}\n\n' % (b"x" * BESIDE)

    def handle(exchange):
        exchange.begin()
        for _ in range(number // 10):
            exchange.chunk(event * 10)
        exchange.event("[DONE]")
        exchange.end()

    return handle


def hang_up(exchange):
    exchange.hang_up()


def hold(exchange):
    """Keep the client waiting until it has had enough."""
    exchange.gone()


class TestFinal:
    def test_it_stands_in_the_place_of_the_loop(self, client, server):
        server.script(stream_of(ONE, TWO, "[DONE]"))
        stream = client.send(ALL.operation(body={}))
        assert server.connections == 0

        assert stream.final() == WHOLE

        assert stream.outcome == "complete"
        assert len(server.requests) == 1

    def test_after_the_loop_nothing_more_is_read(self, client, server):
        server.script(stream_of(ONE, TWO, "[DONE]"))
        stream = client.send(ALL.operation())

        assert list(stream) == [ONE, TWO]

        assert stream.final() == WHOLE
        assert not stream.passed_over
        assert len(server.requests) == 1

    def test_in_the_loop_it_reads_the_rest(self, client, server):
        server.script(stream_of(ONE, TWO, "[DONE]"))
        stream = client.send(ALL.operation())
        seen = []

        for event in stream:
            seen.append(event)
            assert stream.final() == WHOLE

        assert seen == [ONE]
        assert stream.passed_over
        assert stream.outcome == "complete"

    def test_in_a_with_block_and_after_it(self, client, server):
        server.script(stream_of(ONE, TWO, "[DONE]"))

        with client.send(ALL.operation()) as stream:
            events = iter(stream)
            assert next(events) == ONE
            assert stream.final() == WHOLE
            assert list(events) == []

        assert stream.final() == WHOLE

    def test_the_data_of_a_long_stream_is_let_go(self, client, server, monkeypatch):
        """What is held is the answer, whatever its events tell beside it."""
        monkeypatch.setattr(streaming, "_HELD", 100)
        monkeypatch.setattr(streaming, "_KEPT", 100)
        server.script(long_stream(1_000))
        stream = client.send(TALE.operation())
        held = []
        tracemalloc.start()
        try:
            for number, _ in enumerate(stream):
                if number in {200, 999}:
                    held.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
        assert held[1] - held[0] < 400 * BESIDE
        assert stream.final() == {"text": "word " * 1_000}

    @pytest.mark.parametrize("colour", ["sync"])
    def test_its_events_are_let_go_with_it(self, colour, client, server):
        """At once, and not when the garbage collector comes."""
        server.script(stream_of(BEGUN, ended("completed")))
        stream = client.send(FIELD.operation())
        gc.disable()
        try:
            event, *_ = [weakref.ref(each) for each in stream]
            assert event() is not None
            del stream
            assert event() is None
        finally:
            gc.enable()

    def test_it_is_made_once(self, client, server):
        server.script(stream_of(ended("completed")))
        stream = client.send(FIELD.operation())

        assert stream.final() is stream.final()

    def test_the_loop_can_end_before_the_connection_does(self, client, server):
        """With the event that ends it, all that the answer is made of has come."""
        server.script(stream_of(BEGUN, ended("completed"), end=hold))

        for event in (stream := client.send(FIELD.operation())):
            if event.type == "response.completed":
                break

        assert stream.final() == Answer(status="completed")
        assert stream.outcome == "complete"
        assert server.has_open(0)

    def test_a_stream_that_was_left_early_has_none(self, client, server):
        server.script(stream_of(ONE, end=hold))
        stream = client.send(ALL.operation())
        for _ in stream:
            break

        with pytest.raises(StreamError, match="left before its end; call final"):
            stream.final()

        assert stream.outcome == "cancelled"
        assert server.has_open(0)

    def test_a_closed_stream_has_none(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        unused = client.send(ALL.operation())
        unused.close()
        with client.send(ALL.operation()) as entered:
            pass

        for stream in (unused, entered):
            with pytest.raises(StreamError, match="closed"):
                stream.final()

        assert len(server.requests) == 1

    def test_a_second_loop_is_an_error_still(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        stream = client.send(ALL.operation())
        stream.final()

        with pytest.raises(StreamError, match="read once"):
            list(stream)


class TestWhatItIsMadeOf:
    def test_the_field_of_the_event_that_ends_the_stream(self, client, server):
        server.script(stream_of(BEGUN, ended("completed")))

        assert client.send(FIELD.operation()).final() == Answer(status="completed")

    def test_an_answer_that_failed_is_an_answer(self, client, server):
        server.script(stream_of(BEGUN, ended("failed")))
        stream = client.send(FIELD.operation())

        assert stream.final().status == "failed"
        assert stream.outcome == "failed"

    def test_all_events_that_end_the_stream(self, client, server):
        server.script(stream_of(ONE, {"type": "completed"}, TWO, {"type": "completed", "n": 2}))

        assert client.send(ENDS.operation()).final() == ['{"type": "completed"}', '{"type": "completed", "n": 2}']

    def test_more_events_than_an_error_would_keep(self, client, server):
        server.script(stream_of(*[ONE] * 5000, "[DONE]"))

        assert len(client.send(ALL.operation()).final()) == 5000

    def test_an_answer_of_another_shape_is_built_and_reported(self, make_client, server):
        drifts = []
        server.script(stream_of({"type": "response.completed", "response": {"status": 7}}))

        assert make_client(on_drift=drifts.append).send(FIELD.operation()).final().status == 7

        assert [str(drift) for drift in drifts] == ["Answer.status is an unexpected int"]

    def test_an_answer_of_another_shape_is_an_error_for_a_strict_client(self, make_client, server):
        server.script(stream_of({"type": "response.completed", "response": {"status": 7}}))
        stream = make_client(validation="strict").send(FIELD.operation())
        assert len(list(stream)) == 1

        with pytest.raises(APIResponseValidationError, match=r"isn't a Answer: status"):
            stream.final()

    def test_a_provider_whose_streams_just_end_gives_it_too(self, make_client, server):
        server.script(stream_of(ONE, TWO))
        client = make_client(provider="compatible")

        assert client.send(ALL.operation()).final() == WHOLE

    @pytest.mark.parametrize("events", [(), ({"type": "response.created"},)], ids=["no event", "none that ends it"])
    def test_without_an_event_that_it_could_be_made_of_there_is_none(self, client, server, events):
        server.script(stream_of(*events, "[DONE]"))
        stream = client.send(FIELD.operation())

        with pytest.raises(StreamError, match="no event came"):
            stream.final()

    def test_an_end_without_the_answer_is_an_error(self, client, server):
        server.script(stream_of({"type": "response.completed"}))

        with pytest.raises(APIResponseValidationError, match="isn't a Answer"):
            client.send(FIELD.operation()).final()


class TestSnapshot:
    def test_in_the_loop_it_is_what_has_come(self, client, server):
        server.script(stream_of(ONE, TWO, "[DONE]"))
        stream = client.send(ALL.operation())

        seen = [stream.snapshot() for _ in stream]

        assert seen == [WHOLE[:1], WHOLE]
        assert stream.snapshot() == stream.final() == WHOLE
        assert len(server.requests) == 1

    def test_of_a_stream_whose_end_has_the_whole_it_is_what_was_told_last(self, client, server):
        server.script(stream_of(BEGUN, ended("completed")))
        stream = client.send(FIELD.operation())

        assert [stream.snapshot().status for _ in stream] == ["in_progress", "completed"]

        assert stream.snapshot() == stream.final()

    def test_nothing_is_done_until_it_is_asked_for_and_each_event_is_taken_in_once(self, client, server):
        server.script(stream_of(*[ONE] * 3, "[DONE]"))
        made = All.made
        stream = client.send(ALL.operation())

        for number, _ in enumerate(stream):
            assert All.made == made + (number > 1)
            if number:
                assert len(stream.snapshot()) == number + 1

        assert stream.final() == WHOLE[:1] * 3
        assert All.made == made + 1

    def test_when_the_whole_has_been_made_it_is_the_whole(self, client, server):
        server.script(stream_of(BEGUN, ended("completed")))
        stream = client.send(FIELD.operation())

        assert stream.final() is stream.snapshot()

    @pytest.mark.parametrize("ending", [None, hang_up])
    def test_after_the_stream_broke_off_it_is_what_had_come(self, client, server, ending):
        server.script(stream_of(ONE, TWO, end=ending))
        stream = client.send(ALL.operation())

        with pytest.raises(StreamTruncatedError):
            stream.final()

        assert stream.snapshot() == WHOLE
        with pytest.raises(StreamTruncatedError):
            stream.final()

    def test_after_the_loop_was_left_too(self, client, server):
        server.script(stream_of(ONE, TWO, end=hold))
        for _ in (stream := client.send(ALL.operation())):
            break

        assert stream.snapshot() == WHOLE[:1]
        with pytest.raises(StreamError, match="left before its end"):
            stream.final()

    def test_it_reads_nothing(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        stream = client.send(ALL.operation())

        with pytest.raises(StreamError, match="isn't open yet"):
            stream.snapshot()

        assert server.connections == 0
        stream.close()

    def test_without_an_event_that_it_could_be_made_of_there_is_none(self, client, server):
        server.script(stream_of({"type": "response.hummed"}, "[DONE]"))

        for _ in (stream := client.send(FIELD.operation())):
            with pytest.raises(StreamError, match="no event has come"):
                stream.snapshot()

    def test_what_is_missing_is_no_drift_and_no_error_of_a_strict_client(self, make_client, server):
        drifts = []
        server.script(stream_of({"type": "response.created", "response": {"status": None}}, ended("completed")))

        for settings in ({"on_drift": drifts.append}, {"validation": "strict"}):
            stream = make_client(**settings).send(FIELD.operation())
            assert [stream.snapshot().status for _ in stream] == [None, "completed"]

        assert drifts == []


class TestFailures:
    @pytest.mark.parametrize("ending", [None, hang_up])
    def test_a_stream_that_breaks_off_raises_and_holds_what_came(self, client, server, ending):
        server.script(stream_of(ONE, end=ending))
        stream = client.send(ALL.operation())

        with pytest.raises(StreamTruncatedError) as first:
            stream.final()
        with pytest.raises(StreamTruncatedError) as second:
            stream.final()

        assert first.value.partial == second.value.partial == (ONE,)
        assert first.value is not second.value
        assert stream.outcome == "truncated"
        assert len(server.requests) == 1

    def test_a_loop_that_broke_off_has_no_answer_either(self, client, server):
        server.script(stream_of(ONE))
        stream = client.send(ALL.operation())
        with pytest.raises(StreamTruncatedError):
            list(stream)

        with pytest.raises(StreamTruncatedError, match="broke off after 1 events"):
            stream.final()

    def test_a_reported_error_is_raised(self, client, server):
        server.script(stream_of(BEGUN, {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}))
        stream = client.send(FIELD.operation())

        for _ in range(2):
            with pytest.raises(RateLimitError, match="slow down"):
                stream.final()

        assert stream.outcome == "failed"

    def test_a_refused_request_is_raised(self, client, server):
        server.script(lambda exchange: exchange.json({"error": {"message": "no", "code": "invalid_api_key"}}, 401))
        stream = client.send(ALL.operation())

        with pytest.raises(AuthenticationError):
            stream.final()
        with pytest.raises(StreamError, match="no whole answer"):
            stream.final()

        assert len(server.requests) == 1


class TestKinds:
    def test_the_operation_decides(self, client, server):
        operation = ALL.operation(body={"a": 1})
        assert type(operation) is AccumulatingOperation
        assert operation == operation.replace(options={})
        assert AccumulatingEndpoint("POST", "/a", None, whole="a", accumulator="m:B") != AccumulatingEndpoint(
            "POST", "/a", None, whole="a", accumulator="m:C"
        )
        server.script(stream_of(ONE, "[DONE]"))

        for sent in (client.send(operation), client.send(operation.replace(body={"b": 2}))):
            stream = getattr(sent, "inner", sent)
            assert isinstance(stream, AccumulatingStream | AsyncAccumulatingStream)
            assert list(sent) == [ONE]

    def test_events_of_the_users_type_make_up_nothing(self, client, server):
        server.script(stream_of(ONE, "[DONE]"))
        stream = client.send(ALL.operation(), into=dict)

        assert not hasattr(getattr(stream, "inner", stream), "final")
        assert list(stream) == [ONE]

    def test_a_stream_of_no_answer_has_none(self, make_client, server):
        stream = make_client().send(StreamEndpoint("POST", "/things", "builtins:dict").operation())

        assert not hasattr(getattr(stream, "inner", stream), "final")
        stream.close()
        assert not issubclass(Stream, AccumulatingStream)
