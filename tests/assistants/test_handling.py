"""Handlers of runs, and what a run says alone."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.middleware import Middleware
from starlette.responses import Response

from openai_core import APIError, APITimeoutError, AsyncClient, Client, StreamTruncatedError, testing
from openai_core_assistants.handling import RunHandler, text_deltas
from openai_core_assistants.progress import Progress
from openai_core_assistants.types import (
    FunctionToolCall,
    Run,
    RunStep,
    Text,
    ThreadMessage,
    ThreadMessageDelta,
    ThreadRunStepDelta,
)
from openai_core_emulator import Emulator

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

METHODS = [name for name in vars(RunHandler) if name.startswith("on_")]


def noting(name):
    def note(self, *told):
        self.notes.append((name, *told))

    return note


class Notes(RunHandler):
    """Notes all it is told."""

    def __init__(self):
        self.notes = []

    def told(self, *names):
        return [told for name, *told in self.notes if name in names]


for each_name in METHODS:
    setattr(Notes, each_name, noting(each_name))


def handled(handler, stream):
    """What a handler makes of a stream of either colour."""
    return handler.run_async(stream) if hasattr(stream, "__aiter__") else handler.run(stream)


class TestRun:
    async def test_a_message_is_told_from_its_beginning_to_its_end(self, client, settled, assistant):
        thread = {"messages": [{"role": "user", "content": "Hello"}]}
        handler = Notes()
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread)
        run = await settled(handled(handler, stream))
        assert isinstance(run, Run)
        assert (run.status, stream.outcome) == ("completed", "complete")
        names = [name for name, *_ in handler.notes if name != "on_event"]
        first, last = names.index("on_text_delta"), len(names) - names[::-1].index("on_message_delta")
        assert names[:first] == ["on_run_step_created", "on_message_created", "on_text_created"]
        assert set(names[first:last]) == {"on_text_delta", "on_message_delta"}
        assert names[last:] == ["on_text_done", "on_message_done", "on_run_step_done", "on_end"]
        ((message,),) = handler.told("on_message_done")
        assert isinstance(message, ThreadMessage)
        assert handler.messages == [message]
        assert handler.current_message is message
        assert "".join(delta.value for (delta,) in handler.told("on_text_delta")) == message.text
        ((begun,),) = handler.told("on_text_created")
        ((done,),) = handler.told("on_text_done")
        assert isinstance(begun, Text)
        assert message.text.startswith(begun.value)
        assert (done, begun.annotations) == (message.content[0].text, [])
        assert [step.status for step in handler.steps] == ["completed"]
        assert handler.current_run == run
        events = [event.event for (event,) in handler.told("on_event")]
        assert (events[0], events[-1]) == ("thread.created", "thread.run.completed")

    async def test_calls_of_functions_and_the_stream_that_follows(self, *, client, settled, assistant, thread_of):
        thread = await thread_of("What is the weather in Paris?")
        handler, runs = Notes(), client.threads.runs
        run = await settled(handled(handler, runs.create_stream(thread.id, assistant_id=assistant.id)))
        assert run.status == "requires_action"
        names = [name for name, *_ in handler.notes if name != "on_event"]
        assert names[:3] == ["on_run_step_created", "on_tool_call_created", "on_tool_call_delta"]
        assert names[-2:] == ["on_tool_call_done", "on_end"]
        ((call,),) = handler.told("on_tool_call_done")
        (wanted,) = run.required_action.submit_tool_outputs.tool_calls
        assert isinstance(call, FunctionToolCall)
        assert (call.id, call.function.name, call.function.arguments) == (
            wanted.id,
            wanted.function.name,
            wanted.function.arguments,
        )
        ((begun,),) = handler.told("on_tool_call_created")
        assert (begun.id, begun.function.arguments) == (call.id, "")
        assert handler.current_step.step_details.tool_calls == [call]

        handler.notes.clear()
        outputs = [{"tool_call_id": call.id, "output": "Sunny"}]
        following = runs.submit_tool_outputs_stream(thread.id, run.id, tool_outputs=outputs)
        run = await settled(handled(handler, following))
        assert run.status == "completed"
        # The call was told in the stream before.
        assert handler.told("on_tool_call_created", "on_tool_call_done") == []
        assert [step.type for (step,) in handler.told("on_run_step_done")] == ["tool_calls", "message_creation"]
        assert [step.status for step in handler.steps] == ["completed", "completed"]
        assert handler.steps[0].step_details.tool_calls[0].function.output == "Sunny"
        assert "Sunny" in handler.messages[0].text

    async def test_another_handler_isnt_told_of_calls_of_the_stream_before(
        self, *, client, settled, assistant, thread_of
    ):
        thread = await thread_of("What is the weather in Paris?")
        handler, runs = Notes(), client.threads.runs
        run = await settled(runs.create_stream(thread.id, assistant_id=assistant.id).final())
        outputs = [
            {"tool_call_id": call.id, "output": "Sunny"} for call in run.required_action.submit_tool_outputs.tool_calls
        ]
        await settled(handled(handler, runs.submit_tool_outputs_stream(thread.id, run.id, tool_outputs=outputs)))
        assert handler.told("on_tool_call_created", "on_tool_call_done") == []
        assert len(handler.told("on_run_step_done")) == 2

    async def test_what_has_come_is_there_meanwhile(self, client, settled, assistant):
        class Looks(RunHandler):
            seen = 0
            text = ""

            def on_event(self, event):
                assert self.current_event is event

            def on_text_delta(self, delta):
                self.text += delta.value
                assert self.current_message.text == self.messages[-1].text == self.text
                assert self.current_message.status == "in_progress"
                assert self.current_run.status == "in_progress"
                assert self.current_step.type == "message_creation"
                self.seen += 1

        handler = Looks()
        assert (handler.current_event, handler.current_run, handler.current_message, handler.current_step) == (
            None,
            None,
            None,
            None,
        )
        assert (handler.messages, handler.steps) == ([], [])
        thread = {"messages": [{"role": "user", "content": "Hello"}]}
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread)
        await settled(handled(handler, stream))
        assert handler.seen > 3

    async def test_what_a_method_raises_ends_the_stream(self, client, settled, assistant):
        class Stops(Notes):
            def on_text_delta(self, delta):
                raise KeyError("enough")

        handler = Stops()
        thread = {"messages": [{"role": "user", "content": "Hello"}]}
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread)
        with pytest.raises(KeyError, match="enough"):
            await settled(handled(handler, stream))
        assert stream.outcome == "cancelled"
        assert handler.told("on_exception") == []
        assert handler.notes[-1] == ("on_end",)

    async def test_an_answer_that_isnt_good_is_told_and_raised(self, client, settled):
        handler = Notes()
        with pytest.raises(APIError) as raised:
            await settled(handled(handler, client.threads.runs.create_stream("thread_none", assistant_id="asst_none")))
        assert handler.notes == [("on_exception", raised.value), ("on_end",)]

    async def test_nothing_has_to_be_overridden(self, client, settled, assistant):
        thread = {"messages": [{"role": "user", "content": "Hello"}]}
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=thread)
        assert (await settled(handled(RunHandler(), stream))).status == "completed"

    async def test_the_other_colour_s_stream_is_refused(self, client, settled, assistant):
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id)
        handler = RunHandler()
        wrong = handler.run if hasattr(stream, "__aiter__") else handler.run_async
        with pytest.raises(TypeError, match=r"run_async\(\)"):
            await settled(wrong(stream))
        await settled(stream.close())


THREAD = {"messages": [{"role": "user", "content": "Hello"}]}


class Waits(RunHandler):
    def __init__(self):
        self.texts = []
        self.ended = False

    async def on_text_delta(self, delta):
        self.texts.append(delta.value)

    async def on_end(self):
        self.ended = True


@pytest.mark.parametrize("client", ["async"], indirect=True)
async def test_methods_may_be_async_with_an_async_client(client, assistant):
    handler = Waits()
    await handler.run_async(client.threads.create_and_run_stream(assistant_id=assistant.id, thread=THREAD))
    assert "".join(handler.texts) == handler.messages[0].text
    assert handler.ended


@pytest.mark.parametrize("client", ["async"], indirect=True)
async def test_a_run_that_is_cancelled_closes_the_stream_and_ends(client, assistant):
    class Hangs(Waits):
        def __init__(self):
            super().__init__()
            self.began = asyncio.Event()

        async def on_text_delta(self, delta):
            self.began.set()
            await asyncio.Event().wait()

        def on_exception(self, error):
            pytest.fail("the stream hasn't failed")

    handler = Hangs()
    stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=THREAD)
    running = asyncio.create_task(handler.run_async(stream))
    await handler.began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert handler.ended
    assert stream.outcome == "cancelled"


@pytest.mark.parametrize("client", ["sync"], indirect=True)
async def test_a_sync_client_cant_await_and_says_so(client, assistant):
    class Mixed(Waits):
        def on_end(self):
            self.ended = True

    handler = Mixed()
    stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=THREAD)
    with pytest.raises(TypeError, match=r"on_text_delta is async, which run\(\) can't await"):
        handler.run(stream)
    assert handler.ended
    assert stream.outcome == "cancelled"


class TestTexts:
    async def test_what_is_said_and_nothing_else(self, client, settled, each, assistant):
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=THREAD)
        pieces = await each(text_deltas(stream))
        run = await settled(stream.final())
        (message, *_) = await each(client.threads.messages.list(run.thread_id, order="desc"))
        assert all(pieces)
        assert "".join(pieces) == message.text
        assert len(pieces) > 3

    async def test_leaving_closes_the_stream(self, client, assistant):
        stream = client.threads.create_and_run_stream(assistant_id=assistant.id, thread=THREAD)
        texts = text_deltas(stream)
        if hasattr(texts, "aclose"):
            await anext(texts)
            await texts.aclose()
        else:
            next(texts)
            texts.close()
        assert stream.outcome == "cancelled"


class Answers:
    """Answers everything with one stream."""

    def __init__(self, app, body):
        self.body = body

    async def __call__(self, scope, receive, send):
        await Response(self.body, media_type="text/event-stream")(scope, receive, send)


@pytest.fixture(params=["sync", "async"])
async def streamed(request):
    """Streams some events and gives what a handler raised, if anything."""

    async def stream(handler: RunHandler, *events: tuple[str, Any], end: bool = True) -> Any:
        body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
        body += "event: done\ndata: [DONE]\n\n" if end else ""
        with Emulator(middleware=[Middleware(Answers, body=body.encode())]) as emulator:
            arguments = {"api_key": emulator.api_key, "base_url": emulator.base_url, "max_retries": 0}
            if request.param == "sync":
                with Client(**arguments) as client:
                    return handler.run(client.threads.create_and_run_stream(assistant_id="asst_1"))
            async with AsyncClient(**arguments) as client:
                return await handler.run_async(client.threads.create_and_run_stream(assistant_id="asst_1"))

    return stream


RUN = {"id": "run_1", "object": "thread.run", "status": "completed", "thread_id": "thread_1"}
MESSAGE = {"id": "msg_1", "object": "thread.message", "status": "in_progress", "role": "assistant", "content": []}
STEP = {"id": "step_1", "object": "thread.run.step", "status": "in_progress", "type": "tool_calls"}
STEP["step_details"] = {"type": "tool_calls", "tool_calls": []}


def said(*parts, place="msg_1"):
    return "thread.message.delta", {"id": place, "object": "thread.message.delta", "delta": {"content": [*parts]}}


def called(*calls, place="step_1"):
    details = {"type": "tool_calls", "tool_calls": [*calls]}
    return "thread.run.step.delta", {"id": place, "object": "thread.run.step.delta", "delta": {"step_details": details}}


def text(value, index=0, **more):
    return {"index": index, "type": "text", "text": {"value": value, **more}}


class TestFailures:
    async def test_a_stream_that_breaks_off_is_told_and_raised_with_what_came(self, streamed):
        handler = Notes()
        with pytest.raises(StreamTruncatedError) as raised:
            await streamed(handler, ("thread.message.created", MESSAGE), said(text("Hel")), end=False)
        assert handler.told("on_exception") == [[raised.value]]
        assert handler.told("on_text_done", "on_message_done", "on_timeout") == []
        assert handler.notes[-1] == ("on_end",)
        assert handler.messages[0].text == "Hel"

    async def test_an_error_in_the_stream_is_told_and_raised(self, streamed):
        handler = Notes()
        error = {"message": "Too much", "type": "server_error", "code": "overloaded", "param": None}
        with pytest.raises(APIError, match="Too much"):
            await streamed(handler, ("error", error))
        assert [name for name, *_ in handler.notes] == ["on_exception", "on_end"]

    async def test_no_run_is_told_and_raised(self, streamed):
        handler = Notes()
        with pytest.raises(APIError, match="isn't a Run"):
            await streamed(handler, ("thread.message.created", MESSAGE))
        assert [name for name, *_ in handler.notes][-2:] == ["on_exception", "on_end"]

    async def test_a_timeout_is_told_as_such(self):
        class Slow:
            def __iter__(self):
                raise APITimeoutError("too slow")
                yield

            def close(self):
                pass

        handler = Notes()
        with pytest.raises(APITimeoutError):
            handler.run(Slow())
        assert [name for name, *_ in handler.notes] == ["on_timeout", "on_exception", "on_end"]

    async def test_what_on_exception_raises_takes_its_place(self, streamed):
        class Translates(RunHandler):
            def on_exception(self, error):
                raise KeyError("gone") from error

        with pytest.raises(KeyError, match="gone") as raised:
            await streamed(Translates(), ("thread.message.created", MESSAGE), end=False)
        assert isinstance(raised.value.__cause__, StreamTruncatedError)


class TestParts:
    async def test_texts_and_images_of_a_message(self, streamed):
        image = {"type": "image_file", "image_file": {"file_id": "file_1"}}
        note = {"type": "file_path", "text": "[1]", "start_index": 0, "end_index": 3}
        whole = {**MESSAGE, "status": "completed"}
        whole["content"] = [image, {"type": "text", "text": {"value": "A [1]", "annotations": []}}]
        handler = Notes()
        await streamed(
            handler,
            ("thread.message.created", MESSAGE),
            said({"index": 0, **image}),
            said(text("A ", 1), text("[1]", 1, annotations=[{"index": 0, **note}])),
            ("thread.message.completed", whole),
            ("thread.run.completed", RUN),
        )
        names = [name for name, *_ in handler.notes if name != "on_event"]
        assert names == [
            "on_message_created",
            "on_message_delta",
            "on_text_created",
            "on_text_delta",
            "on_text_delta",
            "on_message_delta",
            "on_image_file_done",
            "on_text_done",
            "on_message_done",
            "on_end",
        ]
        assert handler.told("on_image_file_done")[0][0].file_id == "file_1"

    def test_a_message_that_grows_has_its_parts_in_place(self):
        progress = Progress()
        note = {"index": 0, "type": "file_path", "text": "[1]", "start_index": 0}
        for delta in (
            said(text("b", 1)),
            said({"index": 0, "type": "image_file", "image_file": {"file_id": "file_1"}}),
            said(text("c", 1, annotations=[note])),
            said({"index": 2, "type": "text"}),
        ):
            progress.add(ThreadMessageDelta.model_validate({"event": delta[0], "data": delta[1]}))
        content = progress.message.now.to_dict()["content"]
        assert content == [
            {"type": "image_file", "image_file": {"file_id": "file_1"}},
            {
                "type": "text",
                "text": {"value": "bc", "annotations": [{"type": "file_path", "text": "[1]", "start_index": 0}]},
            },
            {"type": "text", "text": {"value": "", "annotations": []}},
        ]
        assert progress.message.now.text == "bc"

    async def test_calls_of_other_tools(self, streamed):
        code = {"index": 0, "id": "call_1", "type": "code_interpreter"}
        search = {"index": 1, "id": "call_2", "type": "file_search", "file_search": {}}
        log = {"index": 0, "type": "logs"}
        whole = {**STEP, "status": "completed"}
        seen = []

        class Looks(Notes):
            def on_tool_call_delta(self, delta):
                seen.append([call.to_dict() for call in self.current_step.step_details.tool_calls])

        handler = Looks()
        outputs = [{"type": "logs", "logs": "12"}]
        made = {"type": "code_interpreter", "id": "call_1", "code_interpreter": {"input": "ab", "outputs": outputs}}
        found = {"type": "file_search", "id": "call_2", "file_search": {}}
        whole["step_details"] = {"type": "tool_calls", "tool_calls": [made, found]}
        await streamed(
            handler,
            ("thread.run.step.created", STEP),
            called({**code, "code_interpreter": {"input": ""}}),
            called({"index": 0, "type": "code_interpreter", "code_interpreter": {"input": "ab"}}),
            called({**code, "code_interpreter": {"outputs": [{**log, "logs": "1"}]}}),
            called({**code, "code_interpreter": {"outputs": [{**log, "logs": "2"}]}}),
            called(search),
            ("thread.run.step.completed", whole),
            ("thread.run.completed", RUN),
        )
        assert seen[0] == [{**made, "code_interpreter": {"input": "", "outputs": []}}]
        assert seen[-1] == [made, found]
        assert [call.id for (call,) in handler.told("on_tool_call_created")] == ["call_1", "call_2"]
        assert [call.to_dict() for (call,) in handler.told("on_tool_call_done")] == [made, found]

    async def test_what_is_told_as_a_whole_alone_begins_and_is_done(self, streamed):
        handler = Notes()
        whole = {**MESSAGE, "status": "completed"}
        whole["content"] = [{"type": "text", "text": {"value": "A", "annotations": []}}]
        call = {"type": "function", "id": "call_1", "function": {"name": "f", "arguments": "{}", "output": None}}
        done = {**STEP, "status": "completed", "step_details": {"type": "tool_calls", "tool_calls": [call]}}
        await streamed(
            handler,
            ("thread.run.step.created", STEP),
            ("thread.run.step.completed", done),
            ("thread.message.completed", whole),
            ("thread.run.completed", RUN),
        )
        assert [name for name, *_ in handler.notes if name != "on_event"] == [
            "on_run_step_created",
            "on_tool_call_created",
            "on_tool_call_done",
            "on_run_step_done",
            "on_message_created",
            "on_text_created",
            "on_text_done",
            "on_message_done",
            "on_end",
        ]

    async def test_what_nobody_knows_is_an_event_and_no_more(self, streamed):
        handler = Notes()
        odd = [
            ("thread.hummed", {"tune": "low"}),
            ("thread.message.hummed", {"id": "msg_1"}),
            ("thread.run.step.hummed", {"id": "step_1"}),
            ("thread.message.delta", {}),
            ("thread.message.delta", {"id": "msg_1", "delta": None}),
            ("thread.message.delta", {"id": "msg_1", "delta": {"content": [{"index": 0, "type": "smell"}, None]}}),
            ("thread.run.step.delta", {"id": "step_1", "delta": {}}),
            ("thread.run.step.delta", {"id": "step_1", "delta": {"step_details": {"type": "dream"}}}),
            ("thread.run.step.created", {"id": "step_2"}),
            ("thread.run.completed", RUN),
        ]
        run = await streamed(handler, *odd)
        assert run.id == "run_1"
        assert len(handler.told("on_event")) == len(odd)
        names = {name for name, *_ in handler.notes}
        assert names <= {"on_event", "on_message_delta", "on_run_step_delta", "on_run_step_created", "on_end"}
        assert all(isinstance(step, RunStep) for step in handler.steps)
        assert all(isinstance(message, ThreadMessage) for message in handler.messages)


def cut(random, whole):
    places = sorted(random.randint(0, len(whole)) for _ in range(random.randint(0, 4)))
    return [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]


def mixed(random, lines):
    """Some lines as one, each in its order."""
    lines = [list(line) for line in lines if line]
    while lines:
        line = random.choice(lines)
        yield line.pop(0)
        lines = [each for each in lines if each]


TEXTS = st.lists(st.text(max_size=12), max_size=3)


@given(TEXTS, TEXTS, st.randoms(use_true_random=False))
def test_however_it_is_split_the_same_comes_of_it(texts, arguments, random):
    parts = [[said(text(piece, index)) for piece in cut(random, whole)] for index, whole in enumerate(texts)]
    calls = []
    for index, whole in enumerate(arguments):
        first, *rest = cut(random, whole)
        call = {"index": index, "type": "function"}
        calls.append([called({**call, "id": f"call_{index}", "function": {"name": "f", "arguments": first}})])
        calls[-1] += [called({**call, "function": {"arguments": piece}}) for piece in rest]
    progress, told = Progress(), []
    for name, data in mixed(random, [*parts, *calls]):
        model = ThreadMessageDelta if name == "thread.message.delta" else ThreadRunStepDelta
        told += progress.add(model.model_validate({"event": name, "data": data}))
    if texts:
        assert [part.text.value for part in progress.message.now.content] == texts
    if arguments:
        assert [(call.id, call.function.arguments) for call in progress.step.now.step_details.tool_calls] == [
            (f"call_{index}", whole) for index, whole in enumerate(arguments)
        ]
    waiting = {**RUN, "status": "requires_action"}
    told += progress.add(ThreadEvent("thread.run.requires_action", Run.model_construct(**waiting)))
    names = [name for name, _ in told]
    assert names.count("on_text_created") == len(texts)
    assert names.count("on_tool_call_created") == names.count("on_tool_call_done") == len(arguments)
    assert [call.function.arguments for name, call in told if name == "on_tool_call_done"] == arguments


class ThreadEvent:
    def __init__(self, event, data):
        self.event = event
        self.data = data


def test_four_times_the_deltas_take_four_times_the_time():
    piece = ThreadMessageDelta.model_validate({"event": "thread.message.delta", "data": said(text("x" * 50))[1]})
    call = called({"index": 0, "type": "function", "function": {"arguments": "y" * 50}})[1]
    step = ThreadRunStepDelta.model_validate({"event": "thread.run.step.delta", "data": call})

    def seconds(number):
        started, progress = time.process_time(), Progress()
        for _ in range(number):
            progress.add(piece)
            progress.add(step)
        assert len(progress.message.now.text) == number * 50
        return time.process_time() - started

    gc.disable()
    try:
        # What else the machine does makes it slower at times; a copy for each piece would make it so each time.
        assert any(seconds(16_000) < 4.5 * seconds(4_000) for _ in range(20))
    finally:
        gc.enable()


def both(answers, colour):
    return answers.client() if colour == "sync" else answers.async_client()


@pytest.mark.parametrize("colour", ["sync", "async"])
class TestMistakes:
    @pytest.mark.parametrize(
        "given", [None, "x", 5, {}, [], Run.model_construct()], ids=["None", "x", "5", "{}", "[]", "Run"]
    )
    async def test_what_is_no_stream_of_a_run(self, colour, given):
        handler = RunHandler()
        name = "run" if colour == "sync" else "run_async"
        with pytest.raises(TypeError, match=rf"^{name}\(\) takes the stream of an assistant's run"):
            await handler.run_async(given) if colour == "async" else handler.run(given)
        if given != []:
            with pytest.raises(TypeError, match=r"^text_deltas\(\) takes the stream of an assistant's run"):
                text_deltas(given)

    async def test_the_stream_of_something_else_is_refused_before_it_is_sent(self, colour, settled):
        answers = testing.Answers()
        client = both(answers, colour)
        stream = client.chat.completions.create_stream(model="m", messages=[])
        said = "takes the stream of an assistant's run.*; the events of this one are each a ChatCompletionChunk"
        with pytest.raises(TypeError, match=said):
            await settled(handled(RunHandler(), stream))
        with pytest.raises(TypeError, match=said):
            text_deltas(stream)
        await settled(stream.close())
        assert answers.requests == []

    async def test_what_is_no_event_of_a_run(self, colour):
        with pytest.raises(
            TypeError, match=r"text_deltas\(\) takes the events of an assistant's run, and a str is none"
        ):
            list(text_deltas(["x"]))

    async def test_a_plain_loop_over_the_texts_of_an_async_stream(self, colour, settled):
        stream = both(testing.Answers(), colour).threads.runs.create_stream("thread_1", assistant_id="a")
        texts = text_deltas(stream)
        if colour == "async":
            with pytest.raises(
                TypeError, match=r"text_deltas\(\) of an AsyncClient's stream is iterated with `async for`"
            ):
                iter(texts)
            await texts.aclose()
        await settled(stream.close())

    @pytest.mark.parametrize(
        ("name", "parameters", "said"),
        [
            ("on_text_delta", "self, delta, snapshot", "drop snapshot, self.current_message is what has come so far"),
            ("on_tool_call_delta", "self, delta, snapshot", "drop snapshot, self.current_step is what has come so far"),
            ("on_end", "self, run", r"called as on_end\(\), which it doesn't take; drop run$"),
            ("on_event", "self", r"called as on_event\(event\), which it doesn't take$"),
            (
                "on_text_detla",
                "self, delta",
                r"on_text_detla\(\), which no handler is told by; did you mean on_text_delta\?",
            ),
            ("on_zzz", "self", "no handler is told by; there are on_end, on_event"),
        ],
    )
    async def test_methods_that_could_not_be_called(self, colour, settled, name, parameters, said):
        space = {}
        exec(f"{'async ' * (colour == 'async')}def {name}({parameters}): pass", space)  # noqa: S102 - as users write it
        handler = type("Mine", (RunHandler,), {name: space[name]})()
        answers = testing.Answers()
        stream = both(answers, colour).threads.runs.create_stream("thread_1", assistant_id="a")
        for _ in range(2):
            with pytest.raises(TypeError, match=f"^Mine.*{said}"):
                await settled(handled(handler, stream))
        await settled(stream.close())
        assert answers.requests == []

    async def test_methods_with_parameters_of_other_names_are_called(self, colour, settled):
        seen = []

        class Mine(RunHandler):
            on_street = 5

            def on_text_delta(self, piece, snapshot=None, *others):
                seen.append(piece.value)

            @staticmethod
            def on_end():
                seen.append("end")

        answers = testing.Answers()
        said = {
            "id": "msg_1",
            "object": "thread.message.delta",
            "delta": {"content": [{"index": 0, "type": "text", "text": {"value": "Hi"}}]},
        }
        run = {"id": "run_1", "object": "thread.run", "status": "completed"}
        answers.on(
            "POST /threads/{thread_id}/runs",
            lambda sent: (
                "".join(
                    f"event: {name}\ndata: {json.dumps(data)}\n\n"
                    for name, data in (("thread.message.delta", said), ("thread.run.completed", run))
                )
                + "event: done\ndata: [DONE]\n\n"
            ),
        )
        stream = both(answers, colour).threads.runs.create_stream("thread_1", assistant_id="a")
        await settled(handled(Mine(), stream))
        assert seen == ["Hi", "end"]
